"""Every layer's truths together, and what they find."""

from collections.abc import Iterable
from dataclasses import dataclass

from feeds import invariants as feeds
from settlement import invariants as settlement
from wallet import invariants as wallet
from wallet.invariants import Row, Truth

TRUTHS: list[Truth] = sorted(
    [*wallet.TRUTHS, *settlement.TRUTHS, *feeds.TRUTHS], key=lambda truth: truth.number
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A truth and the rows that break it: none, when all is well."""

    truth: int
    name: str
    rows: list[Row]


def check(truths: Iterable[Truth] = TRUTHS) -> list[Finding]:
    """Look at every truth, or at some."""
    return [Finding(truth.number, truth.name, truth.find()) for truth in truths]
