"""The samples of LSports' documentation, replayed with a ticket on each of their bets."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from feeds.lsports.parser import parse
from feeds.lsports.translate import read
from settlement.said import Unreadable
from tests.factories import FundedPlayer
from tests.feeds.lsports import SAMPLES, sample
from tests.feeds.lsports.trade import asked, bring, payout, single, sound

WIN, LOSE = ("SETTLED", "WIN", "25.00"), ("SETTLED", "LOSE", "0.00")

BETS = {
    "settlement_1x2.json": ("24605698", "1", {
        "30713932524605698": LOSE, "92291723224605698": WIN, "9614520224605698": LOSE}),
    "settlement_under_over.json": ("24605720", "2", {
        "101499058224605720": LOSE, "92513425824605720": WIN}),
    "settlement_under_over.xml": ("3882981", "2", {
        "20803443503882981": LOSE, "2907588603882981": WIN}),
    "outright_settlement.json": ("16247002", "160", {
        "213192246116247002": LOSE, "79468465916247002": LOSE, "214136128916247002": LOSE,
        "226171316247002": WIN, "129824486016247002": LOSE, "4301299916247002": LOSE}),
    "outright_settlement.xml": ("9796448", "274", {
        "20640952969796448": LOSE, "7676415399796448": LOSE}),
}  # fmt: skip
SURPLUS = ("settlement_1x2.json", "settlement_under_over.json")


@pytest.mark.parametrize("name", BETS)
def test_a_documented_message_settles_each_of_its_bets(
    player: FundedPlayer, tmp_path: Path, name: str
) -> None:
    fixture, market, expected = BETS[name]
    bring(*[single(player, f"T-{ref}", event=fixture, market=market, outcome=ref)
            for ref in expected])  # fmt: skip
    path = tmp_path / name
    path.write_bytes(repaired(name))

    call_command("replay", "lsports", path)

    assert {ref: payout(f"T-{ref}") for ref in expected} == expected
    won = sum(25 for ended in expected.values() if ended == WIN)
    assert player.balance == f"{100 - 10 * len(expected) + won}.00"
    assert (asked(), sound()) == ([], True)


def repaired(name: str) -> bytes:
    """Return a sample without the brace that two of them carry too many."""
    raw = sample(name)
    return raw.rstrip()[:-1] if name in SURPLUS else raw


@pytest.mark.parametrize("name", SURPLUS)
def test_the_brace_too_many_is_named(name: str) -> None:
    with pytest.raises(Unreadable, match="It is not JSON: JSON is malformed: trailing characters"):
        parse(sample(name))


def test_every_file_is_a_sample() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(BETS)


def test_bookmakers_markets_of_the_sample_are_read_on_request() -> None:
    told = read(repaired("settlement_under_over.json"), providers=True)

    facts = {(one.specifiers, len(one.content.outcomes), len(one.content.opened))
             for one in told.markets}  # fmt: skip
    assert facts == {("", 1, 0), *((f"provider={one}", 1, 0) for one in (8, 13, 74)),
                     *((f"provider={one}", 0, 2) for one in (8, 13, 74))}  # fmt: skip


def test_a_replay_of_all_sorts_of_files(
    player: FundedPlayer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = tmp_path / "day.jsonl"
    bodies = [repaired(name) for name in BETS] + [b'{"Header":{"Type":3},"Body":{}}']
    bodies += [b'{"Header":{"Type":32}}', b"<Header><Type>1</Type></Header><Body/>"]
    lines.write_bytes(b"\n".join(b" ".join(body.split()) for body in bodies))

    call_command("replay", "lsports", lines, "--json")
    first = json.loads(capsys.readouterr().out)
    call_command("replay", "lsports", lines, "--dry-run", "--json")

    assert first == {"stored": 7, "done": 5, "ignored": 3, "parked": 0, "quarantined": 0,
                     "reviews": 0, "tickets_settled": 0}  # fmt: skip
    assert json.loads(capsys.readouterr().out)["readable"] == 8


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (3, "It is odds (type 3), which says nothing of settled bets."),
        (1, "It is a fixture (type 1), which says nothing of settled bets."),
        (99, "It is a message (type 99), which says nothing of settled bets."),
        (35, "It is a settlement (type 35) that names no event."),
        (31, "keep_alive"),
        (32, "heartbeat"),
    ],
)
def test_why_a_message_is_ignored(kind: int, why: str) -> None:
    assert read(b'{"Header":{"Type":%d},"Body":null}' % kind).ignored == why
    assert read(b"<Message><Header><Type>%d</Type></Header></Message>" % kind).ignored == why
