"""What `verify_audit` prints, and how it ends."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from settlement.models import AuditSeal
from tests.factories import FundedPlayer
from tests.settlement.sealing import seal_everything, sealed_books, tamper


def run(*words: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    said = io.StringIO()
    try:
        call_command("verify_audit", *map(str, words), stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def last() -> AuditSeal:
    """Return the chain's last seal."""
    return AuditSeal.objects.latest("number")


def test_a_sound_chain_is_told(own_database: str) -> None:
    sealed_books()

    assert run() == (
        0,
        f"✓ 10 rows under {last().number} seals are as they were sealed.\n"
        f"  Head: seal {last().number} {bytes(last().chain).hex()}\n",
    )


def test_without_a_seal_all_is_well_and_waits(own_database: str) -> None:
    assert run() == (
        0,
        "✓ 0 rows under 0 seals are as they were sealed.\n  1 later ones wait for their seal.\n",
    )


def test_a_sound_chain_is_told_to_programs(own_database: str) -> None:
    sealed_books()
    code, said = run("--json")

    assert code == 0
    assert json.loads(said) == {
        "ok": True, "seals": last().number, "rows": 10, "waiting": 0, "restored": [],
        "head": {
            "seal": last().number,
            "chain": bytes(last().chain).hex(),
            "signature": bytes(last().signature).hex(),
        },
        "finding": None,
    }  # fmt: skip


def test_tampering_is_told(own_database: str) -> None:
    sealed_books()
    tamper("UPDATE wallet_transfer SET amount = 999 WHERE id = 2")
    seal = AuditSeal.objects.get(table="wallet_transfer", row_count__gt=0).number
    sentence = f"Row 2 of wallet_transfer was changed after seal {seal} was put on it."

    assert run() == (1, f"✗ {sentence}\n")
    code, said = run("--json")
    assert code == 1
    assert json.loads(said)["finding"] == {
        "fault": "CHANGED", "seal": seal, "table": "wallet_transfer", "id": 2, "sentence": sentence,
    }  # fmt: skip


def test_a_saved_head_tells_that_the_end_is_gone(own_database: str, tmp_path: Path) -> None:
    sealed_books()
    FundedPlayer.create("100.00")
    seal_everything()
    assert run("--save-head", tmp_path / "head")[0] == 0
    assert run("--head", tmp_path / "head")[0] == 0
    number = last().number

    tamper(
        "DELETE FROM wallet_transfer WHERE id = 4",
        f"DELETE FROM settlement_auditseal WHERE number = {number}",
    )

    assert run()[0] == 0
    assert run("--head", tmp_path / "head") == (
        1,
        f"✗ The chain's end is gone: the saved head, seal {number}, is not there.\n",
    )


def test_no_head_is_saved_of_a_chain_that_is_broken(own_database: str, tmp_path: Path) -> None:
    sealed_books()
    tamper("DELETE FROM wallet_transfer WHERE id = 2")

    assert run("--save-head", tmp_path / "head")[0] == 1
    assert not (tmp_path / "head").exists()


def test_no_head_is_saved_where_there_is_no_seal(own_database: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no seal yet") as refused:
        run("--save-head", tmp_path / "head")

    assert refused.value.returncode == 1
    assert not (tmp_path / "head").exists()


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("no JSON", b"head"),
        ("another object", b'{"number": 1}'),
        ("no hexadecimal", b'{"seal": 1, "chain": "xyz", "signature": ""}'),
    ],
)
def test_a_file_that_holds_no_head_is_refused(
    own_database: str, tmp_path: Path, what: str, content: bytes
) -> None:
    (tmp_path / "head").write_bytes(content)

    with pytest.raises(CommandError, match="holds no head") as refused:
        run("--head", tmp_path / "head")

    assert refused.value.returncode == 2


def test_files_that_can_not_be_used_are_refused(own_database: str, tmp_path: Path) -> None:
    sealed_books()

    with pytest.raises(CommandError, match="holds no head"):
        run("--head", tmp_path / "none")
    with pytest.raises(CommandError, match="can't be written"):
        run("--save-head", tmp_path / "none" / "head")
