import json
import subprocess
import sys
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from rich.console import Console

from backoffice.bench import options, ratios, report, scratch, traffic
from backoffice.bench.intake import opening, ours, side, tickets
from backoffice.bench.intake.tickets import Ticket
from backoffice.bench.queued.telling import Telling
from backoffice.bench.ratios import Goal, Ratio
from backoffice.bench.rounds import Lap
from backoffice.bench.settle.bets import LOST, OPEN, Bet, End, Leg, digest, end_of
from backoffice.bench.settle.layout import Layout
from backoffice.bench.settle.messages import sent
from backoffice.bench.settle.side import Expected
from backoffice.bench.trade import messages as trade_messages
from backoffice.bench.uof import messages as uof_messages
from feeds.lsports.translate import read as trade_read
from feeds.odds88.translate import read
from feeds.sportradar.translate import read as uof_read
from settlement.drafts import Draft
from settlement.intake import take_in
from tests import databases
from wallet import selectors

PROJECT = Path(__file__).parents[2]

# Another test may run a benchmark at the same time: its database is in use.
LEFT_BEHIND = """
SELECT datname FROM pg_database d
 WHERE datname LIKE 'bench%'
   AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)
"""


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


@pytest.mark.deep
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
        cursor.execute(LEFT_BEHIND)
        assert cursor.fetchall() == []


LAYOUT = Layout(
    tickets=100,
    feed={"in batches": [10, 10], "alone": [3, 3]},
    markets={"small": [5, 5], "big": [5, 20]},
)


def test_every_round_gets_tickets_of_its_own() -> None:
    ranges = [
        LAYOUT.feed_range(purpose, number)
        for purpose in ("in batches", "alone")
        for number in (0, 1)
    ]

    assert [(one.start, one.stop) for one in ranges] == [(75, 85), (85, 95), (95, 98), (98, 101)]
    assert LAYOUT.on_markets == 74


def test_a_markets_tickets_lie_all_over_the_table() -> None:
    slots = [n * LAYOUT.stride % LAYOUT.on_markets for n in range(1, LAYOUT.on_markets + 1)]
    start, end = LAYOUT.market_ends[LAYOUT.market("big", 1) - 1 : LAYOUT.market("big", 1) + 1]
    on_it = [n for n, slot in enumerate(slots, start=1) if start <= slot < end]

    assert sorted(slots) == list(range(LAYOUT.on_markets))
    assert len(on_it) == 20
    assert max(after - before for before, after in pairwise(on_it)) <= 8


def test_more_cannot_be_settled_than_there_is() -> None:
    with pytest.raises(ValueError, match="20 tickets are too few"):
        Layout(tickets=20, feed={"alone": [3]}, markets={"big": [18]})


def bet(number: int, *, legs: int = 1, won: bool = True, stake: int = 1000) -> Bet:
    leg = Leg("700", "800", "9001", Decimal("1.85"), won=False)
    others = [Leg(f"70{n}", f"80{n}", f"90{n}", Decimal("2.00"), won) for n in range(1, legs)]
    return Bet(f"bet-{number}", "P-1", stake, (leg, *others))


@pytest.mark.parametrize(
    ("case", "one", "winner", "end"),
    [
        ("a single that won", bet(1), "9001", End("SETTLED", "WIN", 1850)),
        ("a single that lost", bet(1), "9002", LOST),
        ("a treble that won", bet(1, legs=3), "9001", End("SETTLED", "WIN", 7400)),
        ("one whose other legs are open", bet(1, legs=3, won=False), "9001", OPEN),
        ("one that is lost whatever comes", bet(1, legs=3, won=False), "9002", LOST),
        ("half a cent is rounded up", bet(1, stake=50), "9001", End("SETTLED", "WIN", 93)),
    ],
)
def test_the_benchmark_knows_what_a_bet_comes_to(
    case: str, one: Bet, winner: str, end: End
) -> None:
    assert end_of(one, winner) == end


def test_a_repeat_and_an_older_result_follow_every_twentieth_message() -> None:
    bets = [bet(number, legs=1 + 2 * (number % 2)) for number in range(40)]

    bodies, ends = sent(bets, 1)

    assert len(bodies) == 44
    assert bodies[20] in bodies[:20]
    assert bodies[21] not in bodies[:20]
    told = [one for body in bodies for one in read(body).tickets]
    latest = {one.request: one for one in sorted(told, key=lambda one: one.ticks)}
    paid = [
        int(Decimal(latest[bet.bet_id].result.payout or "0").scaleb(2)) == end.payout
        for bet, end in ends
    ]
    assert paid == [True] * 40


def test_all_sides_hear_the_first_part_of_the_same_stream() -> None:
    bets = [bet(number) for number in range(60)]

    assert sent(bets[:20], 3).bodies == sent(bets, 3).bodies[:22]


def test_the_digest_of_bets_hangs_on_every_word_and_not_on_the_order() -> None:
    ends = [("bet-1", LOST), ("bet-2", End("SETTLED", "WIN", 1850))]

    assert digest(reversed(ends)) == digest(ends)
    assert digest([ends[0], ("bet-2", End("SETTLED", "WIN", 1851))]) != digest(ends)
    assert digest([ends[0]]) != digest(ends)


def test_a_settlement_that_is_fast_but_wrong_is_found_out() -> None:
    expected = Expected()
    expected.note([(bet(1), LOST), (bet(2), End("SETTLED", "WIN", 1850))])
    expected.note([(bet(1), End("SETTLED", "WIN", 1850))])

    (ended,) = expected.wrong_ends({"bet-1": LOST, "bet-2": End("SETTLED", "WIN", 1850)})
    (holds,) = expected.wrong_balances({"P-1": 1850}, before=0)

    assert ended == ("1 of 2 bets ended wrong; bet-1 is SETTLED LOSE 0 and not SETTLED WIN 1850")
    assert holds == "1 of 1 balances are wrong; P-1 holds 1850 and not 3700 minor units"
    assert expected.wrong_balances({"P-1": 3700, "P-2": 0}, before=0) == []


@pytest.mark.deep
def test_a_small_run_of_settlement_has_right_books_and_says_what_fell_short(
    own_database: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "settle", "--smoke", "--rounds=1", "--json"],
        cwd=PROJECT,
        env=databases.environment(own_database),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert {one["name"]: one["laps"][0]["units"] for one in found["sides"]} == {
        "messages at 6,000": 1000, "raw COPY": 1000, "messages at 20,000": 1000, "one alone": 30,
        "naive ORM": 30, "a market": 2000, "its correction": 2000, "bare UPDATE": 2000,
        "bare UPDATE, correction": 2000, "bulk_update": 200, "bulk_update, correction": 200,
        "two workers": 2000, "small market at 6,000": 400, "small market at 20,000": 400,
    }  # fmt: skip
    floors = {(one["side"], one["against"]): one["floor"] for one in found["ratios"]}
    assert floors["messages at 6,000", "naive ORM"] == 10
    assert floors["a market", "bare UPDATE"] == 0.02
    assert floors["30 ms", "p99 of one alone"] == 0.5
    assert done.returncode == any(one["fell_short"] for one in found["ratios"])
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND)
        assert cursor.fetchall() == []


def test_fifty_markets_are_told_of_each_event_and_its_bet_ends_by_its_own() -> None:
    leg = Leg("sr:match:50000001", "103", "12", Decimal("1.85"), won=False)
    some = [Bet(f"bet-{number}", "P-1", 1000, (leg,)) for number in range(20)]

    bodies, ends = uof_messages.TELLING.settlements(some, 1)

    for body, (_, end) in zip(bodies, ends, strict=True):
        assert 7000 < len(body) < 8000
        told = uof_read(body)
        assert len(told.markets) == 50
        [own] = [one for one in told.markets if one.market == "103"]
        assert own.specifiers == "hcp=0:1|total=3.5"
        assert end == (End("SETTLED", "WIN", 1850) if own.content.outcomes["12"].ended == ("1", "0")
                       else LOST)  # fmt: skip
    assert {end for _, end in ends} == {End("SETTLED", "WIN", 1850), LOST}


def test_a_long_story_tells_each_market_as_often_as_the_others() -> None:
    told = [uof_read(body) for body in uof_messages.TELLING.long_story(20)]

    counted = Counter(one.market for each in told for one in each.markets)
    assert set(counted.values()) == {2}
    assert len(counted) == 500


@pytest.mark.parametrize(
    ("telling", "size", "markets"),
    [(trade_messages.TELLING, 7_812, 10), (trade_messages.BIG, 93_972, 100)],
)
def test_lsports_tells_of_ten_markets_or_a_hundred_and_a_bet_ends_by_its_own(
    telling: Telling, size: int, markets: int
) -> None:
    leg = Leg("50000001", "103", "110603421124605698", Decimal("1.85"), won=False)
    some = [Bet(f"bet-{number}", "P-1", 1000, (leg,)) for number in range(20)]

    bodies, ends = telling.settlements(some, 1)

    for body, (_, end) in zip(bodies, ends, strict=True):
        assert len(body) == pytest.approx(size, abs=20)
        told = trade_read(body)
        assert len(told.markets) == markets
        [own] = [one for one in told.markets if one.market == "103"]
        won = own.content.outcomes["110603421124605698"].ended == ("1", "0")
        assert end == (End("SETTLED", "WIN", 1850) if won else LOST)
    assert {end for _, end in ends} == {End("SETTLED", "WIN", 1850), LOST}


@pytest.mark.deep
@pytest.mark.parametrize(
    ("feed", "units"),
    [
        ("sportradar", {"feed": 200, "bare consumer": 200}),
        (
            "lsports",
            {"feed": 200, "bare consumer": 200, "feed, 94 kB": 40, "bare consumer, 94 kB": 40},
        ),
    ],
)
def test_a_small_run_of_a_queued_feed_has_right_books(
    own_database: str, amqp_url: str, feed: str, units: dict[str, int]
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "feed", feed, "--smoke", "--rounds=1", "--json"],
        cwd=PROJECT,
        env=databases.environment(own_database) | {"UOF_DIVIDE_TIMES_BY": "4"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert {one["name"]: one["laps"][0]["units"] for one in found["sides"]} == units
    floors = {(one["side"], one["against"]): one["floor"] for one in found["ratios"]}
    assert floors["stored and acknowledged", "1,500 a second"] == 0.5
    assert done.returncode == any(one["fell_short"] for one in found["ratios"])
