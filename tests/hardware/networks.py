"""Networks for the tests of the line: three namespaces of our own (room, gateway, far end) joined by two cables,
made and taken away with `ip`; and a far end on loopback that loses and delays what it is told to.

The kernels that tests run on do not all have tc's netem, so loss and delay are made by a UDP echo that counts.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GATEWAY, FAR = "10.213.1.1", "10.213.2.2"
Row = tuple[str, str, list[str]]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


class Province:
    """Room — gateway — far end. `cut` pulls one cable, `mend` plugs it in again."""

    def __init__(self, name: str) -> None:
        self.room, self.gateway, self.far = (f"{name}{part}" for part in ("r", "g", "f"))
        for space in (self.room, self.gateway, self.far):
            ip("netns", "add", space)
        self._cable(self.room, "lan", "10.213.1.2/24", self.gateway, "in", f"{GATEWAY}/24")
        self._cable(self.far, "wan", f"{FAR}/24", self.gateway, "out", "10.213.2.1/24")
        self.inside(self.room, "ip route add default via 10.213.1.1")
        self.inside(self.far, "ip route add default via 10.213.2.1")
        self.inside(self.gateway, "echo 1 > /proc/sys/net/ipv4/ip_forward")
        self.inside(self.room, "echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range")

    def _cable(self, one: str, plug: str, address: str, other: str, socket_: str, its: str) -> None:
        ip("link", "add", plug, "netns", one, "type", "veth", "peer", "name", socket_, "netns", other)
        for space, name, own in ((one, plug, address), (other, socket_, its)):
            ip("-n", space, "addr", "add", own, "dev", name)
            ip("-n", space, "link", "set", name, "up")

    def inside(self, space: str, words: str) -> None:
        subprocess.run(["ip", "netns", "exec", space, "sh", "-c", words], check=True, timeout=20)

    def cut(self, cable: str) -> None:
        """`in`: the room's own network; `out`: the line."""
        ip("-n", self.gateway, "link", "set", cable, "down")

    def mend(self, cable: str) -> None:
        ip("-n", self.gateway, "link", "set", cable, "up")

    def close(self) -> None:
        for space in (self.room, self.gateway, self.far):
            subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True, timeout=20)


def spaces_allowed() -> bool:
    """May this user make networks?"""
    return os.geteuid() == 0


class Prober:
    """The prober's process in a namespace ('' = this one), and what it has said."""

    def __init__(self, space: str, places: Sequence[Row], known: Sequence[tuple[str, str]] = ()) -> None:
        into = ["ip", "netns", "exec", space] if space else []
        words = [*into, sys.executable, "-m", "tests.hardware.line_process", json.dumps(places), json.dumps(known)]
        self._process = subprocess.Popen(
            words, cwd=ROOT, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                self._said.put(json.loads(line))

    def pace(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")

    def hear(self, source: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next reading of the source that is as wanted."""
        while True:
            said = self._said.get(timeout=60)
            if said["source"] == source and wanted(said):
                return said

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._reader.join(20)


class Echo:
    """A UDP echo on loopback. `lose(n)`: is the n-th datagram lost?"""

    def __init__(self, lose: Callable[[int], bool] = lambda _n: False) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.lose, self.heard = lose, 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(100)
            if not data:
                return self._socket.close()
            self.heard += 1
            if not self.lose(self.heard):
                self._socket.sendto(data, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
