"""Sportradar's API: what it tells, and what it says when it does not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.models import FeedAccount
from feeds.sportradar import accounts
from feeds.sportradar.answers import (
    NotAnAnswer,
    read_account,
    read_message,
    read_producers,
    read_void_reasons,
)
from feeds.sportradar.feed import waits
from feeds.sportradar.rest import Api
from feeds.sportradar.sandbox import Sandbox
from feeds.sportradar.sandbox.faults import Answer, ApiDown, LostAnswer, Slow
from feeds.sportradar.troubles import Busy, Failed, Refused, SportradarTrouble
from tests.feeds.sportradar.live import playing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Sportradar's servers, without a broker."""
    with playing(None) as one:
        yield one


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    """Its API."""
    one = Api(sandbox.api_url, "sandbox", within=2)
    yield one
    one.close()


def test_it_tells_who_we_are(api: Api) -> None:
    who = api.who_am_i()

    assert (who.account.bookmaker_id, who.account.virtual_host) == ("88", "/unifiedfeed/88")
    assert who.account.expires_at
    assert who.ahead is not None
    assert abs(who.ahead) < 2


def test_it_tells_producers_with_their_windows(api: Api) -> None:
    told = {one.number: one for one in api.producers()}

    assert (told[1].code, told[1].recovery_minutes, told[1].is_active) == ("liveodds", 600, True)
    assert (told[3].code, told[3].recovery_minutes) == ("pre", 4320)
    assert not told[17].is_active


def test_it_tells_void_reasons(api: Api) -> None:
    assert api.void_reasons()[15] == "CLIENT_SIDE_SETTLEMENT_NEEDED"


def complaint(ask: Callable[[], Any]) -> SportradarTrouble:
    """Return what goes wrong."""
    with pytest.raises(SportradarTrouble) as caught:
        ask()
    return caught.value


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (Answer(status=500), Failed, "Sportradar's API failed (500)."),
        (Answer(status=404), Refused, "Sportradar's API refuses (404)."),
        (Answer(status=429), Busy, "Sportradar's API was asked too often (429)."),
        (Answer(status=302), SportradarTrouble, "Sportradar sends us elsewhere (302)"),
        (Answer(status=200, body="<html/>"), SportradarTrouble, "It names no bookmaker."),
        (Answer(status=200, body="no"), SportradarTrouble, "It is not XML"),
        (LostAnswer(), SportradarTrouble, "it cut the connection"),
        (Slow(seconds=5), SportradarTrouble, "no answer came in time"),
        (ApiDown(), Failed, "Sportradar's API failed (503)."),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, str) else "",
)
def test_what_goes_wrong_is_told(
    sandbox: Sandbox, api: Api, fault: Any, kind: type[SportradarTrouble], sentence: str
) -> None:
    sandbox.fault(fault)

    found = complaint(api.who_am_i)

    assert isinstance(found, kind)
    assert sentence in str(found)


def test_a_wrong_token_and_an_address_that_is_not_allowed_are_told(sandbox: Sandbox) -> None:
    wrong = complaint(Api(sandbox.api_url, "wrong").who_am_i)
    sandbox.options = type(sandbox.options)(blocked=True)
    blocked = complaint(Api(sandbox.api_url, "sandbox").who_am_i)

    for one in (wrong, blocked):
        assert accounts.is_refusal(one)
        assert "does not take our token, or not from this address (403)" in str(one)
        assert "Check UOF_TOKEN, whether it has expired" in str(one)
    assert str(wrong) != str(blocked), "What it says itself is shown."


def test_the_token_is_sent_to_nobody_else_and_stands_in_no_sentence(sandbox: Sandbox) -> None:
    secret = "a-very-secret-token"
    sandbox.fault(Answer(status=302))

    assert secret not in str(complaint(Api(sandbox.api_url, secret).who_am_i))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>" * 100_000,
    ],
)
@pytest.mark.parametrize("read", [read_account, read_producers, read_void_reasons])
def test_what_is_no_answer_is_refused(raw: bytes, read: Callable[[bytes], Any]) -> None:
    with pytest.raises(NotAnAnswer):
        read(raw)
    assert read_message(raw) == ""


def test_a_producer_without_a_window_tells_three_days() -> None:
    raw = b'<producers><producer id="4"/><producer id="x"/><producer id="5" active="false" \
        stateful_recovery_window_in_minutes="-7" api_url="https://a/v1/premium/"/></producers>'

    first, second = read_producers(raw)

    assert (first.number, first.code, first.recovery_minutes, first.is_active) == (
        4,
        "",
        4320,
        True,
    )
    assert (second.code, second.recovery_minutes, second.is_active) == ("premium", 4320, False)


def account(**words: Any) -> FeedAccount:
    """Return an account that is well, but for these words."""
    return FeedAccount(feed="sportradar", **({"expires_at": NOW + timedelta(days=200)} | words))


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        ({}, ""),
        ({"expires_at": None}, ""),
        ({"expires_at": NOW + timedelta(days=15)}, ""),
        (
            {"expires_at": NOW + timedelta(days=13, hours=1)},
            "Sportradar's token expires in 13 days, on 2026-12-05 13:00 UTC: renew UOF_TOKEN "
            "before.",
        ),
        (
            {"expires_at": NOW - timedelta(days=1)},
            "Sportradar's token expired on 2026-11-21: renew UOF_TOKEN.",
        ),
        ({"clock_ahead_ms": 2000}, ""),
        ({"clock_ahead_ms": 3000}, "Our clock is 3 s ahead of Sportradar's: set it right."),
        (
            {"clock_ahead_ms": -6000},
            "Our clock is 6 s behind Sportradar's: set it right. That is too much: recoveries may "
            "leave something out.",
        ),
    ],
)
def test_people_are_warned_in_time(words: dict[str, Any], warning: str) -> None:
    assert accounts.warning(account(**words), NOW) == warning


@pytest.mark.parametrize(("depth", "warns"), [(None, False), (4999, False), (5000, True)])
def test_a_queue_that_grows_is_told(depth: int | None, warns: bool) -> None:
    assert bool(waits(depth)) == warns
