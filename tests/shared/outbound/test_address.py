"""Which addresses a connection may go to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Config
from shared.outbound.address import AddressNotAllowed, HostNotFound, destination

ENV = {"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "u"}
CLOUD = Config.from_env(ENV)
LOCAL = Config.from_env(ENV | {"STOCKCAST_ALLOWED_NETWORKS": "127.0.0.0/8, ::1/128"})


def address_of(config: Config, *addresses: str) -> str:
    return destination(config, "db.example", 5432, lambda _host, _port: list(addresses)).address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # shared by customers of a carrier
        "169.254.169.254",  # the metadata server
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",  # another cloud's metadata server
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",  # the metadata server by NAT64
        "2002:7f00:1::",  # loopback by 6to4
    ],
)
def test_an_address_of_ours_is_refused(address: str) -> None:
    with pytest.raises(AddressNotAllowed, match=r"db\.example") as refused:
        address_of(CLOUD, address)
    assert address not in refused.value.detail


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111"])
def test_a_public_address_is_taken(address: str) -> None:
    assert address_of(CLOUD, address) == str(ipaddress.ip_address(address))


def test_the_deployment_may_allow_networks() -> None:
    assert address_of(LOCAL, "127.0.0.1") == "127.0.0.1"
    assert address_of(LOCAL, "::ffff:127.0.0.1") == "127.0.0.1"
    assert address_of(LOCAL, "10.0.0.1", "127.0.0.1") == "127.0.0.1"
    with pytest.raises(AddressNotAllowed):
        address_of(LOCAL, "169.254.169.254")


def test_a_name_is_resolved_once() -> None:
    """The second answer, of a name server that waits for the check to be over, is never asked for."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    found = destination(CLOUD, "rebinding.example", 443, lambda _host, _port: next(answers))
    assert found.address == "93.184.215.14"
    assert next(answers) == ["127.0.0.1"]


def test_a_name_without_an_address_may_have_one_later() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(HostNotFound, match="nowhere"):
        destination(CLOUD, "nowhere.example", 5432, fail)
    with pytest.raises(HostNotFound):
        address_of(CLOUD)


@given(st.ip_addresses())
def test_what_is_not_public_never_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    try:
        taken = address_of(CLOUD, str(address))
    except AddressNotAllowed:
        return
    meant = getattr(address, "ipv4_mapped", None) or address
    assert ipaddress.ip_address(taken) == meant
    assert meant.is_global
    assert not meant.is_multicast
