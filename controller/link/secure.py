"""How a connection proves who we are and whom it believes: TLS 1.3 with the province's own authority.

Certificates are read at every attempt, so that renewed ones need no restart.
"""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from typing import Any

from controller.credentials import given
from controller.link.settings import Tls


class Context(ssl.SSLContext):
    """Remembers the socket it wrapped: paho leaves it open when the handshake fails."""

    made: ssl.SSLSocket | None = None

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self.made = super().wrap_socket(*args, **kwargs)
        return self.made


def context(tls: Tls) -> Context:
    """What to connect with. Raises OSError when a file is absent or is not what it should be."""
    made = Context(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_verify_locations(given(tls.ca))
    if tls.cert:
        _own(made, tls)
    return made


def _own(made: Context, tls: Tls) -> None:
    """The renewed certificate where there is one for our key; a new bundle brings a new key, and what was renewed
    before is then no use."""
    assert tls.cert is not None
    if tls.renewed is not None:
        with contextlib.suppress(OSError):
            made.load_cert_chain(tls.renewed, _key(tls))
            return
    made.load_cert_chain(given(tls.cert), _key(tls))


def _key(tls: Tls) -> Path | None:
    return given(tls.key) if tls.key else None
