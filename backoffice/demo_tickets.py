"""The demo's tickets: every kind, several currencies, each provider, through the real intake."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.intake import bring_in
from settlement.models import Ticket
from wallet.models import Account, Currency

TICKETS = 3000
Asked = dict[str, Any]
TEAMS = (
    "Northbridge Rovers, Eastport United, Hillcrest Athletic, Lakeside Town, Kingsford City, "
    "Redwater Albion, Oldham Vale, Southgate Rangers, Westmere County, Ashdown Harriers"
).split(", ")
HORSES = (
    "Silver Lantern, Quiet Thunder, Copper Kettle, Morning Ledger, Paper Moonlight, Brave Abacus, "
    "Velvet Anchor, Distant Harvest, Lucky Postman, Winter Orchard"
).split(", ")
COURSES = ("Ashcombe", "Millbrook", "Farringdale", "Stonehurst")
UNITS = {"EUR": "0.50", "GBP": "0.50", "USD": "1.00", "JPY": "100", "BTC": "0.00002000"}
LEGS = {
    "single": 1, "double": 2, "treble": 3, "accumulator": 5, "trixie": 3, "patent": 3, "yankee": 4,
    "lucky15": 4, "canadian": 5, "lucky31": 5, "heinz": 6, "lucky63": 6, "superheinz": 7,
    "goliath": 8, "lucky127": 7, "lucky255": 8, "system:2,3/4": 4, "system:3/5": 5,
}  # fmt: skip
COMMON = ["single"] * 40 + ["double"] * 12 + ["treble"] * 10 + ["accumulator"] * 12
KINDS = [*COMMON, *(kind for kind in LEGS if kind not in COMMON), "exotic", "tote", "pickem"]


def add_tickets() -> int:
    """Bring the demo's tickets in; return how many are new. Run again, nothing is doubled."""
    if Ticket.objects.exists():
        return 0
    chance = random.Random(15)  # noqa: S311 - the same demo for everybody
    answers = bring_in(tickets=list(tickets(chance)), actor="system:demo")
    return sum(answer.status == "created" for answer in answers)


def tickets(chance: random.Random) -> Iterator[Asked]:
    """Yield tickets of the last two days, the oldest first."""
    purses = purses_by_currency()
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    for number in range(TICKETS):
        currency = chance.choice([*["EUR"] * 6, *UNITS])
        at = start + timedelta(days=2) * number / TICKETS
        found = ticket(number, chance.choice(KINDS), currency, at, chance)
        purse = purses[currency]
        payers = [player for player, held in purse.items() if held >= Decimal(found["stake"])]
        found["player"] = chance.choice(payers)
        purse[found["player"]] -= Decimal(found["stake"])
        yield found


def purses_by_currency() -> dict[str, dict[str, Decimal]]:
    """Return what each player can bet with, in major units."""
    found: dict[str, dict[str, Decimal]] = {}
    rich = Account.objects.filter(player__status="ACTIVE", balance__gt=0).order_by("pk")
    rows = rich.values_list("currency_id", "currency__precision", "player__external_id", "balance")
    for code, precision, player, balance in rows:
        found.setdefault(code, {})[player] = Decimal(balance or 0).scaleb(-precision)
    return found


def ticket(number: int, kind: str, currency: str, at: datetime, chance: random.Random) -> Asked:
    """Return one ticket, of a football or a racing bettor; who he is comes later."""
    racing = kind not in LEGS or chance.random() < 0.3
    provider = chance.choice(
        ["odds88", "manual"] if racing else ["sportradar", "lsports", "odds88"]
    )
    each_way = racing and kind in LEGS and chance.random() < 0.6
    count = LEGS.get(kind, chance.randint(2, 4))
    leg = race_leg if racing else match_leg
    found: Asked = {
        "bet_id": f"DEMO-T-{number:05d}",
        "provider": provider,
        "currency": currency,
        "stake": stake(currency, lines_of(kind, each_way), chance),
        "kind": kind,
        "each_way": each_way,
        "placed_at": at.isoformat(),
        "selections": [leg(provider, place, at, chance) for place in range(count)],
    }
    if number % 40 == 7:
        found["free_bet_ref"] = f"WELCOME-{number}"
    elif number % 40 == 17:
        found["stake_taken"] = False
    if number % 25 == 3 and not racing and kind == "single":
        found["selections"] = builder(provider, at, chance)
    if kind.startswith("system") and number % 2:
        found["selections"].append(leg(provider, count, at, chance) | {"banker": True})
    return found


def lines_of(kind: str, each_way: bool) -> int:
    """Return a round number of lines, near enough for a stake."""
    legs = LEGS.get(kind, 1)
    lines = 1 if kind in (*COMMON, "exotic", "tote", "pickem") else 2**legs - 1
    return lines * (2 if each_way else 1)


def stake(currency: str, lines: int, chance: random.Random) -> str:
    """Return a stake that a player can afford."""
    precision = Currency.objects.get(pk=currency).precision
    unit = Decimal(UNITS[currency]) * chance.choice([1, 1, 2, 2, 4, 10]) / max(lines // 31, 1)
    smallest = Decimal(1).scaleb(-precision)
    return str((unit * lines).quantize(smallest))


def price(chance: random.Random, least: int, most: int) -> str:
    """Return decimal odds with two places."""
    return f"{chance.randint(least, most) / 100:.2f}"


def match_leg(provider: str, place: int, at: datetime, chance: random.Random) -> Asked:
    """Return a bet on a football match; each leg of a ticket is on another one."""
    uof = provider == "sportradar"
    # Sportradar is asked for each match on its own when it is first connected: let them be few.
    match = chance.randrange(6) // (2 if uof else 1) * 10 + place
    home, away = TEAMS[match % 10], TEAMS[(match + 1 + match // 10 * 2) % 10]
    market, name, outcomes = chance.choice([
        ("1", "Match result", {"1": home, "2": "Draw", "3": away}),
        ("18", "Total goals 2.5", {"12": "Over 2.5", "13": "Under 2.5"}),
        ("16", "Handicap -0.25", {"1714": f"{home} -0.25", "1715": f"{away} +0.25"}),
    ])  # fmt: skip
    outcome = chance.choice(list(outcomes))
    specifiers = {"18": "total=2.5", "16": "hcp=-0.25"}.get(market, "") if uof else ""
    return {
        "event": f"sr:match:{54000000 + match}" if uof else str(10240000 + match),
        "market": market,
        "specifiers": specifiers,
        "outcome": outcome if uof else f"{match:03d}{market}{outcome}9{2**40}",
        "price": price(chance, 110, 620),
        "start_at": (at + timedelta(hours=3)).replace(minute=0, second=0).isoformat(),
        "event_name": f"{home} v {away}",
        "market_name": name,
        "outcome_name": outcomes[outcome],
    }


def race_leg(provider: str, place: int, at: datetime, chance: random.Random) -> Asked:
    """Return a bet on a horse; each leg of a ticket is in another race."""
    course, horse = chance.choice(COURSES), chance.randrange(len(HORSES))
    off = (at + timedelta(hours=2)).replace(minute=(place * 7) % 60, second=0)
    return {
        "event": f"race-{course.lower()}-{off:%Y%m%d%H%M}-{place}",
        "market": "win",
        "outcome": f"{horse + 1}",
        "price": None if chance.random() < 0.15 else price(chance, 180, 2600),
        "place_fraction": chance.choice(["1/5", "1/4"]),
        "start_at": off.isoformat(),
        "event_name": f"{course} {off:%H:%M}",
        "market_name": "To win",
        "outcome_name": HORSES[horse],
    }


def builder(provider: str, at: datetime, chance: random.Random) -> list[Asked]:
    """Return the parts of a bet builder on one match."""
    first = match_leg(provider, 0, at, chance) | {"group": "A"}
    part = {"market": "29", "specifiers": "", "market_name": "Both teams to score"}
    second = first | part | {"outcome": "74", "outcome_name": "Yes"}
    return [one | {"price": "4.50"} for one in (first, second)]
