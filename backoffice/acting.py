"""Who acts by hand, and what he asks for: users and their words as settlement knows them."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from backoffice.accepting import with_answers
from settlement.acts.actors import actor_for
from settlement.orders import BadOrder, Order, read_order, uppercased
from settlement.vocabulary import ActKind, ActReason, LegResult, TicketResult

__all__ = ["actor_for", "order_of"]

# Exact numbers, which a client may write as text or as JSON numbers.
NUMBERS = frozenset(
    "payout stake amount percent dead_heat place_dead_heat rule4 starting_price".split()
)


def order_of(words: Mapping[str, Any]) -> Order:
    """Return an order from a client's words; refuse what can't be meant, or written down."""
    found = exact(words)
    refuse_unknown(found)
    return with_answers(read_order(found))


def exact(words: Any, name: str = "") -> Any:
    """Return words in which every number that is money, or a factor, is text."""
    if isinstance(words, Mapping):
        return {key: exact(value, str(key)) for key, value in words.items()}
    if isinstance(words, list | tuple):
        return [exact(one) for one in words]
    if name in NUMBERS and isinstance(words, int | Decimal) and not isinstance(words, bool):
        return str(words)
    return words


# Results that a ticket has without anybody saying so.
NOT_TYPED = (TicketResult.NONE, TicketResult.CASH_OUT)


def refuse_unknown(words: Any, results: type[StrEnum] = TicketResult) -> None:
    """Refuse acts, reasons and results that there are not, and say which there are."""
    known: dict[str, type[StrEnum]]
    known = {"act": ActKind, "reason": ActReason, "result": results, "place_result": LegResult}
    if isinstance(words, Mapping):
        for name, value in words.items():
            if name in known and isinstance(value, str):
                refuse_word(name, value, known[name])
            else:
                refuse_unknown(value, LegResult if name in ("legs", "outcomes") else results)
    elif isinstance(words, list | tuple):
        for one in words:
            refuse_unknown(one, results)


def refuse_word(name: str, word: str, known: type[StrEnum]) -> None:
    """Refuse a word that is none of ours."""
    if uppercased({name: word})[name] not in set(known):
        listed = ", ".join(one.lower() for one in known if one not in NOT_TYPED)
        raise BadOrder(f"{name}: “{word[:50]}” is none of {listed}.", name)
