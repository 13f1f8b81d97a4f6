"""A POST to a URL that a client names, to the address that was checked, with the host's own name in TLS and in Host.

Redirects are not followed: where they lead nobody has checked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from shared.config import Config
from shared.domain.errors import Invalid, Unavailable
from shared.outbound.address import Destination, Resolve, destination, resolved

_KEPT_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}


class UnusableUrl(Invalid):
    """A URL cannot be called: not https, without a host, or with a password in it."""

    code = "unusable_url"


class NoAnswer(Unavailable):
    """The host does not answer, or too slowly."""

    code = "no_answer"


@dataclass(frozen=True)
class Reply:
    """What the host answered; of a long body the first 64 KiB."""

    status: int
    body: bytes


def checked_url(config: Config, url: str, resolve: Resolve = resolved) -> Destination:
    """Where a URL leads, if it may be called; raises UnusableUrl, AddressNotAllowed and HostNotFound.

    Without TLS only to what the deployment allows by name, such as loopback on the local stack.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise UnusableUrl(f"this is no URL: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UnusableUrl("give a URL such as https://example.com/path")
    if parts.username is not None or parts.password is not None:
        raise UnusableUrl("a URL with a user or a password in it is not taken: it would be stored")
    found = destination(config, parts.hostname, port, resolve)
    if parts.scheme == "http" and not found.allowed_by_deployment:
        raise UnusableUrl("the URL must start with https://: what is sent is not to be read on its way")
    return found


def post(
    config: Config, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float, resolve: Resolve = resolved
) -> Reply:
    """Send the body and return what is answered, whatever its status; all within `timeout_s`.

    Raises what `checked_url` raises, and NoAnswer.
    """
    found = checked_url(config, url, resolve)
    parts = urlsplit(url)
    connection = _Connection(found, secure=parts.scheme == "https", timeout_s=timeout_s)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"Connection": "close", **headers})
        response = connection.getresponse()
        reply = Reply(response.status, response.read(_KEPT_BYTES))
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"the host {found.host!r} does not answer: {type(error).__name__}") from error
    finally:
        connection.end()
    if connection.was_cut:
        raise NoAnswer(f"the host {found.host!r} has not answered within {timeout_s:g} s")
    return reply


class _Connection(http.client.HTTPConnection):
    """To the checked address; the name in Host, in SNI and in the certificate is the host's.

    A timeout of a socket is for one read: a host that sends a byte now and then would hold us for ever. So the
    connection is cut when its time is over.
    """

    def __init__(self, found: Destination, *, secure: bool, timeout_s: float) -> None:
        self.default_port = _PORTS["https" if secure else "http"]
        super().__init__(found.host, found.port, timeout=timeout_s)
        self._address = found.address
        self._secure = secure
        self.was_cut = False
        self._cut = threading.Timer(timeout_s, self._shut)
        self._cut.daemon = True

    def connect(self) -> None:
        self._raw = self.sock = socket.create_connection((self._address, self.port), self.timeout)
        self._cut.start()
        if self._secure:
            self._raw = self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)

    def end(self) -> None:
        """Close it; nothing is cut any more."""
        self._cut.cancel()
        self.close()

    def _shut(self) -> None:
        self.was_cut = True
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
