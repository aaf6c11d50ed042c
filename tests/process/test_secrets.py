"""R15: passwords live in their files and nowhere else, whether a login succeeds or is refused.

A real controller with a real broker, a real upsd and a codec that asks for a password; all that it writes, logs,
sends and says is searched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from controller.demo.services import UPS_NAME, Ups
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from tests.hardware.keeper_process import ROOT
from tests.process.house import House, birth, command, record, topic
from tests.process.watch import until
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]

SECRETS = {name: f"geheim-{name}-7Qx" for name in ("codec", "ups", "mqtt")}


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def files(folder: Path) -> dict[str, str]:
    """One password file each."""
    for name, secret in SECRETS.items():
        (folder / f"{name}.password").write_text(secret + "\n", encoding="utf-8")
        (folder / f"{name}.password").chmod(0o600)
    return {name: str(folder / f"{name}.password") for name in SECRETS}


def tables(folder: Path, port: int, broker: int) -> dict[str, Any]:
    """What room.toml says of the codec, the UPS and the broker."""
    kept = files(folder)
    main = {"host": "127.0.0.1", "port": broker, "tls": False, "password_file": kept["mqtt"]}
    codec = {"kind": "polycom", "load": "mixer", "port": str(folder / "codec"), "period_s": 5}
    ups = {"host": "127.0.0.1", "port": port, "name": UPS_NAME, "period_s": 2, "user": "diemcau"}
    return {
        "codec": {**codec, "speeds": [115200], "password_file": kept["codec"]},
        "ups": {**ups, "password_file": kept["ups"]},
        "mqtt": {"main": main, "keepalive_s": 5},
    }


def said(house: House, *words: str) -> bytes:
    """What a command of `diemcau` prints for this room."""
    line = [sys.executable, "-m", "controller", *words, "--config", str(house.room)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=env, capture_output=True, check=False, timeout=60, cwd=house.folder)
    return done.stdout + done.stderr


def everything(house: House, centre: Centre) -> dict[str, bytes]:
    """All that left the process: files, log, messages, answers to whoever stands at the Pi."""
    found = {str(path): path.read_bytes() for path in house.folder.rglob("*") if path.is_file()}
    found |= {f"{m.topic} {n}": m.payload for n, m in enumerate(centre.heard)}
    return found | {f"diemcau {word}": said(house, word) for word in ("status", "check")}


@pytest.mark.parametrize("right", [True, False], ids=["let in", "refused"])
def test_no_secret_leaves_its_file(tmp_path: Path, right: bool) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    peer = PolycomCodec(password=SECRETS["codec"] if right else "another")
    codec = PtyFarEnd(peer, secrets / "codec", now_ms, 115_200)
    ups, broker = Ups(tmp_path / "ups"), Mosquitto(tmp_path, port=free_port())
    try:
        codec.start()
        broker.start()
        room = tables(secrets, ups.start(), broker.port)
        with House(broker.port, **room) as house, Centre(broker.port) as centre:
            house.start_keeper()
            house.start()
            birth(centre)
            login = "ok" if right else "refused"
            until(lambda: house.detail("codec", "login") == login, f"the codec's login is {login}")
            if not right:
                centre.until(record("alert", alert="login_refused"))
            centre.send(topic("do/message"), command("hello", text="hello"))
            centre.until(lambda m: m.topic == topic("reply"))
            until(lambda: house.detail("ups", "source") == "mains", "the UPS answers")
            assert house.end() == 0
            found = everything(house, centre)
        assert len(found) > 10
        told = {(place, name) for name, s in SECRETS.items() for place, text in found.items() if s.encode() in text}
        assert told == set()
    finally:
        ups.stop()
        broker.stop()
        codec.stop()
