import json
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from rich.console import Console

from backoffice.bench import options, ratios, report, scratch, traffic
from backoffice.bench.intake import opening, ours, side, tickets
from backoffice.bench.intake.tickets import Ticket
from backoffice.bench.ratios import Goal, Ratio
from backoffice.bench.rounds import Lap
from settlement.drafts import Draft
from settlement.intake import take_in
from tests import databases
from wallet import selectors

PROJECT = Path(__file__).parents[2]


def test_ratios_pair_the_rounds() -> None:
    rates = {"ours": [100.0, 300.0, 200.0], "theirs": [50.0, 100.0, 200.0]}

    (ratio,) = ratios.compare([Goal("ours", "theirs")], rates)

    assert ratio.values == (2.0, 3.0, 1.0)
    assert ratio.median == 2.0


@pytest.mark.parametrize(
    ("case", "goal", "median", "verdict", "fell_short"),
    [
        ("nothing asked", Goal("a", "b"), 0.1, "", False),
        ("below", Goal("a", "b", floor=2), 1.99, "below its floor", True),
        ("on the floor", Goal("a", "b", floor=2), 2.0, "ok", False),
        ("below the stretch", Goal("a", "b", floor=2, stretch=4), 3.9, "ok", False),
        ("on the stretch", Goal("a", "b", floor=2, stretch=4), 4.0, "stretch reached", False),
    ],
)
def test_the_median_is_held_against_the_floor(
    case: str, goal: Goal, median: float, verdict: str, fell_short: bool
) -> None:
    ratio = Ratio(goal, (0.01, median, 99.0))

    assert (ratio.verdict, ratio.fell_short) == (verdict, fell_short)


def test_a_small_run_halves_the_floors_alone() -> None:
    assert Goal("a", "b", floor=20, stretch=40).halved() == Goal("a", "b", floor=10, stretch=40)
    assert Goal("a", "b").halved() == Goal("a", "b")


def test_a_side_shows_median_spread_and_cost_of_a_posting() -> None:
    laps = [
        Lap(units=1000, seconds=1.0, client=0.5, backend=0.25),
        Lap(units=1000, seconds=0.5, client=0.25, backend=0.125),
        Lap(units=1000, seconds=2.0, client=0.75, backend=0.5),
    ]

    row = report.side_row("ours", laps)

    assert row == ("ours", "1,000", "1,000", "500–2,000", "500", "250")


def test_a_server_elsewhere_has_no_cpu_figure() -> None:
    row = report.side_row("ours", [Lap(units=10, seconds=1.0, client=0.1, backend=None)])

    assert row[-1] == "–"


def test_a_ratio_row_leaves_out_what_is_not_asked() -> None:
    row = report.ratio_row(Ratio(Goal("ours", "theirs", floor=1.5), (2.0, 1.0, 4.0)))

    assert row == ("ours / theirs", "2.00", "1.00–4.00", "1.5", "", "ok")


def test_plain_columns_put_figures_to_the_right() -> None:
    text = report.plain(
        ("Side", "rate", ""), [("ours", "1,000", "ok"), ("a peer", "7", "")], Console()
    )

    assert text == "Side     rate\nours    1,000  ok\na peer      7"


def test_all_sides_get_the_same_input_under_keys_of_their_own() -> None:
    few = traffic.fresh_postings(side="a", round_number=3, count=5, players=10)
    many = traffic.fresh_postings(side="b", round_number=3, count=50, players=10)

    assert [wanted[1:] for wanted in few] == [wanted[1:] for wanted in many[:5]]
    assert {wanted.key for wanted in few}.isdisjoint(wanted.key for wanted in many)


def test_every_twentieth_posting_is_followed_by_an_exact_repeat() -> None:
    fresh = traffic.fresh_postings(side="a", round_number=1, count=40, players=10)

    sent = list(traffic.with_repeats(fresh))

    assert len(sent) == 42
    assert sent[20] in fresh[:20]
    assert sent[41] in fresh
    assert sent[:20] + sent[21:41] == fresh


def test_the_scratch_database_is_reached_as_the_configured_one_is() -> None:
    url = "postgresql://app:secret@/backoffice?host=/run/postgresql"

    moved = scratch.moved(url, "bench_7")

    assert moved == "postgresql://app:secret@/bench_7?host=/run/postgresql"


def test_options_reach_the_child_as_they_were_typed() -> None:
    assert options.as_words({"rounds": 7, "smoke": True, "json": False}) == [
        "--rounds=7",
        "--smoke",
    ]
    assert options.as_words({"rounds": None, "smoke": False, "json": True}) == ["--json"]


@pytest.mark.parametrize("word", ["0", "-1", "two", ""])
def test_a_run_has_at_least_one_round(word: str) -> None:
    with pytest.raises(ArgumentTypeError):
        options.at_least_one(word)


def test_all_intakes_get_the_same_tickets_under_bet_ids_of_their_own() -> None:
    few = tickets.fresh_tickets(side="a", round_number=3, count=5, players=10)
    many = tickets.fresh_tickets(side="b", round_number=3, count=50, players=10)

    assert [without_bet_id(one) for one in few] == [without_bet_id(one) for one in many[:5]]
    assert {one["bet_id"] for one in few}.isdisjoint(one["bet_id"] for one in many)


def without_bet_id(ticket: Ticket) -> dict[str, Any]:
    return {name: value for name, value in ticket.items() if name != "bet_id"}


def test_tickets_are_trebles_on_three_events_and_some_events_are_new() -> None:
    drawn = tickets.fresh_tickets(side="a", round_number=1, count=300, players=10)
    events = [[leg["event"] for leg in one["selections"]] for one in drawn]

    assert all(len(set(three)) == 3 for three in events)
    new = {event for three in events for event in three if event.startswith("sr:match:6")}
    assert new == {"sr:match:60100000", "sr:match:60100001", "sr:match:60100002"}


def test_the_sum_of_legs_hangs_on_every_word_and_not_on_the_order() -> None:
    legs = [("bet", 1, "sr:match:1", "2.50"), ("bet", 2, "sr:match:2", "1.80")]

    assert side.sum_of_legs(reversed(legs)) == side.sum_of_legs(legs)
    assert side.sum_of_legs([legs[0], ("bet", 2, "sr:match:2", "1.81")]) != side.sum_of_legs(legs)
    assert side.sum_of_legs([*legs, legs[0]]) != side.sum_of_legs(legs)


class Here:
    """The test's own database."""

    def enter(self) -> None:
        pass


@pytest.fixture
def our_side(db: None) -> ours.Ours:
    """Our intake in books with 20 players and no ticket."""
    opening.open_books(20)
    found = ours.Ours(database=Here(), size=40, players=20, before=0, say=print)  # type: ignore[arg-type]
    found.units = selectors.units()
    return found


def test_our_books_are_right_after_a_round_with_repeats(our_side: ours.Ours) -> None:
    added = our_side.prepare(1)()

    assert (added, our_side.complaints()) == (40, [])


def forgetting(*, drafts: Sequence[Draft], actor: str) -> None:
    take_in(drafts=drafts[:-5], actor=actor)


def changing_a_price(*, drafts: Sequence[Draft], actor: str) -> None:
    first, *others = drafts[0].selections
    changed = (msgspec.structs.replace(first, price="99"), *others)
    take_in(
        drafts=[msgspec.structs.replace(drafts[0], selections=changed), *drafts[1:]], actor=actor
    )


def taking_no_stake(*, drafts: Sequence[Draft], actor: str) -> None:
    take_in(drafts=[msgspec.structs.replace(one, stake_taken=False) for one in drafts], actor=actor)


@pytest.mark.parametrize(
    ("intake", "complaint"),
    [
        (forgetting, "there are 36 tickets and not 40"),
        (changing_a_price, "the legs are not those that were brought"),
        (taking_no_stake, "of 20 balances are wrong"),
    ],
)
def test_an_intake_that_is_fast_but_wrong_is_found_out(
    intake: Callable[..., None],
    complaint: str,
    our_side: ours.Ours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ours, "take_in", intake)

    our_side.prepare(1)()

    assert complaint in "; ".join(our_side.complaints())


def test_a_small_run_of_the_intake_has_right_books_and_says_what_fell_short(
    own_database: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "intake", "--smoke", "--rounds=1", "--json"],
        cwd=PROJECT,
        env=databases.environment(own_database),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert [one["name"] for one in found["sides"]] == [
        "ours at 2,000", "ours at 20,000", "drafting alone", "naive ORM", "raw COPY",
    ]  # fmt: skip
    assert [one["laps"][0]["units"] for one in found["sides"]] == [2000, 2000, 2000, 100, 2000]
    floors = {(one["side"], one["against"]): one["floor"] for one in found["ratios"]}
    assert floors["ours at 2,000", "naive ORM"] == 10
    assert floors["ours at 20,000", "ours at 2,000"] == 0.375
    assert done.returncode == any(one["fell_short"] for one in found["ratios"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench%'")
        assert cursor.fetchall() == []
