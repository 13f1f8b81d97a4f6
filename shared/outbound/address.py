"""Which address a connection to a host may go to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

from shared.config import Config
from shared.domain.errors import Invalid, Unavailable

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressNotAllowed(Invalid):
    """The host is at an address that this deployment does not connect to: loopback, link-local, private, metadata."""

    code = "address_not_allowed"


class HostNotFound(Unavailable):
    """The host's name has no address, now at least."""

    code = "host_not_found"


@dataclass(frozen=True)
class Destination:
    """A host that was resolved and checked: connect to `address`, and to nothing that the name says later."""

    host: str
    port: int
    address: str
    allowed_by_deployment: bool  # it would have been refused elsewhere: loopback on the local stack, say


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def destination(config: Config, host: str, port: int, resolve: Resolve = resolved) -> Destination:
    """The first address of the host that may be connected to; raises AddressNotAllowed and HostNotFound.

    What is refused is not named: a caller is not to learn what our resolver knows of our network.
    """
    try:
        addresses = [_address(text) for text in resolve(host, port)]
    except (OSError, UnicodeError, ValueError) as error:
        raise HostNotFound(f"the host {host!r} cannot be resolved") from error
    if not addresses:
        raise HostNotFound(f"the host {host!r} has no address")
    networks = [ipaddress.ip_network(network) for network in config.allowed_networks]
    for address in addresses:
        named = any(address in network for network in networks if network.version == address.version)
        if named or all(_is_public(each) for each in _meant(address)):
            return Destination(host, port, str(address), named)
    raise AddressNotAllowed(
        f"the host {host!r} is at an address that is not connected to: loopback, link-local, private, multicast and "
        "metadata addresses are refused unless the deployment allows them (STOCKCAST_ALLOWED_NETWORKS)"
    )


def _address(text: str) -> IpAddress:
    """The address without its zone; an IPv4 address within IPv6 is that IPv4 address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _is_public(address: IpAddress) -> bool:
    return address.is_global and not (
        address.is_multicast
        or address.is_loopback
        or address.is_link_local
        or address.is_private
        or address.is_reserved
        or address.is_unspecified
        or getattr(address, "is_site_local", False)
    )


def _meant(address: IpAddress) -> list[IpAddress]:
    """The address, and the IPv4 addresses that an IPv6 one stands for: of NAT64, 6to4 or Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if address.teredo is not None:
        return [address, *address.teredo]
    return [address]
