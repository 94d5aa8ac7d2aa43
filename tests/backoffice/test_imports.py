"""Players from a file: run again at will, and each bad line told by its number."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import FundedPlayer
from wallet.models import Account, Player, Transfer

Import = Callable[..., tuple[int, str, str]]

ADA = '{"player": "I-1", "currency": "EUR", "name": "Ada Abel", "deposit": 12.50}'
BOB = '{"player": "I-2", "currency": "JPY", "name": "Bob Brandt", "deposit": "1500"}'


@pytest.fixture
def imported(db: None, tmp_path: Path) -> Import:
    """A function that imports lines; returns exit code, what was printed and the complaints."""

    def run(*lines: str | bytes, words: tuple[str, ...] = ()) -> tuple[int, str, str]:
        file = tmp_path / "players.jsonl"
        file.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
        said, complained = io.StringIO(), io.StringIO()
        try:
            call_command("import_players", str(file), *words, stdout=said, stderr=complained)
        except SystemExit as end:
            return int(end.code or 0), said.getvalue(), complained.getvalue()
        return 0, said.getvalue(), complained.getvalue()

    return run


def counted() -> tuple[int, int, int]:
    """Return how many players, players' accounts and transfers there are."""
    accounts = Account.objects.filter(player__isnull=False)
    return Player.objects.count(), accounts.count(), Transfer.objects.count()


def held(player: str) -> list[tuple[str, int | None]]:
    """Return what a player holds, by currency."""
    accounts = Account.objects.filter(player__external_id=player).order_by("currency_id")
    return list(accounts.values_list("currency_id", "balance"))


def test_new_players_come_with_what_they_hold(imported: Import) -> None:
    code, said, complained = imported(ADA, BOB, '{"player": "I-3", "currency": "EUR"}')

    assert (code, complained) == (0, "")
    assert said == (
        "3 lines: 3 new players, 2 deposits posted, 0 posted before, 0 lines refused.\n"
    )
    assert held("I-1") == [("EUR", 1250)]
    assert held("I-2") == [("JPY", 1500)]
    assert held("I-3") == [("EUR", 0)]
    row = Transfer.objects.get(key="import:EUR:I-1")
    assert (row.kind, row.actor, row.reason) == ("DEPOSIT", "import:players", "OPENING_BALANCE")
    assert row.note == "Opening balance from a file"


def test_the_same_file_again_doubles_nothing(imported: Import) -> None:
    imported(ADA, BOB)

    code, said, _ = imported(ADA, BOB)

    assert code == 0
    assert said == (
        "2 lines: 0 new players, 0 deposits posted, 2 posted before, 0 lines refused.\n"
    )
    assert (counted(), held("I-1")) == ((2, 2, 2), [("EUR", 1250)])


def test_an_opening_balance_that_was_changed_is_refused(imported: Import) -> None:
    imported(ADA, BOB)

    code, said, complained = imported(BOB, ADA.replace("12.50", "99.00"))

    assert code == 1
    assert complained == (
        "line 2: The key “import:EUR:I-1” was already used for a different transfer.\n"
    )
    assert "1 posted before, 1 lines refused." in said
    assert held("I-1") == [("EUR", 1250)]


def line(**changes: object) -> str:
    """Return a good line, but for `changes`."""
    return json.dumps({"player": "I-9", "currency": "EUR", "deposit": "1.00"} | changes)


@pytest.mark.parametrize(
    ("what", "bad", "reason"),
    [
        ("an unknown currency", line(currency="XQQ"), "There is no currency “XQQ” here."),
        ("a currency in small letters", line(currency="eur"), "There is no currency “eur” here."),
        ("no JSON", "player;currency", "JSON is malformed"),
        ("half a line", '{"player": "I-9", ', "Input data was truncated"),
        ("another shape", "[1, 2]", "Expected `object`, got `array`"),
        ("no currency", '{"player": "I-9"}', "missing required field `currency`"),
        ("an unknown field", line(bonus=5), "unknown field `bonus`"),
        ("a number for a name", line(name=5), "Expected `str`, got `int`"),
        ("a negative deposit", line(deposit="-5.00"), "A deposit can't be negative: -5.00."),
        ("a third place", line(deposit="1.001"), "more decimal places than EUR holds (2)."),
        ("half a yen", line(currency="JPY", deposit="0.5"), "than JPY holds (0)."),
        ("text for an amount", line(deposit="ten"), "Invalid decimal string"),
        ("no number at all", line(deposit="NaN"), "“NaN” is not a number."),
        ("more than the ledger holds", line(deposit="1e30"), "The amount is too large for EUR."),
        ("an endless number", line(deposit="1e999999"), "is out of range."),
        ("nobody", line(player="  "), "“player” must have 1 to 100 characters."),
        ("a long id", line(player="p" * 101), "“player” must have 1 to 100 characters."),
        ("a zero byte", line(player="I\0"), "“player” must have 1 to 100 characters."),
        ("a long name", line(name="n" * 201), "“name” is longer than 200 characters."),
        ("half a character", '{"player": "\\ud800", "currency": "EUR"}', ""),
        ("letters of another code", b'{"player": "\xfc", "currency": "EUR"}', "nvalid"),
    ],
)
def test_a_bad_line_changes_nothing_and_the_others_count(
    imported: Import, what: str, bad: str | bytes, reason: str
) -> None:
    code, said, complained = imported(ADA, bad, BOB)

    assert code == 1
    assert complained.startswith("line 2: ")
    assert reason in complained
    assert said == (
        "3 lines: 2 new players, 2 deposits posted, 0 posted before, 1 lines refused.\n"
    )
    assert counted() == (2, 2, 2)


def test_blank_lines_are_passed_over_and_still_numbered(imported: Import) -> None:
    code, said, complained = imported("", ADA, "   ", "{}", "")

    assert complained.startswith("line 4: ")
    assert (code, said.split(":")[0]) == (1, "2 lines")


def test_one_player_may_come_in_two_currencies(imported: Import) -> None:
    imported(ADA, '{"player": "I-1", "currency": "BTC", "deposit": 0.00000001}')

    assert held("I-1") == [("BTC", 1), ("EUR", 1250)]
    assert counted() == (1, 2, 2)


def test_a_line_without_a_name_takes_none_away(imported: Import) -> None:
    imported(ADA, '{"player": "I-1", "currency": "BTC"}')

    assert Player.objects.get().name == "Ada Abel"


def test_a_name_is_brought_up_to_date_and_never_emptied(imported: Import) -> None:
    imported(ADA, BOB)

    imported(ADA.replace("Ada Abel", "Ada Brandt"), BOB.replace("Bob Brandt", ""))

    names = Player.objects.order_by("external_id").values_list("name", flat=True)
    assert list(names) == ["Ada Brandt", "Bob Brandt"]


def test_one_opening_balance_in_a_file_counts_the_other_is_refused(imported: Import) -> None:
    code, _, complained = imported(ADA, ADA.replace("12.50", "7.00"), ADA)

    assert code == 1
    assert [said.split(":")[0] for said in complained.splitlines()] == ["line 2"]
    assert held("I-1") == [("EUR", 1250)]


@pytest.mark.parametrize("status", ["BLOCKED", "CLOSED"])
def test_a_player_who_may_not_pay_in_brings_nothing(imported: Import, status: str) -> None:
    FundedPlayer.create(external_id="I-1", name="Ada Abel", status=status)

    code, _, complained = imported(ADA, BOB)

    assert code == 1
    assert complained == f"line 1: I-1 is {status.lower()}: no deposit is possible.\n"
    assert (held("I-1"), held("I-2")) == ([("EUR", 0)], [("JPY", 1500)])


def test_a_refused_line_leaves_name_and_accounts_as_they_were(imported: Import) -> None:
    FundedPlayer.create(external_id="I-1", name="Ada Abel", status="BLOCKED")

    imported(line(player="I-1", currency="USD", name="Somebody Else"))

    assert Player.objects.get().name == "Ada Abel"
    assert held("I-1") == [("EUR", 0)]


def test_a_dry_run_says_the_same_and_writes_nothing(imported: Import) -> None:
    code, said, complained = imported(ADA, BOB, "{}", words=("--dry-run",))

    assert code == 1
    assert complained.startswith("line 3: ")
    assert said == (
        "Nothing was written. "
        "3 lines: 2 new players, 2 deposits posted, 0 posted before, 1 lines refused.\n"
    )
    assert counted() == (0, 0, 0)


def test_a_program_is_told_in_json(imported: Import) -> None:
    _, said, _ = imported(ADA, line(currency="XQQ"), words=("--json",))

    assert json.loads(said) == {
        "lines": 2,
        "players": 1,
        "deposits": 1,
        "repeated": 0,
        "refused": [{"line": 2, "reason": "There is no currency “XQQ” here."}],
    }


def test_a_file_that_is_not_there_is_told_apart_from_bad_lines(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone can't be read: No such file") as refusal:
        call_command("import_players", str(tmp_path / "gone"))

    assert refusal.value.returncode == 2


def test_an_empty_file_is_no_work(imported: Import) -> None:
    code, said, _ = imported()

    assert (code, said.split(":")[0]) == (0, "0 lines")


def test_one_bad_line_among_many_loses_nothing_else(imported: Import) -> None:
    FundedPlayer.create(external_id="N-1700", status="CLOSED")
    lines = [line(player=f"N-{number}") for number in range(1, 2501)]
    lines[1199] = "nonsense"

    code, said, complained = imported(*lines)

    assert code == 1
    assert [text.split(":")[0] for text in complained.splitlines()] == ["line 1200", "line 1700"]
    assert said == (
        "2500 lines: 2498 new players, 2498 deposits posted, 0 posted before, 2 lines refused.\n"
    )
    assert counted() == (2499, 2499, 2498)
