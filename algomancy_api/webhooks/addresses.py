"""The addresses of a host, and which of them may be connected to.

A name is looked up once for each try, and the connection goes to an address of that answer. So a name whose answer
changes in between leads nowhere else than where the check has allowed.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

#: Addresses of IPv6 that a gateway translates to the IPv4 address in their last 32 bits (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")

_LAST_32_BITS = 0xFFFF_FFFF


class AddressRefused(ValueError):
    """A host has an address that is not public."""


class Address(NamedTuple):
    """An address to connect to, as `socket` takes it."""

    family: int
    place: Any


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[Address]:
    """The addresses of a host, in the order to try them.

    Args:
        host: A name or an address.
        port: The TCP port.
        allow_private: Whether the addresses may be others than public ones.

    Raises:
        AddressRefused: One of them is not public.
        OSError: The name is not known, or cannot be looked up now.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = list(dict.fromkeys(Address(int(family), place) for family, _, _, _, place in found))
    if not allow_private:
        for address in addresses:
            check_public(host, str(address.place[0]))
    return addresses


def check_public(host: str, address: str) -> None:
    """Check an address of a host.

    Raises:
        AddressRefused: It is not public.
    """
    if not is_public(ip_address(address)):
        what = f"{host} is" if address == host else f"{host} has the address {address},"
        raise AddressRefused(f"{what} not public; allow_private=True allows that")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is public: reachable from everywhere, and by one host."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public(IPv4Address(int(address) & _LAST_32_BITS))
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_site_local)
