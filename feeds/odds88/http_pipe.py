"""The feed as streamed lines over HTTP."""

import os
import socket
import ssl
import zlib
from collections.abc import Iterator
from contextlib import suppress

import requests
import urllib3

from feeds.connections import Arrival, Lost
from feeds.odds88.http import Bearer
from feeds.odds88.lines import Inflated, Lines
from feeds.odds88.opening import (
    AT_ONCE,
    CONNECT_SECONDS,
    Unreached,
    Where,
    refusal,
    why_unreached,
)
from feeds.odds88.sessions import session_for

GZIP = 31
# What fails before anything was asked; other errors of encryption may come afterwards.
NEVER_ASKED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
WANTED = {"Accept-Encoding": "gzip", "Accept": "application/json, application/x-ndjson, */*"}


class HttpPipe:
    """An answer that does not end."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.session = session_for(where.url)
        self.response = self.opened()
        self.twin = socket.socket(fileno=os.dup(self.response.raw.fileno()))

    def opened(self) -> requests.Response:
        """Ask for the feed; raise what stands against it."""
        try:
            response = self.session.get(
                self.where.address,
                headers=WANTED,
                auth=Bearer(self.where.token),
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, self.where.silence),
            )
        except requests.RequestException as error:
            self.session.close()
            raise self.trouble(error) from None
        page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code == requests.codes.ok and not page:
            return response
        with self.session, response:
            raise refusal(
                self.where.host,
                response.status_code,
                response.headers.get("Retry-After", ""),
                start_of(response),
            )

    def trouble(self, error: requests.RequestException) -> Exception:
        """Return what a failed request means: was the other side reached at all?"""
        host = self.where.host
        if isinstance(error, requests.ConnectTimeout):
            return Unreached(why_unreached(host, TimeoutError()))
        cause = root_of(error)
        if isinstance(cause, NEVER_ASKED):
            return Unreached(why_unreached(host, cause))
        if isinstance(error, requests.ReadTimeout):
            return Lost(f"{host} did not answer within {self.where.silence:g} seconds.")
        if isinstance(error, requests.ConnectionError):
            return Lost(f"{host} ended the connection before it answered.")
        return Lost(f"{host} can't be asked: {error}.")

    def read(self) -> Iterator[list[Arrival]]:
        """Yield lines until the end."""
        lines = Lines()
        try:
            for data in self.decoded():
                yield lines.feed(data)
        except (urllib3.exceptions.ReadTimeoutError, TimeoutError):
            raise Lost(self.where.silent) from None
        except (urllib3.exceptions.HTTPError, OSError, zlib.error, ValueError):
            raise Lost(f"{self.where.host} broke the connection off.") from None
        yield lines.rest()
        raise Lost(f"{self.where.host} ended the connection.")

    def decoded(self) -> Iterator[bytes]:
        """Yield the answer's bytes as they come."""
        raw = self.response.raw
        gzipped = "gzip" in self.response.headers.get("Content-Encoding", "")
        inflated = Inflated(GZIP) if gzipped else None
        while data := raw.read1(AT_ONCE, decode_content=False):
            if inflated:
                yield from inflated.feed(data)
            else:
                yield data

    def answer(self, text: str) -> None:
        """Say nothing: an answer has no way back."""

    def cut(self) -> None:
        """End the connection: a twin of its socket wakes whoever reads it."""
        with suppress(OSError):
            self.twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection's means back, when nobody reads it any more."""
        self.twin.close()
        self.response.close()
        self.session.close()


def start_of(response: requests.Response) -> bytes:
    """Return how a refusal begins, if it says anything within a moment."""
    with suppress(urllib3.exceptions.HTTPError, OSError):
        return bytes(response.raw.read1(AT_ONCE, decode_content=True))
    return b""


def root_of(error: BaseException) -> BaseException:
    """Return what was the matter before it was wrapped, as often as it was."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and not isinstance(seen, requests.RequestException):
            return seen
        seen = seen.__cause__ or seen.__context__
    return error
