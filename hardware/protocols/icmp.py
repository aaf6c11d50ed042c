"""ICMP and ICMPv6 echo as bytes, and what the kernel tells of a probe that was turned away.

Law: pure; bytes in, values out. On a datagram ICMP socket the kernel writes identifier and checksum itself and
gives back only answers to our own, so both are left zero here.
Sources: RFC 792 (echo, destination unreachable), RFC 1812 5.2.7.1 (codes 9, 10, 13: administratively prohibited);
RFC 4443 3.1, 4.1, 4.2 (codes 1, 5 and 6: prohibited, and its two cases); Linux ip(7), IP_RECVERR and struct
sock_extended_err.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHHH")
_ERROR = struct.Struct("=IBBBBII")
COOKIE_BYTES = 4
"""All that a probe carries beyond its header: a call needs the line, and a quiet day has 0.4 MB for everything."""


@dataclass(frozen=True, slots=True)
class Version:
    """The numbers in which the two differ. `origin`: by which protocol the kernel says an error came."""

    request: int
    reply: int
    unreachable: int
    prohibited: tuple[int, ...]
    origin: int

    def echo(self, n: int, cookie: bytes) -> bytes:
        """The request number `n`; `cookie` tells our answers from those of an earlier life."""
        return _HEADER.pack(self.request, 0, 0, 0, n & 0xFFFF) + cookie

    def answer(self, data: bytes, cookie: bytes) -> int | None:
        """The number that is answered; None when this is no answer of ours."""
        if len(data) < _HEADER.size or data[_HEADER.size :] != cookie:
            return None
        kind, code, _sum, _id, n = _HEADER.unpack_from(data)
        return int(n) if (kind, code) == (self.reply, 0) else None

    def turned_away(self, data: bytes, error: bytes) -> tuple[int, str] | None:
        """(number, `prohibited` | `unreachable`) of a probe that came back in the error queue; `data` is the probe
        as it went out. Forbidden is not lost: who forbids ICMP carries everything else all the same."""
        if len(data) < _HEADER.size or len(error) < _ERROR.size:
            return None
        _errno, origin, kind, code, _pad, _info, _data = _ERROR.unpack_from(error)
        if (origin, kind) != (self.origin, self.unreachable):
            return None
        n = int(_HEADER.unpack_from(data)[4])
        return n, "prohibited" if code in self.prohibited else "unreachable"


V4 = Version(request=8, reply=0, unreachable=3, prohibited=(9, 10, 13), origin=2)
V6 = Version(request=128, reply=129, unreachable=1, prohibited=(1, 5, 6), origin=3)
