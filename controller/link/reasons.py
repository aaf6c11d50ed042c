"""Why there is no connection, as one short word each: the closed list of `notices.Down`. Pure look-ups."""

from __future__ import annotations

import socket
import ssl

REFUSED = "credentials"
"""The broker knows us and says no: asking again and again locks accounts and fills its log (R15)."""
HARD = frozenset({REFUSED, "files"})
"""Reasons that trying again does not cure."""

_WORDS = {
    0x81: "protocol",
    0x82: "protocol",
    0x84: "protocol",
    0x85: "credentials",
    0x86: "credentials",
    0x87: "credentials",
    0x88: "refused",
    0x89: "refused",
    0x8A: "credentials",
    0x8B: "shutdown",
    0x8C: "credentials",
    0x8D: "keepalive",
    0x8E: "kicked",
    0x93: "protocol",
}


def word(reason: int, otherwise: str) -> str:
    """The word for a reason code of CONNACK or DISCONNECT (MQTT 5, 2.4)."""
    return _WORDS.get(reason, otherwise)


def dial_word(error: OSError) -> str:
    """The word for what the socket said while connecting."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "dns"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "refused" if isinstance(error, ConnectionRefusedError) else "unreachable"
