"""What a settlement left out: outcomes that it passes over, results that nobody knows."""

import pytest
from msgspec.structs import replace

from settlement.fold.facts import MarketFact
from settlement.fold.missing import left_out, unknown_results
from settlement.said import MarketContent, OutcomeSaid
from settlement.vocabulary import MarketFactKind, Source

KNOWN = MarketFact(
    id=1,
    source=Source.SPORTRADAR,
    ticks=10,
    kind=MarketFactKind.SETTLEMENT,
    content=MarketContent(outcomes={"X": OutcomeSaid(("1", "0"))}),
)
HELD = replace(KNOWN, content=MarketContent(held={f"{n:02}": "result “7”" for n in range(12)}))
ROLLBACK = replace(KNOWN, id=2, kind=MarketFactKind.ROLLBACK, content=MarketContent())
CANCEL = replace(ROLLBACK, kind=MarketFactKind.CANCEL)
ACT = replace(ROLLBACK, source=Source.OPERATOR, kind=MarketFactKind.CANCEL)


@pytest.mark.parametrize(
    ("what", "facts", "missing"),
    [
        ("nothing was said", [], []),
        ("it was settled", [KNOWN], ["Y", "Z"]),
        ("LSports settles one by one", [replace(KNOWN, source=Source.LSPORTS)], []),
        ("it was held", [KNOWN, HELD, replace(HELD, content=MarketContent(held={"Y": "?"}))],
         ["Z"]),
        ("it was taken back", [KNOWN, ROLLBACK], []),
        ("an older rollback", [KNOWN, replace(ROLLBACK, ticks=9)], ["Y", "Z"]),
        ("void for all", [KNOWN, CANCEL], []),
        ("void for some", [KNOWN, replace(CANCEL, content=MarketContent(end=5))], ["Y", "Z"]),
        ("voided by hand", [KNOWN, ACT], []),
    ],
)  # fmt: skip
def test_outcomes_that_a_settlement_left_out(
    what: str, facts: list[MarketFact], missing: list[str]
) -> None:
    assert left_out(facts, ["Z", "Y", "X", ""]) == missing


def test_a_long_list_of_unknown_results_is_cut() -> None:
    (doubt,) = unknown_results([HELD])

    assert doubt.sentence.endswith("09 (result “7”) and 2 more: it was not applied.")


@pytest.mark.parametrize(
    ("certainty", "ticks", "asked"), [(1, 11, 0), (2, 11, 0), (1, 10, 1), (1, 9, 1)]
)
def test_a_later_result_answers_the_question(certainty: int, ticks: int, asked: int) -> None:
    held = replace(KNOWN, content=MarketContent(held={"X": "result “7”"}))

    later = replace(KNOWN, id=2, ticks=ticks, certainty=certainty)

    assert len(list(unknown_results([held, later]))) == asked


def test_a_less_sure_result_does_not_answer_for_a_confirmed_one() -> None:
    held = replace(KNOWN, certainty=2, content=MarketContent(held={"X": "result “7”"}))

    assert len(list(unknown_results([held, replace(KNOWN, id=2, ticks=11)]))) == 1
