"""Does an identity hold together: certificate, key and authority? Asked of TLS itself, with the standard library.

A handshake in memory, with the room's certificate at both ends, proves what the broker will ask: the authority
signed it for a client, the key is its key, and its common name. Times are not looked at: a room may have no clock.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import Any

from controller.texts import ReadableError

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL; `ssl` has no name for it."""
_ROUNDS = 8
"""TLS 1.3 is through after two."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the certificate says. `until`: Unix seconds of its end."""

    name: str
    serial: str
    until: int


def check(ca: bytes, certificate: bytes, key: bytes) -> Identity:
    """The identity of these three PEM files. Raises ReadableError (`identity.broken`) with OpenSSL's word for
    it."""
    try:
        pair = certificate.strip() + b"\n" + key
        told = _shake(_room_side(ssl.PROTOCOL_TLS_SERVER, pair), _room_side(ssl.PROTOCOL_TLS_CLIENT, pair), ca)
        subject = [item for part in told["subject"] for item in part]
        (kind, name) = subject[0] if len(subject) == 1 else ("", "")
        if kind != "commonName":
            raise ReadableError("identity.broken", "commonName")
        return Identity(name, told["serialNumber"].lower(), int(ssl.cert_time_to_seconds(told["notAfter"])))
    except (ssl.SSLError, ValueError, KeyError) as error:
        raise ReadableError("identity.broken", getattr(error, "reason", None) or str(error)) from error


def _room_side(protocol: ssl._SSLMethod, pair: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # OpenSSL reads files only; this one lies in memory, so that the key touches no disk before it is accepted.
    memory = os.memfd_create("identity")
    try:
        os.write(memory, pair)
        context.load_cert_chain(f"/proc/self/fd/{memory}", password=_no_passphrase)
    finally:
        os.close(memory)
    return context


def _no_passphrase() -> str:
    """A service has nobody to type one; without this OpenSSL would ask the terminal."""
    return ""


def _shake(broker: ssl.SSLContext, room: ssl.SSLContext, ca: bytes) -> dict[str, Any]:
    """What the broker's side learns of the room's certificate."""
    broker.verify_mode = ssl.CERT_REQUIRED
    broker.load_verify_locations(cadata=ca.decode("ascii"))
    broker.verify_flags = ssl.VerifyFlags(broker.verify_flags | _NO_CHECK_TIME)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server, client = broker.wrap_bio(up, down, server_side=True), room.wrap_bio(down, up)
    for _ in range(_ROUNDS):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return dict(server.getpeercert() or {})
