"""manage.py replay sportradar: recorded messages through the same inbox."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from feeds.models import FeedMessage
from tests.factories import FundedPlayer
from tests.feeds.sportradar import SAMPLES
from tests.feeds.sportradar.uof import asked, bring, market, payout, settled, single, sound, won

EVENT = "sr:match:50212345"
ALIVE = b'<alive product="1" timestamp="1795176000000" subscribed="1"/>'


def replayed(*files: Path, **options: object) -> tuple[dict[str, int], str, int]:
    """Replay files; return the answer, what was said beside it, and the exit code."""
    out, said, code = StringIO(), StringIO(), 0
    try:
        call_command("replay", "sportradar", *map(str, files), json=True, stdout=out, stderr=said,
                     **options)  # fmt: skip
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(out.getvalue()), said.getvalue(), code


def test_the_samples_are_replayed(player: FundedPlayer) -> None:
    bring(
        single(player, "home", event=EVENT, outcome="1"),
        single(player, "over", event=EVENT, market="18", specifiers="total=2.5", outcome="12",
               accepted_at="2026-11-20T11:59:59.999Z"),
        single(player, "goals", event=EVENT, market="40", specifiers="type=prematch",
               outcome="sr:player:1003"),
        single(player, "third", event=EVENT, market="534", outcome="pre:outcometext:77",
               specifiers="variant=pre:markettext:9001"),
        single(player, "handicap", event=EVENT, market="16", specifiers="hcp=-0.25",
               outcome="1714"),
        single(player, "friendly", event="sr:match:-77", market="210", outcome="4",
               specifiers="game=2|set=1"),
    )  # fmt: skip

    answer, said, code = replayed(*sorted(SAMPLES.glob("*.xml")))

    assert (code, said) == (0, "")
    assert answer == {
        "stored": 9, "done": 8, "ignored": 4, "parked": 0, "quarantined": 0, "reviews": 1,
        "tickets_settled": 5,
    }  # fmt: skip
    assert payout("home") == ("OPEN", "NONE", "0.00")
    assert payout("over") == ("SETTLED", "LOSE", "0.00")
    assert payout("goals") == ("SETTLED", "REFUND", "10.00")
    assert payout("third") == ("SETTLED", "MIXED", "8.33")
    assert payout("handicap") == ("SETTLED", "HALF_WIN", "17.50")
    assert payout("friendly") == ("SETTLED", "WIN", "25.00")
    assert asked() == ["CANCEL_WITHOUT_MARKETS"]
    assert set(FeedMessage.objects.values_list("feed", flat=True)) == {"sportradar-replay"}
    assert sound()


def test_a_list_holds_a_message_a_line(player: FundedPlayer, tmp_path: Path) -> None:
    bring(single(player))
    day = tmp_path / "day.jsonl"
    day.write_bytes(b"\n".join([ALIVE, settled(market(won())), b"", b"broken"]))

    checked, complaints, _ = replayed(day, dry_run=True)
    assert not FeedMessage.objects.exists()
    answer, said, code = replayed(day)

    assert (checked["messages"], checked["readable"], checked["liveness"]) == (3, 2, 1)
    assert complaints.startswith("message 3: It is not XML")
    assert (answer["stored"], answer["done"], answer["ignored"], code) == (2, 1, 1, 1)
    assert "Feed messages" in said
    assert payout() == ("SETTLED", "WIN", "25.00")


@pytest.mark.parametrize("name", ["alive.xml", "snapshot_complete.xml", "product_down.xml"])
def test_signs_of_life_are_not_stored(db: None, name: str) -> None:
    answer, _, code = replayed(SAMPLES / name)

    assert (answer["stored"], answer["ignored"], code) == (0, 1, 0)
    assert not FeedMessage.objects.exists()
