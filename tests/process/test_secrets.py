"""R15: passwords live in their files and nowhere else, whether a login succeeds or is refused.

A real controller with a real broker by TLS, a real upsd, a codec and a projector that ask for a password; all that
it writes, logs, sends and says is searched, for the private key of the room as well.
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
from hardware.sim.listen import ListenFarEnd
from hardware.sim.pjlink import PjLinkServer, Projector
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from tests.hardware.keeper_process import ROOT
from tests.process.house import House, birth, command, record, topic
from tests.process.watch import LOADS, until
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]

SECRETS = {name: f"geheim-{name}-7Qx" for name in ("codec", "ups", "mqtt", "display")}


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def files(folder: Path) -> dict[str, str]:
    """One password file each."""
    for name, secret in SECRETS.items():
        (folder / f"{name}.password").write_text(secret + "\n", encoding="utf-8")
        (folder / f"{name}.password").chmod(0o600)
    return {name: str(folder / f"{name}.password") for name in SECRETS}


def certificates(folder: Path) -> dict[str, str]:
    """An authority that is broker and room in one: this is about where its key turns up, not about trust."""
    key, cert = folder / "room.key", folder / "room.crt"
    words = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout {key} -out {cert}"
    names = ["-subj", "/CN=phong-1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True, timeout=30)
    key.chmod(0o644)  # mosquitto gives up its rights before it reads
    return {"ca_file": str(cert), "cert_file": str(cert), "key_file": str(key)}


def key_lines(tls: dict[str, str]) -> list[str]:
    """The private key as text, line by line."""
    return [line for line in Path(tls["key_file"]).read_text("ascii").splitlines() if "-----" not in line]


def listener(port: int, tls: dict[str, str]) -> str:
    """The test's own client comes without TLS, the room to a second listener with its certificate."""
    keys = f"cafile {tls['ca_file']}\ncertfile {tls['cert_file']}\nkeyfile {tls['key_file']}\n"
    return f"allow_anonymous true\nlistener {port} 127.0.0.1\n{keys}require_certificate true\n"


def tables(folder: Path, port: int, broker: int, projector: int, tls: dict[str, str]) -> dict[str, Any]:
    """What room.toml says of the codec, the UPS, the projector and the broker."""
    kept = files(folder)
    main = {"host": "127.0.0.1", "port": broker, "user": "phong-1", "password_file": kept["mqtt"], **tls}
    wall = {"class": "display", "pin": 22, "wake": "pjlink", "host": "127.0.0.1", "port": projector}
    loads = {name: {"class": name, "pin": pin} for pin, name in zip((27, 24, 25), LOADS, strict=True)}
    codec = {"kind": "polycom", "load": "mixer", "port": str(folder / "codec"), "period_s": 5}
    ups = {"host": "127.0.0.1", "port": port, "name": UPS_NAME, "period_s": 2, "user": "diemcau"}
    return {
        "loads": {**loads, "wall": {**wall, "password_file": kept["display"]}},
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


def refused(centre: Centre) -> set[str]:
    """What has been told to refuse our login."""
    is_alert = record("alert", alert="login_refused")
    return {message.json["subject"] for message in centre.heard if is_alert(message)}


@pytest.mark.parametrize("right", [True, False], ids=["let in", "refused"])
def test_no_secret_leaves_its_file(tmp_path: Path, right: bool) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    tls, secure, body = certificates(secrets), free_port(), Projector()
    body.faults.password = SECRETS["display"] if right else "another"
    peer = PolycomCodec(password=SECRETS["codec"] if right else "another")
    codec = PtyFarEnd(peer, secrets / "codec", now_ms, 115_200)
    wall = ListenFarEnd(lambda: PjLinkServer(body), ("127.0.0.1", 0), now_ms)
    ups, broker = Ups(tmp_path / "ups"), Mosquitto(tmp_path, listener(secure, tls), port=free_port())
    try:
        codec.start()
        wall.start()
        broker.start()
        room = tables(secrets, ups.start(), secure, wall.port, tls)
        with House(broker.port, **room) as house, Centre(broker.port) as centre:
            house.start_keeper()
            house.start()
            birth(centre)
            login = "ok" if right else "refused"
            until(lambda: house.detail("codec", "login") == login, f"the codec's login is {login}")
            if not right:
                centre.until(lambda _: refused(centre) == {"codec", "display.wall"})
            centre.send(topic("do/message"), command("hello", text="hello"))
            centre.until(lambda m: m.topic == topic("reply"))
            until(lambda: house.detail("ups", "source") == "mains", "the UPS answers")
            assert house.end() == 0
            found = everything(house, centre)
        assert len(found) > 10
        words = {**SECRETS, **{f"key {n}": line for n, line in enumerate(key_lines(tls))}}
        assert len(words) > len(SECRETS) + 1
        told = {(place, name) for name, s in words.items() for place, text in found.items() if s.encode() in text}
        assert told == set()
    finally:
        ups.stop()
        broker.stop()
        wall.stop()
        codec.stop()
