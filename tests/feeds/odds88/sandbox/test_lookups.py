"""The endpoints beside the feed: login, a bet, its settlement, cancel, cash-out."""

import time
from decimal import Decimal

import pytest
import requests

from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.bodies import Bet, Ending, Pick, Result, ResultType
from feeds.odds88.sandbox.faults import Answer, Body
from feeds.odds88.sandbox.options import Unknown
from tests.feeds.odds88.sandbox.clients import Client, bets, token
from tests.feeds.odds88.sandbox.messages import said

SINGLE = Bet(
    bet_id="bet-1",
    player="plr-1",
    value=100_000,
    precision=4,
    currency="SEK",
    rate=Decimal("0.0874125874125874125874125874"),
    selections=(Pick(event=41001, market=730055, selection="880017", price=Decimal("2.5")),),
)
PATH = "/api/players/plr-1/Bets/bet-1"


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    """Somebody with a token, and a single of 10.00 SEK at 2.50."""
    sandbox.bet(SINGLE)
    return Client(sandbox, "websocket")


def until_settled(client: Client) -> requests.Response:
    """Return the look-up of a settlement as soon as there is one."""
    deadline = time.monotonic() + 5
    while (answer := client.get(f"{PATH}/settlements")).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return answer


def test_a_login_gives_a_token_as_bare_text(sandbox: Sandbox) -> None:
    given = token(sandbox)

    assert given.count(".") == 2
    assert sandbox.counts["logins"] == 1


def test_a_token_can_come_as_a_json_string(sandbox: Sandbox) -> None:
    sandbox.options = Options(json_token=True)

    given = token(sandbox)

    assert (given[0], given[-1], given.count(".")) == ('"', '"', 2)


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ({"clientId": "sandbox", "password": "wrong"}, 401),
        ({"clientId": "wrong", "password": "sandbox"}, 401),
        ({"clientId": "sandbox"}, 400),
        ([], 400),
    ],
)
def test_a_wrong_login_is_refused(sandbox: Sandbox, credentials: object, status: int) -> None:
    answer = requests.post(f"{sandbox.api_url}/api/Account/login", json=credentials, timeout=5)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert sandbox.counts["logins"] == 0


def test_a_sixth_login_in_a_second_is_refused(sandbox: Sandbox) -> None:
    for _ in range(5):
        token(sandbox)

    with pytest.raises(requests.HTTPError) as refused:
        token(sandbox)

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    assert sandbox.counts["refused_login"] == 1


@pytest.mark.parametrize("path", [PATH, f"{PATH}/settlements", "/api/Dictionary/reject-reasons"])
def test_nothing_is_answered_without_a_token(client: Client, path: str) -> None:
    client.headers = {}

    assert client.get(path).status_code == 401
    assert client.sandbox.counts["refused_token"] == 1


def test_an_accepted_bet_is_shown(client: Client) -> None:
    shown = client.get(PATH).json()

    created_at = shown.pop("createdAt")
    assert created_at.endswith("Z")
    assert shown == {
        "requestId": "bet-1",
        "resultType": 2,
        "rejectInfo": None,
        "acceptedBet": {
            "id": "plr-1:bet-1",
            "player": {"id": "plr-1"},
            "amount": {"currency": "SEK", "value": 100_000, "precision": 4},
            "kind": 0,
            "priceChange": 1,
            "items": [{"selectionId": 880017, "price": 2.5}],
        },
        "cancellationStatus": None,
        "betProcessor": 1,
    }


def test_a_rejected_bet_says_why(client: Client) -> None:
    rejected = ResultType.REJECTED
    bet = Bet(bet_id="bet-2", player="plr-1", value=1, result_type=rejected, reject_reason=61)
    client.sandbox.bet(bet)

    shown = client.get("/api/players/plr-1/Bets/bet-2").json()

    assert (shown["resultType"], shown["rejectInfo"]["reason"]) == (3, 61)
    assert shown["acceptedBet"] is None


def test_a_settlement_is_shown_in_the_shape_of_the_look_up(client: Client) -> None:
    pushed = client.sandbox.settle("bet-1", Ending(Result.WIN))

    found = client.get(f"{PATH}/settlements").json()

    assert pushed["settlementTime"][-1] == "Z"
    assert "settlementTime" not in found
    assert found["betId"] == "plr-1:bet-1"
    assert (found["betSettlement"], found["payoutMultiplier"], found["payout"]) == (1, 2.5, 25)
    assert found["amount"] == 0.8741258741258742
    [item] = found["selections"]
    assert item["settlement"]["settlementResult"] == 1
    assert item["settlement"]["settlementVersion"] == 1
    assert not {"eachWayPrice", "placeDeadHeatFactor", "manualPrice", "type"} & set(item)


def test_a_placed_bet_is_a_won_one_for_the_look_up(client: Client) -> None:
    client.sandbox.settle("bet-1", Ending(Result.PLACE_WIN, multiplier=Decimal("1.25")))

    assert client.get(f"{PATH}/settlements").json()["betSettlement"] == 1


def test_a_settlement_that_the_feed_never_told_can_be_looked_up(client: Client) -> None:
    client.sandbox.settle_unheard("bet-1", Ending(Result.LOSE))

    assert client.get(f"{PATH}/settlements").json()["betSettlement"] == 2
    assert client.sandbox.counts["messages_pushed"] == 0


def test_an_older_message_does_not_change_the_look_up(client: Client) -> None:
    client.sandbox.settle("bet-1", Ending(Result.WIN))
    client.sandbox.push(said("plr-1:bet-1", 60, betSettlement=2))

    assert client.get(f"{PATH}/settlements").json()["betSettlement"] == 1


@pytest.mark.parametrize("path", ["plr-1/Bets/bet-9", "plr-9/Bets/bet-1"])
@pytest.mark.parametrize("tail", ["", "/settlements"])
@pytest.mark.parametrize(
    ("how", "status", "empty"),
    [
        (Unknown.BAD_REQUEST, 400, False),
        (Unknown.NOT_FOUND, 404, False),
        (Unknown.EMPTY, 200, True),
        (Unknown.ERROR, 500, False),
    ],
)
def test_an_unknown_bet_is_answered_in_each_way(
    client: Client, path: str, tail: str, how: Unknown, status: int, empty: bool
) -> None:
    client.sandbox.options = Options(unknown=how)

    answer = client.get(f"/api/players/{path}{tail}")

    assert (answer.status_code, answer.content == b"") == (status, empty)


def test_an_open_bet_has_no_settlement(client: Client) -> None:
    assert client.get(f"{PATH}/settlements").status_code == 400

    client.sandbox.options = Options(unsettled=Unknown.NOT_FOUND)
    assert client.get(f"{PATH}/settlements").status_code == 404


def test_a_cancel_is_decided_later_and_refunded_on_the_feed(client: Client) -> None:
    client.sandbox.options = Options(cancel_after=0.2)
    with client.receive() as stream:
        answer = client.post(f"{PATH}/cancel", {"reason": 3})
        client.post(f"{PATH}/cancel", {"reason": 3})

        assert (answer.status_code, answer.content) == (200, b"")
        assert client.get(PATH).json()["cancellationStatus"] is None
        [refund] = bets(stream, 1)
    assert (refund["isCancelled"], refund["betSettlement"], refund["payout"]) == (True, 3, 10)
    assert client.get(PATH).json()["cancellationStatus"] == {"status": 1, "message": None}
    assert client.sandbox.counts["messages_pushed"] == 1


def test_a_settled_bet_is_not_cancelled(client: Client) -> None:
    client.sandbox.settle("bet-1", Ending(Result.LOSE))
    client.post(f"{PATH}/cancel", {"reason": 2})
    time.sleep(0.1)

    status = client.get(PATH).json()["cancellationStatus"]
    assert status == {"status": 2, "message": "The bet is settled."}
    assert client.sandbox.counts["messages_pushed"] == 1


@pytest.mark.parametrize("body", [{"reason": 1}, {"reason": "2"}, {}])
def test_a_cancel_without_a_known_reason_is_refused(
    client: Client, body: dict[str, object]
) -> None:
    assert client.post(f"{PATH}/cancel", body).status_code == 400
    assert client.get(PATH).json()["cancellationStatus"] is None


@pytest.mark.parametrize(("pays", "paid"), [(None, 12.34), (Decimal("11.5"), 11.5)])
def test_a_cash_out_comes_by_the_feed(client: Client, pays: Decimal | None, paid: float) -> None:
    client.sandbox.options = Options(cash_out_pays=pays)
    with client.receive() as stream:
        answer = client.post(f"{PATH}/cashOut", {"cashOutAmount": 12.34})

        assert (answer.status_code, answer.content) == (204, b"")
        [cashed] = bets(stream, 1)
    assert (cashed["betSettlement"], cashed["payout"]) == (6, paid)
    assert until_settled(client).json()["betSettlement"] == 6


def test_a_bet_is_cashed_out_once(client: Client) -> None:
    client.post(f"{PATH}/cashOut", {"cashOutAmount": 1})
    until_settled(client)

    assert client.post(f"{PATH}/cashOut", {"cashOutAmount": 1}).status_code == 400
    assert client.sandbox.counts["messages_pushed"] == 1


def test_a_cash_out_of_an_unknown_bet_says_so(client: Client) -> None:
    answer = client.post("/api/players/plr-9/Bets/bet-1/cashOut", {"cashOutAmount": 1})

    assert (answer.status_code, answer.json()["detail"]) == (404, "Bet not found for player.")


@pytest.mark.parametrize("amount", [0, -1, "ten", None])
def test_a_cash_out_of_nothing_is_refused(client: Client, amount: object) -> None:
    assert client.post(f"{PATH}/cashOut", {"cashOutAmount": amount}).status_code == 400
    assert client.sandbox.counts["messages_pushed"] == 0


def test_players_can_be_held_to_their_alphabet(client: Client) -> None:
    client.sandbox.options = Options(strict_players=True)

    assert client.get(PATH).status_code == 400


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (Body.HTML, b"<!doctype html>"),
        (Body.LIST, b"[1,2,3]"),
        (Body.EMPTY, b""),
        (Body.TEXT, b"OK"),
    ],
)
def test_an_answer_can_have_another_shape(client: Client, body: Body, content: bytes) -> None:
    client.sandbox.fault(Answer(path="/api/players", status=200, body=body))

    answer = client.get(PATH)

    assert (answer.status_code, answer.content[:15]) == (200, content)
    assert client.get(PATH).json()["requestId"] == "bet-1"


def test_look_ups_are_counted_by_path_and_status(client: Client) -> None:
    client.sandbox.fault(Answer(path="/api/players", status=429, times=2))
    for _ in range(3):
        client.get(PATH)
    client.get("/api/Dictionary/reject-reasons")
    client.get("/api/elsewhere")

    assert client.sandbox.counts["lookups"] == {
        "POST /api/Account/login": {"200": 1},
        "GET /api/players/{playerId}/Bets/{requestId}": {"429": 2, "200": 1},
        "GET /api/Dictionary/reject-reasons": {"200": 1},
        "GET other": {"404": 1},
    }


def test_a_method_that_is_not_meant_is_refused(client: Client) -> None:
    assert client.post(PATH, {}).status_code == 405
    assert client.get("/api/Account/login").status_code == 405
