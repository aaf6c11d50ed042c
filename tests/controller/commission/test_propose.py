"""A room.toml to begin with: whatever was found, it is a configuration, and names nothing that is not there."""

from __future__ import annotations

import io
import itertools
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller import config
from controller.cli_commission_discover import KINDS, Around, discover, identity, probe
from controller.commission.propose import Found, Port, room_toml
from controller.core.instant import Instant, Trust
from controller.runtime.window import Window
from hardware.contract import Peer
from hardware.sim.camera import CameraChain
from hardware.sim.megatec import MegatecUps
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms
from hardware.sim.ups import SimUps

ALL = (Port("/dev/a", "polycom", "Group"), Port("/dev/b", "visca", "0001"), Port("/dev/c", "megatec", "Santak"))


def proposed(*ports: Port, **more: object) -> dict[str, Any]:
    text = room_toml(Found(ports, **more), config.example())  # type: ignore[arg-type]
    config.loads(text)
    return tomllib.loads(text)


@pytest.mark.parametrize("count", range(len(ALL) + 1))
@pytest.mark.parametrize("nut", [True, False])
@pytest.mark.parametrize("chips", [(), ("pcf8574",)])
def test_whatever_was_found_is_a_room(count: int, nut: bool, chips: tuple[str, ...]) -> None:
    for ports in itertools.combinations(ALL, count):
        tree = proposed(*ports, nut=nut, chips=chips)
        paths = {port.path for port in ports}
        named = set(str(tree).split("'")) & {port.path for port in ALL}
        assert named == paths
        assert "/dev/serial" not in str(tree)


def test_everything_in_its_place() -> None:
    tree = proposed(*ALL, sensors=("sht4x", "28-0011", "bh1750"), chips=("pcf8574",))
    assert tree["codec"]["port"] == "/dev/a"
    assert tree["cameras"]["main"]["port"] == "/dev/b"
    assert tree["ups"] == {"kind": "megatec", "serial": "/dev/c"}
    assert tree["climate"]["room"]["sensor"] == "sht4x"
    assert tree["climate"]["cabinet"]["sensor"] == "28-0011"
    assert tree["light"]["table"]["sensor"] == "bh1750"
    assert "duty" in tree["lamps"]


def test_a_camera_that_only_the_codec_knows() -> None:
    tree = proposed(Port("/dev/a", "cisco", "SX20"))
    assert tree["codec"]["kind"] == "cisco"
    assert tree["codec"]["settings"]["sleep"]["path"] == "Standby Delay"
    assert tree["cameras"]["main"] == {"via": "codec"}
    assert "duty" not in tree["lamps"]
    assert not {"buzzer", "ups", "climate", "light"} & set(tree)


def test_who_it_is() -> None:
    assert identity({"identity": "x"}) == "x"
    assert identity({"link": "ok", "input_v": 230.0}) == "ups"
    assert identity({"link": "ok"}) == identity({"answers": True}) == ""


@pytest.mark.process
@pytest.mark.parametrize(
    ("there", "kind", "who"),
    [
        (lambda: CameraChain(seed=1), "visca", "0001:0513:0100"),
        (lambda: PolycomCodec(seed=1), "polycom", "RealPresence"),
        (lambda: MegatecUps(SimUps(now_ms=monotonic_ms()), seed=1), "megatec", ""),
    ],
)
def test_a_far_end_is_found_in_its_own_language(tmp_path: Path, there: object, kind: str, who: str) -> None:
    peer: Peer = there()  # type: ignore[operator]
    far_end = PtyFarEnd(peer, tmp_path / "port", monotonic_ms)
    far_end.start()
    try:
        row = next(row for row in KINDS if row[0] == kind)
        port = probe(tmp_path / "port", *row, 15.0)
    finally:
        far_end.stop()
    assert port.kind == kind
    assert port.identity.startswith(who)


@pytest.mark.process
def test_a_pi_with_one_camera(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far_end = PtyFarEnd(CameraChain(seed=1), tmp_path / "ports" / "usb-1", monotonic_ms)
    far_end.start()
    try:
        around = Around(tmp_path / "ports", tmp_path, 2.0, io.StringIO("y\n"))
        assert discover(tmp_path / "room.toml", "en", around) == 0
    finally:
        far_end.stop()
    assert "visca 0001:0513:0100" in capsys.readouterr().out
    assert config.load(tmp_path / "room.toml").cameras["main"].port == str(tmp_path / "ports" / "usb-1")


def test_nothing_is_opened_without_a_yes_while_the_controller_runs_or_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "usb-1").touch()
    out = tmp_path / "room.toml"
    assert discover(out, "en", Around(tmp_path, tmp_path, 1.0, io.StringIO("n\n"))) == 1
    Window(tmp_path, print).show({}, {}, Instant(time.monotonic_ns() // 1_000_000, 0, Trust.NTP))
    assert discover(out, "en", Around(tmp_path, tmp_path, 1.0, io.StringIO("y\n"))) == 75
    out.touch()
    assert discover(out, "en", Around(tmp_path, tmp_path / "no", 1.0, io.StringIO("y\n"))) == 78
    assert out.read_text(encoding="utf-8") == ""
