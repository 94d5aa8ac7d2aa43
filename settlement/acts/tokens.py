"""The token between a preview and its act: what was seen, by whom, and when. It is good once."""

import uuid
from datetime import UTC, datetime
from typing import NamedTuple

from django.core import signing

from settlement.orders import ActRefused

SALT = "settlement.act"
LONGEST = 3600


class StalePreview(ActRefused):
    """The preview is not what would be done now."""

    code = "stale_preview"


class Token(NamedTuple):
    """What a preview showed. `key` makes that the same confirmation twice is done once."""

    digest: bytes
    maker: str
    at: datetime
    key: uuid.UUID


def issued(digest: bytes, maker: str) -> str:
    """Return a token for what somebody has been shown now."""
    at = datetime.now(UTC).isoformat()
    return signing.dumps([digest.hex(), maker, at, uuid.uuid4().hex], salt=SALT)


def read(token: str, maker: str) -> Token:
    """Return what a token stands for; refuse one that is not ours, not his, or too old."""
    try:
        digest, of_whom, at, key = signing.loads(token, salt=SALT, max_age=LONGEST)
    except signing.SignatureExpired:
        raise StalePreview("The preview is more than an hour old. Look again.") from None
    except (signing.BadSignature, ValueError):
        raise StalePreview("There is no such preview. Preview the act first.") from None
    if of_whom != maker:
        raise StalePreview("Somebody else looked at this preview. Look for yourself.")
    return Token(bytes.fromhex(digest), of_whom, datetime.fromisoformat(at), uuid.UUID(key))
