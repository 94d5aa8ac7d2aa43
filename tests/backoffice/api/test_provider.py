"""Look-ups over HTTP: asked now and kept, compared, accepted through a preview; wishes sent."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.test import Client

from backoffice.api import examples, provider_shapes
from feeds.models import LookupCall
from feeds.odds88.troubles import Trouble
from settlement.models import TicketFact
from tests.backoffice.api.asking import Json, by_token, get, post
from tests.backoffice.api.test_acts import API, BATCHES, PREVIEWS, previewed
from tests.backoffice.api.test_schema import names
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.answering import LOST, Odds88, answering, ended
from tests.feeds.words import odds88 as feed_says
from tests.settlement.acting import no_limits, words
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import receive_and_process, state

PROVIDER = f"{API}tickets/O-1/provider/"
ON_O1 = f"{API}tickets/O-1/settlements/"
OPEN = ("OPEN", "NONE", 0, 0)


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P-1, who had 100.00 EUR and bet 10.00 with Odds88, and 10.00 elsewhere."""
    no_limits()
    player = FundedPlayer.create("100.00", external_id="P-1")
    accepted(bet(player, bet_id="O-1", provider="odds88"), bet(player, bet_id="M-1"))
    return player


@pytest.fixture
def odds88() -> Iterator[Odds88]:
    """Odds88, where the bet is accepted and won."""
    with answering(settled_as=ended()) as found:
        yield found


@pytest.fixture
def olga(punter: FundedPlayer) -> Client:
    """An operator."""
    return by_token(UserFactory.create(username="olga", role="Operator"))


@pytest.fixture
def sam(punter: FundedPlayer) -> Client:
    """A senior."""
    return by_token(UserFactory.create(username="sam", role="Senior"))


def looked_up(client: Client) -> Json:
    """Look the ticket up; return what the provider says."""
    status, found = get(client, PROVIDER)
    assert status == 200, found
    return found


def accepting(lookup: Any) -> Json:
    """Return the order to accept an answer."""
    return words("accept_result", "O-1", each={"lookup": lookup})


def test_support_sees_both_sides_and_the_calls_are_kept(
    punter: FundedPlayer, odds88: Odds88
) -> None:
    sue = by_token(UserFactory.create(username="sue", role="Support"))

    found = looked_up(sue)

    calls = list(LookupCall.objects.order_by("id").values_list("id", flat=True))
    assert found["calls"] == calls
    assert found["lookup"] == calls[1]
    assert (found["status"], found["differs"]) == ("accepted", True)
    assert found["fields"] == examples.LOOK_UP["fields"]
    assert found["sentences"] == ["At Odds88 the bet is accepted."]
    assert set(found) == names(provider_shapes.ProviderLookUp) == set(examples.LOOK_UP)
    msgspec.convert(found, provider_shapes.ProviderLookUp)
    assert LookupCall.objects.latest("id").actor == "user:sue"
    assert state("O-1") == OPEN


def test_an_operator_accepts_through_a_preview(
    olga: Client, odds88: Odds88, punter: FundedPlayer
) -> None:
    number = looked_up(olga)["lookup"]

    shown = previewed(olga, accepting(number))
    why = {name: accepting(number)[name] for name in ("act", "reason", "note")}
    status, done = post(olga, why | {"lookup": number, "token": shown["token"]}, ON_O1)

    assert shown["lines"][0]["after"] == {"status": "SETTLED", "result": "WIN", "payout": "25.00"}
    assert (status, done["state"], done["act"]) == (201, "DONE", "ACCEPT_RESULT")
    assert state("O-1") == ("SETTLED", "WIN", 2500, 1)
    assert punter.balance == "105.00"
    assert looked_up(olga)["differs"] is False


def test_it_is_accepted_among_the_batches_and_reversed(
    olga: Client, odds88: Odds88, punter: FundedPlayer
) -> None:
    order = accepting(looked_up(olga)["lookup"])
    status, done = post(olga, order | {"token": previewed(olga, order)["token"]}, BATCHES)
    assert status == 201

    back = f"{BATCHES}{done['id']}/reverse/"
    why = {"reason": "WRONG_RESULT", "note": "It was another bet."}
    token = post(olga, why, back)[1]["token"]
    status, _ = post(olga, why | {"token": token}, back)

    assert status == 201
    assert state("O-1") == ("OPEN", "NONE", 0, 2)
    assert punter.balance == "80.00"


def test_the_same_confirmation_again_is_answered_as_the_first(olga: Client, odds88: Odds88) -> None:
    order = accepting(looked_up(olga)["lookup"])
    confirmed = order | {"token": previewed(olga, order)["token"]}

    first, second = post(olga, confirmed, BATCHES), post(olga, confirmed, BATCHES)

    assert first == second
    assert TicketFact.objects.count() == 1


def test_a_settled_ticket_is_corrected_by_the_difference(
    olga: Client, odds88: Odds88, punter: FundedPlayer
) -> None:
    receive_and_process(feed_says("O-1", "won"))
    odds88.settled_as = ended(**LOST)

    order = accepting(looked_up(olga)["lookup"])
    shown = previewed(olga, order)

    assert shown["lines"][0]["difference"] == "-25.00"
    assert post(olga, order | {"token": shown["token"]}, BATCHES)[0] == 201
    assert state("O-1") == ("SETTLED", "LOSE", 0, 2)


@pytest.mark.parametrize(
    ("trouble", "sentence", "status"),
    [
        (Trouble.TIMED_OUT, "Odds88 did not answer within 10 s.", 504),
        (Trouble.UNREACHABLE, "Odds88 can't be reached: connection refused.", 502),
        (Trouble.CREDENTIALS, "Odds88 does not take our password (401).", 502),
        (Trouble.UNREADABLE, "Odds88 answered with a page instead of data.", 502),
        (Trouble.FAILED, "Odds88 failed (500).", 502),
        (Trouble.BUSY, "Odds88 asks us to wait (429).", 503),
        (Trouble.UNKNOWN_BET, "Odds88 does not know this bet (400).", 409),
        (Trouble.REFUSED, "Odds88 refuses (403).", 409),
    ],
)
def test_a_failure_is_a_problem_with_a_sentence(
    olga: Client, trouble: Trouble, sentence: str, status: int
) -> None:
    with answering(trouble=trouble, sentence=sentence):
        answer = olga.get(PROVIDER)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = msgspec.json.decode(answer.content)
    assert (problem["code"], problem["detail"]) == (trouble.lower(), sentence)
    assert LookupCall.objects.earliest("id").sentence == sentence


def test_the_example_of_no_answer_is_ours(olga: Client) -> None:
    with answering(trouble=Trouble.TIMED_OUT, sentence="Odds88 did not answer within 10 s."):
        assert get(olga, PROVIDER) == (504, examples.NO_ANSWER)


@pytest.mark.parametrize(
    ("bet_id", "status", "detail"),
    [
        ("M-1", 409, "M-1 is no bet of Odds88's: its results come from manual."),
        ("NOPE", 404, "There is no such ticket."),
    ],
)
def test_only_tickets_of_odds88_are_asked_about(
    olga: Client, odds88: Odds88, bet_id: str, status: int, detail: str
) -> None:
    answer = get(olga, f"{API}tickets/{bet_id}/provider/")

    assert (answer[0], answer[1]["detail"]) == (status, detail)
    assert not odds88.asked


def test_without_odds88s_endpoints_nothing_is_asked(olga: Client) -> None:
    status, problem = get(olga, PROVIDER)

    assert (status, problem["code"]) == (409, "not_asked")
    assert not LookupCall.objects.exists()


@pytest.mark.parametrize("method", ["head", "options", "post", "put", "delete"])
def test_only_get_asks(olga: Client, odds88: Odds88, method: str) -> None:
    getattr(olga, method)(PROVIDER)

    assert not odds88.asked


@pytest.mark.parametrize("lookup", [10**9, 0, -1, 10**30])
def test_no_other_look_up_is_accepted(olga: Client, odds88: Odds88, lookup: int) -> None:
    looked_up(olga)

    status, problem = post(olga, accepting(lookup), PREVIEWS)

    assert status in (409, 422)
    assert problem["code"] in ("no_answer", "invalid")


def test_a_look_up_of_another_ticket_is_not_accepted(
    olga: Client, odds88: Odds88, punter: FundedPlayer
) -> None:
    accepted(bet(punter, bet_id="O-2", provider="odds88"))
    number = looked_up(olga)["lookup"]

    status, problem = post(
        olga, words("accept_result", "O-2", each={"lookup": number}), PREVIEWS
    )  # fmt: skip

    assert (status, problem["code"]) == (409, "no_answer")
    assert problem["detail"] == f"O-2: Look-up {number} is none that says how this ticket ended."


def test_the_call_about_the_status_is_not_accepted(olga: Client, odds88: Odds88) -> None:
    status, problem = post(olga, accepting(looked_up(olga)["calls"][0]), PREVIEWS)

    assert (status, problem["code"]) == (409, "no_answer")


def test_what_is_not_settled_there_is_not_accepted(olga: Client, odds88: Odds88) -> None:
    odds88.settled_as = None
    found = looked_up(olga)

    status, problem = post(olga, accepting(found["calls"][1]), PREVIEWS)

    assert found["lookup"] is None
    assert found["sentences"] == ["At Odds88 the bet is accepted.", "Odds88 has not settled it."]
    assert (status, problem["code"]) == (409, "no_answer")


@pytest.mark.parametrize(
    "said", [{"answer": {"source": "ODDS88"}}, {"says": {"result": "WIN"}}, {"ticks": 5}]
)
def test_no_client_says_what_was_answered(olga: Client, odds88: Odds88, said: Json) -> None:
    number = looked_up(olga)["lookup"]

    status, problem = post(
        olga, words("accept_result", "O-1", each={"lookup": number} | said), PREVIEWS
    )  # fmt: skip

    assert (status, problem["code"]) == (422, "invalid")
    assert "unknown field" in problem["detail"]


def test_a_ticket_that_is_not_there_is_left_alone_by_name(olga: Client) -> None:
    status, problem = post(olga, words("accept_result", "NOPE", each={"lookup": 1}), PREVIEWS)

    assert (status, problem["detail"]) == (409, "NOPE: There is no such ticket.")


def test_a_senior_wishes_a_cancellation(sam: Client, odds88: Odds88) -> None:
    status, wish = post(sam, {"reason": "time_out"}, f"{PROVIDER}cancel/")

    assert status == 202
    assert set(wish) == names(provider_shapes.Wish)
    assert wish["sentence"].startswith("Odds88 took the wish to cancel.")
    assert odds88.asked == ["POST /api/players/P-1/Bets/O-1/cancel {reason:2}"]
    assert state("O-1") == OPEN


@pytest.mark.parametrize("amount", ["7.50", 7.5])
def test_an_operator_wishes_a_cash_out(
    olga: Client, odds88: Odds88, punter: FundedPlayer, amount: Any
) -> None:
    status, wish = post(olga, {"amount": amount}, f"{PROVIDER}cash-out/")

    assert (status, wish["bet_id"]) == (202, "O-1")
    assert odds88.asked[0].startswith("POST /api/players/P-1/Bets/O-1/cashOut {cashOutAmount:7.5")
    assert punter.balance == "80.00"
    assert state("O-1") == OPEN


@pytest.mark.parametrize(
    ("word", "body", "status"),
    [
        ("cash-out", {"amount": "0"}, 409),
        ("cash-out", {"amount": "-1"}, 409),
        ("cash-out", {"amount": "7.505"}, 422),
        ("cash-out", {"amount": "NaN"}, 422),
        ("cash-out", {"amount": "Infinity"}, 422),
        ("cash-out", {"amount": "1e9999999"}, 422),
        ("cash-out", {"amount": "much"}, 422),
        ("cash-out", {}, 422),
        ("cash-out", {"amount": "1", "more": 1}, 422),
        ("cancel", {"reason": "because"}, 422),
        ("cancel", [], 422),
    ],
)
def test_a_wish_that_can_not_be_meant_is_not_sent(
    sam: Client, odds88: Odds88, word: str, body: object, status: int
) -> None:
    assert post(sam, body, f"{PROVIDER}{word}/")[0] == status
    assert not odds88.asked


def test_a_wish_that_odds88_does_not_take_is_a_problem(sam: Client) -> None:
    with answering(trouble=Trouble.TIMED_OUT, sentence="Odds88 did not answer within 10 s."):
        status, problem = post(sam, {}, f"{PROVIDER}cancel/")

    assert (status, problem["code"]) == (504, "timed_out")


ROLES = ["Support", "Operator", "Senior", "Ops", "Auditor", "Admin", "Platform"]
MAY = {
    "": ["Support", "Operator", "Senior", "Ops"],
    "cancel/": ["Senior"],
    "cash-out/": ["Operator", "Senior"],
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("word", MAY)
def test_the_provider_is_asked_by_those_who_may(
    punter: FundedPlayer, odds88: Odds88, word: str, role: str
) -> None:
    client = by_token(UserFactory.create(role=role))
    bodies: dict[str, Json] = {"cancel/": {}, "cash-out/": {"amount": "7.50"}}

    if word in bodies:
        status, _ = post(client, bodies[word], f"{PROVIDER}{word}")
    else:
        status, _ = get(client, PROVIDER)

    assert (status != 403) == (role in MAY[word])
    assert bool(odds88.asked) == LookupCall.objects.exists() == (role in MAY[word])


def test_nobody_asks_without_a_token(punter: FundedPlayer, odds88: Odds88) -> None:
    assert get(Client(), PROVIDER)[0] == 401
    assert not odds88.asked
