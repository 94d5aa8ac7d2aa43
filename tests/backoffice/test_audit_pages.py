"""Who did what: one search over all that was done, the newest first, and its file."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backoffice import audit_trail
from backoffice.audit_trail import Search
from settlement.models import Batch, Ticket
from tests.backoffice.desk_acts import read
from tests.factories import FundedPlayer
from tests.settlement.acting import OLGA, SAM, done, no_limits
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import WON, said, tell

Desk = Callable[[str], Client]
AUDIT = "/admin/settlement/batch/audit/"
FILE = "/admin/settlement/batch/audit.csv"


@pytest.fixture
def busy(player: FundedPlayer) -> FundedPlayer:
    """Two tickets: olga settles one, the feed the other, sam takes back what olga did."""
    no_limits()
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2", selections=[
        {"event": "E-2", "market": "1", "outcome": "X", "price": "2.50"}
    ]))  # fmt: skip
    batch = done("settle", "T-1", each={"result": "win"}, actor=OLGA)
    tell(said(outcomes={"X": WON}, event="E-2"))
    done("undo", undoes=batch.pk, actor=SAM)
    return player


def kinds(search: Search) -> list[str]:
    """Return which kinds of things a search finds, the newest first."""
    return [one.source for one in audit_trail.everything(search, most=1000)]


def test_everything_is_found_in_the_order_in_which_it_was_done(busy: FundedPlayer) -> None:
    assert kinds(Search()) == [
        "event", "transfer", "ticket fact", "act", "event", "transfer",
        "event", "transfer", "ticket fact", "act", "transfer", "transfer", "transfer",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(who="user:sam"), ["act", "ticket fact", "event", "transfer"]),
        (Search(who="feed:sportradar"), ["event", "transfer"]),
        (Search(source="act"), ["act", "act"]),
        (Search(reason="PROVIDER_DOWN", source="event"), ["event", "event"]),
        (Search(who="user:nobody"), []),
    ],
)
def test_it_is_narrowed_by_who_what_and_why(
    busy: FundedPlayer, search: Search, found: list[str]
) -> None:
    assert sorted(kinds(search)) == sorted(found)


def test_it_is_narrowed_to_a_ticket(busy: FundedPlayer) -> None:
    ticket = Ticket.objects.get(bet_id="T-2")

    assert sorted(kinds(Search(ticket=ticket))) == ["event", "transfer", "transfer"]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_pages_leave_nothing_out_and_tell_nothing_twice(busy: FundedPlayer, size: int) -> None:
    whole = [(one.source, one.row.pk) for one in audit_trail.everything(Search(), most=1000)]

    paged, place = audit_trail.page_of(Search(), {}, size)
    while place:
        more, place = audit_trail.page_of(Search(), place, size)
        paged += more

    assert sorted((one.source, one.row.pk) for one in paged) == sorted(whole)


def test_a_page_takes_a_query_for_each_source(
    busy: FundedPlayer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        audit_trail.page_of(Search(), {}, 100)


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_who_reads_all_of_it_searches_it(busy: FundedPlayer, desk: Desk, role: str) -> None:
    client = desk(role)

    page = read(client, f"{AUDIT}?who=olga&ticket=T-1")

    assert "user:olga Settle act" in page
    assert "user:olga Settle ticket T-1 +25.00 EUR Provider down He does not answer." in page
    assert "user:sam" not in page
    exported = client.get(FILE).status_code
    assert exported == (200 if role in ("Senior", "Auditor") else 403)


def test_admins_do_not(busy: FundedPlayer, desk: Desk) -> None:
    for address in (AUDIT, FILE):
        assert desk("Admin").get(address).status_code == 403


def test_what_can_not_be_meant_is_said(busy: FundedPlayer, desk: Desk) -> None:
    client = desk("Auditor")

    assert "There is no ticket “T-9”." in read(client, f"{AUDIT}?ticket=T-9")
    assert client.get(f"{FILE}?ticket=T-9").status_code == 400
    assert client.get(f"{AUDIT}?place=act:x.event:99999999999999999999").status_code == 200


def test_the_file_holds_no_formula(player: FundedPlayer, desk: Desk) -> None:
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"}, note="=HYPERLINK(1)")

    answer = desk("Auditor").get(f"{FILE}?source=act")

    rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert rows[0] == "\ufefftime (UTC),kind,number,who,what,about,change,currency,reason,note"
    act = Batch.objects.get().pk
    assert rows[1].endswith(
        f',user:olga,Settle,"act {act}, 1 ticket",,,Provider down,\'=HYPERLINK(1)'
    )
