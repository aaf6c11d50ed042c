"""Words for why there is no connection."""

from __future__ import annotations

import socket
import ssl

import pytest

from controller.link.reasons import dial_word, word


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ssl.SSLCertVerificationError(), "tls"),
        (ssl.SSLError(), "tls"),
        (socket.gaierror(), "dns"),
        (TimeoutError(), "timeout"),
        (ConnectionRefusedError(), "refused"),
        (ConnectionResetError(), "unreachable"),
        (OSError(), "unreachable"),
    ],
)
def test_what_the_socket_said(error: OSError, expected: str) -> None:
    assert dial_word(error) == expected


@pytest.mark.parametrize(("reason", "expected"), [(0x86, "credentials"), (0x8E, "kicked"), (0xFF, "lost")])
def test_what_the_broker_said(reason: int, expected: str) -> None:
    assert word(reason, "lost") == expected
