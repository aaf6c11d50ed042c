"""The link against a real mosquitto: order of life, commands, answers, refusals."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.events import Command, Rejected
from controller.core.records import Reply
from controller.link import messages
from controller.link.discovery import REMOVAL
from controller.link.notices import Ack, CalendarText, Down, Online, Refused
from controller.link.topics import CENTRE_STATUS, HOME_STATUS, Topics
from hardware.contract import Reading
from tests.controller.link.rooms import BOOT, ROOM, Room, clock, settings
from tests.services.centre import WAIT_S, Centre, Heard
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = pytest.mark.services
TOPICS = Topics(ROOM)
REPO = Path(__file__).resolve().parents[3]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


def command(id_: str = "c1", boot: str = BOOT, valid_s: float = 20.0, **args: Any) -> str:
    until = clock().mono_ms / 1000 + valid_s
    return json.dumps({"v": 1, "id": id_, "by": "desk", "boot": boot, "until_mono_s": until, "args": args})


def test_the_order_of_life(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        centre.topic(TOPICS.detail("ups"))
        leaves = [m.topic.removeprefix("diemcau/1/phong-1/") for m in centre.heard]
        assert leaves == ["status", "birth", "state", "detail/ups"]
        assert all(m.retained for m in centre.heard)
        birth, state = centre.heard[1].json, centre.heard[2].json
        assert (birth["via"], birth["address"], birth["boot"]) == ("main", "127.0.0.1", BOOT)
        assert (state["phase"], state["clock"]) == ("off", "ntp")
        desks = [dict(e.values).get("desk") for e in room.seen if isinstance(e, Reading)]
        assert desks == ["down", "up"]


def test_a_clean_stop_says_offline_at_once(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        with Room(settings(broker.port)) as room:
            room.until(Online)
        assert centre.until(lambda m: m.topic == TOPICS.of("status") and m.payload == b"offline").reason == "left"
        assert not room.link.state({"phase": "late"})


def test_a_killed_process_leaves_its_will(broker: Mosquitto) -> None:
    arguments = [sys.executable, "-m", "tests.controller.link.rooms", str(broker.port)]
    with Centre(broker.port) as centre:
        process = subprocess.Popen(arguments, cwd=REPO, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"online\n"
            centre.until(lambda m: m.topic == TOPICS.of("status") and m.payload == b"online")
        finally:
            process.kill()
            process.communicate()
        centre.until(lambda m: m.topic == TOPICS.of("status") and m.payload == b"offline")


def test_who_comes_late_finds_the_last_gasp_of_a_room_that_was_killed_and_that_nobody_expected_it(
    broker: Mosquitto,
) -> None:
    arguments = [sys.executable, "-m", "tests.controller.link.rooms", str(broker.port), "low_battery"]
    with Centre(broker.port) as centre:
        process = subprocess.Popen(arguments, cwd=REPO, stdout=subprocess.PIPE)
        try:
            centre.topic(TOPICS.of("gasp"))
        finally:
            process.kill()
            process.communicate()
        fallen = centre.until(lambda m: m.topic == TOPICS.of("status") and m.payload == b"offline")
        assert fallen.reason == "unexpected"
    with Centre(broker.port) as late:
        said: dict[str, Heard] = {}
        while {TOPICS.of("gasp"), TOPICS.of("status")} - set(said):
            heard = late.until(lambda m: m.retained)
            said[heard.topic] = heard
    assert (said[TOPICS.of("status")].payload, said[TOPICS.of("status")].reason) == (b"offline", "unexpected")
    body = said[TOPICS.of("gasp")].json
    assert (body["reason"], body["battery_pct"], body["meeting"]) == ("low_battery", 20, "giao-ban")


def test_a_command_is_delivered_and_its_answer_finds_back(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        payload = command(value="on", hold_min=10)
        centre.send(
            TOPICS.of("do/power"),
            payload,
            ResponseTopic="diemcau/1/desk-7/answers",
            CorrelationData=b"\x00k7",
            MessageExpiryInterval=30,
        )
        heard = room.until(Command)
        assert (heard.id, heard.verb, heard.args, heard.hold_ms) == ("c1", "power", ("on",), 600_000)
        assert room.link.reply(Reply("c1", "accepted", "R1.command", ("load.tv",)))
        both = {centre.until(lambda m: m.topic.endswith(("answers", "reply"))) for _ in range(2)}
        assert {m.topic: m.correlation for m in both} == {
            TOPICS.of("reply"): b"",
            "diemcau/1/desk-7/answers": b"\x00k7",
        }
        assert {m.json["stage"] for m in both} == {"accepted"}
        assert not any(m.retained for m in both)


def test_an_answer_on_our_own_topic_goes_out_once(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        own = TOPICS.of("reply")
        centre.send(TOPICS.of("do/check"), command("c1"), ResponseTopic=own, CorrelationData=b"a")
        centre.send(TOPICS.of("do/check"), command("c2"))
        room.until(Command, lambda c: c.id == "c2")
        room.link.reply(Reply("c1", "done"))
        room.link.reply(Reply("c2", "done"))
        centre.until(lambda m: m.topic == own and m.json["id"] == "c2")
        assert [(m.json["id"], m.correlation) for m in centre.heard if m.topic == own] == [
            ("c1", b"a"),
            ("c2", b""),
        ]


def test_bad_commands_are_rejected_and_the_link_lives(broker: Mosquitto) -> None:
    bad: dict[str, bytes | str] = {
        "bad_json": b"\xff{",
        "other_boot": command(boot="boot-b", value="on"),
        "expired": command(valid_s=-1, value="on"),
        "bad_args": command(value="toggle"),
        "too_large": b" " * 20_000,
    }
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        for code, payload in bad.items():
            centre.send(TOPICS.of("do/power"), payload)
            assert room.until(Rejected).code == code
        centre.send(TOPICS.of("do/power"), command(value="off"))
        room.until(Command)


def test_a_retained_command_is_refused_while_connected(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        centre.send(TOPICS.of("do/power"), command(value="on"), retain=True)
        assert room.until(Rejected).code == "retained"


def test_a_retained_command_from_before_never_arrives(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        centre.send(TOPICS.of("do/power"), command("old", value="on"), retain=True)
        with Room(settings(broker.port)) as room:
            room.until(Online)
            centre.send(TOPICS.of("do/check"), command("new"))
            assert room.until(Command).id == "new"
            assert not [e for e in room.seen if isinstance(e, Rejected)]


def test_calendar_acknowledgement_and_centre_arrive(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        centre.send(TOPICS.of("calendar"), "BEGIN:VCALENDAR", retain=True, UserProperty=("version", "12"))
        centre.send(CENTRE_STATUS, "online", retain=True)
        with Room(settings(broker.port)) as room:
            heard: list[object] = [room.until(CalendarText)]
            assert heard == [CalendarText("BEGIN:VCALENDAR", "12")]
            centre.send(TOPICS.of("ack"), json.dumps({"v": 1, "boot": BOOT, "seq": 5}))
            assert room.until(Ack) == Ack(BOOT, 5)
            centre.send(CENTRE_STATUS, "offline", retain=True)
            room.until(Reading, lambda r: ("centre", False) in r.values)
            assert ("centre", True) in {v for e in room.seen if isinstance(e, Reading) for v in e.values}


def test_changes_records_and_the_last_gasp_go_out(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        for seq in range(60):
            assert room.link.record(messages.pack({"seq": seq}))
        room.link.gasp(b'{"v":1}')
        room.link.update(messages.update("1", "2"))
        centre.until(lambda m: m.topic == TOPICS.of("record") and m.json["seq"] == 59)
        assert [m.json["seq"] for m in centre.heard if m.topic == TOPICS.of("record")] == list(range(60))
        room.link.gasp(b"")
        centre.until(lambda m: m.topic == TOPICS.of("gasp") and m.payload == b"")
        for number in range(100):
            room.link.state({"phase": "ready", "n": number})
        centre.until(lambda m: m.topic == TOPICS.of("state") and m.json.get("n") == 99)
        assert len([m for m in centre.heard if m.topic == TOPICS.of("state")]) < 20


def test_rebirth_sends_everything_again(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        centre.topic(TOPICS.detail("ups"))
        room.link.rebirth()
        centre.topic(TOPICS.of("birth"))
        centre.topic(TOPICS.of("state"))
        centre.topic(TOPICS.detail("ups"))


def test_home_assistant_is_told_again_when_it_starts(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        with Room(settings(broker.port), discovery=b'{"v":1}') as room:
            room.until(Online)
            assert centre.topic(TOPICS.discovery).retained
            centre.send(HOME_STATUS, "offline")
            centre.send(HOME_STATUS, "online")
            centre.topic(TOPICS.discovery)
            room.link.discover(b'{"v":1}')  # the same: not said again
            room.link.discover(b'{"v":2}')
            assert centre.topic(TOPICS.discovery).payload == b'{"v":2}'
            centre.send(HOME_STATUS, "online")
            assert centre.topic(TOPICS.discovery).payload == b'{"v":2}', "the last word, not the first"
        with Room(settings(broker.port)) as quiet:
            quiet.until(Online)
        count = len([m for m in centre.heard if m.topic == TOPICS.discovery])
    assert count == 4


def test_where_discovery_was_switched_off_home_assistant_forgets_the_room(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        with Room(settings(broker.port), discovery=b'{"v":1}') as room:
            room.until(Online)
            assert centre.topic(TOPICS.discovery).payload
        with Room(settings(broker.port), discovery=REMOVAL) as off:
            off.until(Online)
            assert centre.topic(TOPICS.discovery).payload == b""
            centre.send(HOME_STATUS, "online")
            off.link.rebirth()
            centre.topic(TOPICS.of("birth"))
    with Centre(broker.port) as later:
        later.topic(TOPICS.of("state"))
        assert [m for m in later.heard if m.topic == TOPICS.discovery] == [], "nothing of it is retained"


def test_a_denied_publish_is_an_incident_and_said_once(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text(f"topic readwrite diemcau/#\ntopic deny {TOPICS.of('record')}\n")
    with (
        Mosquitto(tmp_path, f"allow_anonymous true\nacl_file {acl}\n") as broker,
        Room(settings(broker.port)) as room,
    ):
        room.until(Online)
        room.link.record(b"{}")
        room.link.record(b"{}")
        assert room.until(Refused) == Refused(TOPICS.of("record"), 0x87)
        room.link.rebirth()
        room.link.gasp(b"{}")
        with Centre(broker.port) as centre:
            centre.topic(TOPICS.of("gasp"))
        assert not [e for e in list(room.events.queue) if isinstance(e, Refused)]


def password_line(user: str, password: str) -> str:
    """One line of mosquitto's password file: PBKDF2 of SHA-512, 101 rounds, as its own tool writes it."""
    salt = b"twelve bytes"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    words = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{user}:$7$101${'$'.join(words)}\n"


def test_a_wrong_password_is_said_as_what_it_is(tmp_path: Path) -> None:
    users, secret = tmp_path / "users", tmp_path / "secret"
    secret.write_text("one\n")
    users.write_text(password_line(ROOM, "two"))
    with Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {users}\n") as broker:
        ours = settings(broker.port, user=ROOM, password_file=secret)
        with Room(ours) as room:
            assert room.until(Down) == Down("main", "credentials")
            secret.write_text("two\n")
            room.until(Online)


def test_a_missing_password_file_is_said_as_what_it_is(tmp_path: Path) -> None:
    ours = settings(free_port(), user=ROOM, password_file=tmp_path / "none")
    with Room(ours) as room:
        assert room.until(Down) == Down("main", "files")


def test_the_link_can_be_stopped_before_it_began() -> None:
    link = Room(settings(free_port())).link
    link.stop()
    assert not link.rebirth()


def test_what_is_handed_over_is_bounded() -> None:
    link = Room(settings(free_port())).link
    assert {link.rebirth() for _ in range(600)} == {True, False}
    link.stop()


def test_one_ring_serves_all_that_is_handed_over_before_it_is_heard() -> None:
    link = Room(settings(free_port())).link
    for n in range(3):
        assert link.state({"phase": str(n)})
    assert link._woken.recv(64) == b"\0"
    link.stop()


def test_no_thread_outlives_its_link(broker: Mosquitto) -> None:
    with Room(settings(broker.port)) as room:
        room.until(Online)
    for thread in (t for t in threading.enumerate() if t.name.startswith("link")):
        thread.join(WAIT_S)
        assert not thread.is_alive()
