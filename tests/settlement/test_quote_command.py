"""manage.py quote as people and programs run it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.settlement.quoting import Json, bet, leg

PROJECT = Path(__file__).parents[2]
GOOD = json.dumps(bet("single", leg("2.5"), name="good")).encode()


def command(*words: str) -> list[str]:
    return [sys.executable, "manage.py", "quote", *words]


def quote(*words: str, lines: bytes = b"", timeout: int = 60) -> subprocess.CompletedProcess[bytes]:
    """Run the command in an empty environment: it needs no database and no settings."""
    return subprocess.run(
        command(*words), cwd=PROJECT, input=lines, env={}, capture_output=True, timeout=timeout
    )


def answers(done: subprocess.CompletedProcess[bytes]) -> list[Json]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_it_reads_what_is_piped_into_it(words: tuple[str, ...]) -> None:
    done = quote(*words, lines=GOOD + b"\n" + GOOD)

    assert [found["returns"] for found in answers(done)] == ["25.00", "25.00"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_it_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bets.jsonl"
    file.write_bytes(GOOD + b"\r\n")

    done = quote(str(file))

    assert [found["returns"] for found in answers(done)] == ["25.00"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_asked_is_nothing_answered() -> None:
    done = quote(lines=b"\n  \n")

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_bad_line_is_answered_in_its_place_and_the_others_are_priced() -> None:
    bad = b'{"name":"bad","stake":"x"}'

    done = quote(lines=b"\n".join([GOOD, b"", bad, b"\xff\xfe\0", b"[]", GOOD]))

    assert [found.get("line") for found in answers(done)] == [None, 3, 4, 5, None]
    assert answers(done)[1]["name"] == "bad"
    assert [found.get("returns") for found in answers(done)][::4] == ["25.00", "25.00"]
    assert (done.returncode, done.stderr) == (1, b"3 of the lines could not be priced.\n")


def test_answers_keep_the_order_of_thousands_of_lines() -> None:
    lines = [GOOD.replace(b"good", str(number).encode()) for number in range(2500)]
    lines[1999] = b"{}"

    done = quote(lines=b"\n".join(lines))

    expected = [str(number) for number in range(2500)]
    expected[1999] = "None"
    assert [str(found.get("name")) for found in answers(done)] == expected
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("what", "words", "said"),
    [
        ("a file that is not there", ("none.jsonl",), b"none.jsonl can't be read: No such file"),
        ("a folder", ("settlement",), b"settlement can't be read: Is a directory."),
        ("two files", ("a", "b"), b"unrecognized arguments: b"),
        ("an unknown option", ("--fast",), b"unrecognized arguments: --fast"),
    ],
)
def test_a_wrong_call_says_so_and_ends_with_2(
    what: str, words: tuple[str, ...], said: bytes
) -> None:
    done = quote(*words)

    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("deep nesting", b"[" * 40_000 + b"]" * 40_000),
        ("a huge exponent", GOOD[:-1] + b',"x":1e99999999999999999999}'),
    ],
)
def test_an_impossible_line_does_not_stop_the_others(what: str, line: bytes) -> None:
    done = quote(lines=b"\n".join([GOOD, line, GOOD]))

    assert [found.get("returns") for found in answers(done)] == ["25.00", None, "25.00"]
    assert (done.returncode, done.stderr) == (1, b"1 of the lines could not be priced.\n")


def test_a_short_line_never_keeps_it_busy() -> None:
    short = b'{"stake":"1","price":"2","method":"stake_reduction","n":1e99999999}'

    done = quote(lines=b'{"kind":"dead_heat_method","input":' + short + b"}", timeout=10)

    assert done.returncode == 1


def test_a_reader_that_goes_away_ends_it_without_a_traceback() -> None:
    with subprocess.Popen(
        command(),
        cwd=PROJECT,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        _, said = running.communicate((GOOD + b"\n") * 3000, timeout=60)

    assert b"Traceback" not in said


def test_no_input_at_all_is_no_reason_for_a_traceback() -> None:
    done: Any = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" manage.py quote <&-', sys.executable],
        cwd=PROJECT,
        env={},
        capture_output=True,
        timeout=60,
    )

    assert b"Traceback" not in done.stderr
