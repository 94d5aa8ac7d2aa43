"""Who asks: a program by its token, or a person by the desk's session."""

import structlog
from django.utils import timezone
from rest_framework.authentication import (  # type: ignore[import-untyped]
    BaseAuthentication,
    SessionAuthentication,
)
from rest_framework.exceptions import AuthenticationFailed  # type: ignore[import-untyped]
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import tokens
from backoffice.models import ApiToken, User


class BearerToken(BaseAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer sbo_…`; the token may do what its user may do."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = tokens.token_of(secret=given.strip(), at=timezone.now())
        except tokens.TokenRefused as refusal:
            raise AuthenticationFailed(str(refusal)) from None
        structlog.contextvars.bind_contextvars(token_id=token.pk)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header; it also makes a refusal a 401."""
        return 'Bearer realm="settlement"'


class DeskSession(SessionAuthentication):  # type: ignore[misc]
    """Whoever is signed in at the desk, with the CSRF token that his browser holds."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        if not request._request.user.is_staff:
            return None
        found: tuple[User, None] | None = super().authenticate(request)
        return found
