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
FAR = {4: "10.213.2.2", 6: "fd13:2::2"}
_PLUGS = (("room", "lan", 1, "in"), ("far", "wan", 2, "out"))
"""Where a cable begins, its plug there, the number of its network, its plug at the gateway."""
_SIX = "net/ipv6/conf"
Row = tuple[str, str, list[str]]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


class Province:
    """Room — gateway — far end, by one `version` of the Internet protocol. `cut` pulls one cable, `mend` plugs it
    in again. With IPv6 the room's router is a link-local address, as its announcement would have told it."""

    def __init__(self, name: str, version: int = 4) -> None:
        self.version = version
        self.room, self.gateway, self.far = (f"{name}{part}" for part in ("r", "g", "f"))
        for space in (self.room, self.gateway, self.far):
            ip("netns", "add", space)
            self._put(space, f"{_SIX}/all/disable_ipv6", "01"[version == 4])
            # addresses at once, without asking the neighbours for a second, and kept while a cable is out
            for key, value in (("accept_dad", "0"), ("keep_addr_on_down", "1")):
                self._put(space, f"{_SIX}/all/{key}", value)
                self._put(space, f"{_SIX}/default/{key}", value)
        for end, plug, net, socket_ in _PLUGS:
            self._cable(getattr(self, end), plug, net, socket_)
        self._put(self.gateway, "net/ipv4/ip_forward", "1")
        self._put(self.gateway, f"{_SIX}/all/forwarding", "1")
        self._put(self.room, "net/ipv4/ping_group_range", "0 2147483647")

    def _cable(self, space: str, plug: str, net: int, socket_: str) -> None:
        ip("link", "add", plug, "netns", space, "type", "veth", "peer", "name", socket_, "netns", self.gateway)
        for where, name, host in ((space, plug, 2), (self.gateway, socket_, 1)):
            own = f"10.213.{net}.{host}/24" if self.version == 4 else f"fd13:{net}::{host}/64"
            ip("-n", where, "addr", "add", own, "dev", name)
            ip("-n", where, "link", "set", name, "up")
            self._own_link(where, name, f"{net}:{host}")
        router = f"10.213.{net}.1" if self.version == 4 else f"fe80::{net}:1"
        ip("-n", space, f"-{self.version}", "route", "add", "default", "via", router, "dev", plug)

    def _own_link(self, space: str, plug: str, host: str) -> None:
        """A link-local address, which the kernel forgets each time that the plug is out."""
        if self.version == 6:
            ip("-n", space, "addr", "replace", f"fe80::{host}/64", "dev", plug)

    def _put(self, space: str, key: str, value: str) -> None:
        self.inside(space, f"echo {value} > /proc/sys/{key}")

    def deaf(self) -> None:
        """The far end answers no echo any more."""
        self._put(self.far, f"net/ipv{self.version}/icmp_echo_ignore_all".replace("v6/icmp_", "v6/icmp/"), "1")

    def forbid(self) -> None:
        """The gateway says of every packet to the far end that it is forbidden."""
        whole, net = (f"{FAR[4]}/32", "10.213.2.0/24") if self.version == 4 else (f"{FAR[6]}/128", "fd13:2::/64")
        word = f"ip -{self.version} route"
        self.inside(self.gateway, f"{word} add prohibit {whole} && {word} del {net}")

    def inside(self, space: str, words: str) -> None:
        subprocess.run(["ip", "netns", "exec", space, "sh", "-c", words], check=True, timeout=20)

    def cut(self, cable: str) -> None:
        """`in`: the room's own network; `out`: the line."""
        ip("-n", self.gateway, "link", "set", cable, "down")

    def mend(self, cable: str) -> None:
        ip("-n", self.gateway, "link", "set", cable, "up")
        self._own_link(self.gateway, cable, next(f"{net}:1" for _, _, net, plug in _PLUGS if plug == cable))

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

    def __init__(self, lose: Callable[[int], bool] = lambda _n: False, host: str = "127.0.0.1") -> None:
        self._family, self._host = socket.AF_INET6 if ":" in host else socket.AF_INET, host
        self._socket = socket.socket(self._family, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
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
        with socket.socket(self._family, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (self._host, self.port))
