"""The demo's centre on a real broker, its keys and acts, and the picture on a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo.acts import Acts
from controller.demo.centre import Centre
from controller.demo.services import Mosquitto
from controller.demo.stage import Stage, Wish
from controller.demo.steps import steps
from controller.demo.story import Seen
from controller.demo.terminal import KEYS
from tests.services.centre import Centre as Room

WAIT_S = 40.0
ROOM = "diemcau/1/demo"


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(Wish(), lambda _: None)
    yield made
    made.stop()
    made.remove()


def test_every_key_and_every_step_names_an_act_that_exists(stage: Stage) -> None:
    acts = Acts(stage, lambda _: None, list)
    for name in KEYS.values():
        acts.do(name)
    for mode in ("watch", "remind", "enforce"):
        for step in steps(mode):
            if step.act:
                acts.do(step.act)
    with pytest.raises(KeyError):
        acts.do("earthquake")


def test_a_stage_that_was_never_started_ends_and_is_removed(stage: Stage) -> None:
    folder = stage.places.folder
    assert folder.is_dir()
    stage.stop()
    stage.remove()
    assert not folder.exists()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "mosquitto")
    made.start()
    yield made
    made.stop()


def record(seq: int) -> str:
    return json.dumps({"v": 1, "boot": "b", "seq": seq, "mono_s": seq, "kind": "order", "subject": "x", "body": {}})


@pytest.mark.services
def test_the_centre_acknowledges_up_to_the_last_record_without_a_gap(broker: Mosquitto) -> None:
    seen: list[Seen] = []
    centre = Centre(broker.port, "demo", seen.append, lambda: 7)
    with Room(broker.port) as room:
        centre.start()
        for seq in (2, 1, 1, 4):
            room.send(f"{ROOM}/record", record(seq))
        room.send(f"{ROOM}/record", "no json")
        room.send(f"{ROOM}/detail/ups", '{"charge_pct":80}')
        room.send(f"{ROOM}/status", "online", retain=True)
        room.send(f"{ROOM}/record", record(3))
        room.until(lambda m: m.topic == f"{ROOM}/ack" and m.json["seq"] == 4)
        acks = [m.json["seq"] for m in room.heard if m.topic == f"{ROOM}/ack"]
        centre.stop()
    assert acks == [2, 2, 2, 4]
    assert centre.dropped == 1
    assert [s.value["seq"] for s in seen if s.source == "record"] == [2, 1, 1, 4, 3]
    assert [(s.source, s.name) for s in seen if s.source in ("detail", "status")] == [
        ("detail", "ups"),
        ("status", ""),
    ]


@pytest.mark.services
def test_an_order_of_the_desk_is_for_this_boot_and_soon_stale(broker: Mosquitto) -> None:
    seen: list[Seen] = []
    centre = Centre(broker.port, "demo", seen.append, lambda: 60_000)
    with Room(broker.port) as room:
        centre.start()
        assert not centre.order("seat", {"value": "recall"})
        room.send(f"{ROOM}/state", '{"boot":"b","mono_s":50.0}')
        end = time.monotonic() + WAIT_S
        while not seen:
            assert time.monotonic() < end
        assert centre.order("seat", {"value": "recall"})
        body = room.topic(f"{ROOM}/do/seat").json
        centre.publish_calendar("BEGIN:VCALENDAR", "7")
        assert room.topic(f"{ROOM}/calendar").payload == b"BEGIN:VCALENDAR"
        centre.stop()
    assert (body["boot"], body["until_mono_s"], body["args"]) == ("b", 80.0, {"value": "recall"})


@pytest.mark.services
@pytest.mark.process
@pytest.mark.timeout(120)
def test_the_picture_comes_to_a_terminal_and_goes_with_q(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    env = {**os.environ, "TMPDIR": str(tmp_path), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    words = [sys.executable, "-m", "controller", "demo", "--lang", "en", "--speed", "1000"]
    with subprocess.Popen(words, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True) as demo:
        os.close(slave)
        try:
            shown = read_until(master, b"READY")
            os.write(master, b"\x1b[B")
            shown += read_until(master, b"proven")
            os.write(master, b"lq")
            # Read on: a terminal that nobody reads fills up, and who writes to it waits for ever.
            shown += read_until(master, b"\x1b[?1049l")
            demo.wait(WAIT_S)
        finally:
            if demo.poll() is None:
                demo.send_signal(signal.SIGTERM)
    os.close(master)
    assert demo.returncode == 0
    assert b"held 3 s" not in shown
    assert list(tmp_path.iterdir()) == []


def read_until(master: int, wanted: bytes) -> bytes:
    """What the terminal got until `wanted` was among it."""
    got, end = b"", time.monotonic() + WAIT_S
    while wanted not in got:
        assert time.monotonic() < end, got[-2000:]
        if select.select([master], [], [], 0.1)[0]:
            got += os.read(master, 65_536)
    return got
