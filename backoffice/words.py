"""Amounts, stored words and actors as people write them."""

from feeds.names import NAMES, name_of
from settlement.models.bets import choices
from settlement.vocabulary import Source

OUR_PROGRAM = "the program"
SOURCES = dict(choices(Source))


def grouped(amount: str) -> str:
    """Return an amount in text with its thousands apart: 1,234,567.89."""
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, point, part = digits.partition(".")
    return f"{'−' if sign else ''}{int(whole):,}{point}{part}"


def signed(amount: str) -> str:
    """Return a change with its sign, also the plus: a colour alone says nothing to many."""
    return grouped(amount) if amount.startswith("-") else f"+{grouped(amount)}"


def worded(stored: str) -> str:
    """Return a stored word as people write it: CUSTOMER_CARE is Customer care."""
    return stored.replace("_", " ").capitalize()


def within_a_sentence(stored: str) -> str:
    """Return a stored word as it stands inside a sentence: CUSTOMER_CARE is customer care."""
    return stored.replace("_", " ").lower()


def source_name(source: str) -> str:
    """Return what people call whoever says something: SPORTRADAR is Sportradar."""
    return SOURCES[source]


def whose(name: str) -> str:
    """Return a name as that of whom something belongs to: Sportradar's, LSports'."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def person(actor: str) -> str:
    """Return what people call an actor: user:olga is olga, feed:odds88 is Odds88."""
    kind, colon, name = actor.partition(":")
    if kind == "feed" and name in NAMES:
        return name_of(name)
    if kind == "system":
        return OUR_PROGRAM
    return name if colon and kind == "user" else actor
