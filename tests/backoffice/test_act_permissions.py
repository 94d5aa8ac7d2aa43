"""Who may act: every act, by everybody, on every way in; a refused one leaves all as it was.

One state of the books serves all cases: each is tried in a savepoint of its own. A new way in is a
line in `WAYS`: whether it takes an order, and a function that tries the order as somebody.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from backoffice.acting import actor_for, order_of
from backoffice.models import User
from backoffice.roles import ROLES
from feeds import inbox
from feeds.models import LookupCall
from settlement.acts import services, tokens
from settlement.acts.actors import Actor
from settlement.models import Approval, Batch, Review, Ticket
from settlement.orders import ActRefused
from settlement.vocabulary import ActKind
from tests.backoffice.api.asking import Json, by_token
from tests.backoffice.desk_acts import form_of
from tests.factories import FundedPlayer, UserFactory
from tests.feeds.answering import ended
from tests.feeds.words import odds88
from tests.services import deep
from tests.settlement.accepting import accept, answer
from tests.settlement.acting import EVERYTHING, done, limit, no_limits, words
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import LOST, WON, receive_and_process, said, tell

API = "/api/v1"
MONTH = 31 * 24 * 3600 * 10_000_000

# What operators may do. Seniors may do that and more.
OPERATORS = frozenset({
    "settle", "settle a leg", "resettle", "void", "void a leg", "reopen", "cash out", "release",
    "take a settlement back", "take a void back", "accept a review", "dismiss a review",
    "accept a result", "accept a correction", "take an acceptance back",
})  # fmt: skip
SENIORS = OPERATORS | {
    "settle by amount", "resettle by amount", "settle two", "void two", "cancel", "reject",
    "take two voids back", "take a cancellation back", "take a market back",
    "dismiss two reviews", "settle a market", "void a market", "void an event",
    "deduct on a market", "reopen a market",
}  # fmt: skip
NOTHING: frozenset[str] = frozenset()
MAY = {
    "Support": NOTHING,
    "Operator": OPERATORS,
    "Senior": SENIORS,
    "Ops": NOTHING,
    "Auditor": NOTHING,
    "Admin": NOTHING,
    "Platform": NOTHING,
    "nobody": NOTHING,
    "inactive Senior": NOTHING,
    "inactive superuser": NOTHING,
    "superuser": SENIORS,
}
# A superuser has no limit, so somebody else has to agree; but nothing moves by these.
MOVES_NOTHING = frozenset({"dismiss a review", "dismiss two reviews"})
APPROVES = frozenset({"Senior", "superuser"})
READS = frozenset({"Support", "Operator", "Senior", "Ops", "Auditor", "superuser"})
DONE, WAITS, SHOWN, REFUSED = "done", "waits", "shown", "refused"

TABLES = (
    "settlement_ticket", "settlement_selection", "settlement_ticketfact", "settlement_marketfact",
    "settlement_settlementevent", "settlement_batch", "settlement_batchline", "settlement_approval",
    "settlement_review", "settlement_dueticket", "settlement_duemarket", "settlement_actlimit",
    "wallet_account", "wallet_transfer", "feeds_lookupcall",
)  # fmt: skip
DIGEST = " UNION ALL ".join(
    f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
    for table in TABLES
)


@dataclass
class Books:
    """Tickets in every state that an act needs, an order for every act, and everybody."""

    orders: dict[str, Json]
    digests: dict[str, bytes] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    desks: dict[str, Client] = field(default_factory=dict)
    waiting: int = 0
    digest: list[Any] = field(default_factory=list)

    def token(self, name: str, user: User) -> str:
        """Return a token as if somebody had seen the preview, whether he may or not."""
        maker = f"user:{user.username}"
        if name not in self.digests:
            anybody = Actor(maker, frozenset(), EVERYTHING)
            shown = services.preview(order=order_of(self.orders[name]), actor=anybody)
            self.digests[name] = tokens.read(shown.token, maker).digest
        return tokens.issued(self.digests[name], maker)


@dataclass(frozen=True)
class Case:
    """Somebody who tries an order."""

    books: Books
    order: str
    who: str

    @property
    def words(self) -> Json:
        """The order in a client's words."""
        return self.books.orders[self.order]

    @property
    def why(self) -> Json:
        """The order's reason and note."""
        return {name: self.words[name] for name in ("reason", "note")}

    @property
    def user(self) -> User:
        """Who tries it."""
        return self.books.people[self.who]

    @property
    def token(self) -> str:
        """The preview's token."""
        return self.books.token(self.order, self.user)


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: Any) -> Iterator[Books]:
    """Prepare everything once, and forget it at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Books(orders())
        add_people(found)
        found.digest = digest()
        yield found
        transaction.set_rollback(True)


def add_people(books: Books) -> None:
    """Add everybody, and an act that waits for somebody's agreement."""
    for name in MAY:
        role = name.removeprefix("inactive ")
        user = UserFactory.create(
            username=name.replace(" ", "-"),
            role=role if role in ROLES else None,
            is_superuser=role == "superuser",
        )
        books.clients[name] = by_token(user)
        books.desks[name] = Client()
        books.desks[name].force_login(user, "django.contrib.auth.backends.ModelBackend")
        User.objects.filter(pk=user.pk).update(is_active=not name.startswith("inactive"))
        books.people[name] = User.objects.get(pk=user.pk)
    limit("Beginner", "EUR", 0)
    beginner = Actor("user:beginner", frozenset({"Beginner"}), EVERYTHING)
    books.waiting = done("settle", "open", each={"result": "win"}, actor=beginner).pk


TICKETS = (
    "open other settled disputed disputed-too held voided two-a two-b cancelled market done-market "
    "at-odds88 settled-at-odds88 accepted"
).split()
AT_ODDS88 = ("at-odds88", "settled-at-odds88", "accepted")


def event_of(ticket: str) -> str:
    """Return the event that one of the tickets bets on."""
    return f"E-{TICKETS.index(ticket) + 1}"


def market_of(ticket: str) -> Json:
    """Return the market that one of the tickets bets on."""
    return {"provider": "manual", "event": event_of(ticket), "market": "1"}


def orders() -> dict[str, Json]:
    """Bring tickets to their states, and return an order for every act."""
    no_limits()
    player = FundedPlayer.create("1000.00")
    accepted(
        *(
            bet(player, selection(n), bet_id=name, provider=provider_of(name))
            for n, name in enumerate(TICKETS, 1)
        )
    )
    tell(*(said(outcomes={"X": WON}, event=event_of(name)) for name in ("settled", "held")))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}, event=event_of("held")))
    disputed = done("settle", "disputed", each={"result": "win"})
    done("settle", "disputed-too", each={"result": "win"})
    tell(
        *(said(outcomes={"X": LOST}, event=event_of(name)) for name in ("disputed", "disputed-too"))
    )
    won = {"outcomes": {"X": {"result": "win"}}}
    lookups = {name: looked_up(name) for name in AT_ODDS88}
    backs = {
        "take an acceptance back": accept("accepted", answer(), lookup=lookups["accepted"]),
        "take a settlement back": disputed,
        "take a void back": done("void", "voided"),
        "take two voids back": done("void", "two-a", "two-b"),
        "take a cancellation back": done("cancel", "cancelled"),
        "take a market back": done("market_settle", market=market_of("done-market") | won),
    }
    reviews = {one.ticket.bet_id: one.pk for one in Review.objects.all() if one.ticket}
    return {
        "settle": words("settle", "open", each={"result": "win"}),
        "settle a leg": words("settle", "open", each={"legs": [leg("win")]}),
        "settle by amount": words("settle", "open", each={"payout": "12.34"}),
        "settle two": words("settle", "open", "other", each={"result": "win"}),
        "resettle": words("resettle", "settled", each={"result": "lose"}),
        "resettle by amount": words("resettle", "settled", each={"payout": "12.34"}),
        "void": words("void", "open"),
        "void a leg": words("void", "open", each={"legs": [{"position": 1}]}),
        "void two": words("void", "open", "other"),
        "reopen": words("reopen", "settled"),
        "cash out": words("cash_out", "open", each={"amount": "5.00"}),
        "cancel": words("cancel", "open"),
        "reject": words("reject", "open"),
        "release": words("release", "disputed"),
        "accept a review": words("accept", reviews=[reviews["held"]]),
        "dismiss a review": words("dismiss", reviews=[reviews["disputed"]]),
        "dismiss two reviews": words(
            "dismiss", reviews=[reviews["disputed"], reviews["disputed-too"]]
        ),
        "settle a market": words("market_settle", market=market_of("market") | won),
        "void a market": words("market_void", market=market_of("market")),
        "void an event": words(
            "market_void", market={"provider": "manual", "event": event_of("market")}
        ),
        "deduct on a market": words(
            "market_deduct", market=market_of("settled") | {"percent": "10"}
        ),
        "reopen a market": words("market_reopen", market=market_of("settled")),
        "accept a result": words(
            "accept_result", "at-odds88", each={"lookup": lookups["at-odds88"]}
        ),
        "accept a correction": words(
            "accept_result", "settled-at-odds88", each={"lookup": lookups["settled-at-odds88"]}
        ),
        **{name: words("undo", undoes=batch.pk) for name, batch in backs.items()},
    }


def provider_of(ticket: str) -> str:
    """Return who says how one of the tickets ends."""
    return "odds88" if ticket in AT_ODDS88 else "manual"


def looked_up(ticket: str) -> int:
    """Write down that Odds88 said, just now, that a ticket won; return the call's number."""
    found = Ticket.objects.get(bet_id=ticket)
    if ticket.startswith("settled"):
        receive_and_process(odds88(ticket, "lost"))
        inbox.drain()
    return LookupCall.objects.create(
        ticket=found, actor="user:sue", kind="SETTLEMENT", asked_at=datetime.now(UTC),
        sent="GET", answer=json.dumps(ended(betId=ticket)), duration_ms=1, tries=1,
    ).pk  # fmt: skip


def leg(result: str) -> Json:
    """Return how the first leg shall end."""
    return {"position": 1, "result": result}


def by_service_shown(case: Case) -> str:
    """Preview an act."""
    try:
        services.preview(order=order_of(case.words), actor=actor_for(case.user))
    except ActRefused as refusal:
        return refused(refusal.code == "not_allowed", refusal)
    return SHOWN


def by_service(case: Case) -> str:
    """Do an act."""
    order, actor = order_of(case.words), actor_for(case.user)
    try:
        batch = services.act(order=order, actor=actor, token=case.token)
    except ActRefused as refusal:
        return refused(refusal.code == "not_allowed", refusal)
    return WAITS if batch.state == "WAITING" else DONE


def by_api_shown(case: Case) -> str:
    """Preview an act over HTTP."""
    return posted(case, "previews", case.words)


def by_api(case: Case) -> str:
    """Do an act over HTTP."""
    return posted(case, "batches", case.words | {"token": case.token})


def by_api_on_ticket(case: Case) -> str:
    """Do an act at a ticket's own address."""
    [ticket] = case.words["tickets"]
    said_of_it = {name: value for name, value in ticket.items() if name != "bet_id"}
    body = {"act": case.words["act"], **case.why, **said_of_it, "token": case.token}
    return posted(case, f"tickets/{ticket['bet_id']}/settlements", body)


def by_api_reversal(case: Case) -> str:
    """Take an act back at its own address."""
    return posted(case, f"batches/{case.words['undoes']}/reverse", case.why | {"token": case.token})


def by_api_reversal_shown(case: Case) -> str:
    """Preview that."""
    return posted(case, f"batches/{case.words['undoes']}/reverse", case.why)


def by_api_review(case: Case) -> str:
    """Decide a review at its own address."""
    return posted(case, review_address(case), decision(case) | {"token": case.token})


def by_api_review_shown(case: Case) -> str:
    """Preview that."""
    return posted(case, review_address(case), decision(case))


def review_address(case: Case) -> str:
    """Return a review's address."""
    [number] = case.words["reviews"]
    return f"reviews/{number}"


def decision(case: Case) -> Json:
    """Return a decision about a review."""
    return {"decision": case.words["act"], **case.why}


def by_settle(case: Case) -> str:
    """Do an act by `manage.py settle`."""
    each = {name: value for name, value in case.words["tickets"][0].items() if name != "bet_id"}
    act = case.words["act"]
    how = [f"--{act}"]
    if act == "cash_out":
        how = ["--cash-out", each["amount"]]
    elif act == "accept_result":
        how = ["--accept-result", str(each["lookup"])]
    elif "legs" in each:
        how = ["--leg", f"1={each['legs'][0].get('result', 'void')}"]
    elif each:
        how = [f"--{name}={value}" for name, value in each.items()]
    again = ["--resettle"] if act == "resettle" else []
    bet_ids = [one["bet_id"] for one in case.words["tickets"]]
    return commanded(case, "settle", *bet_ids, *how, *again)


def by_file(case: Case) -> str:
    """Do an act by `manage.py import_settlements`."""
    file = io.BytesIO("\n".join(json.dumps(one) for one in case.words["tickets"]).encode())
    again = ["--resettle"] if case.words["act"] == "resettle" else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(file)))
        return commanded(case, "import_settlements", "-", "--format", "jsonl", *again)


def by_desk(case: Case) -> str:
    """Do an act at the desk."""
    return typed_in(case, {"token": case.token})


def by_desk_shown(case: Case) -> str:
    """Preview an act at the desk."""
    return typed_in(case, {})


def typed_in(case: Case, more: Json) -> str:
    """Send a page's form as somebody; return what came of it."""
    address, typed = form_of(case.words) or ("", {})
    response = case.books.desks[case.who].post(address, {**typed, **case.why, **more})
    match response.status_code:
        case 200 if b'name="token"' in response.content:
            return SHOWN
        case 302 if "/login/" not in response["Location"]:
            return newest()
        case status:
            return refused(status == (403 if case.user.is_active else 302), response.content)


def has_a_page(order: Json) -> bool:
    """Whether the desk has a page for an order: it decides reviews one by one."""
    return form_of(order) is not None


def commanded(case: Case, *typed: str) -> str:
    """Run a command as somebody; return what came of it."""
    before = Batch.objects.count()
    why = ["--reason", case.words["reason"], "--note", case.words["note"]]
    try:
        call_command(*typed, *why, "--as", case.user.username, "--yes", stdout=io.StringIO())
    except CommandError as error:
        return refused("may not do this" in str(error) or "no active user" in str(error), error)
    assert Batch.objects.count() == before + 1
    return newest()


def posted(case: Case, path: str, body: Json) -> str:
    """Post to the API as somebody; return what came of it."""
    client = case.books.clients[case.who]
    response = client.post(f"{API}/{path}/", json.dumps(body), content_type="application/json")
    match response.status_code:
        case 200:
            return SHOWN
        case 201 | 202:
            return newest()
        case status:
            return refused(status == (403 if case.user.is_active else 401), response.content)


def refused(for_want_of_permission: bool, said_about_it: object) -> str:
    """Return that an act was refused; or why, when it was for another reason."""
    return REFUSED if for_want_of_permission else str(said_about_it)


def newest() -> str:
    """Return where the newest act stands."""
    return WAITS if Batch.objects.latest("id").state == "WAITING" else DONE


def anything(order: Json) -> bool:
    """Take any order."""
    return True


def undoes(order: Json) -> bool:
    """Whether an order takes an act back."""
    return "undoes" in order


def is_on_one_ticket(order: Json) -> bool:
    """Whether an order is on a single ticket."""
    return len(order.get("tickets", ())) == 1


def is_on_one_review(order: Json) -> bool:
    """Whether an order is on a single review."""
    return len(order.get("reviews", ())) == 1


def can_be_typed(order: Json) -> bool:
    """Whether the command has words for an order: a leg is voided there by settling it."""
    return "tickets" in order and not (order["act"] == "void" and "legs" in order["tickets"][0])


def settles(order: Json) -> bool:
    """Whether an order says how tickets ended."""
    return order["act"] in ("settle", "resettle")


WAYS: dict[str, tuple[Callable[[Json], bool], Callable[[Case], str]]] = {
    "service, preview": (anything, by_service_shown),
    "service": (anything, by_service),
    "API, preview": (anything, by_api_shown),
    "API": (anything, by_api),
    "API, ticket": (is_on_one_ticket, by_api_on_ticket),
    "API, reversal, preview": (undoes, by_api_reversal_shown),
    "API, reversal": (undoes, by_api_reversal),
    "API, review, preview": (is_on_one_review, by_api_review_shown),
    "API, review": (is_on_one_review, by_api_review),
    "settle": (can_be_typed, by_settle),
    "import_settlements": (settles, by_file),
    "desk, preview": (has_a_page, by_desk_shown),
    "desk": (has_a_page, by_desk),
}


def expected(way: str, order: str, who: str) -> str:
    """Return what has to come of a case."""
    if order not in MAY[who]:
        return REFUSED
    if way.endswith("preview"):
        return SHOWN
    return WAITS if who == "superuser" and order not in MOVES_NOTHING else DONE


# Each way and each order is in every fifth pair, so all are tried; with DEEP=1 all pairs are.
PAIRS = [
    (way, order)
    for place, way in enumerate(WAYS)
    for other, order in enumerate(sorted(SENIORS))
    if deep() or (place + other) % 5 == 0
]


@pytest.mark.parametrize(("way", "order"), PAIRS)
def test_an_act_is_for_those_who_may_and_for_nobody_else(
    books: Books, way: str, order: str
) -> None:
    takes, tries = WAYS[way]
    if not takes(books.orders[order]):
        return
    for who in MAY:
        case = Case(books, order, who)
        with one_case():
            came = tries(case)
            assert came == expected(way, order, who), who
            if came in (REFUSED, SHOWN):
                assert digest() == books.digest, who
            else:
                assert Batch.objects.latest("id").maker == f"user:{case.user.username}"


def test_every_act_and_every_role_is_tried(books: Books) -> None:
    assert {order["act"].upper() for order in books.orders.values()} == set(ActKind)
    assert books.orders.keys() == SENIORS
    assert set(ROLES) <= MAY.keys()
    taken = [takes(order) for takes, _ in WAYS.values() for order in books.orders.values()]
    assert sum(taken) * len(MAY) == 2519


@contextmanager
def one_case() -> Iterator[None]:
    """Take back what a case does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def digest() -> list[Any]:
    """Return what stands for all that an act could change."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        return list(cursor.fetchall())


@pytest.mark.parametrize("who", MAY)
@pytest.mark.parametrize("decision", ["accept", "refuse", "withdraw"])
@pytest.mark.parametrize("way", ["service", "API"])
def test_an_approval_is_given_by_those_who_may(
    books: Books, way: str, decision: str, who: str
) -> None:
    user = books.people[who]
    may = who in APPROVES and decision != "withdraw"

    with one_case():
        if way == "API":
            response = books.clients[who].post(
                f"{API}/approvals/{books.waiting}/",
                {"decision": decision, "note": "Looked."},
                content_type="application/json",
            )
            assert response.status_code == (200 if may else 403 if user.is_active else 401)
        else:
            assert decided(decision, books.waiting, user) == ("" if may else "not_allowed")
        if not may:
            assert digest() == books.digest
        else:
            step = Approval.objects.latest("id")
            assert (step.batch_id, step.checker) == (books.waiting, f"user:{user.username}")


def decided(decision: str, number: int, user: User) -> str:
    """Decide about an act; return why that was refused."""
    decide = {"accept": services.accept, "refuse": services.refuse, "withdraw": services.withdraw}
    try:
        decide[decision](batch_id=number, actor=actor_for(user), note="Looked.")
    except ActRefused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("who", MAY)
@pytest.mark.parametrize(
    "path", ["batches/", "batches/{act}/", "batches/{act}/lines/", "approvals/", "reviews/",
             "reviews/{review}/"],
)  # fmt: skip
def test_acts_and_reviews_are_read_by_those_who_may(books: Books, path: str, who: str) -> None:
    review = Review.objects.latest("id").pk

    with one_case():
        address = f"{API}/{path.format(act=books.waiting, review=review)}"
        status = books.clients[who].get(address).status_code
        assert status == (200 if who in READS else 403 if books.people[who].is_active else 401)
        assert digest() == books.digest
