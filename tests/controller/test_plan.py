"""The plan: all of the shipped example reaches the controller's process, without the library that read it."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from controller import config
from controller.config_compile import compile_room
from controller.plan import CameraPort, DisplayPort, Plan
from controller.plan_make import plan_of
from controller.texts import catalogue, said, text
from hardware.camera import CameraPlace
from hardware.codec import SPEEDS
from hardware.protocols.serial_display import Words
from hardware.ups import MegatecPort, UpsAddress
from tests.controller.rooms_on_paper import changed

ROOT = Path(__file__).resolve().parents[2] / "controller" / "runtime"


def example() -> Plan:
    return plan_of(config.loads(config.example()))


def test_a_plan_travels_whole() -> None:
    plan = example()
    there: Plan = pickle.loads(pickle.dumps(plan))
    assert (there.slug, there.outputs, there.inputs, there.codec) == (
        plan.slug,
        plan.outputs,
        plan.inputs,
        plan.codec,
    )
    assert (there.cameras, there.ups, there.sensors, there.times) == (
        plan.cameras,
        plan.ups,
        plan.sensors,
        plan.times,
    )
    assert (there.link, there.paths, there.room.targets) == (plan.link, plan.paths, plan.room.targets)


def test_it_says_what_room_toml_says() -> None:
    cfg = config.loads(config.example())
    plan = plan_of(cfg)
    assert plan.room.targets == compile_room(cfg).targets
    assert plan.outputs.loads == tuple(cfg.loads)
    assert plan.inputs["talk_chair"].pin == 9
    assert plan.codec is not None
    assert (plan.codec.kind, plan.codec.speeds) == ("polycom", (9600, 115200))
    assert [line.names for line in plan.cameras] == [("main",)]
    assert plan.ups is not None
    assert plan.ups.address == UpsAddress("ups")
    assert [(s.kind, s.place) for s in plan.sensors] == [
        ("climate", "room"),
        ("climate", "cabinet"),
        ("light", "table"),
    ]
    assert plan.link is not None
    assert plan.discovery
    assert not plan.discovery_buttons
    assert plan_of(changed(mqtt__discovery_buttons=True)).discovery_buttons


def test_a_ups_on_a_serial_port() -> None:
    plan = plan_of(changed(ups={"kind": "megatec", "serial": "/dev/ups", "cut_after_s": 60, "nominal_v": 36}))
    assert plan.ups is not None
    assert plan.ups.address == MegatecPort("/dev/ups", nominal_v=36.0, cut_after_s=60.0)
    (shutdown,) = plan.room.targets["ups.shutdown"].proven
    assert shutdown.when == (("return", "stale"),)


def test_a_camera_in_the_network() -> None:
    plan = plan_of(changed(cameras__main={"via": "ip", "load": "camera", "host": "10.0.0.9", "transport": "tcp"}))
    assert plan.cameras == (CameraPort("", (), ("main",), CameraPlace("10.0.0.9", 0, "tcp")),)
    assert plan.room.targets["load.camera"].proven[-1].fact == "camera.main.answers"
    assert "camera.main.power" in plan.room.targets


def test_a_display_that_can_be_asked_is_proven_by_its_answer_and_cut_when_it_is_off() -> None:
    plan = plan_of(changed(loads__display__wake="pjlink", loads__display__host="10.0.0.8"))
    assert plan.displays == (DisplayPort("display", "10.0.0.8", 4352, None),)
    assert plan.room.displays == ("display",)
    assert [row.fact for row in plan.room.targets["load.display"].proven] == [
        "relay.display",
        "display.display.answers",
    ]
    power = plan.room.targets["display.display.power"]
    assert (power.carrier, power.prefer) == ("load.display", "on")
    (edge,) = [e for e in plan.room.edges if e.after == power.name]
    assert (edge.target, edge.value, edge.is_, edge.effect) == ("load.display", "off", "standby", True)
    assert 300_000 <= edge.give_up_ms <= 330_000
    assert plan.room.facts["display.display.power"].max_age_ms == 65_000


@pytest.mark.parametrize("kind", ["polycom", "cisco"])
def test_a_codec_has_the_speeds_of_its_make_where_none_are_named(kind: str) -> None:
    plan = plan_of(changed(codec__kind=kind, codec__speeds=None, cameras__main={"via": "codec"}))
    assert plan.codec is not None
    assert (plan.codec.kind, plan.codec.speeds, plan.codec.through) == (kind, SPEEDS[kind], ("main",))
    assert plan.room.codec == kind
    assert {"camera.main.preset", "codec.people", "codec.loss_out_pct"} <= {*plan.room.targets, *plan.room.facts}


def test_a_display_on_rs232_has_its_words_as_bytes() -> None:
    words = {"on": "ka 01 01\r", "standby": "\xaa\x11", "ask": "?", "said_on": "1", "said_standby": "0"}
    cfg = changed(loads__display__wake="serial", loads__display__rs232={"port": "/dev/x", **words})
    (display,) = plan_of(cfg).displays
    assert display.serial is not None
    assert (display.name, display.serial.path, display.serial.baud) == ("display", "/dev/x", 9600)
    assert display.serial.words == Words(b"ka 01 01\r", b"\xaa\x11", b"?", b"1", b"0")
    assert ("display.display", "/dev/x") in plan_of(cfg).ports


def test_a_bare_room_needs_little() -> None:
    text = '[room]\nslug = "a"\nname = "A"\n[loads.display]\nclass = "display"\npin = 17\n'
    plan = plan_of(config.loads(text))
    assert (plan.codec, plan.cameras, plan.ups, plan.sensors, plan.link) == (None, (), None, (), None)


def test_it_carries_every_sentence_that_a_running_controller_says() -> None:
    sayings = example().sayings
    noted = {code for code in catalogue() if code.startswith(("link.", "calendar.", "panel."))}
    assert noted <= sayings.keys()
    written = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*.py"))
    codes = set(re.findall(r'note\(f?"([a-z_.]+)', written))
    assert {"line.unwritten", "link.online"} <= codes
    assert all(any(known.startswith(code) for known in sayings) for code in codes)
    assert said(sayings, "link.online", "vi", ("main",)) == text("link.online", "vi", ("main",))
    assert said(sayings, "device.timeout", "vi") == "device.timeout"


def test_the_process_that_rules_never_loads_the_configurations_library() -> None:
    """12 MiB and a tenth of a second for as long as the room runs."""
    words = "import sys, controller.cli, controller.cli_run, controller.runtime.station as s; "
    words += "sys.exit(1 if {'pydantic', 'icalendar', 'gpiozero', 'rich', 'argparse'} & set(sys.modules) else 0)"
    assert subprocess.run([sys.executable, "-c", words], check=False, timeout=60).returncode == 0
