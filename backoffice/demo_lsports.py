"""The demo's LSports: our own servers of its two packages, with queues over HTTP."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from backoffice.demo_offers import opened
from backoffice.demo_servers import Server
from feeds.lsports.sandbox.bodies import Bet, Market
from feeds.lsports.sandbox.control import Odds, Offer
from feeds.lsports.sandbox.options import PREMATCH, Format, Layout, Options, PreMatch
from settlement.models import Outcome, SportEvent
from settlement.vocabulary import Provider, TicketStatus

PREFERRED_PORT = 8090
LIVE = "DEMO-LS-"
# A quarter of each span: four snapshots of everything must be 15 s apart until all is healthy, and
# a fixture is missing its settlements only after 15 minutes.
DIVIDED = "4"
ODDS_A_SECOND = 2
GONE = "10240047"  # LSports does not know it any more, whatever was bet on it.
OPTIONS = Options(prematch=PreMatch(layout=Layout(format=Format.XML)))
PACKAGES = {"INPLAY": OPTIONS.inplay, "PREMATCH": OPTIONS.prematch}


@dataclass(frozen=True, slots=True)
class Lsports(Server):
    """Where the demo's LSports is on this machine."""

    @property
    def words(self) -> list[str]:
        """Its command: one package is in JSON, the other in XML."""
        layout = ["--option", f'{PREMATCH}={{"layout": {{"format": "{Format.XML}"}}}}']
        rate = ["--rate", str(ODDS_A_SECOND)]
        return [
            "-m", "feeds.lsports.sandbox", "--divide", DIVIDED, *rate, *layout,
            "--port", str(self.port),
        ]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name it: without a broker its own address serves the messages too."""
        found = {"LSPORTS_DIVIDE_TIMES_BY": DIVIDED}
        for name, one in PACKAGES.items():
            said = {
                "PACKAGE_ID": str(one.id),
                "USER": one.user,
                "PASSWORD": one.password,
                "FORMAT": str(one.layout.format),
                **dict.fromkeys(("AMQP_URL", "API_URL", "SNAPSHOT_URL"), self.url),
            }
            found |= {f"LSPORTS_{name}_{what}": value for what, value in said.items()}
        return found


def acquaint(lsports: Server) -> None:
    """Tell LSports of the fixtures that were bet on before it was there, and let prices change."""
    for offer in offers():
        lsports.tell("offer", offer)
    lsports.tell("odds", Odds(rate=ODDS_A_SECOND, package=PREMATCH))


def offers() -> Iterator[Offer]:
    """Yield the fixtures of open tickets, with what was bet on; not those of the demo's life."""
    events: dict[SportEvent, dict[str, list[Bet]]] = defaultdict(lambda: defaultdict(list))
    found = Outcome.objects.filter(
        market__event__provider=Provider.LSPORTS, selections__ticket__status=TicketStatus.OPEN
    ).exclude(selections__ticket__bet_id__startswith=LIVE)
    for one in found.distinct().select_related("market__event").order_by("id"):
        events[one.market.event][one.market.ref].append(Bet(one.ref, one.name))
    for event, bets in events.items():
        if event.ref != GONE:
            at = event.start_at or datetime.now(UTC)
            told = (Market(ref, bets=tuple(some)) for ref, some in bets.items())
            yield Offer(event.ref, tuple(opened(one, at) for one in told), PREMATCH)
