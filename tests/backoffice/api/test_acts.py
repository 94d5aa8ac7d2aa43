"""Acts, approvals and reviews over HTTP: the same services, permissions and limits as the desk."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from backoffice.api import act_shapes
from backoffice.models import User
from settlement.models import Approval, Batch, Review
from tests.backoffice.api.asking import Json, by_token, get, post
from tests.backoffice.api.test_schema import names
from tests.factories import FundedPlayer, UserFactory
from tests.settlement.acting import limit, no_limits, words
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

API = "/api/v1/"
PREVIEWS, BATCHES = f"{API}previews/", f"{API}batches/"
APPROVALS, REVIEWS = f"{API}approvals/", f"{API}reviews/"
ON_T1 = f"{API}tickets/T-1/settlements/"
MONTH = 31 * 24 * 3600 * 10_000_000
WHY = {"reason": "WRONG_RESULT", "note": "The league says so."}
OPEN = ("OPEN", "NONE", 0, 0)


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P-1, who had 100.00 EUR and bet 10.00 on T-1."""
    no_limits()
    player = FundedPlayer.create("100.00", external_id="P-1")
    accepted(bet(player, bet_id="T-1"))
    return player


@pytest.fixture
def olga(punter: FundedPlayer) -> Client:
    """An operator."""
    return by_token(UserFactory.create(username="olga", role="Operator"))


@pytest.fixture
def sam(punter: FundedPlayer) -> Client:
    """A senior."""
    return by_token(UserFactory.create(username="sam", role="Senior"))


def settling(result: str = "win", *bet_ids: str) -> Json:
    """Return an order that settles tickets."""
    return words("settle", *(bet_ids or ("T-1",)), each={"result": result})


def previewed(client: Client, order: Json, path: str = PREVIEWS) -> Json:
    """Preview an act; return what it would do."""
    status, found = post(client, order, path)
    assert status == 200, found
    return found


def done(client: Client, order: Json) -> tuple[int, Json]:
    """Preview an act and do it."""
    token = previewed(client, order)["token"]
    return post(client, order | {"token": token}, BATCHES)


def refusal(answer: tuple[int, Json]) -> tuple[int, str, str]:
    """Return a refusal's status, code and sentence."""
    return answer[0], answer[1]["code"], answer[1]["detail"]


def test_a_preview_says_what_would_be_and_changes_nothing(olga: Client) -> None:
    shown = previewed(olga, settling())

    assert shown.pop("token")
    assert shown == {
        "act": "SETTLE",
        "asks": None,
        "lines": [{
            "bet_id": "T-1", "currency": "EUR",
            "before": {"status": "OPEN", "result": "NONE", "payout": "0.00"},
            "after": {"status": "SETTLED", "result": "WIN", "payout": "25.00"},
            "difference": "25.00", "skipped": None, "held": None, "doubts": [],
            "legs": [],
        }],
        "lines_left_out": 0,
        "totals": [{
            "currency": "EUR", "tickets": 1, "to_players": "25.00", "from_players": "0.00",
            "difference": "25.00",
        }],
        "players": [{
            "player": "P-1", "currency": "EUR", "before": "90.00", "change": "25.00",
            "after": "115.00", "goes_below_zero": False,
        }],
        "players_left_out": 0,
    }  # fmt: skip
    assert state() == OPEN
    assert not Batch.objects.exists()


def test_a_preview_says_which_legs_change(olga: Client, punter: FundedPlayer) -> None:
    accepted(bet(punter, *legs(2), bet_id="T-2", kind="double"))

    order = words("settle", "T-2", each={"legs": [{"position": 2, "result": "void"}]})

    assert previewed(olga, order)["lines"][0]["legs"] == [
        {"position": 2, "before": None, "after": "VOID"}
    ]


def test_a_large_preview_is_told_in_part_and_counted_whole(
    olga: Client, sam: Client, punter: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(bet(punter, bet_id="T-2"), bet(punter, bet_id="T-3"))
    monkeypatch.setattr("backoffice.api.acts.MOST_TOLD", 2)

    shown = previewed(sam, settling("win", "T-1", "T-2", "T-3"))

    assert [line["bet_id"] for line in shown["lines"]] == ["T-1", "T-2"]
    assert (shown["lines_left_out"], shown["totals"][0]["tickets"]) == (1, 3)


def test_a_ticket_is_settled_at_its_address(olga: Client, punter: FundedPlayer) -> None:
    token = previewed(olga, settling())["token"]

    asked = {"act": "settle", "result": "win", "reason": "PROVIDER_DOWN",
             "note": "He does not answer.", "token": token}  # fmt: skip
    status, found = post(olga, asked, ON_T1)

    assert status == 201
    assert (found["state"], found["maker"], found["url"]) == (
        "DONE", "user:olga", f"{BATCHES}{found['id']}/",
    )  # fmt: skip
    assert found["lines"] == {"waiting": 0, "done": 1, "skipped": 0, "failed": 0}
    assert found["moved"] == [{"currency": "EUR", "difference": "25.00"}]
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert punter.balance == "115.00"


@pytest.mark.parametrize(
    ("said_of_it", "ends"),
    [
        ({"payout": "12.34"}, ("SETTLED", "MIXED", 1234, 1)),
        ({"payout": 12.5}, ("SETTLED", "MIXED", 1250, 1)),
        ({"legs": [{"position": 1, "result": "void"}]}, ("SETTLED", "REFUND", 1000, 1)),
    ],
)
def test_a_ticket_is_settled_by_an_amount_or_its_legs(
    sam: Client, said_of_it: Json, ends: tuple[Any, ...]
) -> None:
    assert done(sam, words("settle", "T-1", each=said_of_it))[0] == 201
    assert state() == ends


def test_a_ticket_is_cashed_out_at_its_address(olga: Client) -> None:
    out = {"stake": "4.00", "amount": "6.00"}
    token = previewed(olga, words("cash_out", "T-1", each=out))["token"]

    asked = {"act": "cash_out", "reason": "PROVIDER_DOWN", "note": "He does not answer."}
    assert post(olga, asked | out | {"token": token}, ON_T1)[0] == 201

    assert state() == ("OPEN", "NONE", 600, 1)


@pytest.mark.parametrize("name", ["bet_id", "tickets", "market", "reviews", "undoes"])
def test_at_a_tickets_address_no_other_is_named(olga: Client, name: str) -> None:
    answer = post(olga, {"act": "void", **WHY, "token": "x", name: "T-2"}, ON_T1)

    assert refusal(answer) == (
        422, "invalid", f"The address names the ticket: leave “{name}” out.",
    )  # fmt: skip


def test_above_the_limit_an_act_waits_until_another_agrees(olga: Client, sam: Client) -> None:
    limit("Operator", "EUR", 1000)

    status, found = done(olga, settling())

    assert (status, found["state"], state()) == (202, "WAITING", OPEN)
    assert found["why_asked"] == "The act moves 25.00 EUR; alone you move at most 10.00 EUR."
    [waiting] = get(sam, APPROVALS)[1]["results"]
    assert (waiting["id"], waiting["maker"]) == (found["id"], "user:olga")
    address = f"{APPROVALS}{found['id']}/"
    assert refusal(post(olga, {"decision": "accept", "note": "Mine."}, address)) == (
        403, "not_allowed",
        "olga may not do this: the permission “settlement.approve_act” is missing. "
        "Nothing was changed.",
    )  # fmt: skip
    status, agreed = post(sam, {"decision": "accept", "note": "Looked."}, address)
    assert (status, agreed["state"], state()) == (200, "DONE", ("SETTLED", "WIN", 2500, 1))
    assert [(step["step"], step["by"], step["note"]) for step in agreed["approvals"]] == [
        ("ASKED", "user:olga", "The act moves 25.00 EUR; alone you move at most 10.00 EUR."),
        ("ACCEPTED", "user:sam", "Looked."),
    ]
    assert refusal(post(sam, {"decision": "refuse", "note": "No."}, address)) == (
        409, "not_waiting", f"Act {found['id']} waits for nobody: it is done.",
    )  # fmt: skip
    assert get(sam, APPROVALS)[1] == {"results": [], "next": None}


def test_whoever_asked_withdraws_and_does_not_agree(sam: Client) -> None:
    limit("Senior", "EUR", 1000)
    found = done(sam, settling())[1]
    address = f"{APPROVALS}{found['id']}/"

    assert refusal(post(sam, {"decision": "accept", "note": "Mine."}, address)) == (
        409, "same_hands",
        "You asked for this act yourself: somebody else has to decide about it.",
    )  # fmt: skip
    assert post(sam, {"decision": "withdraw", "note": "Never mind."}, address)[1]["state"] == (
        "REFUSED"
    )
    assert state() == OPEN


def test_an_act_whose_ticket_has_changed_goes_back_to_its_maker(olga: Client, sam: Client) -> None:
    limit("Operator", "EUR", 1000)
    found = done(olga, settling())[1]
    tell(said(outcomes={"X": LOST}))

    address = f"{APPROVALS}{found['id']}/"
    status, returned = post(sam, {"decision": "accept", "note": "Fine."}, address)

    assert (status, returned["state"]) == (200, "RETURNED")
    assert returned["approvals"][1]["note"].startswith("T-1 was settled by feed:sportradar at ")
    assert state() == ("SETTLED", "LOSE", 0, 1)


@pytest.mark.parametrize(
    ("decision", "detail", "field"),
    [
        ({"decision": "accept", "note": " "}, "A note is required: say in a sentence why.", "note"),
        ({"decision": "agree", "note": "x"}, "decision: Invalid enum value 'agree'.", "decision"),
        ({"note": "x"}, "decision is missing.", "decision"),
        ({"decision": "accept", "note": "a\0b"},
         "note holds a character that can't be written down.", "note"),
    ],
)  # fmt: skip
def test_a_decision_that_can_not_be_meant_decides_nothing(
    olga: Client, sam: Client, decision: Json, detail: str, field: str
) -> None:
    limit("Operator", "EUR", 1000)
    number = done(olga, settling())[1]["id"]

    status, found = post(sam, decision, f"{APPROVALS}{number}/")

    assert (status, found["code"], found["detail"], found["field"]) == (
        422, "invalid", detail, field,
    )  # fmt: skip
    assert Batch.objects.get().state == "WAITING"
    assert Approval.objects.count() == 1


def test_the_same_confirmation_twice_is_answered_alike_and_done_once(
    olga: Client, punter: FundedPlayer
) -> None:
    token = previewed(olga, settling())["token"]

    first = post(olga, settling() | {"token": token}, BATCHES)
    second = post(olga, settling() | {"token": token}, BATCHES)

    assert first == second
    assert (first[0], Batch.objects.count(), punter.balance) == (201, 1, "115.00")


def test_somebody_else_who_came_in_between_has_won_and_is_named(olga: Client, sam: Client) -> None:
    token = previewed(olga, settling())["token"]
    done(sam, settling("lose"))

    status, code, sentence = refusal(post(olga, settling() | {"token": token}, BATCHES))

    assert (status, code) == (409, "stale_preview")
    assert sentence.startswith("T-1 was settled by sam at ")
    assert sentence.endswith(" UTC. Look again, then confirm.")
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_preview_is_for_the_one_who_saw_it(olga: Client, sam: Client) -> None:
    token = previewed(olga, settling())["token"]

    assert refusal(post(sam, settling() | {"token": token}, BATCHES)) == (
        409, "stale_preview", "Somebody else looked at this preview. Look for yourself.",
    )  # fmt: skip
    assert refusal(post(sam, settling() | {"token": "é.made:up"}, BATCHES)) == (
        409, "stale_preview", "There is no such preview. Preview the act first.",
    )  # fmt: skip
    assert state() == OPEN


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (words("settle", "T-9", each={"result": "win"}),
         (409, "nothing_to_do", "T-9: There is no such ticket.")),
        (words("settle", "T-1", each={"result": "win", "currency": "GBP"}),
         (409, "nothing_to_do", "T-1: The ticket is in EUR, not in GBP.")),
        (words("resettle", "T-1", each={"result": "win"}),
         (409, "nothing_to_do", "T-1: It is open: settle it.")),
        (words("settle", "T-1", each={"result": "win"}) | {"note": ""},
         (422, "invalid", "A note is required: say in a sentence why.")),
        (words("settle", "T-1", each={"result": "win"}) | {"reason": "BORED"},
         (422, "invalid", "reason: “BORED” is none of provider_down, provider_error, "
          "wrong_result, rules, customer_care, other.")),
        ({"act": "void", "note": "x", "tickets": [{"bet_id": "T-1"}]},
         (422, "invalid", "reason is missing.")),
        (words("undo", undoes=4711), (403, "not_allowed", None)),
        (words("market_void", market={"provider": "manual", "event": "E\0"}),
         (422, "invalid", "event holds a character that can't be written down.")),
        (words("accept", reviews=[2**70]), (422, "invalid", f"There is no review {2**70}.")),
        ([], (422, "invalid", "The body is a JSON object.")),
    ],
)  # fmt: skip
def test_an_order_is_refused_with_the_sentence_that_the_desk_shows(
    olga: Client, order: Any, answer: tuple[int, str, str | None]
) -> None:
    found = refusal(post(olga, order, PREVIEWS))

    if answer[2] is None:
        assert found[0] == 422
    else:
        assert found == answer
    assert state() == OPEN


def test_a_ticket_that_is_settled_is_not_settled_again(olga: Client) -> None:
    done(olga, settling())

    assert refusal(post(olga, settling("lose"), PREVIEWS)) == (
        409, "nothing_to_do",
        "T-1: It is settled as win with 25.00 EUR paid already: resettle it to change that.",
    )  # fmt: skip


def test_an_unknown_ticket_has_no_acts(olga: Client) -> None:
    asked = {"act": "void", **WHY, "token": "x"}

    assert refusal(post(olga, asked, f"{API}tickets/T-9/settlements/")) == (
        404, "not_found", "There is no such ticket.",
    )  # fmt: skip
    assert refusal(post(olga, {"act": "void", **WHY}, ON_T1)) == (
        422, "invalid", "Preview the act first, and send the preview's token.",
    )  # fmt: skip


def test_many_tickets_are_done_as_one_and_each_is_told(sam: Client, punter: FundedPlayer) -> None:
    accepted(bet(punter, bet_id="T-2"))

    status, found = done(sam, settling("win", "T-1", "T-9", "T-2"))

    assert (status, found["tickets"]) == (201, 3)
    first = get(sam, f"{found['lines_url']}?limit=2")[1]
    assert first["results"] == [
        {"position": 1, "bet_id": "T-1", "state": "DONE", "sentence": None, "currency": "EUR",
         "difference": "25.00"},
        {"position": 2, "bet_id": "T-2", "state": "DONE", "sentence": None, "currency": "EUR",
         "difference": "25.00"},
    ]  # fmt: skip
    assert first["next"] == f"{found['lines_url']}?limit=2&cursor=2"
    assert get(sam, first["next"])[1] == {
        "results": [{"position": 3, "bet_id": "T-9", "state": "SKIPPED",
                     "sentence": "There is no such ticket.", "currency": None,
                     "difference": None}],
        "next": None,
    }  # fmt: skip
    left = get(sam, f"{found['lines_url']}?state=skipped")[1]["results"]
    assert [line["bet_id"] for line in left] == ["T-9"]


def test_a_market_is_settled_and_its_act_is_running_until_it_is_finished(sam: Client) -> None:
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    order = words("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})

    status, found = done(sam, order)

    assert (status, found["state"], found["done_at"]) == (202, "RUNNING", None)
    assert found["market"] == {
        "provider": "MANUAL", "event": "E-1", "market": "1", "outcomes": {"X": {"result": "WIN"}},
    }  # fmt: skip
    assert get(sam, found["url"]) == (200, found)


def test_an_act_is_taken_back_as_one_previewed_first(olga: Client, punter: FundedPlayer) -> None:
    done_act = done(olga, settling())[1]
    address = f"{BATCHES}{done_act['id']}/reverse/"

    shown = previewed(olga, WHY, address)
    assert (shown["act"], shown["totals"][0]["difference"]) == ("UNDO", "-25.00")
    assert state() == ("SETTLED", "WIN", 2500, 1)
    status, back = post(olga, WHY | {"token": shown["token"]}, address)

    assert (status, back["reverses"], state()) == (201, done_act["id"], ("OPEN", "NONE", 0, 2))
    assert get(olga, done_act["url"])[1]["reversed_by"] == [back["id"]]
    assert punter.balance == "90.00"
    assert refusal(post(olga, WHY, address)) == (
        409, "nothing_to_do", "T-1: It was taken back already.",
    )  # fmt: skip
    assert refusal(post(olga, WHY, f"{BATCHES}9999/reverse/")) == (
        404, "not_found", "There is no act 9999.",
    )  # fmt: skip


def test_acts_are_listed_the_newest_first_and_narrowed(olga: Client, sam: Client) -> None:
    one = done(olga, settling())[1]
    two = done(sam, words("reopen", "T-1"))[1]

    def listed(query: str) -> list[int]:
        return [act["id"] for act in get(sam, BATCHES + query)[1]["results"]]

    assert listed("") == [two["id"], one["id"]]
    assert listed("?maker=olga") == listed("?act=settle") == [one["id"]]
    assert listed("?state=DONE&maker=user:sam") == [two["id"]]
    assert listed("?state=waiting") == []
    first = get(sam, f"{BATCHES}?limit=1&state=done")[1]
    assert first["next"] == f"{BATCHES}?limit=1&state=done&cursor={two['id']}"
    assert get(sam, first["next"])[1]["results"][0]["id"] == one["id"]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (f"{BATCHES}?state=odd",
         "state: “odd” is none of WAITING, RUNNING, DONE, REFUSED, RETURNED."),
        (f"{BATCHES}?stat=done", "The list is narrowed by state, act, maker, cursor, limit alone."),
        (f"{BATCHES}?limit=0", "limit is a number from 1 to 1000."),
        (f"{BATCHES}?limit=1001", "limit is a number from 1 to 1000."),
        (f"{BATCHES}?cursor=x", "cursor is a number from 1 to 9223372036854775807."),
        (f"{REVIEWS}?open=maybe", "open is true, false or all."),
    ],
)  # fmt: skip
def test_a_list_that_can_not_be_meant_is_refused(olga: Client, path: str, detail: str) -> None:
    assert refusal(get(olga, path)) == (422, "invalid", detail)


def test_a_held_correction_is_listed_previewed_and_accepted(
    olga: Client, punter: FundedPlayer
) -> None:
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))

    [review] = get(olga, REVIEWS)[1]["results"]
    assert {name: review[name] for name in ("kind", "bet_id", "currency", "amount", "wanted")} == {
        "kind": "LATE_CORRECTION", "bet_id": "T-1", "currency": "EUR", "amount": "-25.00",
        "wanted": {"status": "SETTLED", "result": "LOSE", "payout": "0.00"},
    }  # fmt: skip
    assert review["decisions"] == ["accept"]
    assert refusal(post(olga, {"decision": "dismiss", **WHY}, review["url"])) == (
        422, "invalid",
        f"Review {review['id']} can't be dismissed: it closes by itself once its ticket is "
        "decided.",
    )  # fmt: skip
    shown = previewed(olga, {"decision": "accept", **WHY}, review["url"])
    assert shown["lines"][0]["difference"] == "-25.00"
    token = {"token": shown["token"]}
    assert post(olga, {"decision": "accept", **WHY, **token}, review["url"])[0] == 201

    closed = get(olga, review["url"])[1]
    assert (closed["end"], closed["closed_by"], closed["decisions"]) == (
        "ACCEPTED", "user:olga", [],
    )  # fmt: skip
    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert get(olga, REVIEWS)[1]["results"] == []
    assert len(get(olga, f"{REVIEWS}?open=false&kind=late_correction")[1]["results"]) == 1
    assert len(get(olga, f"{REVIEWS}?open=all&kind=LIMIT")[1]["results"]) == 0


def test_a_contradiction_is_dismissed(olga: Client) -> None:
    done(olga, settling())
    tell(said(outcomes={"X": LOST}))
    address = get(olga, REVIEWS)[1]["results"][0]["url"]
    asked = {"decision": "dismiss", **WHY}

    token = previewed(olga, asked, address)["token"]
    status, found = post(olga, asked | {"token": token}, address)

    assert (status, found["act"], found["lines"]["done"]) == (201, "DISMISS", 0)
    assert Review.objects.get().end == "DISMISSED"
    assert refusal(get(olga, f"{REVIEWS}9999/")) == (404, "not_found", "There is no review 9999.")


@pytest.mark.parametrize("role", ["Admin", "Platform"])
@pytest.mark.parametrize("path", [BATCHES, APPROVALS, REVIEWS, f"{BATCHES}1/", f"{REVIEWS}1/"])
def test_who_reads_no_tickets_reads_no_acts(
    api_as: Callable[[str], Client], role: str, path: str
) -> None:
    assert get(api_as(role), path)[0] == 403


@pytest.mark.parametrize("role", ["Support", "Auditor", "Ops", "Platform"])
def test_who_may_not_act_is_refused_before_his_body_is_read(
    punter: FundedPlayer, user: Callable[[str], User], role: str
) -> None:
    client = by_token(user(role))

    for path in (PREVIEWS, BATCHES, ON_T1, f"{BATCHES}1/reverse/", f"{APPROVALS}1/"):
        assert refusal(post(client, b"no json", path))[:2] == (403, "permission_denied")


def test_answers_have_the_fields_that_are_described(
    olga: Client, sam: Client, punter: FundedPlayer
) -> None:
    accepted(bet(punter, *legs(2), bet_id="T-2", kind="double"))
    shown = previewed(sam, settling("win", "T-1", "T-2"))
    batch = done(sam, settling("win", "T-1", "T-2"))[1]
    tell(said(outcomes={"X": LOST}))
    review = get(olga, REVIEWS)[1]["results"][0]
    line = get(olga, batch["lines_url"])[1]["results"][0]

    found = (
        (shown, act_shapes.Preview),
        (shown["lines"][0], act_shapes.PreviewLine),
        (batch, act_shapes.WholeBatch),
        (get(olga, BATCHES)[1]["results"][0], act_shapes.Batch),
        (line, act_shapes.BatchLine),
        (review, act_shapes.Review),
    )
    for answer, structure in found:
        assert set(answer) == names(structure)
        msgspec.convert(answer, structure)
