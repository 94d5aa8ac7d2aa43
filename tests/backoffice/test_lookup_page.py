"""A ticket at Odds88, seen from the desk: asked, compared, accepted; wishes that move nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from feeds.models import LookupCall
from feeds.odds88.client import Answer, Asked
from feeds.odds88.troubles import Trouble
from settlement.models import Ticket, TicketFact
from tests.backoffice.desk_acts import (
    TICKETS,
    act_page,
    asked,
    confirmed,
    last,
    read,
    said,
    sound,
    ticket_page,
)
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.answering import ACCEPTED, LOST, Odds88, answering, ended
from tests.feeds.words import odds88 as feed_says
from tests.settlement.acting import limit, no_limits
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import receive_and_process, state

Desk = Callable[[str], Client]
PERSONS = {"sue": "Support", "olga": "Operator", "sam": "Senior", "art": "Auditor"}


@pytest.fixture(autouse=True)
def _ticket(player: FundedPlayer) -> None:
    no_limits()
    accepted(bet(player, bet_id="O-1", provider="odds88"), bet(player, bet_id="M-1"))


@pytest.fixture
def odds88() -> Iterator[Odds88]:
    """Odds88, where the bet is accepted and not settled."""
    with answering() as found:
        yield found


def by(name: str) -> Client:
    """Return somebody's browser."""
    user = UserFactory.create(username=name, role=PERSONS[name])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(word: str = "", bet_id: str = "O-1") -> str:
    """Return an address about a ticket at Odds88."""
    return f"{TICKETS}{Ticket.objects.get(bet_id=bet_id).pk}/odds88/{word}"


def ask(client: Client) -> str:
    """Ask Odds88; return what the page says that follows."""
    answer = client.post(page("ask/"), follow=True)
    assert answer.status_code == 200
    return said(answer.content)


def test_support_asks_and_sees_both_sides(odds88: Odds88) -> None:
    odds88.settled_as = ended()

    told = ask(by("sue"))

    assert "≠ Odds88 and we differ: status, result, payout, leg 1: E-1 · 1 · X." in told
    assert "At Odds88 the bet is accepted." in told
    assert "Status Open Settled ≠ differs" in told
    assert "Payout – 25.00 EUR ≠ differs" in told
    assert "Stake 10.00 EUR 10.00 EUR ✓ same" in told
    assert "sue asked Odds88 where the bet stands." in told
    assert "Odds88 says: won, pays 25.00 EUR." in told
    assert '"payoutMultiplier":2.5' in told
    assert "Accept the provider's result" not in told
    assert state("O-1") == ("OPEN", "NONE", 0, 0)
    assert list(LookupCall.objects.order_by("id").values_list("kind", "actor")) == [
        ("STATUS", "user:sue"), ("SETTLEMENT", "user:sue"),
    ]  # fmt: skip


def test_nothing_is_asked_by_looking_at_the_page(odds88: Odds88) -> None:
    sue = by("sue")

    assert "Nobody has asked Odds88 about this ticket yet." in read(sue, page())
    ask(sue)
    asked_for = len(odds88.asked)
    told = read(sue, page())

    assert "◐ Odds88 has not settled it." in told
    assert len(odds88.asked) == asked_for == 2


def test_an_operator_accepts_what_odds88_answered(odds88: Odds88, player: FundedPlayer) -> None:
    odds88.settled_as = ended()
    olga = by("olga")
    assert "Accept the provider's result…" in ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk

    form = read(olga, f"{act_page('O-1', 'accept-result')}?lookup={number}")
    shown, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)
    done = confirmed(olga, act_page("O-1", "accept-result"), sent)

    assert "What the provider answered counts from when it was asked" in form
    assert f"O-1: as answered in look-up {number}" in shown
    assert "Open 0.00 EUR Settled: win 25.00 EUR +25.00 EUR" in shown
    assert f"Act {last().pk} (accept the provider's result) is done: 1 changed." in done
    assert state("O-1") == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "105.00"
    assert "✓ Odds88 and we agree." in read(olga, page())
    assert "Odds88 settled the whole bet as of" in done
    assert "Release to the provider" not in done
    assert f"olga accepts Odds88's result in act {last().pk}: provider down" in done
    assert "Odds88 says: won, pays 25.00 EUR." in done
    assert sound()


def test_above_the_limit_a_senior_agrees_to_what_he_is_shown(
    odds88: Odds88, player: FundedPlayer
) -> None:
    limit("Operator", "EUR", 2000)
    odds88.settled_as = ended()
    olga, sam = by("olga"), by("sam")
    ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk
    _, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)
    waits = confirmed(olga, act_page("O-1", "accept-result"), sent)
    waiting = f"/admin/settlement/approval/{last().pk}/decide/"

    shown = read(sam, waiting)
    sam.post(waiting, {"decision": "accept", "note": "Looked as well."})

    assert "waits for another person" in waits
    assert f"O-1: as answered in look-up {number}" in shown
    assert "Settled: win 25.00 EUR" in shown
    assert (last().state, state("O-1")) == ("DONE", ("SETTLED", "WIN", 2500, 1))
    audit = read(sam, "/admin/settlement/batch/audit/")
    assert "accept" in audit.lower()
    assert sound()


def test_an_acceptance_that_was_sent_back_is_asked_for_again(odds88: Odds88) -> None:
    limit("Operator", "EUR", 2000)
    odds88.settled_as = ended()
    olga, sam = by("olga"), by("sam")
    ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk
    _, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)
    confirmed(olga, act_page("O-1", "accept-result"), sent)
    receive_and_process(feed_says("O-1", "lost"))
    sam.post(f"/admin/settlement/approval/{last().pk}/decide/",
             {"decision": "accept", "note": "Looked."})  # fmt: skip
    assert last().state == "RETURNED"

    shown, sent = asked(olga, f"/admin/settlement/batch/{last().pk}/again/")

    assert f"O-1: as answered in look-up {number}" in shown
    assert "Settled: lose 0.00 EUR Settled: win 25.00 EUR" in shown
    assert "token" in sent


def test_many_are_not_accepted_at_once_at_the_desk(odds88: Odds88) -> None:
    told = read(by("sam"), "/admin/settlement/batch/new/")

    assert "Accept the provider's result" not in told
    assert "Release to the provider" in told


def test_the_act_is_taken_back_at_the_desk(odds88: Odds88, player: FundedPlayer) -> None:
    odds88.settled_as = ended()
    olga = by("olga")
    ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk
    _, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)
    confirmed(olga, act_page("O-1", "accept-result"), sent)

    back = f"/admin/settlement/batch/{last().pk}/reverse/"
    _, sent = asked(olga, back)
    confirmed(olga, back, sent)

    assert state("O-1") == ("OPEN", "NONE", 0, 2)
    assert player.balance == "80.00"
    assert sound()


def test_a_settled_ticket_is_corrected_by_the_difference(
    odds88: Odds88, player: FundedPlayer
) -> None:
    receive_and_process(feed_says("O-1", "won"))
    odds88.settled_as = ended(**LOST)
    olga = by("olga")

    told = ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk
    shown, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)
    confirmed(olga, act_page("O-1", "accept-result"), sent)

    assert "Result Win Lose ≠ differs" in told
    assert "Payout 25.00 EUR 0.00 EUR ≠ differs" in told
    assert "−25.00 EUR" in shown
    assert state("O-1") == ("SETTLED", "LOSE", 0, 2)
    assert sound()


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Trouble.TIMED_OUT, "Odds88 did not answer within 10 s."),
        (Trouble.UNREACHABLE, "Odds88 can't be reached: connection refused."),
        (Trouble.BUSY, "Odds88 asks us to wait: it was asked too often (429). Try again later."),
        (Trouble.UNKNOWN_BET, "Odds88 does not know this bet (400: Bet not found)."),
    ],
)
def test_a_failure_is_a_sentence_and_is_kept(trouble: Trouble, sentence: str) -> None:
    with answering(trouble=trouble, sentence=sentence):
        told = ask(by("olga"))

    assert f"✗ {sentence}" in told
    assert "Ours beside Odds88's" not in told
    assert "Accept the provider's result" not in told
    kept = LookupCall.objects.earliest("id")
    assert (kept.trouble, kept.sentence, kept.tries) == (trouble, sentence, 3)
    assert not TicketFact.objects.exists()


def test_where_odds88_is_not_set_up_nothing_is_asked() -> None:
    told = ask(by("sue"))

    assert "Odds88 was not asked." in told
    assert not LookupCall.objects.exists()


def test_why_odds88_rejected_a_bet_is_told(odds88: Odds88) -> None:
    odds88.status_is = {"resultType": 3, "rejectInfo": {"reason": 13, "message": "Closed."}}

    told = ask(by("sue"))

    assert "At Odds88 the bet is rejected: market not active." in told
    assert "It says: “Closed.”" in told


def test_an_answer_about_another_bet_is_not_offered(odds88: Odds88) -> None:
    odds88.settled_as = ended(betId="O-2")
    olga = by("olga")

    told = ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk
    shown, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)

    assert "The answer is not taken for this ticket's. The answer is about the bet “O-2”" in told
    assert "Accept the provider's result…" not in told
    assert "O-1: The answer is about the bet “O-2”, and not about “O-1”." in shown
    assert "token" not in sent


def test_an_old_answer_is_shown_but_not_accepted(odds88: Odds88) -> None:
    odds88.settled_as = ended()
    olga = by("olga")
    ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk

    with (
        patch("backoffice.admin.odds88_shown.OLDEST_ANSWER", timedelta()),
        patch("settlement.orders.OLDEST_ANSWER", timedelta()),
    ):
        told = read(olga, page())
        shown, sent = asked(olga, act_page("O-1", "accept-result"), lookup=number)

    assert "Ask again to accept it." in told
    assert "Accept the provider's result…" not in told
    assert "Ask again, then accept." in shown
    assert "token" not in sent
    assert state("O-1") == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize("lookup", ["0", "999", "x", "", "9" * 30])
def test_a_look_up_that_is_none_of_this_ticket_is_refused(odds88: Odds88, lookup: str) -> None:
    _, sent = asked(by("olga"), act_page("O-1", "accept-result"), lookup=lookup)

    assert "token" not in sent
    assert not TicketFact.objects.exists()


def test_a_look_up_of_another_ticket_is_refused(odds88: Odds88, player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="O-2", provider="odds88"))
    odds88.settled_as = ended()
    olga = by("olga")
    ask(olga)
    number = LookupCall.objects.get(kind="SETTLEMENT").pk

    shown, sent = asked(olga, act_page("O-2", "accept-result"), lookup=number)

    assert f"O-2: Look-up {number} is none that says how this ticket ended." in shown
    assert "token" not in sent


def test_a_senior_wishes_a_cancellation_which_moves_nothing(odds88: Odds88) -> None:
    answer = by("sam").post(page("cancel/"), {"reason": "3"}, follow=True)

    assert "Odds88 took the wish to cancel." in said(answer.content)
    assert odds88.asked[0].endswith("/Bets/O-1/cancel {reason:3}")
    assert state("O-1") == ("OPEN", "NONE", 0, 0)
    assert LookupCall.objects.get().kind == "CANCEL"


def test_an_operator_wishes_a_cash_out_which_moves_nothing(
    odds88: Odds88, player: FundedPlayer
) -> None:
    olga = by("olga")

    told = said(olga.post(page("cash-out/"), {"amount": "7.50"}, follow=True).content)

    assert "Odds88 took the wish to cash out." in told
    assert "olga asked Odds88 to cash the bet out" in told
    assert odds88.asked[0].endswith("/Bets/O-1/cashOut {cashOutAmount:7.50}")
    assert player.balance == "80.00"
    assert state("O-1") == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize(
    ("word", "typed", "sentence"),
    [
        (
            "cash-out/",
            {"amount": "0"},
            "The amount of a cash-out must be more than nothing, and money.",
        ),
        ("cash-out/", {"amount": "1.001"}, "1.001 has more places than EUR has."),
        ("cash-out/", {"amount": "much"}, "Amount: Enter a number."),
        ("cancel/", {"reason": "9"}, "Reason: Select a valid choice."),
    ],
)
def test_a_wish_that_can_not_be_meant_is_not_sent(
    odds88: Odds88, word: str, typed: dict[str, str], sentence: str
) -> None:
    answer = by("sam").post(page(word), typed, follow=True)

    assert f"Odds88 was not asked. {sentence}" in said(answer.content)
    assert not LookupCall.objects.exists()


@pytest.mark.parametrize(
    ("who", "word", "typed"),
    [
        ("art", "ask/", {}),
        ("sue", "cancel/", {"reason": "3"}),
        ("olga", "cancel/", {"reason": "3"}),
        ("sue", "cash-out/", {"amount": "7.50"}),
        ("art", "cash-out/", {"amount": "7.50"}),
    ],
)
def test_who_may_not_ask_or_wish_is_refused(
    odds88: Odds88, who: str, word: str, typed: dict[str, str]
) -> None:
    answer = by(who).post(page(word), typed)

    assert answer.status_code == 403
    assert not LookupCall.objects.exists()
    assert not odds88.asked


def test_an_auditor_reads_what_was_asked(odds88: Odds88) -> None:
    ask(by("sue"))

    told = read(by("art"), page())

    assert "sue asked Odds88 how the bet ended. Odds88 has not settled it." in told
    assert "Ask again" not in told


@pytest.mark.parametrize("word", ["ask/", "cancel/", "cash-out/"])
def test_nothing_is_sent_by_a_link(odds88: Odds88, word: str) -> None:
    assert by("sam").get(page(word)).status_code == 405
    assert not odds88.asked


def test_nothing_is_sent_for_another_site(odds88: Odds88) -> None:
    user = UserFactory.create(role="Senior")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(page("ask/")).status_code == 403
    assert not odds88.asked


@pytest.mark.parametrize("word", ["", "ask/"])
def test_a_ticket_of_another_provider_has_no_such_page(odds88: Odds88, word: str) -> None:
    client = by("sue")

    assert client.post(page(word, "M-1")).status_code == 404
    assert "Ask Odds88" not in read(client, ticket_page("M-1"))


def test_a_look_up_of_another_ticket_is_not_shown(odds88: Odds88) -> None:
    ask(by("sue"))

    olga = by("olga")
    for call in ("999999", "x", "-1", "9" * 30):
        assert olga.get(page(), {"call": call}).status_code == 404


def test_a_look_up_that_broke_off_is_no_word_of_odds88(odds88: Odds88) -> None:
    LookupCall.objects.create(
        ticket=Ticket.objects.get(bet_id="O-1"), actor="user:sue", kind="STATUS",
        asked_at=datetime.now(UTC), sent="GET /", answer='{"resultType":2}', duration_ms=1, tries=1,
    )  # fmt: skip

    told = read(by("sue"), page())

    assert "✗ The look-up broke off before Odds88 was asked how the bet ended. Ask again." in told
    assert "Odds88 has not settled it." not in told


def test_the_story_tells_each_call(odds88: Odds88) -> None:
    sue = by("sue")
    ask(sue)

    told = read(sue, ticket_page("O-1"))

    assert "⇄ Look-up sue asked Odds88 where the bet stands. At Odds88 the bet is accepted." in told
    assert "⇄ Look-up sue asked Odds88 how the bet ended. Odds88 has not settled it." in told
    assert "It took 0.2 s." in told
    assert "Ask Odds88" in told


def test_a_question_too_early_is_no_failure(odds88: Odds88) -> None:
    with patch.object(Odds88, "settlement", refusing("Odds88 does not know this bet (400).")):
        told = ask(by("sue"))

    assert "◐ Odds88 has not settled it. At Odds88 the bet is accepted." in told
    assert "◐ sue asked Odds88 how the bet ended. Odds88 knows no settlement of this bet" in told
    assert "✗" not in told


def refusing(sentence: str) -> Callable[..., Answer]:
    """Return an endpoint that knows nothing of a bet."""

    def settlement(*_: object, **__: object) -> Answer:
        return Answer(Asked("GET", "/"), b"{}", 400, 0.1, 1, Trouble.UNKNOWN_BET, sentence)

    return settlement


def test_earlier_look_ups_stay_readable(odds88: Odds88) -> None:
    sue = by("sue")
    ask(sue)
    first = LookupCall.objects.earliest("id").pk
    odds88.settled_as = ended()
    told = ask(sue)

    assert "Asked before" in told
    assert "◐ Odds88 has not settled it." in read(sue, f"{page()}?call={first}")
    assert ACCEPTED["resultType"] == 2
