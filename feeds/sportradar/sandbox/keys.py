"""Routing keys: how Sportradar writes them, and which bindings they match."""

from collections.abc import Sequence
from dataclasses import dataclass

DOCUMENTED = {
    "bet_cancel": "cancelbet",
    "rollback_bet_settlement": "rollback_betsettlement",
    "rollback_bet_cancel": "rollback_cancelbet",
}
URGENT = {"bet_cancel", "rollback_bet_cancel"}
SYSTEM = {"alive", "snapshot_complete", "product_down"}
NONE = "-"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How keys are written."""

    documented: bool = False
    node_word: bool = True


def key_of(
    kind: str,
    scope: str,
    event: str = "",
    *,
    sport: str = NONE,
    node: int | None = None,
    spelling: Spelling,
) -> str:
    """Return the key of a message: seven words, or eight with the node."""
    name = DOCUMENTED.get(kind, kind) if spelling.documented else kind
    if kind in SYSTEM or not event:
        words = [NONE, NONE, NONE, name, NONE, NONE, NONE]
    else:
        priority = "hi" if kind in URGENT else "lo"
        words = [priority, *phases(scope), name, sport, *event_words(event)]
    if node is not None:
        words.append(str(node))
    elif spelling.node_word:
        words.append(NONE)
    return ".".join(words)


def phases(scope: str) -> tuple[str, str]:
    """Return the words for before and during the match."""
    if "virtual" in scope:
        return "virt", "virt"
    return "pre" if "prematch" in scope else NONE, "live" if "live" in scope else NONE


def event_words(event: str) -> tuple[str, str]:
    """Return an event's prefix and type, and its number, which may be negative."""
    prefix, _, number = event.rpartition(":")
    return prefix or NONE, number.replace(".", "_") or NONE


def matches(binding: str, key: str) -> bool:
    """Say whether a message with this key goes to a queue with this binding."""
    return fits(binding.split("."), key.split("."))


def fits(binding: Sequence[str], words: Sequence[str]) -> bool:
    """Say whether words fit a binding's: `*` is one of them, `#` any number."""
    if not binding:
        return not words
    if binding[0] == "#":
        return any(fits(binding[1:], words[skipped:]) for skipped in range(len(words) + 1))
    return bool(words) and binding[0] in ("*", words[0]) and fits(binding[1:], words[1:])
