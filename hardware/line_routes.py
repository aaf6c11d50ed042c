"""The room's router as the kernel knows it: the default route of the moment, IPv4's before IPv6's.

Must not live here: sockets, what the router's silence means. Sources: Linux net/ipv4/fib_trie.c
(fib_route_seq_show) and net/ipv6/route.c (rt6_info_route), which print these two files; flags: linux/route.h.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

ROUTES = Path("/proc/net/route")
ROUTES6 = ROUTES.with_name("ipv6_route")
"""An IPv6 router is told by its own announcement, so its address is most often link-local."""
_NOWHERE = "0" * 32
_GATEWAY, _REJECT = 0x2, 0x200


def default_gateway(routes: Path = ROUTES) -> str:
    """The default route with the least metric, with its interface (`fe80::1%eth0`) if it needs one; '' = none."""
    for found in (_routers(routes), _routers6(routes.with_name(ROUTES6.name))):
        nearest = min(found, default=None)
        if nearest is not None:
            return nearest[1]
    return ""


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text("ascii", errors="replace")
    except OSError:
        return
    yield from (line.split() for line in text.splitlines())


def _routers(path: Path) -> Iterator[tuple[int, str]]:
    for row in _rows(path):
        if len(row) >= 8 and row[1] == row[7] == "00000000" and row[2] != "00000000":
            yield int(row[6]), socket.inet_ntoa(int(row[2], 16).to_bytes(4, "little"))


def _routers6(path: Path) -> Iterator[tuple[int, str]]:
    for row in _rows(path):
        if len(row) != 10 or (row[0], row[1]) != (_NOWHERE, "00") or row[4] == _NOWHERE:
            continue
        flags = int(row[8], 16)
        if flags & _GATEWAY and not flags & _REJECT:
            address = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(row[4]))
            yield int(row[5], 16), f"{address}%{row[9]}" if address.startswith("fe80:") else address
