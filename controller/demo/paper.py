"""What the demo's room has on paper: room.toml and a rule pack, made from the shipped example, and a calendar.

Pure: text in, text out; time is an argument. Only waiting is compressed, each figure by `speed` and never below
what its devices or its limits need; contacts, settling and warm-up keep the pace of the devices, which are quick
models (a codec that boots in 10 s). The pack names every figure that it changes (N25).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller import config
from controller.commission.sealed import sealed
from controller.config_rules import Rules
from controller.texts import text

SLUG = "diem-cau-demo"
UPS_USER, UPS_PASSWORD = "diemcau", "demo"
W1_SENSOR, I2C_SENSOR = "28-0316a2795cff", "sht3x"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
WARMUP_S = {"network": 2, "display": 2, "camera": 8, "codec": 22}
"""Contact to *answers* of the quick models, with a margin for a busy machine; the codec may take a turn of 8 s at
the wrong speed besides."""

WAITS: Mapping[str, float] = {
    "power_up.ready_before_min": 0.1,
    "power_up.margin_s": 5,
    "power_up.stagger_max_s": 0,
    "power_up.grace_s": 3,
    "power_up.press_hold_min": 10,
    "power_up.press_more_min": 5,
    "idle.end_grace_min": 0.1,
    "idle.no_call_min": 0.05,
    "idle.idle_min": 5,
    "idle.warn_min": 1,
    "idle.clock_settle_min": 0.05,
    "mains.lost_s": 2,
    "mains.back_s": 2,
    "mains.settle_s": 2,
    "mains.unknown_settle_min": 0.2,
    "mains.shed_s": 20,
    "floor.excuse_s": 4,
    "calls.warn_s": 10,
    "close.silent_min": 1,
    "climate.hard_min": 0.5,
    "climate.warn_min": 0.5,
}
"""Key of the rules → the least it is compressed to: what a device or a person needs, or the key's own limit."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything of one demo lies. Socket paths must stay below 107 bytes: the folder is a short one."""

    folder: Path
    broker_port: int = 1883
    ups_port: int = 3493
    ups_name: str = "room"

    def at(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    @property
    def keeper_socket(self) -> Path:
        return self.at("keeper", "keeper.sock")

    @property
    def look(self) -> Path:
        return self.at("keeper", "look.sock")

    @property
    def pins(self) -> Path:
        return self.at("pins.sock")

    @property
    def camera(self) -> Path:
        return self.at("tty", "camera")

    @property
    def codec(self) -> Path:
        return self.at("tty", "codec")

    @property
    def root(self) -> Path:
        """Root of the faked /sys and of the clock's files."""
        return self.at("root")


def room_toml(places: Places, lang: str) -> str:
    """The example's room with the demo's ports, sockets and folders; its figures come from the pack."""
    tree: dict[str, Any] = tomllib.loads(config.example())
    for table in ("rules", "calendar", "updates"):
        tree.pop(table, None)
    tree["room"] |= {"slug": SLUG, "language": lang, "rule_packs": ["pack.toml"]}
    tree["paths"] = {
        "state_dir": str(places.at("state")),
        "journal": str(places.at("state", "journal.db")),
        "run_dir": str(places.at("run")),
    }
    tree["keeper"]["socket"] = str(places.keeper_socket)
    # The example's speeds stay: the devices of the demo are at the second.
    tree["codec"]["port"] = str(places.codec)
    tree["cameras"]["main"]["port"] = str(places.camera)
    tree["ups"] = _ups(places)
    for place in (*tree["climate"].values(), *tree["light"].values()):
        place["period_s"] = 5
    tree["mqtt"] = {"main": {"host": "127.0.0.1", "port": places.broker_port, "tls": False}, "keepalive_s": 5}
    for load, warmup_s in WARMUP_S.items():
        tree["loads"][load]["warmup_s"] = warmup_s
    return toml(tree)


def acceptance() -> str:
    """The demo's room is accepted by nobody and for nobody: it has no other devices than those of the demo."""
    return sealed({"room": SLUG, "accepted": True}, b"")


def _ups(places: Places) -> dict[str, Any]:
    password = str(places.at("ups.password"))
    address = {"host": "127.0.0.1", "port": places.ups_port, "name": places.ups_name}
    return {**address, "user": UPS_USER, "password_file": password}


def pack_toml(speed: float, r9: str) -> str:
    """The rule pack: every waiting figure divided by `speed`, and the mode of R9."""
    defaults = Rules().model_dump()
    rules: dict[str, dict[str, Any]] = {"modes": {"R9": r9}}
    clauses = {"rules.modes.R9": f"demo --r9 {r9}"}
    for key, least in WAITS.items():
        table, name = key.split(".")
        was = float(defaults[table][name])
        now = min(was, max(was / speed, least))
        rules.setdefault(table, {})[name] = round(now, 3)
        clauses[f"rules.{key}"] = f"{was:g} / {speed:g}"
    return toml({"pack": {"document": f"demo, speed {speed:g}", "clauses": clauses}, "rules": rules})


@dataclass(frozen=True, slots=True)
class Sitting:
    """One meeting of the demo's calendar; times in Unix ms."""

    uid: str
    title: str
    start_ms: int
    end_ms: int
    policy: str = "chair_led"


def sitting(n: int, start_ms: int, length_s: float, lang: str) -> Sitting:
    """The demo's `n`th meeting; the first and every second after it is led by its chair."""
    kind, policy = ("briefing", "chair_led") if n % 2 else ("session", "open")
    end_ms = start_ms + round(length_s * 1000)
    return Sitting(f"demo-{n}", text(f"demo.meeting.{kind}", lang), start_ms, end_ms, policy)


def calendar(meetings: tuple[Sitting, ...]) -> str:
    """iCalendar text (RFC 5545); the room is a member, the chair sits elsewhere."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Diemcau//demo//VI"]
    for meeting in meetings:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{meeting.uid}",
            "DTSTAMP:20260101T000000Z",
            f"SUMMARY:{meeting.title}",
            f"DTSTART:{_stamp(meeting.start_ms)}",
            f"DTEND:{_stamp(meeting.end_ms)}",
            "X-DIEMCAU-CHAIR:sogddt",
            "X-DIEMCAU-DESK:sogddt",
            f"X-DIEMCAU-POLICY:{meeting.policy}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _stamp(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def toml(tree: Mapping[str, Any]) -> str:
    """The tree as TOML: tables, strings, numbers, booleans and lists of them, all that a room.toml holds."""
    return "\n".join(_table((), tree)) + "\n"


def _table(path: tuple[str, ...], tree: Mapping[str, Any]) -> list[str]:
    plain = {key: value for key, value in tree.items() if not isinstance(value, Mapping)}
    lines = [f"[{'.'.join(path)}]"] if path else []
    lines += [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in tree.items():
        if isinstance(value, Mapping):
            lines += _table((*path, _key(key)), value)
    return lines


def _key(key: str) -> str:
    bare = key.replace("_", "").replace("-", "").isalnum() and key.isascii()
    return key if bare else _value(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        plain = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{plain}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
