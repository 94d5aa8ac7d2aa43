"""manage.py replay: recorded messages through the same inbox, as often as anybody likes."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feeds.models import FeedMessage
from settlement.models import SettlementEvent
from tests.factories import FundedPlayer
from tests.feeds.bets import lost, message, settled
from tests.feeds.test_inbox import bring, odds88, sound
from tests.settlement.settling import state

PING = b'{"pingId": "a", "data": null}'


def replayed(*files: Path, **options: object) -> tuple[dict[str, int], str, int]:
    """Replay files; return the answer, what was said beside it, and the exit code."""
    out, said, code = StringIO(), StringIO(), 0
    try:
        call_command("replay", "odds88", *map(str, files), json=True, stdout=out, stderr=said,
                     **options)  # fmt: skip
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(out.getvalue()), said.getvalue(), code


def recording(folder: Path, *bodies: bytes, name: str = "day.jsonl") -> Path:
    """Write a recording, a message a line."""
    path = folder / name
    path.write_bytes(b"\n".join(bodies) + b"\n")
    return path


def test_a_day_is_replayed(player: FundedPlayer, tmp_path: Path) -> None:
    bring(odds88(player))
    day = recording(tmp_path, PING, message(settled()), message(settled("T-9")), b"")

    answer, _, code = replayed(day)

    assert answer == {
        "stored": 2, "done": 1, "ignored": 1, "parked": 1, "quarantined": 0, "reviews": 0,
        "tickets_settled": 1,
    }  # fmt: skip
    assert code == 0
    assert set(FeedMessage.objects.values_list("feed", flat=True)) == {"odds88-replay"}
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_replay_of_a_replay_changes_nothing(player: FundedPlayer, tmp_path: Path) -> None:
    bring(odds88(player))
    day = recording(tmp_path, message(settled()), message(lost()), message(settled()))
    replayed(day)

    answer, _, code = replayed(day)

    assert (answer["stored"], answer["done"], answer["tickets_settled"], code) == (0, 2, 0, 0)
    assert SettlementEvent.objects.count() == 1
    assert sound()


def test_a_file_that_is_no_jsonl_is_one_message(player: FundedPlayer, tmp_path: Path) -> None:
    bring(odds88(player))
    path = tmp_path / "one.json"
    path.write_bytes(json.dumps({"data": settled()}, indent=2).encode())

    answer, _, _ = replayed(path)

    assert (answer["stored"], answer["tickets_settled"]) == (1, 1)


def test_what_can_not_be_read_is_kept_and_fails_the_command(
    player: FundedPlayer, tmp_path: Path
) -> None:
    bring(odds88(player))

    answer, said, code = replayed(recording(tmp_path, b"broken", message(settled())))

    assert (answer["quarantined"], answer["done"], code) == (1, 1, 1)
    assert "Feed messages" in said


def test_a_dry_run_reads_all_and_writes_nothing(db: None, tmp_path: Path) -> None:
    day = recording(tmp_path, PING, message(settled()), b"broken")

    answer, said, code = replayed(day, dry_run=True)

    assert (answer["messages"], answer["readable"], code) == (3, 2, 1)
    assert said.startswith("message 3: It is not JSON")
    assert not FeedMessage.objects.exists()


def test_a_file_that_is_not_there_is_wrong_use(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as error:
        replayed(tmp_path / "none.jsonl")

    assert error.value.returncode == 2
