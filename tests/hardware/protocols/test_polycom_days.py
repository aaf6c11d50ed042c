"""Random days of a codec and its people, with every fault: when it is quiet again, what we report is the truth."""

import random
from collections.abc import Callable

import pytest

from hardware.contract import Value
from hardware.protocols.polycom import Polycom
from hardware.sim.codec_parts import FarEnd
from hardware.sim.polycom import PolycomCodec
from hardware.sim.polycom_memory import Faults
from tests.hardware.protocols.polycom_room import MINUTE_MS, Room

ORDERS: list[tuple[str, Value]] = [
    ("codec.mute", "muted"),
    ("codec.mute", "open"),
    ("codec.power", "awake"),
    ("codec.power", "asleep"),
    ("codec.volume", 12),
    ("codec.dial", ("10.0.0.1", "h323", 768)),
    ("codec.hangup", "all"),
    ("codec.answer", "video"),
    ("codec.audiometer", "micleft"),
    ("camera.main.preset", 1),
    ("camera.main.park", "home"),
    ("camera.main.drive", (1, 0, 0)),
]
SWITCHING = (
    "mute near o",
    "wake",
    "sleep",
    "volume set",
    "dial",
    "hangup",
    "answer",
    "preset near",
    "camera near move",
)


def untidy(rng: random.Random) -> Faults:
    return Faults(
        late_echo=rng.random() < 0.5,
        blank_lines=rng.random() < 0.5,
        split=rng.random() < 0.5,
        noise=rng.choice([0.0, 0.1, 0.4]),
        line_end=rng.choice(["\r\n", "\r\r\n"]),
    )


def happen(room: Room, rng: random.Random) -> None:
    """One thing, of people, of power or of the room's controller."""
    codec, now_ms = room.codec, room.now
    things: list[Callable[[], object]] = [
        lambda: codec.ring("10.0.0.2", now_ms, name="Hue"),
        lambda: codec.person_dials("10.0.0.3", now_ms),
        lambda: codec.person_mutes(rng.random() < 0.5, now_ms),
        lambda: codec.person_wakes(rng.random() < 0.5, now_ms),
        lambda: codec.far_end_hangs_up(now_ms),
        lambda: codec.far_end(FarEnd(answers=rng.random() < 0.7, rings_ms=rng.randint(500, 20_000))),
        lambda: codec.person_turns_volume(rng.randint(0, 50), now_ms),
        lambda: codec.print_banner(now_ms),
        lambda: room.ours.feed(rng.randbytes(rng.randint(1, 60)), now_ms),
    ]
    rare: list[Callable[[], object]] = [
        lambda: codec.reboot(now_ms),
        lambda: codec.mains(not codec.powered, now_ms),
        lambda: reopen(room),
    ]
    rng.choice(rare if rng.random() < 0.08 else things)()
    if rng.random() < 0.6:
        give_order(room, rng)


def give_order(room: Room, rng: random.Random) -> None:
    target, value = rng.choice(ORDERS)
    room.order(target, value, rng.randint(1_000, 40_000))


def reopen(room: Room) -> None:
    room.ours.closed(room.now)
    room.ours.opened(room.now)


@pytest.mark.parametrize("seed", range(40))
def test_when_it_is_quiet_we_report_the_truth(seed: int) -> None:
    rng = random.Random(seed)
    room = Room(Polycom("main"), PolycomCodec(seed, faults=untidy(rng)))
    for _ in range(60):
        happen(room, rng)
        room.run(rng.choice([20, 700, 5_000, 20_000, 70_000]))
    room.codec.mains(True, room.now)
    room.run(8 * MINUTE_MS)
    # No inquiry tells sleep: an event that noise has eaten is made good by the next one only.
    room.codec.person_wakes(False, room.now)
    room.run(MINUTE_MS)
    room.codec.person_wakes(True, room.now)
    room.run(4 * MINUTE_MS)
    unit = room.codec.unit
    assert room.value("answers") is True
    assert room.value("mute") == ("muted" if unit.muted else "open")
    assert room.value("volume") == unit.volume
    assert room.value("in_call") is unit.calls.connected
    calls = room.value("calls")
    assert isinstance(calls, tuple)
    assert {call[0] for call in calls if isinstance(call, tuple)} == {str(i) for i in unit.calls.table}
    assert room.value("power") == "awake"
    assert unit.woken_by_query == 0
    assert room.codec.too_fast == 0
    assert all(room.results_of(n) for n in range(1, room.orders + 1))


@pytest.mark.parametrize("seed", range(8))
def test_nothing_that_switches_is_sent_before_it_said_who_it_is(seed: int) -> None:
    rng = random.Random(seed)
    faults = Faults(unknown=frozenset({"whoami", "systemsetting"}), noise=0.2)
    room = Room(Polycom("main"), PolycomCodec(seed, faults=faults))
    for _ in range(40):
        give_order(room, rng)
        room.ours.feed(rng.randbytes(rng.randint(1, 60)), room.now)
        room.run(rng.choice([20, 700, 20_000]))
    assert room.value("answers") is True
    assert not [text for text in room.texts() if text.startswith(SWITCHING)]
