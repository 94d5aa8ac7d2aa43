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
class Server:
    """Who is asked, the setting that says where, and how many bytes of an answer are read."""

    name: str
    setting: str
    longest: int = LONGEST_ANSWER


class NoAnswer(Exception):
    """Nobody answers, or nobody that could be trusted. The text says why, in a clause."""


class TimedOut(NoAnswer):
    """Nobody answered in time."""


class CutOff(NoAnswer):
    """The connection ended before an answer came."""


class Unexpected(Exception):
    """Somebody answers what this server would not. The text is a sentence."""


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    server: Server,
    headers: Mapping[str, str],
    auth: AuthBase,
    until: float,
    body: bytes | None = None,
) -> Reply:
    """Send a request and return its reply; raise when there is none by `until` (monotonic)."""
    left = left_of(until, url)
    try:
        with session.request(
            method,
            url,
            data=body,
            headers={"Accept-Encoding": "identity", **headers},
            auth=auth,
            timeout=(min(CONNECT_WITHIN, left), left),
            allow_redirects=False,
            stream=True,
        ) as response:
            refuse_redirect(response, server)
            body_read = read_whole(response, until, server)
            return Reply(response.status_code, body_read, response.headers)
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise too_slow(url) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        reason = reason_of(error)
        kind = CutOff if reason == CUT else NoAnswer
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


def refuse_redirect(response: requests.Response, server: Server) -> None:
    """Refuse to follow to another place: our token is not for it."""
    if 300 <= response.status_code < 400:
        where = host_of(response.headers.get("Location", ""))
        raise Unexpected(
            f"{server.name} sends us elsewhere ({response.status_code}{where and ' to '}{where}), "
            f"which we don't follow: {server.setting} must name where it answers itself."
        )


def read_whole(response: requests.Response, until: float, server: Server) -> bytes:
    """Return the body as it came; raise when it is too long, too slow, or packed."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unexpected(f"{server.name}'s answer is packed, which we did not ask for.")
    pieces = bytearray()
    while piece := response.raw.read1(PIECE):
        pieces += piece
        left_of(until, response.url)
        if len(pieces) > server.longest:
            most = server.longest // 2**20
            raise Unexpected(f"{server.name}'s answer is longer than {most} MiB.")
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
