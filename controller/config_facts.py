"""What to believe of every fact of the room: when it is stale, what is implausible, what counts as unchanged.
Pure.

A fact that only some answers carry (identity, figures of a call) is never stale by itself: `answers` tells of
silence. Clause: N14; sensors: reject outside -40…85 °C and 0…100 %, jumps of more than 5 °C or 20 % only when
seen three times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from controller.config_line_room import places
from controller.config_loads import CONTACTS
from controller.config_model import RoomConfig
from controller.config_ports import serial_ports
from controller.core.room import FactSpec
from hardware.contract import FIELDS

RELAY_MS = 35_000
"""Levels are read back every 10 s: three lost answers and a margin."""
SILENT_MS = 16 * 60_000
"""A device without power is asked every five minutes (views.py): three lost answers and a margin."""
DISPLAY_MS = 65_000
"""Asked every 10 to 20 s: three lost answers and a margin."""
INPUT_MS = 35_000
"""Levels of contacts are looked at every 10 s. Buttons never grow old: what they last told stands."""
LINE_MS = 1_860_000
"""At rest a burst every ten minutes: three lost ones and a margin."""
HOST_MS = 200_000
"""Health of the Pi is read once a minute."""

SELDOM = {
    "codec": (
        "identity",
        "software",
        "login",
        "reboots",
        "rate_kbps",
        "loss_pct",
        "jitter_ms",
        "loss_out_pct",
        "jitter_out_ms",
        "mic_level",
        "audio_in_kbps",
        "video_in_kbps",
        "ended",
        "popup",
    ),
    "camera": ("identity", "fault"),
    "display": ("identity", "fault", "lamp_h", "login"),
    "ups": ("model", "test_result", "alarm", "beeper"),
    "host": ("uptime_s",),
}
"""Fields that not every answer carries."""

PC_FIELDS = ("answers", "watts", "mute")
"""All that can be known of a computer that runs the meeting: what it says to nobody is no fact of the room."""

STUCK_MS = 6 * 3_600_000
"""Assumption: the air of a room moves the last digit of such a sensor many times an hour, by night too."""

SHAPES: Mapping[str, FactSpec] = {
    "climate.temp_c": FactSpec(dead_band=0.2, low=-40, high=85, jump=5, stuck_ms=STUCK_MS),
    "climate.humidity_pct": FactSpec(dead_band=1, low=0, high=100, jump=20, stuck_ms=STUCK_MS),
    "light.lux": FactSpec(dead_band=20, low=0, high=200_000),
    "ups.charge_pct": FactSpec(dead_band=1, low=0, high=100),
    "ups.runtime_s": FactSpec(dead_band=30, low=0, high=7 * 86_400),
    "ups.load_pct": FactSpec(dead_band=2, low=0, high=400),
    "ups.input_v": FactSpec(dead_band=2, low=0, high=500),
    "ups.battery_v": FactSpec(dead_band=0.2, low=0, high=1000),
    "ups.temp_c": FactSpec(dead_band=1, low=-40, high=120),
    "codec.rate_kbps": FactSpec(dead_band=64, low=0),
    "codec.loss_pct": FactSpec(dead_band=0.5, low=0, high=100),
    "codec.jitter_ms": FactSpec(dead_band=5, low=0),
    "codec.loss_out_pct": FactSpec(dead_band=0.5, low=0, high=100),
    "codec.jitter_out_ms": FactSpec(dead_band=5, low=0),
    "codec.people": FactSpec(low=0, high=1000),
    "codec.watts": FactSpec(dead_band=1, low=0, high=10_000),
    "codec.mic_level": FactSpec(),  # whether it moves at all is the question
    # Zero is what matters: the dead-band is below the slowest sound and the smallest picture.
    "codec.audio_in_kbps": FactSpec(dead_band=4, low=0),
    "codec.video_in_kbps": FactSpec(dead_band=32, low=0),
    # Wide, so that a quiet line is one reading over and over; limits of the rules are far above.
    "line.loss_ratio": FactSpec(dead_band=0.004, low=0, high=1),
    "line.rtt_ms": FactSpec(dead_band=15, low=0),
    "line.jitter_ms": FactSpec(dead_band=5, low=0),
    "host.cpu_temp_c": FactSpec(dead_band=2, low=-40, high=125),
    "host.disk_free_pct": FactSpec(dead_band=1, low=0, high=100),
    "host.memory_free_pct": FactSpec(dead_band=5, low=0, high=100),
    "host.load_1m": FactSpec(dead_band=0.5, low=0),
    "host.uptime_s": FactSpec(dead_band=86_400, low=0),
    "journal.unlogged_s": FactSpec(dead_band=0.5, low=0),
}
"""Class and field → limits. A runtime of more than a week is a UPS without a load, not a figure to plan with."""


def facts(cfg: RoomConfig) -> dict[str, FactSpec]:
    """Every fact that this room can have."""
    return {name: spec for source, cls, age_ms in _sources(cfg) for name, spec in _fields(cfg, source, cls, age_ms)}


def _sources(cfg: RoomConfig) -> Iterator[tuple[str, str, int]]:
    """Source, its device class, and the age at which its words are stale (0 = it speaks only of changes)."""
    yield from (("relay", "relay", RELAY_MS), ("keeper", "keeper", RELAY_MS), ("input", "input", 0))
    yield from (("host", "host", HOST_MS), ("journal", "journal", 0), ("link", "link", 0))
    if serial_ports(cfg):
        yield "serial", "serial", HOST_MS
    if cfg.ups is not None:
        yield "ups", "ups", cfg.ups.stale_ms
    if cfg.codec is not None:
        yield "codec", "codec", cfg.codec.stale_ms
    if cfg.spoken is not None:
        yield "setting", "setting", 0
    for name, camera in cfg.cameras.items():
        asked = cfg.spoken if camera.via == "codec" and cfg.spoken is not None else camera
        yield f"camera.{name}", "camera", asked.stale_ms
    yield from ((f"display.{name}", "display", DISPLAY_MS) for name in cfg.displays)
    for place, climate in cfg.climate.items():
        yield f"climate.{place}", "climate", climate.stale_ms
    for place, light in cfg.light.items():
        yield f"light.{place}", "light", light.stale_ms
    yield from ((f"line.{spot.name}", "line", LINE_MS) for spot in places(cfg))


def _fields(cfg: RoomConfig, source: str, cls: str, age_ms: int) -> Iterator[tuple[str, FactSpec]]:
    settings = cfg.spoken.settings if cfg.spoken is not None else ()
    own = {"relay": tuple(cfg.loads), "input": tuple(cfg.inputs), "setting": tuple(settings)}
    own |= {"codec": PC_FIELDS} if cfg.computer is not None else {}
    names = own.get(cls, tuple(FIELDS[cls]))
    for name in names:
        shape = SHAPES.get(f"{cls}.{name}", FactSpec())
        age = 0 if name in SELDOM.get(cls, ()) else age_ms
        if (cls, name) == ("codec", "mute") and cfg.computer is not None:
            age = RELAY_MS  # as its relay is read back
        if cls == "input" and cfg.inputs[name].role in CONTACTS:
            age = INPUT_MS
        silent = SILENT_MS if name == "answers" and cls in ("codec", "camera") else 0
        yield f"{source}.{name}", replace(shape, max_age_ms=age, silent_age_ms=max(age, silent) if silent else 0)
