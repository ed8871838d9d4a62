"""Addresses that may be connected to, and those that may not."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from algomancy_api.webhooks.addresses import AddressRefused, addresses_of, is_public

PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]

NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0",  # noqa: S104 - nothing listens there
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "4000::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_it_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_it_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def answer(*addresses: str) -> list[Any]:
    """What a lookup answers."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    return [
        (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 443))
        for family, address in zip(families, addresses, strict=True)
    ]


def test_one_address_that_is_not_public_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer("8.8.8.8", "10.0.0.1"))
    with pytest.raises(AddressRefused, match=r"host\.example has the address 10\.0\.0\.1, not public; allow_private"):
        addresses_of("host.example", 443, allow_private=False)
    places = [each.place for each in addresses_of("host.example", 443, allow_private=True)]
    assert places == [("8.8.8.8", 443), ("10.0.0.1", 443)]


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "localhost"])
def test_no_spelling_of_loopback_gets_through(host: str) -> None:
    with pytest.raises(AddressRefused):
        addresses_of(host, 443, allow_private=False)
