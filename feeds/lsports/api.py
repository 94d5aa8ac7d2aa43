"""LSports' API: whether a package is sent, that it shall be, and how its markets stand."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import msgspec
import requests
from requests.auth import AuthBase

from feeds import http
from feeds.http import Reply, Server
from feeds.lsports.answers import Distribution, NotAnAnswer, complaint, distribution_in
from feeds.lsports.troubles import Busy, Failed, Refused, Unexpected
from feeds.lsports.troubles import Unreachable as Away

LONGEST_SNAPSHOT = 256 * 2**20
LONGEST_STATUS = 2**20
WITHIN, SNAPSHOT_WITHIN = 10.0, 90.0  # seconds
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Account:
    """A package, who we are there, and where it is asked about.

    `place` is how the package is called in a snapshot's path, `name` in our settings. Without an
    address there is nobody to be asked.
    """

    name: str
    place: str
    package: str
    user: str
    password: str
    api_url: str = ""
    snapshot_url: str = ""
    is_xml: bool = False

    def setting(self, what: str) -> str:
        """Return the name of a setting of this package's."""
        return f"LSPORTS_{self.name}_{what}"


class Nobody(AuthBase):
    """Who we are stands in the body; named, so that no .netrc says it in a header."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Api:
    """LSports' API, asked by one thread."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.session = requests.Session()

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    def distribution(self) -> Distribution:
        """Return whether the package is sent."""
        return self.read(self.order("/Package/GetDistributionStatus"), distribution_in)

    def start(self) -> None:
        """Have the package sent. That it is being sent already is no trouble."""
        self.order("/Distribution/Start")

    def order(self, path: str) -> Reply:
        """Return the reply to a question about the package's distribution."""
        one = self.account
        asked = {"PackageId": number(one.package), "UserName": one.user, "Password": one.password}
        server = Server("LSports", one.setting("API_URL"), LONGEST_STATUS)
        return self.send(one.api_url.rstrip("/") + path, asked, server, WITHIN)

    def snapshot(
        self, method: str, *, since_ms: int | None = None, fixtures: Sequence[str] = ()
    ) -> bytes:
        """Return how markets stand: of all that changed since a time, or of some fixtures."""
        one = self.account
        asked: dict[str, object] = {
            "packageId": number(one.package),
            "userName": one.user,
            "password": one.password,
        }
        if fixtures:
            asked["fixtures"] = [number(ref) for ref in fixtures]
        elif since_ms is not None:
            asked["timestamp"] = since_ms
        server = Server("LSports", one.setting("SNAPSHOT_URL"), LONGEST_SNAPSHOT)
        url = f"{one.snapshot_url.rstrip('/')}/{one.place}/{method}"
        return self.send(url, asked, server, SNAPSHOT_WITHIN).body

    def send(self, url: str, asked: object, server: Server, within: float) -> Reply:
        """Return the reply to a request; raise the trouble when it is none that helps."""
        kind = "application/xml" if self.account.is_xml else "application/json"
        try:
            reply = http.send(
                self.session,
                "POST",
                url,
                server=server,
                headers={"Accept": kind, "Content-Type": "application/json"},
                auth=Nobody(),
                until=time.monotonic() + within,
                body=msgspec.json.encode(asked),
            )
        except http.NoAnswer as error:
            raise Away(f"LSports' API can't be reached: {error}.") from None
        except http.Unexpected as error:
            raise Unexpected(str(error)) from None
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise self.trouble_in(reply)
        return reply

    def read(self, reply: Reply, reader: Callable[[bytes], Answer]) -> Answer:
        """Return what an answer says."""
        try:
            return reader(reply.body)
        except NotAnAnswer as error:
            raise Unexpected(f"LSports' API answers what it should not. {error}") from None

    def trouble_in(self, reply: Reply) -> Failed | Refused:
        """Return what an answer complains of."""
        told, one = complaint(reply.body), self.account
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            sentence = (
                f"LSports' API does not take our package, user and password ({reply.status})."
                f"{told} Check {one.setting('PACKAGE_ID')}, {one.setting('USER')} and "
                f"{one.setting('PASSWORD')}."
            )
            return Refused(sentence, reply.status)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Busy(f"LSports' API was asked too often (429).{told}", reply.status)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Failed(f"LSports' API failed ({reply.status}).{told}", reply.status)
        return Refused(f"LSports' API refuses ({reply.status}).{told}", reply.status)


def number(ref: str) -> int | str:
    """Return an id as the number that it is written as, if it is one."""
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 19 else ref
