"""A ticket as somebody brings it in, checked by itself: what can't be meant is refused by field."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from settlement.asked import AskedSelection, AskedTicket, Id, TicketRefusal, type_refusal
from settlement.contents import hash_of, value_of
from settlement.rules.exact import RulesRefusal, number_text, ratio, ratio_text
from settlement.rules.kinds import Shape, shape_of
from settlement.specifiers import canonical
from settlement.vocabulary import NOT_COMPUTED, Provider
from wallet.money import Money, MoneyError, Unit

MOST_SELECTIONS = 100
LONGEST_NUMBER = 100
WHOLE = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class DraftOutcome(msgspec.Struct, frozen=True):
    """What identifies an outcome, with the names that it goes by."""

    provider: Provider
    event: str
    market: str
    specifiers: str
    outcome: str
    line: str
    event_name: str = ""
    start_at: datetime | None = None
    market_name: str = ""
    outcome_name: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What two selections of the same outcome have in common."""
        name = () if self.outcome else (self.outcome_name, self.line)
        return (self.provider, self.event, self.market, self.specifiers, self.outcome, *name)


class DraftSelection(msgspec.Struct, frozen=True):
    """A selection in our words. Numbers are exact text."""

    outcome: DraftOutcome
    place_outcome: DraftOutcome | None
    provider: str
    line: str
    group: str
    price: str | None
    part_price: str | None
    place_fraction: str | None
    place_price: str | None
    banker: bool


class Draft(msgspec.Struct, frozen=True):
    """A ticket that makes sense by itself; whether it can be taken in, the database knows."""

    bet_id: str
    provider: Provider
    provider_bet_id: str
    player: str
    stake: Money
    stake_taken: bool
    shape: Shape
    legs: int
    bankers: int
    each_way: bool
    free_bet_ref: str
    placed_at: datetime
    accepted_at: datetime
    selections: tuple[DraftSelection, ...]
    content_hash: bytes

    @property
    def lines(self) -> int:
        """How many lines the stake is spread over."""
        return self.shape.lines * (2 if self.each_way else 1)

    @property
    def cash_stake(self) -> int:
        """What is taken from the player's cash here, in minor units."""
        return self.stake.minor if self.stake_taken and not self.free_bet_ref else 0


def draft_of(asked: Mapping[str, Any], units: Mapping[str, Unit]) -> Draft:
    """Return the draft of a ticket; `units` are the currencies that there are."""
    try:
        ticket = msgspec.convert(asked, AskedTicket)
    except msgspec.ValidationError as error:
        raise type_refusal(str(error)) from None
    except UnicodeError:
        raise TicketRefusal("a field's name can't be written down.") from None
    provider = provider_of(ticket.provider)
    selections = tuple(
        selection_of(one, provider, f"selections[{place}]")
        for place, one in enumerate(ticket.selections, start=1)
    )
    legs, bankers = legs_of(selections)
    placed_at = moment("placed_at", ticket.placed_at)
    draft = Draft(
        bet_id=text("bet_id", ticket.bet_id, 100),
        provider=provider,
        provider_bet_id=text("provider_bet_id", ticket.provider_bet_id, 200, empty=True),
        player=text("player", ticket.player, 100),
        stake=stake_of(ticket, units),
        stake_taken=ticket.stake_taken,
        shape=shape(ticket.kind, legs, bankers),
        legs=legs,
        bankers=bankers,
        each_way=ticket.each_way,
        free_bet_ref=text("free_bet_ref", ticket.free_bet_ref, 100, empty=True),
        placed_at=placed_at,
        accepted_at=moment("accepted_at", ticket.accepted_at) if ticket.accepted_at else placed_at,
        selections=selections,
        content_hash=b"",
    )
    refuse_contradictions(draft)
    return msgspec.structs.replace(draft, content_hash=hash_of(content_of(draft)))


def provider_of(word: str, field: str = "provider") -> Provider:
    """Return the provider that a client names."""
    try:
        if word.isascii() and word == word.lower():
            return Provider(word.upper())
    except ValueError:
        pass
    known = ", ".join(provider.lower() for provider in Provider)
    raise TicketRefusal(f"“{word[:50]}” is none of {known}.", field=field)


def text(field: str, value: Id | None, longest: int, *, empty: bool = False) -> str:
    """Return an id or a name as it stands; refuse what could not be stored or seen."""
    given = "" if value is None else value if type(value) is str else str(value)
    if not given.strip() and not (empty and not given):
        raise TicketRefusal("must not be empty.", field=field)
    if given != given.strip():
        raise TicketRefusal("has blanks around it.", field=field)
    if len(given) > longest:
        raise TicketRefusal(f"is longer than {longest} characters.", field=field)
    if not given.isprintable() and UNPRINTABLE.search(given):
        raise TicketRefusal("holds a character that can't be printed.", field=field)
    return given


def ref(field: str, value: Id | None, provider: Provider, *, empty: bool = False) -> str:
    """Return a provider's id; LSports' are numbers: 007 is 7, as its messages are read."""
    given = text(field, value, 200, empty=empty)
    number = WHOLE.fullmatch(given) if provider is Provider.LSPORTS else None
    if number is None:
        return given
    return f"-{number[2]}" if number[1] == "-" and number[2] != "0" else number[2]


def moment(field: str, value: str) -> datetime:
    """Return a point in time. One without its zone could be meant anywhere."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise TicketRefusal(
            f"“{value[:50]}” is not a time like 2026-11-21T10:00:00Z.", field=field
        ) from None
    if at.tzinfo is None:
        raise TicketRefusal(f"“{value}” has no time zone; write Z for UTC.", field=field)
    if not 1970 <= at.year < 2200:
        raise TicketRefusal(f"“{value}” is not a year that a bet could be of.", field=field)
    return at.astimezone(UTC)


def stake_of(ticket: AskedTicket, units: Mapping[str, Unit]) -> Money:
    """Return the whole stake, exactly."""
    if (unit := units.get(ticket.currency)) is None:
        raise TicketRefusal(f"there is no “{ticket.currency[:20]}” here.", field="currency")
    try:
        given = number_text(ticket.stake)
        if len(given) > LONGEST_NUMBER:
            raise MoneyError(f"has more than {LONGEST_NUMBER} digits.")
        stake = Money.parse(given, unit)
    except (MoneyError, RulesRefusal) as error:
        raise TicketRefusal(str(error), field="stake") from None
    if stake.minor <= 0:
        raise TicketRefusal("must be above zero.", field="stake")
    return stake


def shape(kind: str, legs: int, bankers: int) -> Shape:
    """Return the bet's shape."""
    try:
        return shape_of(kind, legs=legs, bankers=bankers)
    except RulesRefusal as refusal:
        raise TicketRefusal(str(refusal), field="kind") from None


def number(field: str, value: object, *, least: int = 1) -> str | None:
    """Return an exact number as the text that it came as."""
    if value is None:
        return None
    try:
        given = number_text(value)
        found = ratio(given)
    except RulesRefusal as refusal:
        raise TicketRefusal(str(refusal), field=field) from None
    if found < least:
        raise TicketRefusal(f"{given} is below {least}.", field=field)
    return ratio_text(found) if "/0" in given else given


def selection_of(asked: AskedSelection, provider: Provider, field: str) -> DraftSelection:
    """Return one selection in our words."""
    own = provider_of(asked.provider, f"{field}.provider") if asked.provider else None
    outcome = outcome_of(asked, own or provider, field)
    fraction = number(f"{field}.place_fraction", asked.place_fraction, least=0)
    if fraction and not 0 < ratio(fraction) <= 1:
        raise TicketRefusal("must be above 0 and at most 1.", field=f"{field}.place_fraction")
    return DraftSelection(
        outcome=outcome,
        place_outcome=place_outcome_of(asked, outcome, field),
        provider=own or "",
        line=outcome.line,
        group=text(f"{field}.group", asked.group, 50, empty=True),
        price=number(f"{field}.price", asked.price),
        part_price=number(f"{field}.part_price", asked.part_price),
        place_fraction=fraction,
        place_price=number(f"{field}.place_price", asked.place_price),
        banker=asked.banker,
    )


def outcome_of(asked: AskedSelection, provider: Provider, field: str) -> DraftOutcome:
    """Return the outcome; LSports may name one without an id."""
    by_name = provider is Provider.LSPORTS and bool(asked.outcome_name)
    return DraftOutcome(
        provider=provider,
        event=ref(f"{field}.event", asked.event, provider),
        market=ref(f"{field}.market", asked.market, provider),
        specifiers=specifiers(asked.specifiers, provider, f"{field}.specifiers"),
        outcome=ref(f"{field}.outcome", asked.outcome, provider, empty=by_name),
        line=text(f"{field}.line", asked.line, 50, empty=True),
        event_name=text(f"{field}.event_name", asked.event_name.strip(), 300, empty=True),
        start_at=moment(f"{field}.start_at", asked.start_at) if asked.start_at else None,
        market_name=text(f"{field}.market_name", asked.market_name.strip(), 300, empty=True),
        outcome_name=text(f"{field}.outcome_name", asked.outcome_name.strip(), 300, empty=True),
    )


def place_outcome_of(
    asked: AskedSelection, outcome: DraftOutcome, field: str
) -> DraftOutcome | None:
    """Return the outcome that decides the place part: in a market of its own, or in the same."""
    if asked.place_outcome is None:
        if asked.place_market is not None:
            raise TicketRefusal(
                "names a market without its “place_outcome”.", field=f"{field}.place_market"
            )
        return None
    market, of_its_own = asked.market, asked.place_market is not None
    if of_its_own and asked.place_market is not None:
        market = asked.place_market
    return msgspec.structs.replace(
        outcome,
        market=ref(f"{field}.place_market", market, outcome.provider),
        specifiers="" if of_its_own else outcome.specifiers,
        outcome=ref(f"{field}.place_outcome", asked.place_outcome, outcome.provider),
        market_name="" if of_its_own else outcome.market_name,
        outcome_name="",
    )


def specifiers(given: str, provider: Provider, field: str) -> str:
    """Return a market's specifiers; UOF's in their canonical order."""
    if not given:
        return ""
    checked = text(field, given, 400)
    if provider is not Provider.SPORTRADAR:
        return checked
    try:
        return canonical(checked)
    except ValueError as error:
        raise TicketRefusal(str(error), field=field) from None


def legs_of(selections: tuple[DraftSelection, ...]) -> tuple[int, int]:
    """Return how many legs there are, and how many of them are bankers. A builder is one."""
    if len(selections) > MOST_SELECTIONS:
        raise TicketRefusal(f"are more than {MOST_SELECTIONS}.", field="selections")
    names = [(one.group, 0) if one.group else ("", n) for n, one in enumerate(selections)]
    bankers = {name for name, one in zip(names, selections, strict=True) if one.banker}
    return len(set(names)), len(bankers)


def refuse_contradictions(draft: Draft) -> None:
    """Refuse what each field allows and all together do not."""
    if draft.accepted_at < draft.placed_at:
        raise TicketRefusal("is before “placed_at”.", field="accepted_at")
    refuse_same_outcomes(draft)
    refuse_odd_builders(draft)
    legs = [one for one in draft.selections if not one.group]  # A builder has no place part.
    terms = any(leg.place_fraction or leg.place_price for leg in legs)
    if draft.each_way and not terms and draft.shape.kind not in NOT_COMPUTED:
        raise TicketRefusal(
            "no selection has place terms (place_fraction or place_price).", field="each_way"
        )


def refuse_same_outcomes(draft: Draft) -> None:
    """Refuse the same outcome twice; an exotic may well name it twice."""
    if draft.shape.kind in NOT_COMPUTED:
        return
    counted = Counter(one.outcome.identity for one in draft.selections)
    for place, one in enumerate(draft.selections, start=1):
        if counted[one.outcome.identity] > 1:
            raise TicketRefusal(
                f"the same outcome stands twice: {one.outcome.outcome or one.outcome.outcome_name}",
                field=f"selections[{place}]",
            )


def refuse_odd_builders(draft: Draft) -> None:
    """Refuse builders with one part, or whose parts disagree about the builder's price."""
    groups: dict[str, list[DraftSelection]] = {}
    for one in draft.selections:
        if one.group:
            groups.setdefault(one.group, []).append(one)
    for name, parts in groups.items():
        if len(parts) == 1:
            raise TicketRefusal(f"the builder “{name}” has only one part.", field="selections")
        if len({part.price and ratio(part.price) for part in parts}) > 1 or not parts[0].price:
            raise TicketRefusal(
                f"all parts of the builder “{name}” carry its one price.", field="selections"
            )


def content_of(draft: Draft) -> dict[str, Any]:
    """Return all that makes two tickets the same: no names, numbers by their value."""
    return {
        "provider": draft.provider,
        "provider_bet_id": draft.provider_bet_id,
        "player": draft.player,
        "currency": draft.stake.unit.code,
        "stake": draft.stake.minor,
        "kind": draft.shape.word,
        "each_way": draft.each_way,
        "free_bet_ref": draft.free_bet_ref,
        "stake_taken": bool(draft.cash_stake),
        "placed_at": draft.placed_at.isoformat(),
        "accepted_at": draft.accepted_at.isoformat(),
        "selections": [selection_content(one) for one in draft.selections],
    }


def selection_content(one: DraftSelection) -> dict[str, Any]:
    """Return what makes two selections the same."""
    place = one.place_outcome
    return {
        "event": one.outcome.event,
        "market": one.outcome.market,
        "specifiers": one.outcome.specifiers,
        "outcome": one.outcome.outcome or [one.outcome.outcome_name],
        "line": one.line,
        "provider": one.outcome.provider,
        "price": value_of(one.price),
        "part_price": value_of(one.part_price),
        "place_fraction": value_of(one.place_fraction),
        "place_price": value_of(one.place_price),
        "place_market": place.market if place else None,
        "place_specifiers": place.specifiers if place else None,
        "place_outcome": place.outcome if place else None,
        "banker": one.banker,
        "group": one.group,
    }
