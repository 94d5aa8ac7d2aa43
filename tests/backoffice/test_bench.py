from argparse import ArgumentTypeError

import pytest
from rich.console import Console

from backoffice.bench import options, ratios, report, scratch, traffic
from backoffice.bench.ratios import Goal, Ratio
from backoffice.bench.rounds import Lap


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
