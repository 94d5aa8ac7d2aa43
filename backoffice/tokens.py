"""API tokens: made for a user, shown once, known by their digest from then on."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet

from backoffice.models import LONGEST_NAME, ApiToken, User

SECRET = re.compile(r"sbo_[A-Za-z0-9_-]{43}", re.ASCII)
SHOWN = 10
LONGEST_LIFE = timedelta(days=3650)
USE_IS_NOTED_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class TokenRefused(Exception):
    """The token was not made, or lets nobody in. The text says why."""


def make_token(
    *, user: User, name: str, life: timedelta | None, at: datetime, actor: str
) -> tuple[ApiToken, str]:
    """Make a token for a user; return it with its secret, which nobody can find out later."""
    name = name.strip()
    refuse_odd(user, name, life)
    secret = f"sbo_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        prefix=secret[:SHOWN],
        created_at=at,
        expires_at=at + life if life else None,
    )
    log.info("API token made", token_id=token.pk, user=user.get_username(), actor=actor)
    return token, secret


def refuse_odd(user: User, name: str, life: timedelta | None) -> None:
    """Refuse a token that could not be told from others, or could never be used."""
    if not user.is_active:
        raise TokenRefused(f"{user} is not active.")
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise TokenRefused(f"A name has 1 to {LONGEST_NAME} characters that can be printed.")
    if life is not None and not timedelta(0) < life <= LONGEST_LIFE:
        raise TokenRefused(f"A token lives 1 to {LONGEST_LIFE.days} days.")


def revoke_token(*, token: ApiToken, at: datetime, actor: str) -> bool:
    """Let nobody in by this token any more; say whether it was still good for anything."""
    revoked = bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at))
    if revoked:
        log.info("API token revoked", token_id=token.pk, actor=actor)
    return revoked


def token_of(*, secret: str, at: datetime) -> ApiToken:
    """Return the token that a secret belongs to, and note its use; refuse one that is no good.

    Looking for the digest takes as long for a near miss as for any other.
    """
    if not SECRET.fullmatch(secret):
        raise TokenRefused("This is not a token of ours: they are written sbo_ and 43 characters.")
    found = ApiToken.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if found is None:
        raise TokenRefused("There is no such token.")
    if refusal := found.refusal(at):
        log.info("API token refused", token_id=found.pk, reason=refusal)
        raise TokenRefused(refusal)
    note_use(found, at)
    return found


def note_use(token: ApiToken, at: datetime) -> None:
    """Write down when a token was used, at most once a minute: not a write for each request."""
    before = at - USE_IS_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        long_ago = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=at)


def users_for(maker: User) -> QuerySet[User]:
    """Return for whom somebody may make tokens: for programs and for himself.

    Whoever holds a person's token acts under his name, so that takes a superuser.
    """
    active = User.objects.filter(is_active=True).order_by("username")
    if maker.is_superuser:
        return active
    programs = Q(is_staff=False, is_superuser=False)
    return active.filter(programs | Q(pk=maker.pk))


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret. Its 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
