"""One request to Odds88: what goes wrong on the way becomes a sentence about Odds88."""

from dataclasses import dataclass

import requests
from requests.auth import AuthBase

from feeds import http
from feeds.http import Reply, Server
from feeds.odds88.troubles import CutOff, TimedOut, Unexpected, Unreachable

ODDS88 = Server("Odds88", "ODDS88_API_URL")
KINDS: dict[type[http.NoAnswer], type[Unreachable]] = {
    http.TimedOut: TimedOut,
    http.CutOff: CutOff,
    http.NoAnswer: Unreachable,
}


@dataclass(frozen=True, slots=True)
class Bearer(AuthBase):
    """The token as a header; named, so that no .netrc puts another in its place."""

    token: str = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    until: float,
    body: bytes | None = None,
    token: str = "",
) -> Reply:
    """Send a request and return its reply; raise when there is none by `until` (monotonic)."""
    headers = {"Accept": "application/json, text/plain"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        return http.send(
            session,
            method,
            url,
            server=ODDS88,
            headers=headers,
            auth=Bearer(token),
            until=until,
            body=body,
        )
    except http.NoAnswer as error:
        raise KINDS[type(error)](str(error)) from None
    except http.Unexpected as error:
        raise Unexpected(str(error)) from None
