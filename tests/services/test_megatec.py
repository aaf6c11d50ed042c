"""NUT's own drivers on our Megatec far end: nutdrv_qx and blazer_ser open its pty, upsd tells what they read.

So the far end is held to programs that were written by others for the real units. Own folders, own port, own
processes; only these are ended. Source: NUT docs/man/nutdrv_qx.txt, docs/man/blazer-common.txt.
"""

from __future__ import annotations

import getpass
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo import binaries
from controller.demo.daemon import Daemon, exchange, with_free_port
from hardware.sim.megatec import MegatecUps
from hardware.sim.pty import PtyFarEnd
from hardware.sim.ups import SimUps, UpsSpec
from tests.hardware.talk import clock_ms

DRIVERS = ("nutdrv_qx", "blazer_ser")

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(
        any(binaries.find(name) is None for name in ("upsd", *DRIVERS)), reason="NUT's drivers are not installed"
    ),
]


class Nut:
    """A far end on a pty, one driver that reads it, and upsd that tells."""

    def __init__(self, folder: Path, driver: str, options: str) -> None:
        self.folder = folder
        self.unit = MegatecUps(SimUps(UpsSpec(capacity_wh=7.0, load_w=9.0), clock_ms()))
        self._far_end = PtyFarEnd(self.unit, folder / "ups", clock_ms)
        self._driver, self._server = Daemon(driver, folder), Daemon("upsd", folder)
        self._env = dict.fromkeys(("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH"), str(folder))
        self._options = options
        self.port = 0

    def start(self) -> None:
        driver = f"driver = {self._driver.name}\n port = {self.folder}/ups\n {self._options}\n"
        self._write("ups.conf", f"maxretry = 3\npollinterval = 1\n[room]\n {driver}")
        self._write("upsd.users", "[diemcau]\n password = secret\n instcmds = ALL\n")
        self._far_end.start()
        self._driver.start(["-a", "room", "-u", getpass.getuser(), "-F"], self._env)
        self.port = with_free_port(self._serve, self._server, 0)

    def _serve(self, port: int) -> None:
        self._write("upsd.conf", f"LISTEN 127.0.0.1 {port}\nMAXAGE 10\nSTATEPATH {self.folder}\n")
        self._server.start(["-u", getpass.getuser(), "-F"], self._env)
        while not exchange(port, b"VER\n"):
            pass

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def ask(self, *lines: str) -> list[str]:
        """Lines to upsd on one connection, its answers."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as client,
            client.makefile("rb") as answers,
        ):
            said = []
            for line in lines:
                client.sendall(line.encode() + b"\n")
                said.append(answers.readline().decode().strip())
        return said

    def tells(self, status: str) -> bool:
        """Wait until upsd tells this of the power; the test's own time limit ends it otherwise."""
        while _POWER & {*self.value("ups.status").split()} != {*status.split()}:
            pass
        return True

    def value(self, name: str) -> str:
        answer = self.ask(f"GET VAR room {name}")[0]
        return answer.partition('"')[2].rstrip('"')

    def order(self, command: str) -> str:
        return self.ask("USERNAME diemcau", "PASSWORD secret", f"INSTCMD room {command}")[2]

    def mains(self, on: bool) -> None:
        self._far_end.call(lambda now_ms: self.unit.ups.mains(on, now_ms))

    def load(self, watts: float) -> None:
        self._far_end.call(lambda now_ms: self.unit.ups.load(watts, now_ms))

    def stop(self) -> None:
        self._server.stop()
        self._driver.stop()
        self._far_end.stop()


_POWER = {"OL", "OB", "LB", "FSD"}
"""Newer drivers add ALARM to FSD."""

CASES = {
    "nutdrv_qx": ("nutdrv_qx", "protocol = megatec"),
    "nutdrv_qx finds out by itself": ("nutdrv_qx", ""),
    "blazer_ser": ("blazer_ser", ""),
}


@pytest.fixture(params=CASES)
def nut(request: pytest.FixtureRequest) -> Iterator[Nut]:
    # Not pytest's folder: the driver's socket lies in it, and its path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="megatec"))
    running = Nut(folder, *CASES[request.param])
    running.unit.faults.echo = True  # as most units do: a driver that finds out by itself is told no at once
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


def test_a_driver_of_others_reads_it_and_its_order_to_cut_arrives(nut: Nut) -> None:
    assert nut.tells("OL")
    names = ("input.voltage", "output.voltage", "ups.load")
    assert [nut.value(name) for name in names] == ["230.0", "230.0", "1"]
    assert nut.value("battery.voltage") == "27.40"
    assert nut.value("battery.voltage.nominal") in ("24.0", "24")

    nut.mains(False)
    assert nut.tells("OB")
    nut.load(180.0)  # which leaves it less than two minutes
    assert nut.tells("OB LB")
    nut.mains(True)
    assert nut.tells("OL")

    assert nut.order("shutdown.return") == "OK"
    assert nut.tells("FSD OL")
    assert nut.unit.ups.cutting
    assert [word for word in nut.unit.asked if word.startswith("S")] == ["S.5R0003"]
    assert nut.order("shutdown.stop") == "OK"
    assert nut.tells("OL")
    assert not nut.unit.ups.cutting
