"""The naive peer's tables. Installed for a benchmark alone, so no migration makes them."""

from typing import ClassVar

from django.db import models


class NaiveAccount(models.Model):
    """Whoever holds money, and how much in minor units."""

    name = models.CharField(max_length=100)
    balance = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager["NaiveAccount"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


class NaiveEntry(models.Model):
    """One side of a movement; the two sides share a key."""

    key = models.CharField(max_length=150)
    account = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    amount = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["NaiveEntry"]] = models.Manager()

    class Meta:
        app_label = "bench"
        constraints = [
            models.UniqueConstraint(fields=["key", "account"], name="naive_entry_is_written_once")
        ]

    def __str__(self) -> str:
        return self.key


class NaivePlayer(models.Model):
    """Somebody who bets, and the account that pays for it."""

    external_id = models.CharField(max_length=100, unique=True)
    account = models.OneToOneField(NaiveAccount, models.PROTECT, related_name="player")
    account_id: int

    objects: ClassVar[models.Manager["NaivePlayer"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.external_id


class NaiveEvent(models.Model):
    """A match."""

    provider = models.CharField(max_length=10)
    ref = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    start_at = models.DateTimeField()

    objects: ClassVar[models.Manager["NaiveEvent"]] = models.Manager()

    class Meta:
        app_label = "bench"
        constraints = [
            models.UniqueConstraint(fields=["provider", "ref"], name="naive_event_is_known_once")
        ]

    def __str__(self) -> str:
        return self.ref


class NaiveMarket(models.Model):
    """A question about an event."""

    event = models.ForeignKey(NaiveEvent, models.PROTECT, related_name="markets")
    ref = models.CharField(max_length=200)
    specifiers = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=300)

    objects: ClassVar[models.Manager["NaiveMarket"]] = models.Manager()

    class Meta:
        app_label = "bench"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "ref", "specifiers"], name="naive_market_is_known_once"
            )
        ]

    def __str__(self) -> str:
        return self.ref


class NaiveOutcome(models.Model):
    """An answer to it."""

    market = models.ForeignKey(NaiveMarket, models.PROTECT, related_name="outcomes")
    ref = models.CharField(max_length=200)
    name = models.CharField(max_length=300)

    objects: ClassVar[models.Manager["NaiveOutcome"]] = models.Manager()

    class Meta:
        app_label = "bench"
        constraints = [
            models.UniqueConstraint(fields=["market", "ref"], name="naive_outcome_is_known_once")
        ]

    def __str__(self) -> str:
        return self.ref


class NaiveTicket(models.Model):
    """A bet."""

    bet_id = models.CharField(max_length=100, unique=True)
    player = models.ForeignKey(NaivePlayer, models.PROTECT, related_name="tickets")
    stake = models.BigIntegerField()
    kind = models.CharField(max_length=11)
    placed_at = models.DateTimeField()
    status = models.CharField(max_length=9, default="OPEN")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["NaiveTicket"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.bet_id


class NaiveSelection(models.Model):
    """An outcome that a ticket bets on."""

    ticket = models.ForeignKey(NaiveTicket, models.PROTECT, related_name="selections")
    position = models.PositiveSmallIntegerField()
    outcome = models.ForeignKey(NaiveOutcome, models.PROTECT, related_name="selections")
    price = models.DecimalField(max_digits=12, decimal_places=2)

    objects: ClassVar[models.Manager["NaiveSelection"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"{self.ticket} {self.position}"


class NaiveBet(models.Model):
    """A bet that waits for its result."""

    bet_id = models.CharField(max_length=100, unique=True)
    account = models.ForeignKey(NaiveAccount, models.PROTECT, related_name="bets")
    account_id: int
    stake = models.BigIntegerField()
    status = models.CharField(max_length=9, default="OPEN")
    result = models.CharField(max_length=9, default="NONE")
    payout = models.BigIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["NaiveBet"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.bet_id


class NaiveLeg(models.Model):
    """An outcome that it bets on."""

    bet = models.ForeignKey(NaiveBet, models.PROTECT, related_name="legs")
    bet_id: int
    position = models.PositiveSmallIntegerField()
    outcome = models.ForeignKey(NaiveOutcome, models.PROTECT, related_name="legs")
    outcome_id: int
    price = models.DecimalField(max_digits=12, decimal_places=2)
    result = models.CharField(max_length=9, blank=True)

    objects: ClassVar[models.Manager["NaiveLeg"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"{self.bet} {self.position}"


class NaiveMessage(models.Model):
    """What a feed sent."""

    sha256 = models.CharField(max_length=64, unique=True)
    raw = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["NaiveMessage"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.sha256


class NaiveChange(models.Model):
    """What a result did to a bet."""

    bet = models.ForeignKey(NaiveBet, models.PROTECT, related_name="changes")
    message = models.ForeignKey(NaiveMessage, models.PROTECT, null=True, related_name="changes")
    status = models.CharField(max_length=9)
    result = models.CharField(max_length=9)
    payout = models.BigIntegerField()
    difference = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["NaiveChange"]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"{self.bet} {self.status}"
