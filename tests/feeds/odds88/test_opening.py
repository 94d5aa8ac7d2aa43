"""What a refusal of the feed means, for an operator."""

import pytest

from feeds.odds88.opening import refusal

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
