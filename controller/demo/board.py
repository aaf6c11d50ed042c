"""The demo's control centre as an operator has it: `diemcau centre` on the demo's broker, eight rooms in a process
of their own, and the account that opens the page.

The terminal's own room is no site of that centre: two who publish one room's calendar would take it from each
other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPResponse
from pathlib import Path

from controller.demo import paper
from controller.demo.crowd import NAMES
from controller.demo.daemon import Daemon, ServiceError, exchange, until, with_free_port

PORT = 8080
LOGIN = "demo"
ROOMS = NAMES
SITES: Mapping[str, str] = {
    "kim-son": "Kim Sơn",
    "nho-quan": "Nho Quan",
    "gia-vien": "Gia Viễn",
    "hoa-lu": "Hoa Lư",
    "yen-khanh": "Yên Khánh",
    "yen-mo": "Yên Mô",
    "tam-diep": "Tam Điệp",
    "phat-diem": "Phát Diệm",
}
_GET = b"GET / HTTP/1.0\r\n\r\n"
_CALL_S = 60.0


class Board:
    """Use: `start()`, then `url` and `password`; `stop()`."""

    def __init__(self, folder: Path, speed: float, seed: int, lang: str) -> None:
        self._folder, self._speed, self._seed, self._lang = folder, speed, seed, lang
        self._centre = Daemon("centre", folder, Path(sys.executable))
        self._crowd = Daemon("crowd", folder, Path(sys.executable))
        self._broker_port = 0
        self.url = self.password = ""

    @property
    def file(self) -> Path:
        return self._folder / "centre.toml"

    def start(self, broker_port: int, rooms: bool = True) -> None:
        """Without `rooms` they are known to the centre, and somebody else's. Raises ServiceError with what did not
        start."""
        self._broker_port = broker_port
        self._write(0)
        sites = self._folder / "sites.csv"
        rows = [f"{slug};{name};VNPT;NB-{n:04};18001166" for n, (slug, name) in enumerate(SITES.items(), start=1)]
        sites.write_text("\n".join(["slug;name;provider;circuit;hotline", *rows]) + "\n", encoding="utf-8")
        self._call("room", "--sites", str(sites))
        self.password = self._call("user", LOGIN, "--role", "admin").split()[-1]
        self.url = _address(self._listen())
        words = ["--port", str(broker_port), "--rooms", str(len(ROOMS)), "--speed", str(self._speed)]
        if rooms:
            self._crowd.start(["-m", "controller.demo.crowd", *words, "--seed", str(self._seed)])

    def _listen(self) -> int:
        """8080 as the README says, or any other when somebody has it."""
        try:
            if exchange(PORT, _GET):
                raise ServiceError(f"port {PORT} is taken")
            self._try(PORT)
        except ServiceError:
            self._centre.stop()
            return with_free_port(self._try, self._centre, 0)
        return PORT

    def _try(self, port: int) -> None:
        self._write(port)
        self._centre.start(["-m", "controller", "centre", "run", "--centre", str(self.file)])
        # Its own word: another centre on that port would answer, too, before ours has seen that it is taken.
        until(lambda: _address(port) in self._centre.tail(), self._centre)
        until(lambda: exchange(port, _GET).startswith(b"HTTP/"), self._centre)

    def _write(self, port: int) -> None:
        tree = {
            "network": "Mạng điểm cầu (demo)",
            "database": f"sqlite+aiosqlite:///{self._folder}/centre.db",
            "broker": {"port": self._broker_port},
            "web": {"port": port, "public_url": _address(port)},
        }
        self.file.write_text(paper.toml(tree), encoding="utf-8")

    def _call(self, *words: str) -> str:
        whole: Sequence[str] = (sys.executable, "-m", "controller", "centre", *words, "--centre", str(self.file))
        done = subprocess.run(whole, capture_output=True, text=True, timeout=_CALL_S, check=False)
        if done.returncode != 0:
            raise ServiceError(f"centre {words[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout.strip()

    def book(self, title: str, start_ms: int, end_ms: int) -> None:
        """A meeting of all eight rooms, as an operator books it; the first chairs. Raises ServiceError."""
        account = {"login": LOGIN, "password": self.password}
        form = {"title": title, "start_ms": start_ms, "end_ms": end_ms, "members": list(ROOMS), "chair": ROOMS[0]}
        try:
            cookie = self._post("sign-in", account).headers["set-cookie"].partition(";")[0]
            self._post("meetings", form, cookie)
        except OSError as error:  # also what the page refuses: HTTPError is one
            raise ServiceError(f"centre: {error}") from error

    def _post(self, path: str, body: Mapping[str, object], cookie: str = "") -> HTTPResponse:
        head = {"content-type": "application/json", "x-diemcau": "1", "cookie": cookie}
        asked = urllib.request.Request(f"{self.url}/api/{path}", json.dumps(body).encode(), head)
        with urllib.request.urlopen(asked, timeout=_CALL_S) as answer:
            found: HTTPResponse = answer
            return found

    def stop(self) -> None:
        self._crowd.stop()
        self._centre.stop()


def _address(port: int) -> str:
    return f"http://localhost:{port}"
