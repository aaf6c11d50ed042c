"""Our conversation against the real upsd and dummy-ups on loopback: own folders, own port, own processes.

NUT's programs are started in the foreground and ended by their own process objects; nothing else is touched.
Source: NUT docs/man/dummy-ups.txt (a .dev file is read again when it changes).
"""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.contract import Order, OrderId, Reading, Report, Stage
from hardware.pump import Pump
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.ups import SimUps
from hardware.ups import UpsAddress, ups_pump
from tests.hardware.talk import Heard, clock_ms
from tests.services.mosquitto import free_port

FOLDERS = ("/lib/nut", "/usr/lib/nut", "/usr/libexec/nut")
HOME = next((Path(folder) for folder in FOLDERS if Path(folder, "dummy-ups").exists()), None)

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(HOME is None or not Path(str(HOME), "upsd").exists(), reason="NUT is not installed"),
]

MAINS = "ups.status: OL\nbattery.charge: 100\nbattery.runtime: 1800\ninput.voltage: 229.1\nups.mfr: Santak\n"


class Nut:
    """One upsd and one dummy-ups in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.script(MAINS)
        self._write("ups.conf", f"pollinterval = 1\n[room]\n driver = dummy-ups\n port = {folder}/room.dev\n")
        self._write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\nMAXAGE 5\nSTATEPATH {folder}\n")
        self._write(
            "upsd.users",
            "[diemcau]\n password = secret\n instcmds = ALL\n[setter]\n password = secret\n actions = SET\n",
        )

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def script(self, text: str) -> None:
        """What the UPS says from now on; replaced in one step, so that no half file is read."""
        self._write("fresh", text)
        (self.folder / "fresh").replace(self.folder / "room.dev")

    def start(self, program: str, *arguments: str) -> None:
        paths = dict.fromkeys(("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH"), str(self.folder))
        log = (self.folder / f"{program}.log").open("ab")
        with log:
            self._running[program] = subprocess.Popen(
                [str(Path(str(HOME), program)), *arguments, "-u", getpass.getuser(), "-F"],
                env={**os.environ, **paths},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def driver(self) -> None:
        self.start("dummy-ups", "-a", "room")

    def daemon(self) -> None:
        self.start("upsd")

    def end(self, program: str) -> None:
        process = self._running.pop(program)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def end_all(self) -> None:
        for program in list(self._running):
            self.end(program)


@pytest.fixture
def nut() -> Iterator[Nut]:
    # Not pytest's folder: the driver's socket lies in it, and its path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="nut"))
    running = Nut(folder)
    running.driver()
    running.daemon()
    yield running
    running.end_all()
    shutil.rmtree(folder)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def carried(nut: Nut, heard: Heard) -> Iterator[Callable[[str], Pump]]:
    started: list[Pump] = []

    def start(password: str) -> Pump:
        address = UpsAddress("room", port=nut.port)
        pump = ups_pump(address, heard.put, clock_ms, "diemcau", password)
        pump.pace(1_000)
        pump.start()
        started.append(pump)
        return pump

    yield start
    for pump in started:
        assert pump.stop()


def reading(heard: Heard, **wanted: object) -> dict[str, object]:
    def matches(report: Report) -> bool:
        return isinstance(report, Reading) and wanted.items() <= dict(report.values).items()

    found = heard.until(matches, within_s=40.0)
    assert isinstance(found, Reading)
    return dict(found.values)


def order(n: int, value: str = "quick") -> Order:
    return Order(OrderId("b", n), "ups.test", value, 10_000)


def test_a_life_with_a_real_daemon(nut: Nut, heard: Heard, carried: Callable[[str], Pump]) -> None:
    pump = carried("secret")
    values = reading(heard, link="ok", source="mains", charge_pct=100.0)
    assert (values["runtime_s"], values["input_v"], values["temp_c"]) == (1800, 229.1, None)
    assert str(values["model"]).startswith("Santak")

    nut.script(MAINS.replace("OL", "OB DISCHRG LB").replace("229.1", "0.0"))
    values = reading(heard, source="battery")
    assert (values["low"], values["testing"], values["input_v"]) == (True, False, 0.0)

    pump.ask(order(1))
    result = heard.result(1)
    assert (result.stage, result.code) == (Stage.REFUSED, "cmd_not_supported")

    nut.end("dummy-ups")
    assert reading(heard, link="driver")["source"] is None
    nut.script(MAINS)
    nut.driver()
    reading(heard, link="ok", source="mains", charge_pct=100.0)

    nut.end("upsd")
    assert reading(heard, link="down")["source"] is None
    nut.daemon()
    reading(heard, link="ok", source="mains", charge_pct=100.0)


REQUESTS = (
    "NONSENSE", "GET", "LIST FISH room", "LIST VAR rack", "GET VAR room ups.nothing", "NETVER",
    "INSTCMD room load.off", "USERNAME", "USERNAME diemcau", "USERNAME diemcau", "INSTCMD room load.off",
    "PASSWORD wrong", "PASSWORD wrong", "INSTCMD rack load.off", "INSTCMD room fly", "INSTCMD room {command}",
    "LOGOUT",
)  # fmt: skip


def test_the_simulated_daemon_answers_as_the_real_one(
    nut: Nut, heard: Heard, carried: Callable[[str], Pump]
) -> None:
    """Also: OK to a wrong password, and the refusal only with a command that the UPS knows."""
    carried("wrong")
    reading(heard, link="ok", source="mains")
    with socket.create_connection(("127.0.0.1", nut.port), timeout=10) as client, client.makefile("rb") as answers:
        real = []
        for line in REQUESTS:
            client.sendall(line.format(command="load.off").encode() + b"\n")
            real.append(answers.readline().decode().strip())
    far_end = Upsd(SimUps(), users={"diemcau": UpsdUser("secret")})
    far_end.feed("\n".join([*REQUESTS, ""]).format(command="shutdown.stop").encode(), 0)
    assert far_end.take()[0].decode().splitlines() == real
    assert real[-2] == "ERR ACCESS-DENIED"


SETTING = (
    "SET VAR room ups.status OL",
    "USERNAME setter",
    "SET VAR room ups.status OL",
    "PASSWORD secret",
    "SET",
    "SET VAR room",
    "SET VAR room ups.status",
    "SET FISH room ups.status OL",
    "SET VAR rack ups.status OL",
    "SET VAR room ups.nothing 1",
    "SET VAR room driver.name x",
    "GET TYPE room driver.name",
    "GET TYPE room ups.nothing",
    "GET TYPE room",
    "GET TYPE rack ups.status",
    "LIST RW rack",
    "LIST RW",
    "LIST RANGE room ups.nothing",
    "GET NUMLOGINS rack",
)


def test_the_simulated_daemon_is_written_to_as_the_real_one(
    nut: Nut, heard: Heard, carried: Callable[[str], Pump]
) -> None:
    carried("secret")
    reading(heard, link="ok", source="mains")
    with socket.create_connection(("127.0.0.1", nut.port), timeout=10) as client, client.makefile("rb") as answers:
        real = []
        for line in SETTING:
            client.sendall(line.encode() + b"\n")
            real.append(answers.readline().decode().strip())
    far_end = Upsd(SimUps(), users={"setter": UpsdUser("secret", frozenset(), frozenset({"SET"}))})
    far_end.feed("\n".join([*SETTING, ""]).encode(), 0)
    assert far_end.take()[0].decode().splitlines() == real
    assert real[10] == "ERR READONLY"


def test_a_ups_that_the_daemon_does_not_know(nut: Nut, heard: Heard) -> None:
    pump = ups_pump(UpsAddress("rack", port=nut.port), heard.put, clock_ms)
    pump.start()
    assert reading(heard, link="refused")["source"] is None
    assert pump.stop()
