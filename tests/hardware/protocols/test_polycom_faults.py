"""Every untidiness of a real codec's line: the room's day goes on, and nothing false is told."""

from dataclasses import replace

import pytest

from hardware.contract import Reading
from hardware.protocols.polycom import Polycom
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room, settled

UNTIDY = {
    "lag": Faults(lag=True),
    "lag without echo": Faults(lag=True, unknown=frozenset({"echo"})),
    "late echo": Faults(late_echo=True),
    "blank lines": Faults(blank_lines=True),
    "CR CR LF": Faults(line_end="\r\r\n"),
    "split lines": Faults(split=True),
    "already active": Faults(already_active=True),
    "noise": Faults(noise=0.5),
    "all at once": Faults(late_echo=True, blank_lines=True, split=True, noise=0.3, line_end="\r\r\n"),
    "no extras": Faults(unknown=frozenset({"echo", "netstats", "uptime", "autoanswer", "serialnum", "status"})),
    "a popup at each call": Faults(asks_before_call=True),
}


@pytest.fixture(params=UNTIDY, name="room")
def _room(request: pytest.FixtureRequest) -> Room:
    room = Room(Polycom(), PolycomCodec(11, faults=replace(UNTIDY[request.param])))
    room.until(2 * MINUTE_MS)
    return room


def end_of(results: list[tuple[str, str]]) -> str:
    return results[-1][0]


def test_a_whole_meeting(room: Room) -> None:
    assert room.value("answers") is True
    assert room.ours.identity.startswith("RealPresence Group 700")
    assert end_of(room.do("codec.power", "awake", MINUTE_MS)) == "done"
    assert end_of(room.do("codec.mute", "muted", MINUTE_MS)) == "done"
    assert room.codec.unit.muted
    assert end_of(room.do("codec.dial", ("10.0.0.1", "h323", 768), 2 * MINUTE_MS)) == "done"
    assert room.value("in_call") is True
    room.codec.person_mutes(False, room.now)
    room.run(2 * MINUTE_MS)
    assert room.value("mute") == "open"
    assert end_of(room.do("codec.hangup", "all", MINUTE_MS)) == "done"
    room.run(2 * MINUTE_MS)
    assert (room.value("calls"), room.value("in_call")) == ((), False)
    assert end_of(room.do("codec.power", "asleep", MINUTE_MS)) == "done"
    assert room.codec.unit.asleep
    room.run(10 * MINUTE_MS)
    assert (room.value("answers"), room.value("power"), room.value("reboots")) == (True, "asleep", 0)


def test_it_never_says_that_it_is_in_a_call_when_it_is_not(room: Room) -> None:
    room.run(10 * MINUTE_MS)
    told = [dict(r.values).get("in_call") for r in room.reports if isinstance(r, Reading)]
    assert True not in told


def test_power_off_is_seen(room: Room) -> None:
    room.codec.mains(False, room.now)
    room.run(2 * MINUTE_MS)
    assert room.value("answers") is False
    room.codec.mains(True, room.now)
    room.run(4 * MINUTE_MS)
    assert (room.value("answers"), room.value("reboots")) == (True, 1)


@pytest.mark.parametrize("seed", range(12))
def test_the_same_seed_gives_the_same_bytes_and_noise_is_counted(seed: int) -> None:
    told = []
    for _ in range(2):
        room = settled(far=PolycomCodec(seed, faults=Faults(noise=0.4, split=True)))
        room.run(MINUTE_MS)
        told.append((room.sent, [repr(report) for report in room.reports], room.ours.dropped))
    assert told[0] == told[1]
    assert told[0][2] > 0


def test_garbage_without_end_is_borne() -> None:
    room = settled()
    for _ in range(200):
        room.ours.feed(bytes(range(256)) * 4, room.now)
        room.run(100)
    room.run(2 * MINUTE_MS)
    assert room.value("answers") is True


def test_a_flood_of_foreign_lines_does_not_hold_up_the_answer_for_ever() -> None:
    room = Room()
    room.until(510)
    for _ in range(100):
        room.ours.feed(b"sysinfo here is something else\r\n", room.now)
    room.run(30_000)
    assert room.value("answers") is True


@pytest.mark.parametrize(("starts_anew", "within_ms"), [(False, 35 * MINUTE_MS), (True, 3 * MINUTE_MS)])
def test_what_a_bad_line_made_it_seem_not_to_know_is_asked_for_anew(starts_anew: bool, within_ms: int) -> None:
    bad = ("autoanswer", "volume", "status")
    room = settled()
    room.codec.faults.unknown = frozenset(bad)
    room.run(10 * MINUTE_MS)
    room.codec.faults.unknown = frozenset()
    asked_ms = room.now
    room.run(5 * MINUTE_MS)
    assert not [text for text in room.texts(asked_ms) if text.startswith(bad)], "three times in a row: it is let be"
    if starts_anew:
        room.codec.mains(False, room.now)
        room.run(2 * MINUTE_MS)
        room.codec.mains(True, room.now)
    room.codec.auto_answer(True)
    room.run(within_ms)
    assert room.value("autoanswer") is True
    assert {"autoanswer get", "volume get", "status"} <= set(room.texts(asked_ms))
