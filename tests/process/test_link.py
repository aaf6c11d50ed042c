"""The controller as a real process with a real broker: commands, records, calendar, a full disk."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.core.refusals import FIRST
from controller.demo.services import UPS_NAME, Ups
from controller.runtime.store import PAGE_BYTES
from tests.process.house import BOOT, House, birth, calendar, command, mono_s, record, state, topic
from tests.process.watch import LOADS, until
from tests.services.centre import Centre, Heard
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path, port=free_port())
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def house(broker: Mosquitto) -> Iterator[House]:
    with House(broker.port) as made:
        yield made


def reply(centre: Centre, id_: str) -> tuple[str, str]:
    """Stage and code of the answer to a command."""
    found = centre.until(lambda m: m.topic == topic("reply") and m.json["id"] == id_).json
    return found["stage"], found["code"]


def test_a_broker_that_comes_later_brings_commands_and_bad_ones_are_refused(
    house: House, broker: Mosquitto
) -> None:
    watcher = house.start_keeper()
    house.start()
    broker.start()
    with Centre(broker.port) as centre:
        born = birth(centre)
        assert (born["boot"], born["via"]) == (BOOT, "main")
        centre.until(state(phase="off"))
        do = topic("do/power")
        centre.send(do, command("old", for_s=-1, value="on"))
        assert reply(centre, "old") == ("refused", "expired")
        centre.send(do, command("far", boot="another", value="on"))
        assert reply(centre, "far") == ("refused", "other_boot")
        centre.send(do, command("kept", value="on"), retain=True)
        assert reply(centre, "kept") == ("refused", "retained")
        centre.send(do, b"", retain=True)
        centre.send(do, b"{")
        centre.until(record("command.rejected", code="bad_json"))
        assert watcher.moves() == []
        centre.send(do, command("good", value="on"), ResponseTopic=topic("mine"), CorrelationData=b"7")
        assert centre.topic(topic("mine")).correlation == b"7"
        until(lambda: watcher.on(*LOADS), "all loads on")
        centre.until(state(phase="ready"))
        centre.send(topic("do/rebirth"), command("again"))
        assert birth(centre)["capabilities"]["loads"] == list(LOADS)
    broker.pause()
    assert house.end(within_s=10) == 0, "a broker that does not answer holds up no stop"
    assert watcher.moves() == [(name, True) for name in LOADS]


FLOOD = 3_000


def test_a_flood_of_bad_messages_costs_a_few_lines_and_hinders_no_good_command(
    house: House, broker: Mosquitto
) -> None:
    """A line for each would be three thousand times the journal's fsync, and ten minutes of the outbox's pace."""
    watcher = house.start_keeper()
    broker.start()
    with Centre(broker.port) as centre:
        house.start()
        birth(centre)
        centre.until(record("phase", to="off"))
        before_b = wal_b(house)
        for n in range(FLOOD):
            centre.throw(topic("do/power"), command(f"bad{n}", value="sideways") if n % 2 else b"{")
        asked_s = mono_s()
        centre.send(topic("do/power"), command("good", value="on"))
        assert reply(centre, "good")[0] == "accepted"
        until(lambda: watcher.on(*LOADS), "all loads on")
        assert mono_s() - asked_s < QUICK_S
        centre.send(topic("do/rebirth"), command("last"))
        assert reply(centre, "last")[0] == "accepted"
        refused = [m.json for m in centre.heard if record("command.rejected")(m)]
        assert len(refused) == 2 * FIRST
        assert wal_b(house) - before_b < FLOOD * FRAME_B // 10, "nor is each written in another way"
        assert house.end() == 0
        house.reboot("another-boot")
        house.start()
        more = [centre.until(record("command.rejected.more")).json["body"] for _ in range(2)]
        assert sum(body["count"] for body in more) + len(refused) == FLOOD, "none is uncounted"
        assert {(body["code"], body["by"], body["topic"]) for body in more} == {
            ("bad_json", "", "do/power"),
            ("bad_args", "desk", "do/power"),
        }
    assert house.verify().returncode == 0


FRAME_B = PAGE_BYTES + 24
"""What the smallest commit adds to SQLite's write-ahead log."""
QUICK_S = 20.0
"""Behind three thousand messages; the loads themselves need some seconds."""


def wal_b(house: House) -> int:
    """How much of the journal's write-ahead log was ever written since it was last begun anew."""
    return house.journal.with_name(house.journal.name + "-wal").stat().st_size


def test_only_what_the_centre_acknowledged_is_never_sent_again(house: House, broker: Mosquitto) -> None:
    broker.start()
    house.start_keeper()
    with Centre(broker.port) as centre:
        house.start()
        first = centre.until(record("started"))
        centre.until(record("phase", to="off"))
        acked = first.json["seq"]
        centre.send(topic("ack"), json.dumps({"v": 1, "boot": BOOT, "seq": acked}))
        centre.send(topic("do/message"), command("m", text="hello"))
        assert reply(centre, "m")[0] == "accepted"
        assert house.end() == 0
        told = max(sequence(centre.heard))
        centre.heard.clear()
        house.start()
        missing = set(range(acked + 1, told + 1))
        while missing:
            missing.discard(centre.until(lambda m: m.topic == topic("record") and m.json["hist"]).json["seq"])
        centre.until(lambda m: record("started")(m) and m.json["seq"] > told)
        assert acked not in sequence(centre.heard)


def test_a_last_gasp_stays_at_the_broker_and_the_next_life_takes_it_back(broker: Mosquitto, tmp_path: Path) -> None:
    ups, port = Ups(tmp_path / "ups"), 0
    broker.start()
    try:
        port = ups.start()
        where = {"host": "127.0.0.1", "port": port, "name": UPS_NAME, "period_s": 2}
        with House(broker.port, ups=where) as house, Centre(broker.port) as centre:
            house.start_keeper()
            house.start()
            assert birth(centre)["last_end"] == "unknown"
            assert centre.topic(topic("gasp")).payload == b"", "the mains are there"
            ups.set(**{"ups.status": "OB DISCHRG", "battery.charge": "77"})
            said = centre.topic(topic("gasp")).json
            assert (said["reason"], said["battery_pct"], said["boot"]) == ("on_battery", 75, BOOT)
            on_disk = record("alert", alert="on_battery")  # told when it is committed, and the memory with it
            assert any(map(on_disk, centre.heard)) or centre.until(on_disk)
            house.end(signal.SIGKILL)
            with Centre(broker.port) as late:
                assert late.topic(topic("gasp")).json == said, "kept for whoever comes later"
            ups.set(**{"ups.status": "OL"})
            house.reboot("another-boot")
            house.start()
            born = birth(centre)
            assert (born["last_end"], born["boot"]) == ("gasp", "another-boot")
            assert 0 < born["since_mono_s"] <= born["mono_s"]
            assert centre.topic(topic("gasp")).payload == b"", "over"
    finally:
        ups.stop()


def sequence(heard: list[Heard]) -> list[int]:
    return [message.json["seq"] for message in heard if message.topic == topic("record")]


def test_the_centres_calendar_is_kept_and_serves_without_broker_and_journal(
    house: House, broker: Mosquitto
) -> None:
    house.trusted()
    house.start_keeper()
    broker.start()
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=20)
    with Centre(broker.port) as centre:
        house.start()
        assert birth(centre)["clock"] == "ntp"
        centre.send(topic("calendar"), calendar(start), retain=True, UserProperty=("version", "7"))
        told = centre.until(lambda m: m.topic == topic("state") and m.json["meeting"] is not None).json["meeting"]
        assert told["uid"] == "giao-ban"
        assert datetime.fromisoformat(told["start"]) == start
        centre.send(topic("calendar"), "no calendar at all", retain=True)
        centre.until(record("command.rejected", code="calendar.not_calendar"))
        assert house.end() == 0
    broker.stop()
    house.journal.unlink()
    (house.folder / "run/state.json").unlink()
    house.start()
    until(lambda: "giao-ban" in (house.detail("schedule", "meetings") or {}), "the meeting is known again")


def test_a_full_disk_is_said_and_the_room_goes_on(house: House, broker: Mosquitto) -> None:
    watcher = house.start_keeper()
    broker.start()
    with Centre(broker.port) as centre:
        house.start()
        trusts = birth(centre)["clock"] in ("ntp", "rtc")  # by this machine's kernel, whatever the room is told
        house.trusted()
        centre.until(state(phase="off"))
        assert house.process is not None
        _, most = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (0, most))
        began_s = mono_s()
        house.press()
        until(lambda: watcher.on(*LOADS), "all loads on though nothing can be written")
        full = centre.until(lambda m: m.topic == topic("state") and "journal" in m.json["incidents"])
        assert full.json["mono_s"] >= began_s
        resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (most, most))
        centre.until(record("press", gesture="press"))
        centre.until(record("unlogged"))
        centre.until(lambda m: m.topic == topic("state") and "journal" not in m.json["incidents"])
        births = [m.json["clock"] for m in centre.heard if m.topic == topic("birth")]
        assert trusts or births[-1] == "ntp", "said again when the clock was first trusted"
        assert house.end() == 0
    assert house.verify().returncode == 0
