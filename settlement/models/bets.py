"""What can be bet on, and what was bet."""

from fractions import Fraction
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from settlement.rules.kinds import FIXED_LEGS, FULL_COVER, Shape, shape_of
from settlement.vocabulary import (
    NOT_COMPUTED,
    BetKind,
    LegResult,
    Provider,
    TicketResult,
    TicketStatus,
)
from wallet.models import Currency, CurrentTransactionId, Player, TransactionIdField

RATIOS = (
    "price part_price place_fraction place_price win_factor void_factor place_win_factor "
    "place_void_factor deduction_percent starting_price"
).split()
TITLES = {Provider.LSPORTS: "LSports"}
RATIO = r"^[0-9]{1,20}(\.[0-9]{1,20}|/[1-9][0-9]{0,19})?$"


def choices(words: Any) -> list[tuple[str, str]]:
    """Return an enum's values as a field's choices."""
    return [
        (str(word), TITLES.get(word, str(word).replace("_", " ").capitalize())) for word in words
    ]


def known(field: str, words: Any) -> Q:
    """Return the condition that a field holds one of an enum's values."""
    return Q(**{f"{field}__in": [str(word) for word in words]})


class RatioField(models.CharField):  # type: ignore[type-arg]
    """An exact number as text: a decimal as it was given, or a ratio like 1/3."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**{"max_length": 41, "null": True} | words)


class RuleSet(models.Model):
    """The rules that tickets placed from `in_force_from` on are settled by. Append-only."""

    settings = models.JSONField()
    in_force_from = models.DateTimeField()
    note = models.CharField(max_length=500)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["in_force_from", "id"], name="ruleset_by_time"),
            models.Index(fields=["xact", "id"], name="ruleset_in_commit_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(note=""), name="ruleset_says_who_and_why"
            )
        ]

    def __str__(self) -> str:
        return f"Rule set {self.pk}"


class SportEvent(models.Model):
    """A match or race, as a provider knows it."""

    provider = models.CharField(max_length=10, choices=choices(Provider))
    ref = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True, default="")
    start_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "provider"], name="sport_event_is_known_once"),
            models.CheckConstraint(
                condition=known("provider", Provider), name="sport_event_provider_is_known"
            ),
            models.CheckConstraint(condition=~Q(ref=""), name="sport_event_has_a_ref"),
        ]

    def __str__(self) -> str:
        return self.name or self.ref


class Market(models.Model):
    """A question about an event. It is tracked from its first ticket on."""

    event = models.ForeignKey(SportEvent, models.PROTECT, related_name="markets", db_index=False)
    ref = models.CharField(max_length=200)
    specifiers = models.CharField(max_length=400, blank=True, default="")
    name = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "ref", "specifiers"], name="market_is_known_once"
            )
        ]

    def __str__(self) -> str:
        return self.name or " ".join(filter(None, (self.ref, self.specifiers)))


class Outcome(models.Model):
    """An answer to a market's question. Without a `ref`, its name and line tell it apart."""

    market = models.ForeignKey(Market, models.PROTECT, related_name="outcomes", db_index=False)
    ref = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=300, blank=True, default="")
    line = models.CharField(max_length=50, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["market", "ref"], condition=~Q(ref=""), name="outcome_is_known_once_by_ref"
            ),
            models.UniqueConstraint(
                fields=["market", "name", "line"],
                condition=Q(ref=""),
                name="outcome_is_known_once_by_name",
            ),
            models.CheckConstraint(
                condition=~Q(ref="") | ~Q(name=""), name="outcome_has_a_ref_or_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.ref


def legs_fit_the_kind() -> Q:
    """Return the condition that a ticket has as many legs as its kind asks for."""
    fits = Q(kind="ACCUMULATOR", legs__gte=2, bankers=0)
    fits |= Q(kind="SYSTEM", bankers__lt=F("legs")) | known("kind", sorted(NOT_COMPUTED))
    for kind, legs in FIXED_LEGS.items():
        fits |= Q(kind=str(kind), legs=legs, bankers=0)
    for kind, (legs, _) in FULL_COVER.items():
        fits |= Q(kind=str(kind), legs=F("bankers") + legs)
    return fits


class Ticket(models.Model):
    """A bet. What was agreed never changes; what it came to changes by settlement alone.

    `stake` is the whole stake, `cash_stake` what was taken from the player's cash here. `payout` is
    what his cash gets in all. All in minor units.
    """

    bet_id = models.CharField(max_length=100)
    content_hash = models.BinaryField(max_length=32)
    provider = models.CharField(max_length=10, choices=choices(Provider))
    provider_bet_id = models.CharField(max_length=200, blank=True, default="")
    player = models.ForeignKey(Player, models.PROTECT, related_name="tickets", db_index=False)
    # No foreign keys to the few rows that all tickets share: each check would lock them.
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stake = models.BigIntegerField()
    cash_stake = models.BigIntegerField()
    kind = models.CharField(max_length=11, choices=choices(BetKind))
    system = models.CharField(max_length=150, blank=True, default="")
    selection_count = models.PositiveSmallIntegerField()
    legs = models.PositiveSmallIntegerField()
    bankers = models.PositiveSmallIntegerField(default=0)
    lines = models.BigIntegerField()
    each_way = models.BooleanField(default=False)
    free_bet_ref = models.CharField(max_length=100, blank=True, default="")
    placed_at = models.DateTimeField()
    accepted_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    status = models.CharField(
        max_length=9, choices=choices(TicketStatus), default="OPEN", db_default="OPEN"
    )
    result = models.CharField(
        max_length=9, choices=choices(TicketResult), default="NONE", db_default="NONE"
    )
    payout = models.BigIntegerField(default=0, db_default=0)
    cashed_out_stake = models.BigIntegerField(default=0, db_default=0)
    cashed_out_amount = models.BigIntegerField(default=0, db_default=0)
    settled_ticks = models.BigIntegerField(null=True)
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        permissions = [
            ("place_ticket", "Can bring tickets in, which takes their stakes"),
            ("export_ticket", "Can export tickets"),
            ("quote_bet", "Can price a bet by hand"),
        ]
        indexes = [
            models.Index(fields=["player", "id"], name="ticket_of_a_player"),
            models.Index(
                fields=["provider_bet_id"],
                condition=~Q(provider_bet_id=""),
                name="ticket_by_provider_bet_id",
            ),
        ]
        constraints = [
            # Not unique=True: that would add a second index, for LIKE, to each insert.
            models.UniqueConstraint(fields=["bet_id"], name="ticket_bet_id_is_used_once"),
            models.CheckConstraint(condition=~Q(bet_id=""), name="ticket_has_a_bet_id"),
            models.CheckConstraint(
                condition=known("provider", Provider), name="ticket_provider_is_known"
            ),
            models.CheckConstraint(condition=known("kind", BetKind), name="ticket_kind_is_known"),
            models.CheckConstraint(
                condition=known("status", TicketStatus), name="ticket_status_is_known"
            ),
            models.CheckConstraint(
                condition=known("result", TicketResult), name="ticket_result_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="SETTLED") & ~Q(result="NONE")
                | ~Q(status="SETTLED") & Q(result="NONE"),
                name="ticket_has_a_result_when_settled",
            ),
            models.CheckConstraint(condition=Q(stake__gt=0), name="ticket_stake_is_positive"),
            models.CheckConstraint(
                condition=Q(cash_stake=0) | Q(cash_stake=F("stake"), free_bet_ref=""),
                name="ticket_takes_the_stake_or_nothing",
            ),
            models.CheckConstraint(
                condition=Q(payout__gte=0, cashed_out_amount__gte=0, cashed_out_stake__gte=0)
                & Q(cashed_out_stake__lte=F("stake")),
                name="ticket_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(status="OPEN") | Q(payout=F("cashed_out_amount")),
                name="ticket_pays_nothing_but_cash_outs_while_open",
            ),
            models.CheckConstraint(condition=legs_fit_the_kind(), name="ticket_legs_fit_its_kind"),
            models.CheckConstraint(
                condition=Q(lines__gte=1, legs__gte=1), name="ticket_has_lines_and_legs"
            ),
            models.CheckConstraint(
                condition=Q(kind="SYSTEM", system__regex=r"^[0-9]{1,2}(,[0-9]{1,2})*/[0-9]{1,2}$")
                | ~Q(kind="SYSTEM") & Q(system=""),
                name="ticket_names_the_folds_of_a_system",
            ),
        ]

    def __str__(self) -> str:
        return self.bet_id

    @property
    def kind_word(self) -> str:
        """The kind as clients write it: lucky15, system:2,3/5."""
        return f"system:{self.system}" if self.kind == BetKind.SYSTEM else self.kind.lower()

    @property
    def shape(self) -> Shape:
        """The kind with its folds."""
        return shape_of(self.kind_word, legs=self.legs, bankers=self.bankers)

    @property
    def unit_stake(self) -> Fraction:
        """The stake on one line, in minor units, exactly."""
        return Fraction(self.stake, self.lines)


def all_exact() -> Q:
    """Return the condition that each number in text is one; what is not there passes a CHECK."""
    return Q(**{f"{name}__regex": RATIO for name in RATIOS})


class Selection(models.Model):
    """One outcome that a ticket bets on; selections with one `group` are one bet builder's parts.

    Factors and what follows them are written by settlement.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="selections", db_index=False)
    position = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=10, blank=True, default="")
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="selections")
    place_outcome = models.ForeignKey(
        Outcome, models.PROTECT, related_name="place_selections", null=True, db_index=False
    )
    line = models.CharField(max_length=50, blank=True, default="")
    group = models.CharField(max_length=50, blank=True, default="")
    price = RatioField()
    part_price = RatioField()
    place_fraction = RatioField()
    place_price = RatioField()
    banker = models.BooleanField(default=False)
    win_factor = RatioField()
    void_factor = RatioField()
    place_win_factor = RatioField()
    place_void_factor = RatioField()
    deduction_percent = RatioField()
    starting_price = RatioField()
    result = models.CharField(max_length=9, choices=choices(LegResult), default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["place_outcome"],
                condition=Q(place_outcome__isnull=False),
                name="selection_by_place_outcome",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "position"], name="selection_has_its_place_in_the_ticket"
            ),
            models.CheckConstraint(
                condition=Q(provider="") | known("provider", Provider),
                name="selection_provider_is_known",
            ),
            models.CheckConstraint(
                condition=Q(result="") | known("result", LegResult),
                name="selection_result_is_known",
            ),
            models.CheckConstraint(
                condition=Q(win_factor__isnull=True, void_factor__isnull=True)
                | Q(win_factor__isnull=False, void_factor__isnull=False),
                name="selection_has_both_factors_or_none",
            ),
            models.CheckConstraint(condition=all_exact(), name="selection_numbers_are_exact"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.position}"
