"""Void reasons in words: an open list, told wherever a person reads of one."""

import pytest

from backoffice.timeline import timeline_of
from feeds.sportradar.void_reasons import KNOWN, reason_text
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import bring, cancelled, hear, market, outcome, settled, single


def test_all_that_sportradar_documents_are_known() -> None:
    assert sorted(KNOWN) == list(range(17))


@pytest.mark.parametrize(
    ("code", "known", "text"),
    [
        (9, KNOWN, "void reason 9: a player retired or was defaulted (RETIRED_OR_DEFAULTED)"),
        (99, KNOWN, "void reason 99, which is not known here"),
        (99, {99: "LIGHTS_OUT"}, "void reason 99: LIGHTS_OUT"),
        (5, {99: "LIGHTS_OUT"}, "void reason 5: the event was cancelled (CANCELLED_EVENT)"),
        (-1, {}, "void reason -1, which is not known here"),
    ],
)
def test_a_void_reason_has_a_text(code: int, known: dict[int, str], text: str) -> None:
    assert reason_text(code, known) == text


def test_the_timeline_tells_it(player: FundedPlayer) -> None:
    bring(single(player))

    hear(cancelled(market(void_reason=11)))

    told = [line for entry in timeline_of(Ticket.objects.get()) for line in entry.details]
    assert [line for line in told if "void reason" in line] == [
        "By Sportradar's clock: 2026-11-20 12:00:00 UTC, "
        "void reason 11: the event was postponed (EVENT_POSTPONED).",
    ]


def test_the_timeline_tells_a_result_that_nobody_knows(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(outcome("X", 7))))

    titles = [entry.title for entry in timeline_of(Ticket.objects.get())]
    assert "Sportradar says what has no known meaning: result “7” for outcome X." in titles
    assert any("has no known meaning for outcome X (result “7”)" in title for title in titles)
