"""The ledger against a model in fifty lines of plain Python, over random histories."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.factories import FundedPlayer
from tests.services import deep
from wallet import services
from wallet.invariants import TRUTHS
from wallet.models import Account
from wallet.money import Money, Unit
from wallet.services import Posting, WalletRefusal
from wallet.vocabulary import TransferKind

EURO = Unit("EUR", 2)
Move = tuple[str, int, str, int]


@dataclass
class Model:
    """What the ledger should hold: balances, and what was posted under which key."""

    balances: list[int]
    moves: list[list[int]]
    posted: dict[str, Move] = field(default_factory=dict)

    def post(self, moves: list[Move]) -> bool:
        """Post all or none; say whether it was done."""
        balances = list(self.balances)
        fresh: dict[str, Move] = {}
        for move in moves:
            key, player, kind, change = move
            known = self.posted.get(key) or fresh.get(key)
            if known and known != move:
                return False
            if known:
                continue
            if change == 0 or (kind == "DEPOSIT" and change < 0):
                return False
            if kind in ("STAKE", "WITHDRAWAL") and (change > 0 or balances[player] + change < 0):
                return False
            balances[player] += change
            fresh[key] = move
        for _, player, _, change in fresh.values():
            self.moves[player].append(change)
        self.balances, self.posted = balances, self.posted | fresh
        return True


moves = st.tuples(
    st.sampled_from([f"key-{number}" for number in range(30)]),
    st.integers(0, 2),
    st.sampled_from(["DEPOSIT", "WITHDRAWAL", "STAKE", "SETTLEMENT", "ADJUSTMENT"]),
    st.integers(-500, 500),
)


class Ledger(RuleBasedStateMachine):
    """Do the same to both; they must agree on every refusal and every balance."""

    def __init__(self) -> None:
        super().__init__()
        self.players = [FundedPlayer.create() for _ in range(3)]
        self.model = Model([0, 0, 0], [[], [], []])
        self.prefix = f"run-{self.players[0].player.pk}"

    def posting(self, move: Move) -> Posting:
        key, player, kind, change = move
        return Posting(
            key=f"{self.prefix}-{key}",
            account_id=self.players[player].account.pk,
            kind=TransferKind(kind),
            change=Money(change, EURO),
            reason="OTHER",
            note="a random move",
        )

    @rule(wanted=st.lists(moves, min_size=1, max_size=6))
    def post(self, wanted: list[Move]) -> None:
        try:
            services.post_transfers(postings=list(map(self.posting, wanted)), actor="hypothesis")
            done = True
        except WalletRefusal:
            done = False
        assert done == self.model.post(wanted)

    @invariant()
    def balances_agree(self) -> None:
        ours = [player.account.pk for player in self.players]
        held = Account.objects.filter(pk__in=ours).order_by("pk").values_list("balance", "version")
        changes = map(len, self.model.moves)
        assert list(held) == list(zip(self.model.balances, changes, strict=True))

    def teardown(self) -> None:
        for truth in TRUTHS:
            assert truth.find() == [], truth.name


@pytest.mark.django_db
def test_the_ledger_does_what_the_model_does() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(max_examples=200 if deep() else 25, stateful_step_count=20),
    )
