"""What systemd is told (sd_notify(3), sd_watchdog_enabled(3)): ready, stopping, status line, watchdog.

Must not live here: when to say it (the loop knows). Without systemd everything here is silent, and nothing
here raises or blocks: a room does not stop because its supervisor does not listen.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping

MAX_STATUS_CHARS = 200
"""One line of `systemctl status`; longer is cut off there anyway."""


class Notifier:
    """Sends datagrams to the socket that systemd named in the environment `env`."""

    def __init__(self, env: Mapping[str, str], pid: int) -> None:
        self._address = _address(env.get("NOTIFY_SOCKET", ""))
        self.watchdog_ms = _watchdog_ms(env, pid)
        """Half of the time after which systemd kills a silent process (the pace that sd_watchdog_enabled(3) asks
        for); 0 = it does not watch."""

    def ready(self, status: str = "") -> bool:
        """The room is ruled: systemd may start what waits for us."""
        return self._send("READY=1", status)

    def stopping(self, status: str = "") -> bool:
        return self._send("STOPPING=1", status)

    def watchdog(self, status: str = "") -> bool:
        """The loop has just turned; `status` is a line for `systemctl status`. False = nobody was told (no systemd,
        or its socket is full)."""
        return self._send("WATCHDOG=1", status)

    def _send(self, word: str, status: str) -> bool:
        if not self._address:
            return False
        told = "STATUS=" + " ".join(status.split())[:MAX_STATUS_CHARS]
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
        ):
            sender.setblocking(False)
            sender.sendto((f"{word}\n{told}" if status else word).encode("utf-8", "replace"), self._address)
            return True
        return False


def _address(name: str) -> bytes:
    """A path, or `@name` for the abstract namespace; anything else (vsock) is not supported: a Pi has none."""
    if name.startswith("/") and len(name) > 1:
        return name.encode("utf-8", "surrogateescape")
    if name.startswith("@") and len(name) > 1:
        return b"\0" + name[1:].encode("utf-8", "surrogateescape")
    return b""


def _watchdog_ms(env: Mapping[str, str], pid: int) -> int:
    """WATCHDOG_PID names whom systemd watches: a child that inherited the environment is not it."""
    if _whole(env.get("WATCHDOG_PID", str(pid))) != pid:
        return 0
    return _whole(env.get("WATCHDOG_USEC", "")) // 2_000


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
