"""Odds88's endpoints over real sockets: answers, and a sentence for each way to get none."""

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from redis.exceptions import ConnectionError as RedisDown

from feeds.odds88 import tokens
from feeds.odds88.client import Answer, Bet, Client, NotSet, client
from feeds.odds88.sandbox.bodies import Bet as TheirBet
from feeds.odds88.sandbox.faults import Answer as Faulty
from feeds.odds88.sandbox.faults import Body, ExpireTokens, HangUp, Slow
from feeds.odds88.sandbox.options import Unknown
from feeds.odds88.sandbox.server import Sandbox
from feeds.odds88.tokens import Credentials, Tokens
from feeds.odds88.troubles import Busy, Trouble, Unexpected, WrongCredentials
from feeds.odds88.windows import Windows
from tests.feeds.asking import LOGIN, LOOK_UP, change, odds88, settings_for

BET = Bet("P-1", "R-1")


@pytest.fixture
def known(sandbox: Sandbox) -> Sandbox:
    """A server that knows the bet."""
    sandbox.bet(TheirBet(bet_id="R-1", player="P-1", value=1000))
    return sandbox


@contextmanager
def answering(*pieces: bytes, pause: float = 0) -> Iterator[str]:
    """Yield the address of a server that gives a token, and then says this to each request."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            asked = connection.recv(65536)
            if LOGIN.encode() in asked:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntoken")
                return
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=quietly, args=[connection], daemon=True).start()

    def quietly(connection: socket.socket) -> None:
        try:
            serve(connection)
        except OSError:
            return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def client_of(url: str, **words: Any) -> Client:
    """Return a client of some server, that waits for two seconds at most."""
    credentials = Credentials(f"{url}{LOGIN}", "sandbox", "sandbox")
    found = Tokens(credentials, Windows())
    return Client(url=url, tokens=found, paths={}, **{"seconds": 2.0} | words)


def body_of(text: bytes) -> bytes:
    """Return a whole answer with this body."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)


def lookups(sandbox: Sandbox) -> int:
    """Return how many questions about bets the server has heard."""
    return sum(
        times
        for path, by_status in sandbox.counts["lookups"].items()
        for times in by_status.values()
        if "/Bets/" in path
    )


def test_a_bet_is_looked_up_by_its_player_and_our_request(known: Sandbox) -> None:
    answer = client().status(BET)

    assert (answer.status, answer.trouble, answer.tries) == (200, None, 1)
    assert b'"resultType":2' in answer.body
    assert answer.asked.text == "GET /api/players/P-1/Bets/R-1"


def test_ids_are_written_into_the_path_so_that_they_stay_one_part_of_it(sandbox: Sandbox) -> None:
    found = client()

    path = found.path("status", Bet("p#1/../x", "a b?c%2F"))

    assert path == "/api/players/p%231%2F..%2Fx/Bets/a%20b%3Fc%252F"


def test_paths_may_be_others(known: Sandbox) -> None:
    with override_settings(ODDS88_PATHS={"status": "/v9/{request}"}):
        answer = client().status(BET)

    assert answer.asked.path == "/v9/R-1"
    assert answer.trouble == Trouble.UNKNOWN_BET


@pytest.mark.parametrize("missing", ["ODDS88_API_URL", "ODDS88_CLIENT_ID", "ODDS88_PASSWORD"])
def test_without_a_setting_nobody_is_asked(sandbox: Sandbox, missing: str) -> None:
    with (
        override_settings(**{missing: ""}),
        pytest.raises(NotSet, match=f"Odds88 can't be asked here: {missing} not set."),
    ):
        client()


@pytest.mark.parametrize(
    ("how", "trouble", "sentence"),
    [
        ("400", Trouble.UNKNOWN_BET, "Odds88 does not know this bet (400: The bet is not known.)."),
        ("404", Trouble.UNKNOWN_BET, "Odds88 does not know this bet (404: The bet is not known.)."),
        ("500", Trouble.FAILED, "Odds88 failed (500: The bet is not known.)."),
        ("empty", None, ""),
    ],
)
def test_an_unknown_bet_may_be_answered_in_four_ways(
    sandbox: Sandbox, how: str, trouble: Trouble | None, sentence: str
) -> None:
    change(sandbox, unknown=Unknown(how))

    answer = client().status(BET)

    assert (answer.trouble, answer.sentence) == (trouble, sentence)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_is_asked_again(known: Sandbox, status: int) -> None:
    known.fault(Faulty(status=status, path=LOOK_UP, times=2))

    answer = client().status(BET)

    assert (answer.status, answer.tries, answer.trouble) == (200, 3, None)


def test_nobody_is_asked_for_ever(known: Sandbox) -> None:
    known.fault(Faulty(status=503, path=LOOK_UP, times=0))

    answer = client().status(BET)

    assert (answer.status, answer.tries) == (503, 4)
    assert answer.sentence == "Odds88 failed (503: As the sandbox was told.)."


def test_a_busy_server_is_asked_again_when_it_wants_to_be(known: Sandbox) -> None:
    known.fault(Faulty(status=429, retry_after=1, path=LOOK_UP))

    answer = client().status(BET)

    assert (answer.status, answer.tries) == (200, 2)
    assert answer.duration >= 1


def test_nobody_waits_longer_than_he_has_time(known: Sandbox) -> None:
    known.fault(Faulty(status=429, retry_after=60, path=LOOK_UP))

    answer = client().status(BET)

    assert (answer.tries, answer.trouble) == (1, Trouble.BUSY)
    assert answer.duration < 10
    assert answer.sentence.startswith("Odds88 asks us to wait")


def test_a_slow_answer_is_not_waited_for(known: Sandbox) -> None:
    known.fault(Slow(seconds=20, path=LOOK_UP))

    answer = client_of(known.api_url, seconds=0.5).status(BET)

    assert answer.trouble == Trouble.TIMED_OUT
    assert 0.4 < answer.duration < 10
    assert answer.sentence.startswith("Odds88 can't be reached: no answer came in time (127.0.0.1")


def test_an_answer_that_drips_is_not_waited_for(db: None) -> None:
    drops = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"{"] * 100]
    with answering(*drops, pause=0.1) as url:
        answer = client_of(url, seconds=1.0).status(BET)

    assert answer.trouble == Trouble.TIMED_OUT
    assert answer.duration < 5


def test_a_connection_that_is_cut_is_tried_again(known: Sandbox) -> None:
    known.fault(HangUp(path=LOOK_UP))

    answer = client().status(BET)

    assert (answer.status, answer.tries) == (200, 2)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1", "it refuses the connection (127.0.0.1:1)"),
        ("http://nowhere.invalid", "its name is not known (nowhere.invalid)"),
    ],
)
def test_it_is_said_why_nobody_answers(
    url: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    answer = client_of(url).status(BET)

    assert answer.trouble == Trouble.UNREACHABLE
    assert answer.sentence == f"Odds88 can't be reached: {reason}."


def test_a_server_without_tls_is_not_spoken_to_over_https() -> None:
    with answering(b"") as url:
        answer = client_of(url.replace("http://", "https://")).status(BET)

    assert answer.sentence.startswith("Odds88 can't be reached: it does not speak TLS")


def test_a_certificate_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ssl.SSLCertVerificationError("self-signed certificate")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", refuse)
    with answering(b"") as url:
        answer = client_of(url.replace("http://", "https://")).status(BET)

    assert answer.sentence.startswith("Odds88 can't be reached: its certificate is not valid")


@pytest.mark.parametrize(
    ("piece", "sentence"),
    [
        (body_of(b"<html>Maintenance</html>"), "Odds88 answered with a page instead of data."),
        (
            body_of(b"x" * (2**20 + 1)),
            "Odds88's answer is longer than 1 MiB.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
            "Odds88's answer is packed, which we did not ask for.",
        ),
    ],
)
def test_what_is_no_answer_is_none(piece: bytes, sentence: str) -> None:
    with answering(piece) as url:
        answer = client_of(url).status(BET)

    assert (answer.trouble, answer.sentence) == (Trouble.UNREADABLE, sentence)


def test_an_answer_in_chunks_is_read_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(head, b'3\r\n{"a\r\n', b'5\r\n": 1}\r\n0\r\n\r\n', pause=0.05) as url:
        answer = client_of(url).status(BET)

    assert (answer.body, answer.trouble) == (b'{"a": 1}', None)


def test_our_token_goes_to_no_other_place(known: Sandbox) -> None:
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.5)
    port = listener.getsockname()[1]
    known.fault(
        Faulty(status=302, location=f"http://127.0.0.1:{port}/x", path=LOOK_UP, body=Body.EMPTY)
    )

    answer = client().status(BET)

    with listener, pytest.raises(TimeoutError):
        heard.append(listener.accept()[0].recv(100))
    assert heard == []
    assert answer.sentence == (
        f"Odds88 sends us elsewhere (302 to 127.0.0.1:{port}), which we don't follow: "
        "ODDS88_API_URL must name where it answers itself."
    )


def test_a_cash_out_is_asked_for_with_an_exact_number(known: Sandbox) -> None:
    answer = client().cash_out(BET, amount=Decimal("12.30"))

    assert (answer.status, answer.trouble) == (204, None)
    assert answer.asked.text == 'POST /api/players/P-1/Bets/R-1/cashOut {"cashOutAmount":12.30}'


@pytest.mark.parametrize("fault", [Faulty(status=503, path=LOOK_UP), HangUp(path=LOOK_UP)])
def test_what_changes_something_is_asked_once(known: Sandbox, fault: Any) -> None:
    known.fault(fault)

    answer = client().cash_out(BET, amount=Decimal("12.30"))

    assert (answer.tries, answer.trouble is not None) == (1, True)
    assert answer.sentence.endswith(
        "Nobody knows whether Odds88 took it: look the bet up before you ask again."
    )


def test_what_was_not_taken_for_being_too_much_is_asked_again(known: Sandbox) -> None:
    known.fault(Faulty(status=429, retry_after=0, path=LOOK_UP))

    answer = client().cancel(BET, reason=3)

    assert (answer.status, answer.tries) == (200, 2)


def test_a_refused_wish_is_not_an_unknown_bet(known: Sandbox) -> None:
    answer = client().cash_out(BET, amount=Decimal(0))

    assert answer.trouble == Trouble.REFUSED
    assert answer.sentence == "Odds88 refuses this (400: cashOutAmount is not more than 0.)."


def test_one_login_serves_many_questions(known: Sandbox) -> None:
    for _ in range(3):
        assert client().status(BET).trouble is None

    assert known.counts["logins"] == 1


@pytest.mark.parametrize("json_token", [False, True])
def test_a_token_may_come_bare_or_as_json(known: Sandbox, json_token: bool) -> None:
    change(known, json_token=json_token)

    assert client().status(BET).trouble is None


def test_a_token_that_expired_in_between_is_renewed_once(known: Sandbox) -> None:
    client().status(BET)
    known.fault(ExpireTokens())

    answer = client().status(BET)

    assert (answer.status, answer.tries) == (200, 1)
    assert known.counts["logins"] == 2


def test_a_token_that_is_never_taken_is_said(known: Sandbox) -> None:
    known.fault(Faulty(status=401, path=LOOK_UP, times=0))

    answer = client().status(BET)

    assert answer.trouble == Trouble.CREDENTIALS
    assert answer.sentence == "Odds88 does not take our token (401), though it is a new one."
    assert known.counts["logins"] == 2


def test_a_token_is_renewed_before_it_is_too_old(
    known: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    client().status(BET)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 0.94 * 86400)
    client().status(BET)
    assert known.counts["logins"] == 1

    monkeypatch.setattr(time, "time", lambda: now + 0.96 * 86400)
    client().status(BET)
    assert known.counts["logins"] == 2


def test_a_wrong_password_is_said(sandbox: Sandbox) -> None:
    with override_settings(ODDS88_PASSWORD="wrong"):
        answer = client().status(BET)

    assert answer.trouble == Trouble.CREDENTIALS
    assert answer.sentence.startswith("Odds88 does not let us in (401): ODDS88_CLIENT_ID or")
    assert "wrong," not in answer.sentence.replace("is wrong,", "")


def test_another_password_is_no_reason_to_use_a_token_that_is_there(known: Sandbox) -> None:
    client().status(BET)

    with override_settings(ODDS88_PASSWORD="wrong"):
        answer = client().status(BET)

    assert answer.trouble == Trouble.CREDENTIALS


def test_credentials_are_not_shown() -> None:
    shown = repr(Credentials("https://odds88", "we", "secret"))

    assert "secret" not in shown


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"token":"x"}', b"two words", "té".encode()])
def test_what_is_no_token_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(Unexpected, match="is no token"):
        tokens.bare_token(body)


def test_the_cache_may_be_down(known: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise RedisDown("gone")

    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(type(cache), name, down, raising=False)
        monkeypatch.setattr(cache._connections[cache._alias], name, down)  # type: ignore[attr-defined]

    assert client().status(BET).trouble is None
    assert client().status(BET).trouble is None

    assert known.counts["logins"] == 1


def test_many_at_once_log_in_once(known: Sandbox) -> None:
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client().status(BET))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.trouble for answer in answers] == [None] * 8
    assert known.counts["logins"] == 1


ASK = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
django.setup()
from feeds.odds88.client import Bet, client
assert client().status(Bet("P-1", "R-1")).trouble is None
"""


def test_processes_share_a_token(known: Sandbox) -> None:
    named = {name: str(value) for name, value in settings_for(known).items()}
    running = [
        subprocess.Popen([sys.executable, "-c", ASK], env=os.environ | named) for _ in range(2)
    ]

    assert [process.wait() for process in running] == [0, 0]
    assert client().status(BET).trouble is None
    assert known.counts["logins"] == 1


def test_a_process_logs_in_five_times_a_second_at_most(known: Sandbox) -> None:
    found = Tokens(Credentials(f"{known.api_url}{LOGIN}", "sandbox", "sandbox"), Windows())
    began, token = time.monotonic(), ""

    for _ in range(6):
        token = found.renew(token)

    assert time.monotonic() - began >= 0.9
    assert known.counts["logins"] == 6


def test_whoever_must_wait_to_log_in_is_told_for_how_long(sandbox: Sandbox) -> None:
    sandbox.fault(Faulty(status=429, retry_after=7, path=LOGIN))

    with pytest.raises(Busy) as refused:
        client().tokens.token()

    assert refused.value.retry_after == 7


def test_a_login_that_answers_with_a_page_is_no_login(sandbox: Sandbox) -> None:
    sandbox.fault(Faulty(status=200, body=Body.HTML, path=LOGIN))

    with pytest.raises(Unexpected):
        client().tokens.token()


def test_a_login_that_is_refused_leaves_room_for_the_next(sandbox: Sandbox) -> None:
    with override_settings(ODDS88_PASSWORD="wrong"), pytest.raises(WrongCredentials):
        client().tokens.token()

    with odds88() as other:
        assert client().tokens.token()
        assert other.counts["logins"] == 1
