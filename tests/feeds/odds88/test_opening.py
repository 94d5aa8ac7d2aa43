"""What a refusal of the feed means, for an operator."""

import ssl

import pytest
import requests

from feeds.odds88.http_pipe import HttpPipe
from feeds.odds88.opening import Unreached, Where, refusal

HOST = "feed.example"


@pytest.mark.parametrize(
    ("what", "status", "body", "sentence"),
    [
        ("a problem", 401, b'{"title":"Unauthorized","status":401,"detail":"It is too old."}',
         "The token is not accepted (401: It is too old.)."),
        ("a problem's title", 429, b'{"title":"Too Many Requests"}',
         "Too many connections were made (429: Too Many Requests)."),
        ("a text", 503, b"try later", "feed.example could not answer (503: try later)."),
        ("a page", 502, b"<html>", "feed.example could not answer (502)."),
        ("nothing", 404, b"", "There is no feed at this address (404)."),
        ("no status of HTTP's", 799, b"\x00", "feed.example could not answer (799)."),
        ("somewhere else", 302, b"",
         "feed.example sends us elsewhere (302), where our token must not go."),
        ("no stream", 200, b"<html>",
         "feed.example answered with a page, not with the feed: is the address right?"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_sentence(what: str, status: int, body: bytes, sentence: str) -> None:
    assert str(refusal(HOST, status, "", body)) == sentence


@pytest.mark.parametrize(("said", "seconds"), [("30", 30.0), ("", None), ("tomorrow", None)])
def test_a_refusal_may_say_for_how_long(said: str, seconds: float | None) -> None:
    assert refusal(HOST, 429, said, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("cause", "counted", "sentence"),
    [
        (ConnectionRefusedError(), False, "feed.example refuses connections: is the "
         "server down, or the address wrong?"),
        (ssl.SSLCertVerificationError(1, "it is somebody else's"), False,
         "feed.example can't be trusted: "),
        (ssl.SSLError(1, "bad record"), True, "feed.example ended the connection before"),
        (ConnectionResetError(), True, "feed.example ended the connection before it answered."),
    ],
)  # fmt: skip
def test_only_what_never_reached_the_provider_is_not_counted(
    cause: OSError, counted: bool, sentence: str
) -> None:
    pipe = object.__new__(HttpPipe)
    pipe.where = Where("https://feed.example", 0, "token", 15, 5)
    error = requests.exceptions.ConnectionError("failed")
    error.__cause__ = cause

    told = pipe.trouble(error)

    assert isinstance(told, Unreached) is not counted
    assert str(told).startswith(sentence)
