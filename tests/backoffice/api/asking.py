"""What a client of the API does: ask with a token, in JSON."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from backoffice import tokens
from backoffice.models import User

TICKETS = "/api/v1/tickets/"
QUOTE = "/api/v1/quote/"
Json = dict[str, Any]


def secret_of(user: User, *, days: int | None = None) -> str:
    """Make a token; return its secret."""
    life = timedelta(days=days) if days else None
    made = tokens.make_token(user=user, name="test", life=life, at=timezone.now(), actor="test")
    return made[1]


def by_token(user: User) -> Client:
    """Return a client that sends a token of this user."""
    return Client(headers={"Authorization": f"Bearer {secret_of(user)}"})


def ticket(bet_id: str | int = "T-1", **changes: Any) -> Json:
    """Return a single of 10.00 EUR at 2.50 on somebody's behalf."""
    return {
        "bet_id": bet_id,
        "provider": "sportradar",
        "player": "P",
        "currency": "EUR",
        "stake": "10.00",
        "kind": "single",
        "placed_at": "2026-11-21T10:00:00Z",
        "selections": [selection()],
    } | changes


def selection(**changes: Any) -> Json:
    """Return one selection."""
    return {"event": "sr:match:1", "market": "1", "outcome": "1", "price": "2.50"} | changes


def post(client: Client, body: object, path: str = TICKETS) -> tuple[int, Json]:
    """Send JSON, or bytes as they are; return the status and what was answered."""
    data = body if isinstance(body, bytes) else json.dumps(body)
    response = client.post(path, data=data, content_type="application/json")
    return response.status_code, json.loads(response.content)


def get(client: Client, path: str) -> tuple[int, Json]:
    """Ask; return the status and what was answered."""
    response = client.get(path)
    return response.status_code, json.loads(response.content)
