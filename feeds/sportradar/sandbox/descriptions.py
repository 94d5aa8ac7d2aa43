"""What Sportradar's API describes: producers, void reasons, who we are, and its short answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.sportradar.sandbox.bodies import HEAD, element


@dataclass(frozen=True, slots=True)
class Product:
    """A producer as the API lists it; its window is in minutes."""

    id: int
    code: str
    description: str
    scope: str
    window: int


PRODUCTS = (
    Product(1, "liveodds", "Live Odds", "live", 600),
    Product(3, "pre", "Betradar Ctrl", "prematch", 4320),
    Product(4, "betpal", "BetPal", "live", 4320),
    Product(5, "premium_cricket", "Premium Cricket", "live|prematch", 4320),
    Product(6, "vf", "Virtual football", "virtual", 180),
    Product(7, "wns", "Numbers Betting", "prematch", 4320),
    Product(8, "vbl", "Virtual Basketball League", "virtual", 180),
    Product(9, "vto", "Virtual Tennis Open", "virtual", 180),
    Product(10, "vdr", "Virtual Dog Racing", "virtual", 180),
    Product(11, "vhc", "Virtual Horse Classics", "virtual", 180),
    Product(12, "vti", "Virtual Tennis In-Play", "virtual", 180),
    Product(14, "codds", "Competition Odds", "prematch|live", 4320),
    Product(15, "vbi", "Virtual Baseball In-Play", "virtual", 180),
    Product(16, "performance", "Performance Betting", "live", 4320),
    Product(17, "vci", "Virtual Cricket In-Play", "virtual", 180),
)
BY_ID = {product.id: product for product in PRODUCTS}
BY_CODE = {product.code: product for product in PRODUCTS}
VOID_REASONS = (
    "OTHER", "NO_GOALSCORER", "CORRECT_SCORE_MISSING", "RESULT_UNVERIFIABLE", "FORMAT_CHANGE",
    "CANCELLED_EVENT", "MISSING_GOALSCORER", "MATCH_ENDED_IN_WALKOVER", "DEAD_HEAT",
    "RETIRED_OR_DEFAULTED", "EVENT_ABANDONED", "EVENT_POSTPONED", "INCORRECT_ODDS",
    "INCORRECT_STATISTICS", "NO_RESULT_ASSIGNABLE", "CLIENT_SIDE_SETTLEMENT_NEEDED",
    "STARTING_PITCHER_CHANGED",
)  # fmt: skip


def producers(active: Iterable[int], api_url: str) -> bytes:
    """Return the list of producers."""
    ours = frozenset(active)
    inner = "".join(
        element("producer", {
            "id": one.id, "name": one.code, "description": one.description,
            "api_url": f"{api_url}/v1/{one.code}/", "active": str(one.id in ours).lower(),
            "scope": one.scope, "stateful_recovery_window_in_minutes": one.window,
        })
        for one in PRODUCTS
    )  # fmt: skip
    return document("producers", {"response_code": "OK"}, inner)


def void_reasons() -> bytes:
    """Return the list of void reasons."""
    inner = "".join(
        element("void_reason", {"id": number, "description": word})
        for number, word in enumerate(VOID_REASONS)
    )
    return document("void_reasons_descriptions", {"response_code": "OK"}, inner)


def whoami(*, bookmaker_id: int, virtual_host: str, expires_at: float) -> bytes:
    """Return who the token's owner is."""
    until = datetime.fromtimestamp(expires_at, UTC).isoformat(timespec="seconds")
    said = {
        "response_code": "OK",
        "expire_at": until.replace("+00:00", "Z"),
        "bookmaker_id": bookmaker_id,
        "virtual_host": virtual_host,
    }
    return document("bookmaker_details", said)


def answer(code: str, text: str, action: str = "") -> bytes:
    """Return a short answer."""
    inner = element("action", {}, action) if action else ""
    return document("response", {"response_code": code}, inner + element("message", {}, text))


def document(root: str, said: dict[str, object], inner: str = "") -> bytes:
    """Return a whole document, one line for its declaration."""
    return f"{HEAD}\n{element(root, said, inner)}".encode()
