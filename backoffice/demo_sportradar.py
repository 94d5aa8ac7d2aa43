"""The demo's Sportradar: our own servers of its protocol, with queues over HTTP."""

from dataclasses import dataclass

from backoffice.demo_servers import Server

FEED = "sportradar"
PREFERRED_PORT = 8089
TOKEN = "demo"  # noqa: S105 - it guards nothing
LIVE_ODDS, PRE_MATCH = 1, 3  # The producers that we are subscribed to.


@dataclass(frozen=True, slots=True)
class Sportradar(Server):
    """Where the demo's Sportradar is on this machine."""

    @property
    def words(self) -> list[str]:
        """Its command."""
        active = ["--option", f"active=[{LIVE_ODDS},{PRE_MATCH}]"]
        known = ["--option", f"token={TOKEN}", *active]
        return ["-m", "feeds.sportradar.sandbox", *known, "--port", str(self.port)]

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name it: without a broker its own address serves the messages too."""
        return {"UOF_AMQP_URL": self.url, "UOF_API_URL": self.url, "UOF_TOKEN": TOKEN}
