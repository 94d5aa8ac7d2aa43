"""What an act comes to: by currency, and by player with who goes below zero."""

from collections.abc import Iterable
from dataclasses import dataclass

from settlement.acts.previews import Seen
from wallet import selectors as wallet
from wallet.money import Unit


@dataclass(slots=True)
class Total:
    """What an act comes to in one currency. `to_players` and `from_players` are both positive."""

    unit: Unit
    tickets: int = 0
    to_players: int = 0
    from_players: int = 0

    @property
    def difference(self) -> int:
        """What the players get in all."""
        return self.to_players - self.from_players


@dataclass(slots=True)
class Effect:
    """What an act does to one player's balance in a currency."""

    player: str
    unit: Unit
    before: int
    change: int = 0

    @property
    def after(self) -> int:
        """His balance then."""
        return self.before + self.change

    @property
    def goes_below_zero(self) -> bool:
        """Whether the act takes more than he holds."""
        return self.change < 0 and self.after < 0


def totals_of(seen: Iterable[Seen]) -> list[Total]:
    """Return what an act comes to, by currency."""
    found: dict[str, Total] = {}
    for one in seen:
        if one.unit is None or one.skipped:
            continue
        total = found.setdefault(one.unit.code, Total(one.unit))
        total.tickets += 1
        total.to_players += max(one.difference, 0)
        total.from_players += max(-one.difference, 0)
    return [found[code] for code in sorted(found)]


def effects_of(seen: Iterable[Seen]) -> list[Effect]:
    """Return what an act does to players' balances, those that go below zero first."""
    changes: dict[tuple[int, str], int] = {}
    units: dict[str, Unit] = {}
    for one in seen:
        if one.difference and one.ticket is not None and one.unit is not None:
            key = (one.ticket.player, one.unit.code)
            changes[key] = changes.get(key, 0) + one.difference
            units[one.unit.code] = one.unit
    held = wallet.balances_of({player for player, _ in changes})
    found = [
        Effect(held[player].name, units[code], held[player].balances.get(code, 0), change)
        for (player, code), change in changes.items()
    ]
    return sorted(found, key=lambda one: (not one.goes_below_zero, one.player, one.unit.code))
