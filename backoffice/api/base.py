"""What all views of the API share: who may ask, and the shape of an answer."""

from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from django.http import Http404, HttpResponse
from rest_framework.permissions import (  # type: ignore[import-untyped]
    SAFE_METHODS,
    BasePermission,
    IsAuthenticated,
)
from rest_framework.request import Request  # type: ignore[import-untyped]
from rest_framework.views import APIView  # type: ignore[import-untyped]

from settlement.acts.actors import APPROVE, PERMISSIONS

ACTING = frozenset((*PERMISSIONS.values(), APPROVE))


class HasPermission(BasePermission):  # type: ignore[misc]
    """Whether the user has the one permission that the view names."""

    def has_permission(self, request: Request, view: "ApiView") -> bool:
        return bool(request.user.has_perm(view.permission))


class ReadsOrActs(HasPermission):
    """Whether the user may read here; or, to change something, whether he may act at all.

    Which act he may do is for the service to say, who looks at what it does.
    """

    def has_permission(self, request: Request, view: "ApiView") -> bool:
        if request.method in SAFE_METHODS:
            return bool(super().has_permission(request, view))
        return any(request.user.has_perm(f"settlement.{name}") for name in ACTING)


class ApiView(APIView):  # type: ignore[misc]
    """A view that asks for one permission; nobody on the way keeps its answers."""

    permission: str
    permission_classes = [HasPermission]
    http_method_names = ["get", "head", "post"]
    most_bytes = 8_000_000

    @property
    def default_response_headers(self) -> dict[str, str]:
        headers: dict[str, str] = super().default_response_headers
        return headers | {"Cache-Control": "no-store"}


class Nothing(ApiView):
    """Any other address below the API's."""

    permission_classes = [IsAuthenticated]
    schema = None

    def initial(self, request: Request, *args: Any, **words: Any) -> NoReturn:
        super().initial(request, *args, **words)
        raise Http404


def actor_of(request: Request) -> str:
    """Return how the books name whoever asks."""
    return f"user:{request.user.get_username()}"


def reply(
    content: object, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Return an answer."""
    return HttpResponse(
        msgspec.json.encode(content),
        status=status,
        content_type="application/json",
        headers=headers,
    )
