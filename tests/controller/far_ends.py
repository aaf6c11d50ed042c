"""The devices of a perfect room, as values: they do what they are told, after the time that real ones take.

No bytes and no wires: those have simulators of their own. What a device would answer now is `readings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hardware.contract import Order, Reading, Value

CODEC_BOOT_MS = 90_000
CAMERA_BOOT_MS = 45_000
SILENT_MS = 9_000
"""Three unanswered inquiries."""


@dataclass
class FarEnds:
    """All of them. `dead`: loads whose device never answers; `deaf`: targets that take no orders; `mute`: sources
    that say nothing at all."""

    loads: tuple[str, ...]
    relays: dict[str, str] = field(default_factory=dict)
    since_ms: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    codec: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: {"sleep": "3"})
    camera: dict[str, Any] = field(default_factory=dict)
    ups: dict[str, Any] = field(default_factory=dict)
    climate: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    lux: Value = 420.0
    line: dict[str, bool | None] = field(default_factory=dict)
    link: dict[str, Any] = field(default_factory=dict)
    serial: dict[str, str] = field(default_factory=dict)
    picks_up: str = "connected"
    """What becomes of a call that the codec dials; '' = nothing is heard of it."""
    meter: str = "off"
    levels: tuple[float, ...] = (-41.0, -38.5)
    """What its audio meter tells, in turn."""

    def __post_init__(self) -> None:
        self.relays = dict.fromkeys(self.loads, "off")
        self.ups = {"link": "ok", "source": "mains", "low": False, "testing": False}
        self.ups |= {"charge_pct": 100.0, "runtime_s": 3600}
        self.climate = {"room": (26.0, 60.0), "cabinet": (25.0, 55.0)}
        self._codec_boots()
        self._camera_boots()

    def _codec_boots(self) -> None:
        kept = {"autoanswer": False, "volume": 20} | self.codec  # settings outlive the power
        self.codec = {"power": "awake", "updating": False, "mute": "muted", "calls": (), "in_call": False}
        self.codec |= {name: kept[name] for name in ("autoanswer", "volume")}

    def _camera_boots(self) -> None:
        self.camera = {"power": "on", "ready": True, "parked": False, "preset": -1}

    def _for_ms(self, load: str, now_ms: int) -> int:
        return now_ms - self.since_ms.get(load, -(10**9))

    def _device(self, source: str, load: str, boot_ms: int, says: dict[str, Any], now_ms: int) -> Reading | None:
        live = self.relays[load] == "on" and load not in self.dead
        long_ms = self._for_ms(load, now_ms)
        if live and long_ms >= boot_ms:
            return Reading(source, (("answers", True), *says.items()), now_ms)
        if live or long_ms >= SILENT_MS:
            return Reading(source, (("answers", False),), now_ms)
        return None

    def readings(self, now_ms: int) -> list[Reading]:
        """What everyone answers now."""
        hears = self.meter != "off" and bool(self.levels)
        self.codec["mic_level"] = self.levels[now_ms // 10_000 % len(self.levels)] if hears else None
        rows = [
            Reading("relay", tuple(self.relays.items()), now_ms),
            Reading("keeper", (("up", True),), now_ms),
            self._device("codec", "codec", CODEC_BOOT_MS, self.codec, now_ms),
            self._device("camera.main", "camera", CAMERA_BOOT_MS, self.camera, now_ms),
            Reading("ups", tuple(self.ups.items()), now_ms),
            Reading("light.table", (("lux", self.lux), ("error", "")), now_ms),
        ]
        rows += [
            Reading(f"climate.{place}", (("temp_c", t), ("humidity_pct", h)), now_ms)
            for place, (t, h) in self.climate.items()
        ]
        rows += [Reading(f"line.{name}", (("reachable", up),), now_ms) for name, up in self.line.items()]
        if self.settings and self.relays["codec"] == "on" and self._for_ms("codec", now_ms) >= CODEC_BOOT_MS:
            rows.append(Reading("setting", tuple(self.settings.items()), now_ms))
        rows += [Reading("serial", (("at", tuple(self.serial.items())),), now_ms)] if self.serial else []
        rows += [Reading("link", tuple(self.link.items()), now_ms)] if self.link else []
        return [row for row in rows if row is not None and row.source not in self.mute]

    def obey(self, order: Order, now_ms: int) -> None:
        """Do it, unless deaf."""
        kind, _, rest = order.target.partition(".")
        if order.target in self.deaf or rest.endswith("port"):
            return
        if kind == "load":
            self.switch(rest, str(order.value), now_ms)
        elif kind == "codec":
            self._codec_does(rest, order.value)
        elif kind == "camera":
            self._camera_does(rest.partition(".")[2], order.value)

    def switch(self, load: str, value: str, now_ms: int) -> None:
        """The contact moves; a device that gets power starts afresh."""
        if self.relays[load] == value:
            return
        self.relays[load], self.since_ms[load] = value, now_ms
        if load == "codec":
            self._codec_boots()
        elif load == "camera":
            self._camera_boots()

    def _codec_does(self, what: str, value: Value) -> None:
        if what == "audiometer":
            self.meter = str(value)
        elif what == "hangup":
            self.calls(tuple(r for r in self.codec["calls"] if value not in ("all", *r[:1])))
        elif what == "dial" and isinstance(value, tuple):
            row = ("9", "out", self.picks_up, str(value[0]), "video")
            self.calls((*self.codec["calls"], *([row] if self.picks_up else [])))
        elif what == "autoanswer":
            self.codec[what] = value == "on"
        elif what.startswith("setting."):
            self.settings[what.removeprefix("setting.")] = value
        elif what == "answer":
            self.calls(tuple((*r[:2], "connected", *r[3:]) for r in self.codec["calls"]))
        else:
            self.codec[what] = value

    def calls(self, rows: tuple[Any, ...]) -> None:
        """The codec's calls from now on; what is no call is not kept."""
        rows = tuple(row for row in rows if isinstance(row, tuple) and len(row) > 3)
        self.codec["calls"] = rows
        self.codec["in_call"] = any(row[2] == "connected" for row in rows)

    def _camera_does(self, what: str, value: Value) -> None:
        if what == "park":
            self.camera["parked"] = True
        else:
            self.camera |= {what: value, "parked": False}
