"""The room that is simulated: the shipped example, with every device asked every five minutes."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import lru_cache

from controller import config
from controller.config_compile import compile_room
from controller.config_model import RoomConfig
from controller.core.room import Class, Mode, Room

MAX_AGE_MS = 4 * 3_600_000
"""Three of the slowest periods (relays, an hour), and a margin."""
DEVICE_AGE_MS = 35 * 60_000
"""Three of the slowest things that codecs and cameras are asked (every second round of five minutes) and a margin.
Less than the hour of a device at rest, as in a real room: what has no power grows stale, and is not lost."""


TEST_ADDRESS = "10.1.0.9"
FAN_MAX_MS = 3_600_000
"""Less than a hot afternoon, so that the laws see the longest time on (N14)."""
SLEEP = {"polycom": "sleeptime", "cisco": "Standby Delay"}
"""How each make calls the setting that the example compares."""
CODECS = (*SLEEP, "pc")
"""What a meeting runs on; `pc`: a computer with a mute relay and a meter at its socket."""


PC_EVERY = 17
COMPUTER = {
    "kind": "pc",
    "load": "codec",
    "host": "192.168.10.20",
    "mute": {"chip": "pcf8574", "pin": 5},
    "meter": {"port": "/dev/serial/by-path/usb-0:1.4"},
}


def codec_by(seed: int) -> str:
    """On what meetings run in a world of this seed, where nobody chose: both makes of codec are lived with, year by
    year, and now and then a computer."""
    return "pc" if seed % PC_EVERY == 0 else CODECS[seed % 2]


@lru_cache(maxsize=4)
def simulated_room(accepted: bool = True, codec: str = "polycom") -> Room:
    """The example room, accepted and enforcing, its facts believed for three simulated samples."""
    if codec == "pc":
        paper = {**tomllib.loads(config.example()), "codec": COMPUTER}
        return slowly_asked(compile_room(RoomConfig.model_validate(paper)), accepted)
    room = slowly_asked(compile_room(config.loads(config.example())), accepted)
    settings = tuple(row._replace(path=SLEEP[codec]) for row in room.drift.settings)
    meter = set() if codec == "polycom" else {"codec.audiometer"}  # as config_compile has it
    targets = {n: t for n, t in room.targets.items() if n not in meter}
    return replace(room, codec=codec, targets=targets, drift=replace(room.drift, settings=settings))


def slowly_asked(room: Room, accepted: bool = True) -> Room:
    """Any room as the simulation asks it."""
    facts = {
        n: replace(
            f,
            max_age_ms=max(f.max_age_ms, _age_ms(n)) if f.max_age_ms else 0,
            silent_age_ms=max(f.silent_age_ms, MAX_AGE_MS) if f.silent_age_ms else 0,
        )
        for n, f in room.facts.items()
    }
    modes = dict(room.modes) | {"R9": Mode.ENFORCE, "R11": Mode.ENFORCE, "R21": Mode.REMIND}
    calls, redial = (
        replace(room.calls, who_dials="either"),
        replace(room.redial, main="10.1.0.1", backup="10.1.0.2"),
    )
    rehearsal = replace(room.rehearsal, test_address=TEST_ADDRESS)
    loads = tuple(replace(x, max_on_ms=FAN_MAX_MS * (x.cls is Class.FAN)) for x in room.loads)
    return replace(
        room,
        facts=facts,
        modes=modes,
        accepted=accepted,
        calls=calls,
        redial=redial,
        loads=loads,
        rehearsal=rehearsal,
    )


def _age_ms(fact: str) -> int:
    return DEVICE_AGE_MS if fact.startswith(("codec.", "camera.")) else MAX_AGE_MS
