"""Acts by hand at the desk: shown before they are done, refused in sentences, taken back."""

from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice import truths
from settlement.acts import services
from settlement.models import ActLimit, Batch, Review, Ticket
from tests.backoffice.desk_acts import (
    ACTS,
    WHY,
    act_page,
    asked,
    confirmed,
    done,
    last,
    read,
    ticket_page,
)
from tests.factories import FundedPlayer
from tests.settlement.acting import limit, no_limits
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


@pytest.fixture
def single(player: FundedPlayer) -> FundedPlayer:
    """Somebody with a single of 10.00 at 2.50."""
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    return player


def test_an_act_is_shown_first_and_done_when_confirmed(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")

    shown, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    assert "T-1 Open 0.00 EUR Settled: win 25.00 EUR +25.00 EUR" in shown
    assert "90.00 EUR +25.00 EUR 115.00 EUR" in shown
    assert state() == ("OPEN", "NONE", 0, 0)

    after = confirmed(client, act_page("T-1", "settle"), sent)

    assert f"Act {last().pk} (settle) is done: 1 changed." in after
    assert "its word stands" in after
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert single.balance == "115.00"
    assert sound()


def test_a_confirmation_sent_twice_does_it_once(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    for _ in range(2):
        confirmed(client, act_page("T-1", "settle"), sent)

    assert Batch.objects.count() == 1
    assert single.balance == "115.00"


@pytest.mark.parametrize(
    ("word", "words", "after"),
    [
        ("settle", {"result": "LOSE"}, ("SETTLED", "LOSE", 0, 1)),
        ("settle-legs", {"leg-1-result": "HALF_WIN"}, ("SETTLED", "HALF_WIN", 1750, 1)),
        ("settle-legs", {"leg-1-result": "WIN", "leg-1-rule4": "10"}, ("SETTLED", "WIN", 2350, 1)),
        ("settle-amount", {"payout": "12.50", "result": ""}, ("SETTLED", "MIXED", 1250, 1)),
        ("void", {}, ("SETTLED", "REFUND", 1000, 1)),
        ("cash-out", {"amount": "7.00", "stake": ""}, ("SETTLED", "CASH_OUT", 700, 1)),
        ("cash-out", {"amount": "3.00", "stake": "4"}, ("OPEN", "NONE", 300, 1)),
        ("cancel", {}, ("CANCELLED", "NONE", 1000, 1)),
        ("reject", {}, ("REJECTED", "NONE", 1000, 1)),
    ],
)
def test_every_act_on_an_open_ticket_has_its_page(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], after: Any
) -> None:
    done(desk("Senior"), act_page("T-1", word), **words)

    assert state() == after
    assert sound()


@pytest.mark.parametrize(
    ("word", "words", "after"),
    [
        ("resettle", {"result": "LOSE"}, ("SETTLED", "LOSE", 0, 2)),
        ("resettle-legs", {"leg-1-result": "VOID"}, ("SETTLED", "REFUND", 1000, 2)),
        ("resettle-amount", {"payout": "30.00", "result": "WIN"}, ("SETTLED", "WIN", 3000, 2)),
        ("reopen", {}, ("OPEN", "NONE", 0, 2)),
    ],
)
def test_every_act_on_a_settled_ticket_has_its_page(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], after: Any
) -> None:
    tell(said(outcomes={"X": WON}))

    done(desk("Senior"), act_page("T-1", word), **words)

    assert state() == after
    assert sound()


def test_one_leg_of_five_is_voided(player: FundedPlayer, desk: Desk) -> None:
    no_limits()
    accepted(bet(player, *legs(5), bet_id="T-1", kind="accumulator"))
    client = desk("Operator")

    shown, sent = asked(client, act_page("T-1", "void-legs"), **{"leg-2-void": "on"})

    assert "Leg 2: open → void." in shown
    confirmed(client, act_page("T-1", "void-legs"), sent)
    tell(*[said(outcomes={"X": WON}, event=f"E-{number}") for number in (1, 3, 4, 5)])
    assert state() == ("SETTLED", "MIXED", 39063, 1)


@pytest.mark.parametrize(
    ("word", "words", "told"),
    [
        ("settle", {"result": "WIN", "note": " "}, "This field is required."),
        ("settle", {"result": "WIN", "reason": ""}, "This field is required."),
        ("settle", {"result": "MIXED"}, "Select a valid choice."),
        ("settle-legs", {}, "Say how one of the legs ended."),
        ("settle-legs", {"leg-1-dead_heat": "1/2"}, "T-1: Leg 1 has a dead heat, but no result."),
        (
            "settle-amount",
            {"payout": "1.005"},
            "“1.005” has more decimal places than EUR holds (2)",
        ),
        ("settle-amount", {"payout": "-1"}, "T-1: “-1” is less than nothing."),
        ("resettle", {"result": "WIN"}, "T-1: It is open: settle it."),
        ("reopen", {}, "T-1: It is open already."),
        ("cash-out", {"amount": "5", "stake": "11"}, "10.00 EUR of its stake are left, not 11."),
        ("release", {}, "T-1: No act holds it: its providers are heard."),
    ],
)
def test_a_refusal_is_a_sentence_on_the_form(
    single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], told: str
) -> None:
    shown, sent = asked(desk("Senior"), act_page("T-1", word), **words)

    assert told in shown
    assert "token" not in sent
    assert state() == ("OPEN", "NONE", 0, 0)
    assert not Batch.objects.exists()


def test_a_preview_is_refused_when_something_came_in_between(
    single: FundedPlayer, desk: Desk
) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "void"))
    tell(said(outcomes={"X": LOST}))

    shown, again = asked(client, act_page("T-1", "void"), **sent)

    assert "Nothing was done. T-1 was settled by feed:sportradar at" in shown
    assert "Look again, then confirm." in shown
    assert "Settled: lose 0.00 EUR Settled: refund 10.00 EUR +10.00 EUR" in shown
    assert state() == ("SETTLED", "LOSE", 0, 1)
    confirmed(client, act_page("T-1", "void"), again)
    assert state() == ("SETTLED", "REFUND", 1000, 2)


def test_a_form_that_was_changed_after_its_preview_is_shown_anew(
    single: FundedPlayer, desk: Desk
) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    shown, _ = asked(client, act_page("T-1", "settle"), **sent | {"result": "LOSE"})

    assert "Nothing was done. What the act would do has changed since you looked." in shown
    assert state() == ("OPEN", "NONE", 0, 0)


def test_the_form_can_be_changed_before_it_is_confirmed(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    _, sent = asked(client, act_page("T-1", "settle"), result="WIN")

    shown, carried = asked(client, act_page("T-1", "settle"), **sent | {"edit": "1"})

    assert "token" not in carried
    assert "He does not answer." in shown


def test_who_goes_below_zero_is_said(single: FundedPlayer, desk: Desk) -> None:
    tell(said(outcomes={"X": WON}))
    single.post("-110.00")

    shown, _ = asked(desk("Operator"), act_page("T-1", "resettle"), result="LOSE")

    assert "1 player goes below zero." in shown
    assert "5.00 EUR -25.00 EUR −20.00 EUR ▼ goes below zero" in shown.replace("−25", "-25")


WORDS = (
    "settle", "settle-legs", "settle-amount", "resettle", "resettle-legs", "resettle-amount",
    "void", "void-legs", "reopen", "cash-out", "cancel", "reject", "release",
)  # fmt: skip


@pytest.mark.parametrize("role", ["Support", "Ops", "Auditor", "Admin"])
def test_who_may_not_act_sees_no_button_and_gets_403(
    single: FundedPlayer, desk: Desk, role: str
) -> None:
    client = desk(role)

    for word in WORDS:
        assert client.get(act_page("T-1", word)).status_code == 403
        assert client.post(act_page("T-1", word), {**WHY, "result": "WIN"}).status_code == 403
    if role != "Admin":
        assert "/act/" not in client.get(ticket_page("T-1")).content.decode()
    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("Operator", {"settle", "settle-legs", "void", "cash-out"}),
        ("Senior", {"settle", "settle-legs", "settle-amount", "void", "cash-out", "cancel",
                    "reject"}),
    ],
)  # fmt: skip
def test_the_page_offers_what_one_may_do_on_the_ticket_as_it_stands(
    single: FundedPlayer, desk: Desk, role: str, offered: set[str]
) -> None:
    page = desk(role).get(ticket_page("T-1")).content.decode()

    assert {word for word in WORDS if f"/act/{word}/" in page} == offered


def test_unknown_tickets_and_acts_are_not_found(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")

    for address in ("/admin/settlement/ticket/999/act/settle/", act_page("T-1", "undo")):
        assert client.get(address).status_code == 404


def test_an_act_is_taken_back_from_the_ticket(single: FundedPlayer, desk: Desk) -> None:
    client = desk("Operator")
    done(client, act_page("T-1", "settle"), result="WIN")
    batch = last()
    assert f"{ACTS}{batch.pk}/reverse/" in client.get(ticket_page("T-1")).content.decode()

    shown = done(client, f"{ACTS}{batch.pk}/reverse/")

    assert f"Takes back act {batch.pk}" in shown
    assert state() == ("OPEN", "NONE", 0, 2)
    assert single.balance == "90.00"
    again, _ = asked(client, f"{ACTS}{batch.pk}/reverse/")
    assert "It was taken back already." in again
    assert "Take back…" not in read(client, ticket_page("T-1"))
    assert sound()


class TestApprovals:
    """Acts above somebody's limit."""

    @pytest.fixture
    def waiting(self, single: FundedPlayer, desk: Desk) -> Batch:
        """An act of an operator's that is above his limit."""
        limit("Operator", "EUR", 1000)
        self.operator = desk("Operator")
        address = act_page("T-1", "settle")
        shown, sent = asked(self.operator, address, result="WIN")
        assert "You need another person: The act moves 25.00 EUR; alone you move at most" in shown
        assert "Ask for approval" in shown
        assert "Do it" not in shown
        assert "waits for another person" in confirmed(self.operator, address, sent)
        assert state() == ("OPEN", "NONE", 0, 0)
        return last()

    def decide(self, client: Client, batch: Batch, decision: str, note: str = "Seen.") -> str:
        """Decide about an act; return what the page says that follows."""
        address = f"{APPROVALS}{batch.pk}/decide/"
        return confirmed(client, address, {"decision": decision, "note": note})

    def test_a_senior_agrees_and_it_is_done(self, waiting: Batch, desk: Desk) -> None:
        senior = desk("Senior")

        assert f"{waiting.pk} Settle" in read(senior, APPROVALS)
        page = read(senior, f"{APPROVALS}{waiting.pk}/decide/")
        assert "T-1 Open 0.00 EUR Settled: win 25.00 EUR" in page
        after = self.decide(senior, waiting, "accept")

        assert "is done: 1 changed." in after
        assert "agreed" in after
        assert state() == ("SETTLED", "WIN", 2500, 1)
        assert sound()

    def test_a_senior_refuses_and_nothing_is_done(self, waiting: Batch, desk: Desk) -> None:
        after = self.decide(desk("Senior"), waiting, "refuse", "Not without the slip.")

        assert "Not without the slip." in after
        assert state() == ("OPEN", "NONE", 0, 0)
        waiting.refresh_from_db()
        assert waiting.state == "REFUSED"

    def test_nobody_decides_without_a_word(self, waiting: Batch, desk: Desk) -> None:
        assert "This field is required." in self.decide(desk("Senior"), waiting, "accept", "")
        assert state() == ("OPEN", "NONE", 0, 0)

    def test_its_maker_may_withdraw_it_and_not_agree(self, waiting: Batch, desk: Desk) -> None:
        page = read(self.operator, f"{APPROVALS}{waiting.pk}/decide/")
        assert "Withdraw it" in page
        assert "Agree" not in page
        sent = {"decision": "accept", "note": "Mine."}
        address = f"{APPROVALS}{waiting.pk}/decide/"
        assert self.operator.post(address, sent).status_code == 403

        self.decide(self.operator, waiting, "withdraw")

        waiting.refresh_from_db()
        assert waiting.state == "REFUSED"
        assert state() == ("OPEN", "NONE", 0, 0)

    def test_a_senior_does_not_agree_to_his_own(self, single: FundedPlayer, desk: Desk) -> None:
        limit("Senior", "EUR", 1000)
        senior = desk("Senior")
        done(senior, act_page("T-1", "settle"), result="WIN")

        told = self.decide(senior, last(), "accept")

        assert "You asked for this act yourself: somebody else has to decide about it." in told
        assert state() == ("OPEN", "NONE", 0, 0)

    @pytest.mark.parametrize("role", ["Support", "Ops", "Auditor", "Operator"])
    def test_others_look_and_do_not_decide(self, waiting: Batch, desk: Desk, role: str) -> None:
        client = desk(role)

        assert "Agree" not in read(client, f"{APPROVALS}{waiting.pk}/decide/")
        for decision in ("accept", "refuse", "withdraw", "undo"):
            sent = {"decision": decision, "note": "No."}
            answer = client.post(f"{APPROVALS}{waiting.pk}/decide/", sent)
            assert answer.status_code == 403
        waiting.refresh_from_db()
        assert waiting.state == "WAITING"

    def test_what_has_changed_goes_back_to_its_maker_who_looks_again(
        self, waiting: Batch, desk: Desk
    ) -> None:
        limit("Operator", "EUR", 10**6)
        tell(said(outcomes={"X": LOST}))
        senior = desk("Senior")
        assert "has changed since it was asked for" in read(
            senior, f"{APPROVALS}{waiting.pk}/decide/"
        ) or "can't be shown" in read(senior, f"{APPROVALS}{waiting.pk}/decide/")

        assert "went back to its maker" in self.decide(senior, waiting, "accept")

        assert state() == ("SETTLED", "LOSE", 0, 1)
        assert "Look again…" in read(self.operator, APPROVALS)
        again = f"{ACTS}{waiting.pk}/again/"
        assert senior.get(again).status_code == 403
        shown, _ = asked(self.operator, again)
        assert "T-1: It is settled as lose with 0.00 EUR paid already" in shown


class TestReviews:
    """What a person has to decide."""

    @pytest.fixture
    def against(self, single: FundedPlayer, desk: Desk) -> Review:
        """A question whether an act or the feed is right."""
        done(desk("Operator"), act_page("T-1", "settle"), result="WIN")
        tell(said(outcomes={"X": LOST}))
        return Review.objects.get()

    def test_the_queue_shows_open_ones_and_the_page_its_choices(
        self, against: Review, desk: Desk
    ) -> None:
        client = desk("Operator")

        assert "Since user:" in read(client, REVIEWS)
        page = read(client, f"{REVIEWS}{against.pk}/change/")
        for word in ("Dismiss…", "Resettle by result…", "Release to the provider…"):
            assert word in page, word
        assert "Accept…" not in page

    def test_dismissed_it_is_closed_with_the_note(self, against: Review, desk: Desk) -> None:
        client = desk("Operator")

        done(client, f"{REVIEWS}{against.pk}/decide/dismiss/", note="The feed is wrong.")

        page = read(client, f"{REVIEWS}{against.pk}/change/")
        assert "Dismissed by user-" in page
        assert "The feed is wrong." in page
        assert state() == ("SETTLED", "WIN", 2500, 1)
        assert "Since user:" not in read(client, REVIEWS)
        assert "Since user:" in read(client, f"{REVIEWS}?open=no")
        again, _ = asked(client, f"{REVIEWS}{against.pk}/decide/dismiss/")
        assert "is closed already" in again

    def test_what_is_not_held_back_is_not_accepted(self, against: Review, desk: Desk) -> None:
        shown, _ = asked(desk("Operator"), f"{REVIEWS}{against.pk}/decide/accept/")

        assert "holds nothing back that could be accepted" in shown

    @pytest.fixture
    def held(self, single: FundedPlayer) -> Review:
        """A correction that came 31 days after the result: it waits."""
        tell(said(outcomes={"X": WON}))
        tell(said(ticks=1000 + 31 * 86_400 * 10**7, outcomes={"X": LOST}))
        return Review.objects.get()

    def test_what_is_held_back_is_shown_and_accepted(self, held: Review, desk: Desk) -> None:
        client = desk("Operator")
        page = read(client, f"{REVIEWS}{held.pk}/change/")
        assert "Stands Settled: win 25.00 EUR Held back Settled: lose 0.00 EUR" in page
        assert "Difference −25.00 EUR" in page
        assert "Dismiss…" not in page

        done(client, f"{REVIEWS}{held.pk}/decide/accept/")

        assert state() == ("SETTLED", "LOSE", 0, 2)
        assert "Accepted by user-" in read(client, f"{REVIEWS}{held.pk}/change/")
        assert sound()

    @pytest.mark.parametrize(
        ("role", "word", "query"),
        [
            ("Operator", "resettle", {"result": "WIN"}),
            ("Senior", "resettle-amount", {"payout": "25.00", "result": "WIN"}),
        ],
    )
    def test_what_stands_is_kept_by_saying_it_by_hand(
        self, held: Review, desk: Desk, role: str, word: str, query: dict[str, str]
    ) -> None:
        client = desk(role)
        page = unescape(client.get(f"{REVIEWS}{held.pk}/change/").content.decode())
        keep = f"{act_page('T-1', word)}?{urlencode(query)}"
        assert keep in page

        assert '<option value="WIN" selected>' in client.get(keep).content.decode()
        done(client, keep, **query)

        assert state() == ("SETTLED", "WIN", 2500, 1)
        held.refresh_from_db()
        assert held.end == "BY_ITSELF"
        assert sound()

    @pytest.mark.parametrize("role", ["Support", "Ops", "Auditor"])
    def test_others_read_and_do_not_decide(self, against: Review, desk: Desk, role: str) -> None:
        client = desk(role)

        page = read(client, f"{REVIEWS}{against.pk}/change/")
        assert "somebody who may decide has to" in page
        for word in ("accept", "dismiss"):
            assert client.post(f"{REVIEWS}{against.pk}/decide/{word}/", WHY).status_code == 403
        against.refresh_from_db()
        assert against.closed_at is None

    @pytest.mark.parametrize("sort", ["oldest", "newest", "money"])
    def test_the_queue_is_sorted(self, against: Review, desk: Desk, sort: str) -> None:
        assert "Since user:" in read(desk("Operator"), f"{REVIEWS}?sort={sort}&currency=EUR")


class TestBatches:
    """Acts on many tickets."""

    @pytest.fixture
    def three(self, player: FundedPlayer) -> FundedPlayer:
        """Somebody with three singles."""
        no_limits()
        accepted(*[bet(player, bet_id=f"T-{number}") for number in (1, 2, 3)])
        return player

    def test_pasted_ids_are_acted_on_together_and_reversed_together(
        self, three: FundedPlayer, desk: Desk
    ) -> None:
        client = desk("Senior")
        words = {"kind": "SETTLE", "result": "WIN", "pasted": "T-1, T-2\nT-3 T-9"}

        shown, sent = asked(client, f"{ACTS}new/", **words)

        assert "3 tickets: win" in shown or "4 tickets: win" in shown
        assert "T-9 – There is no such ticket." in shown
        assert "EUR 3 75.00 EUR 0.00 EUR +75.00 EUR" in shown
        assert sent["pasted"] == ""
        page = confirmed(client, f"{ACTS}new/", sent)
        assert "3 changed, 1 left alone, 0 failed" in page
        assert three.balance == "145.00"
        assert "Settle 4 +75.00 EUR" in read(client, ACTS)
        reversal = done(client, f"{ACTS}{last().pk}/reverse/")
        assert "3 changed, 0 left alone, 0 failed" in reversal
        assert three.balance == "70.00"
        assert {one.status for one in Ticket.objects.all()} == {"OPEN"}
        assert sound()

    def test_an_event_chooses_its_open_tickets(self, three: FundedPlayer, desk: Desk) -> None:
        words = {"kind": "VOID", "event": "E-1", "status": "OPEN"}

        done(desk("Senior"), f"{ACTS}new/", **words)

        assert three.balance == "100.00"
        assert last().total == 3

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            ({}, "Say which tickets: paste their ids, name a file, or choose"),
            (
                {"pasted": "T-1", "event": "E-1"},
                "Paste ids, name a file, or choose by event and time: only one.",
            ),
            ({"pasted": "T-1", "result": ""}, "Say how the tickets ended."),
            ({"pasted": "T-9"}, "T-9: There is no such ticket."),
            ({"event": "E-77"}, "No ticket is chosen by that."),
            ({"market": "1"}, "Name an event, or when the tickets were placed: from and to."),
            ({"kept": "../etc"}, "The tickets are kept for an hour only, and it is over"),
            ({"kept": "0" * 32}, "The tickets are kept for an hour only, and it is over"),
        ],
    )
    def test_what_can_not_be_meant_is_refused(
        self, three: FundedPlayer, desk: Desk, words: dict[str, str], told: str
    ) -> None:
        given = {"kind": "SETTLE", "result": "WIN", "status": "OPEN"}

        shown, _ = asked(desk("Senior"), f"{ACTS}new/", **given | words)

        assert told in shown
        assert not Batch.objects.exists()

    def test_nobody_goes_on_with_what_somebody_else_named(
        self, three: FundedPlayer, desk: Desk
    ) -> None:
        words = {"kind": "SETTLE", "result": "WIN", "pasted": "T-1"}
        _, sent = asked(desk("Senior"), f"{ACTS}new/", **words)

        shown, _ = asked(desk("Senior"), f"{ACTS}new/", **sent)

        assert "The tickets are kept for an hour only" in shown

    def test_a_file_says_how_each_ended(self, three: FundedPlayer, desk: Desk) -> None:
        client = desk("Senior")
        rows = b"bet_id,result,payout,leg\nT-1,win,,\nT-2,,12.34,\nT-3,void,,1\n"
        file = SimpleUploadedFile("day.csv", rows)

        shown, sent = asked(client, f"{ACTS}new/", kind="SETTLE", file=file)

        assert "T-1: win T-2: pays 12.34 in all T-3: leg 1 void" in shown
        confirmed(client, f"{ACTS}new/", sent)
        assert [state(f"T-{number}")[1:3] for number in (1, 2, 3)] == [
            ("WIN", 2500), ("MIXED", 1234), ("REFUND", 1000),
        ]  # fmt: skip
        assert sound()

    @pytest.mark.parametrize(
        ("rows", "told"),
        [
            (b"bet_id,result\nT-1,won\n", "line 2"),
            (b"bet_id,result\n", "The file names no ticket."),
            (b"\xff\xfeb\0", "The file is UTF-16: save it as UTF-8."),
            (b"PK\x03\x04broken", "Nothing is taken from the file."),
        ],
    )
    def test_a_file_that_can_not_be_meant_is_refused_whole(
        self, three: FundedPlayer, desk: Desk, rows: bytes, told: str
    ) -> None:
        name = "day.xlsx" if rows.startswith(b"PK") else "day.csv"
        file = SimpleUploadedFile(name, rows)

        shown, sent = asked(desk("Senior"), f"{ACTS}new/", kind="SETTLE", file=file)

        assert told in shown
        assert "token" not in sent
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
    def test_others_do_not_act_on_many(self, three: FundedPlayer, desk: Desk, role: str) -> None:
        client = desk(role)

        for address in (f"{ACTS}new/", f"{ACTS}markets/"):
            assert client.get(address).status_code == 403

    def test_a_large_act_runs_on_and_its_page_says_how_far_it_is(
        self, three: FundedPlayer, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "AT_ONCE", 1)
        client = desk("Senior")

        page = done(client, f"{ACTS}new/", kind="SETTLE", result="WIN", pasted="T-1 T-2 T-3")

        assert "0 % · 3 of 3 to do" in page
        assert 'http-equiv="refresh"' in client.get(f"{ACTS}{last().pk}/change/").content.decode()
        services.finish(batch=last())
        page = read(client, f"{ACTS}{last().pk}/change/?state=DONE")
        assert "3 changed" in page
        assert "T-3 ✓ Done +25.00 EUR" in page

    def test_results_are_saved_without_formulas(self, player: FundedPlayer, desk: Desk) -> None:
        no_limits()
        accepted(bet(player, bet_id="=1+1"), bet(player, bet_id="T-2"))
        client = desk("Senior")
        done(client, f"{ACTS}new/", kind="SETTLE", result="WIN", pasted="=1+1\nT-2\n@SUM(1)")

        answer = client.get(f"{ACTS}{last().pk}/results.csv")

        rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert rows[1:] == [
            "1,'=1+1,DONE,,25.00,EUR,SETTLED,WIN,25.00",
            "2,T-2,DONE,,25.00,EUR,SETTLED,WIN,25.00",
            "3,'@SUM(1),SKIPPED,There is no such ticket.,,,,,",
        ]

    def test_every_reader_sees_acts_and_admins_do_not(
        self, three: FundedPlayer, desk: Desk
    ) -> None:
        done(desk("Senior"), act_page("T-1", "settle"), result="WIN")

        for role in ("Support", "Operator", "Ops", "Auditor"):
            assert "Settle 1 +25.00 EUR" in read(desk(role), ACTS)
            assert "1 changed" in read(desk(role), f"{ACTS}{last().pk}/change/")
            assert desk(role).get(f"{ACTS}{last().pk}/results.csv").status_code == 200
        for address in (ACTS, f"{ACTS}{last().pk}/change/", f"{ACTS}{last().pk}/results.csv"):
            assert desk("Admin").get(address).status_code == 403


class TestMarkets:
    """Acts on markets and events."""

    def test_a_market_is_found_by_its_event_and_settled(
        self, single: FundedPlayer, desk: Desk
    ) -> None:
        client = desk("Senior")
        page = client.get(f"{ACTS}markets/?event=E-1").content.decode()
        market = Ticket.objects.get().selections.get().outcome.market_id
        outcome = Ticket.objects.get().selections.get().outcome_id
        assert f"{ACTS}market/{market}/settle/" in page

        words = {f"outcome-{outcome}-result": "WIN"}
        shown = done(client, f"{ACTS}market/{market}/settle/", **words)

        assert "Outcome X: win." in shown
        services.finish(batch=last())
        assert state() == ("SETTLED", "WIN", 2500, 1)

    def test_a_time_of_an_event_is_void_and_opened_again(
        self, single: FundedPlayer, desk: Desk
    ) -> None:
        client = desk("Senior")
        event = Ticket.objects.get().selections.get().outcome.market.event_id

        words = {"accepted_from": "2026-11-20T09:00", "accepted_to": "2026-11-20T11:00:00"}
        done(client, f"{ACTS}event/{event}/void/", **words)
        services.finish(batch=last())

        assert state() == ("SETTLED", "REFUND", 1000, 1)
        done(client, f"{ACTS}{last().pk}/reverse/")
        services.finish(batch=last())
        assert state() == ("OPEN", "NONE", 0, 2)

    @pytest.mark.parametrize(
        ("word", "words", "told"),
        [
            ("settle", {}, "Say how its outcomes ended."),
            ("deduct", {"percent": "101"}, "Rule 4 can't be 101."),
            ("void", {"accepted_from": "2026-11-20T09:00", "accepted_to": "2026-11-20T08:00"},
             "The window ends before it begins."),
            ("void", {"accepted_from": "yesterday"}, "Enter a valid date/time."),
        ],
    )  # fmt: skip
    def test_what_can_not_be_meant_is_refused(
        self, single: FundedPlayer, desk: Desk, word: str, words: dict[str, str], told: str
    ) -> None:
        market = Ticket.objects.get().selections.get().outcome.market_id

        shown, _ = asked(desk("Senior"), f"{ACTS}market/{market}/{word}/", **words)

        assert told in shown
        assert not Batch.objects.exists()

    @pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
    def test_others_do_not_act_on_markets(
        self, single: FundedPlayer, desk: Desk, role: str
    ) -> None:
        client = desk(role)
        market = Ticket.objects.get().selections.get().outcome.market

        for word in ("settle", "void", "deduct", "reopen"):
            assert client.post(f"{ACTS}market/{market.pk}/{word}/", WHY).status_code == 403
            assert client.get(f"{ACTS}event/{market.event_id}/{word}/").status_code in (403, 404)
        assert not Batch.objects.exists()


class TestLimits:
    """Up to what a role acts alone."""

    def test_an_admin_sets_a_limit_which_is_in_force(self, desk: Desk) -> None:
        client = desk("Admin")
        limit("Operator", "EUR", 500)

        answer = client.post(
            f"{LIMITS}new/", {"role": "Operator", "currency": "EUR", "most": "1000.50"}, follow=True
        )

        assert answer.status_code == 200
        newest = ActLimit.objects.order_by("-id")[0]
        assert (newest.role, newest.currency_id, newest.most) == ("Operator", "EUR", 100050)
        assert newest.actor.startswith("user:")
        page = read(client, LIMITS)
        assert "Operator EUR 1,000.50 ✓ in force" in page
        assert "Operator EUR 5.00 earlier" in page

    @pytest.mark.parametrize(
        ("currency", "most", "told"),
        [
            ("EUR", "1.005", "has more decimal places than EUR holds"),
            ("EUR", "-1", "A limit is not less than nothing."),
            ("", "1.5", "“1.5” is not a number of tickets."),
            ("XXX", "1", "Select a valid choice."),
        ],
    )
    def test_what_is_no_limit_is_refused(
        self, desk: Desk, currency: str, most: str, told: str
    ) -> None:
        before = ActLimit.objects.count()

        shown, _ = asked(
            desk("Admin"), f"{LIMITS}new/", role="Operator", currency=currency, most=most
        )

        assert told in shown
        assert ActLimit.objects.count() == before

    @pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
    def test_others_read_limits_and_set_none(self, desk: Desk, role: str) -> None:
        client = desk(role)

        assert client.get(LIMITS).status_code == 200
        sent = {"role": role, "currency": "", "most": "1000"}
        assert client.post(f"{LIMITS}new/", sent).status_code == 403

    def test_no_limit_is_changed_or_deleted(self, desk: Desk, admin_client: Client) -> None:
        limit("Operator", "EUR", 500)
        pk = ActLimit.objects.order_by("-id")[0].pk

        admin_client.post(f"{LIMITS}{pk}/change/", {"most": "1"})
        assert admin_client.post(f"{LIMITS}{pk}/delete/", {"post": "yes"}).status_code == 403
        assert ActLimit.objects.get(pk=pk).most == 500


def test_the_first_page_says_how_much_waits(single: FundedPlayer, desk: Desk) -> None:
    limit("Operator", "EUR", 0)
    done(desk("Operator"), act_page("T-1", "settle"), result="WIN")

    assert "Approvals waiting for you 1" in read(desk("Senior"), "/admin/")
