"""One request over HTTP: checked TLS, no redirect, a bounded answer, a time by which it is over."""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from feeds.odds88.troubles import CutOff, TimedOut, Unexpected, Unreachable

LONGEST_ANSWER = 2**20
PIECE = 2**16
CONNECT_WITHIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]


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
    headers = {"Accept": "application/json, text/plain", "Accept-Encoding": "identity"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    left = left_of(until, url)
    try:
        with session.request(
            method,
            url,
            data=body,
            headers=headers,
            auth=Bearer(token),
            timeout=(min(CONNECT_WITHIN, left), left),
            allow_redirects=False,
            stream=True,
        ) as response:
            refuse_redirect(response)
            return Reply(response.status_code, read_whole(response, until), response.headers)
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise too_slow(url) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        reason = reason_of(error)
        kind = CutOff if reason == CUT else Unreachable
        raise kind(f"{reason} ({host_of(url)})") from None


def left_of(until: float, url: str) -> float:
    """Return the seconds that are left; raise when there are none."""
    left = until - time.monotonic()
    if left <= 0:
        raise too_slow(url)
    return left


def too_slow(url: str) -> TimedOut:
    """Return the trouble that an answer did not come in time."""
    return TimedOut(f"no answer came in time ({host_of(url)})")


def refuse_redirect(response: requests.Response) -> None:
    """Refuse to follow to another place: our token is not for it."""
    if 300 <= response.status_code < 400:
        where = host_of(response.headers.get("Location", ""))
        raise Unexpected(
            f"Odds88 sends us elsewhere ({response.status_code}{where and ' to '}{where}), which "
            "we don't follow: ODDS88_API_URL must name where it answers itself."
        )


def read_whole(response: requests.Response, until: float) -> bytes:
    """Return the body as it came; raise when it is too long, too slow, or packed."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unexpected("Odds88's answer is packed, which we did not ask for.")
    pieces = bytearray()
    while piece := response.raw.read1(PIECE):
        pieces += piece
        left_of(until, response.url)
        if len(pieces) > LONGEST_ANSWER:
            raise Unexpected("Odds88's answer is longer than 1 MiB: that is none of its bets.")
    return bytes(pieces)


def host_of(url: str) -> str:
    """Return what of an address may be shown."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return ""


def reason_of(error: BaseException) -> str:
    """Return in words why nobody answers."""
    for cause in causes_of(error):
        for kind, reason in REASONS.items():
            if isinstance(cause, kind):
                return reason
    return "the connection can't be made"


def causes_of(error: BaseException | None) -> list[BaseException]:
    """Return an error with all that it wraps, in the ways that the libraries wrap them."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found


CUT = "it cut the connection"
REASONS: dict[type[BaseException], str] = {
    socket.gaierror: "its name is not known",
    ssl.SSLCertVerificationError: "its certificate is not valid",
    ssl.SSLError: "it does not speak TLS",
    ConnectionRefusedError: "it refuses the connection",
    urllib3.exceptions.ProxyError: "the proxy refuses the connection",
    ConnectionError: CUT,
    urllib3.exceptions.ProtocolError: CUT,
    requests.exceptions.InvalidURL: "its address is none",
    requests.exceptions.MissingSchema: "its address is none",
    requests.exceptions.InvalidSchema: "its address is none",
}
