"""The demo's bets on fixtures: placed through the real intake, told of as LSports tells."""

import random

import pytest

from backoffice import demo_fixture_stories, demo_fixtures, demo_life, demo_lsports, truths
from backoffice.demo_fixture_stories import STORIES
from backoffice.demo_fixtures import Fixtures
from backoffice.demo_lsports import Lsports
from feeds.lsports.sandbox import Sandbox
from feeds.lsports.sandbox.control import Offer
from feeds.models import Package
from settlement.models import Review, Selection, SettlementEvent, Ticket
from tests.factories import FundedPlayer
from tests.feeds.lsports import trade
from tests.feeds.lsports.live import placed

pytestmark = pytest.mark.django_db

REOPENED = 40  # Its first beats show a settled bet as open again, and later ones settle it.


def playing() -> Sandbox:
    """Return a sandbox as the demo has it: one package in JSON, the other in XML."""
    return Sandbox(options=demo_lsports.OPTIONS)


def stand(state: str) -> None:
    """Write down how both packages are."""
    for feed in ("lsports-inplay", "lsports-prematch"):
        Package.objects.update_or_create(feed=feed, defaults={"state": state, "reason": ""})


def hear(sandbox: Sandbox) -> None:
    """Receive and process all that both packages have told so far, a message at a time."""
    for name, package in sandbox.vendor.packages.items():
        while package.sent:
            trade.hear(package.sent.popleft(), feed=f"lsports-{name}")


def tell_of(number: int, sandbox: Sandbox) -> None:
    """Place one bet, and hear each beat of what is told of it."""
    fixtures = Fixtures(Lsports(sandbox.port))
    fixtures.bet(number)
    for story in fixtures.stories:
        for beat in story:
            fixtures.tell(beat)
            hear(sandbox)


def happened() -> list[tuple[str, str]]:
    """Return how the only ticket moved."""
    events = SettlementEvent.objects.order_by("sequence")
    return list(events.values_list("kind", "after_result"))


@pytest.mark.parametrize(
    ("name", "number", "moved", "asked"),
    [
        ("a goal that the video assistant takes back", 1, ["WIN", "NONE", "LOSE"], []),
        ("by halves", 2, ["HALF_LOSE"], []),
        ("refunded", 3, ["REFUND"], []),
        ("settled by both packages", 4, ["LOSE"], []),
        ("known by its name and line alone", 5, ["LOSE"], []),
        ("on a race, in XML", 6, ["LOSE"], []),
        ("on a league, in XML", 7, ["LOSE"], []),
        ("with a code that nobody knows", 8, [], ["UNKNOWN_RESULT"]),
        ("beside one whose time is nonsense", 9, ["LOSE"], ["UNKNOWN_RESULT"]),
        ("settled, and shown as open again", 10, ["WIN"], ["BET_REOPENED"]),
        ("on a fixture that is cancelled", 11, [], ["FIXTURE_OFF"]),
        ("on a fixture of which nobody speaks any more", 12, [], []),
    ],
)
def test_the_first_bets_have_a_story_each(
    name: str, number: int, moved: list[str], asked: list[str]
) -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        tell_of(number, sandbox)
        follows = sandbox.vendor.package("inplay").active

    assert [result for _, result in happened()] == moved, name
    assert list(Review.objects.values_list("kind", flat=True)) == asked
    ticket = Ticket.objects.get(bet_id=f"DEMO-LS-{number:05d}")
    assert ticket.status == ("SETTLED" if moved else "OPEN")
    assert (str(71_000_000 + 2 * number) in follows) is (number in (8, 9, 10))
    assert [found.name for found in truths.check() if found.rows] == []


def test_a_bet_may_be_named_without_an_id() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        Fixtures(Lsports(sandbox.port)).bet(5)

    outcome = Selection.objects.get().outcome
    assert (outcome.ref, outcome.line, outcome.market.name) == ("", "2.5", "Under/Over")
    assert outcome.name in ("Over", "Under")


@pytest.mark.parametrize(
    ("number", "package", "fault"), [(14, "prematch", "silent"), (15, "inplay", "silent")]
)
def test_what_a_silent_package_tells_is_in_its_snapshot_only(
    number: int, package: str, fault: str
) -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        tell_of(number, sandbox)
        held = sandbox.vendor.package(package).shelf.fixtures[str(71_000_000 + 2 * number)]
        lost, faults = sandbox.counts["messages_lost"], sandbox.counts["faults"]

    assert {bet.status for bets in held.markets.values() for bet in bets.values()} == {3}
    assert lost == 1
    assert faults == {fault: 1}


@pytest.mark.parametrize("number", [8, 9, 10, 11, 12])
def test_later_stories_in_which_people_are_asked_end_by_themselves(number: int) -> None:
    (case,) = demo_fixtures.cases_of(number, "SINGLE")
    story = STORIES[number - 1]

    first = demo_fixture_stories.beats_of(number, story, case)
    later = demo_fixture_stories.beats_of(99, story, case)

    assert story.asks
    assert later[:-1] == first
    assert later[-1][0].path == "settle"


def test_a_ticket_bets_on_the_same_whenever_it_is_asked() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    asked = [
        demo_fixtures.ticket(number, "DEMO-0001", random.Random(number)) for number in range(1, 60)
    ]

    kinds = {one["kind"] for one in asked}
    for number, one in enumerate(asked, 1):
        cases = demo_fixtures.cases_of(number, one["kind"].upper())
        assert [leg["event"] for leg in one["selections"]] == [case.fixture for case in cases]
    assert kinds == {"single", "double"}
    assert {len(one["selections"]) for one in asked[:15]} == {1}


def test_nobody_bets_before_both_packages_are_healthy() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    stand("RECOVERING")
    with playing() as sandbox:
        fixtures = Fixtures(Lsports(sandbox.port))
        demo_life.beat(fixtures)
        before = Ticket.objects.count()
        stand("HEALTHY")
        demo_life.beat(fixtures)

    assert (before, Ticket.objects.count()) == (0, 1)
    assert Ticket.objects.get().bet_id == demo_fixtures.FIRST


def test_what_the_last_run_left_untold_is_ended_and_what_people_were_asked_is_not() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with playing() as sandbox:
        earlier = Fixtures(Lsports(sandbox.port))
        earlier.bet(8)
        earlier.bet(16)
        earlier.bet(REOPENED)
        for _ in range(2):
            earlier.tell(earlier.stories[-1].popleft())
        hear(sandbox)
        asked = Review.objects.count()
        before = list(Ticket.objects.values_list("id", flat=True))
    stand("HEALTHY")
    with playing() as sandbox:
        now = Fixtures(Lsports(sandbox.port))
        for _ in range(2):
            demo_life.beat(now)
        hear(sandbox)
        follows = sandbox.vendor.package("inplay").active
        held = sandbox.vendor.package("inplay").shelf.fixtures["71000016"]

    settled = Ticket.objects.filter(id__in=before, status="SETTLED").order_by("id")
    assert [one.bet_id for one in settled] == ["DEMO-LS-00016", f"DEMO-LS-{REOPENED:05d}"]
    assert (asked, Review.objects.filter(closed_at=None).count()) == (1, 0)
    assert "71000016" in follows
    assert "71000032" not in follows
    asked_at = Ticket.objects.get(bet_id="DEMO-LS-00008").accepted_at
    assert held.updated == round(asked_at.timestamp() * 1000)


def test_lsports_is_told_what_was_bet_on_before_it_was_there_but_for_one_fixture() -> None:
    player = FundedPlayer.create("100.00", external_id="DEMO-0001")
    placed(player, event="10240000", market="18", outcome="12", outcome_name="Over 2.5")
    placed(player, "T-2", event=demo_lsports.GONE)
    with playing() as sandbox:
        Fixtures(Lsports(sandbox.port)).bet(8)

    (offer,) = demo_lsports.offers()

    assert isinstance(offer, Offer)
    assert (offer.fixture, offer.package) == ("10240000", "prematch")
    ((market,),) = (offer.markets,)
    assert market.id == "18"
    assert [(bet.id, bet.name) for bet in market.bets or ()] == [("12", "Over 2.5")]
