"""`diemcau check`: open every configured device, ask who it is, say what answered and how fast.

Nothing is switched: no order is given and no lease is taken. The ports must be free: while the controller runs its
own view is shown instead, and the exit code says that nothing was asked.
"""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controller import config
from controller.cli_look import facts, running
from controller.cli_words import NOT_NOW, UNAVAILABLE, WRONG, complain, quiet, sentence
from controller.config_line_room import places, spot_of
from controller.config_model import Codec, RoomConfig
from controller.credentials import given
from controller.plan_make import plan_of
from controller.runtime.devices import build
from controller.texts import known, text
from hardware.contract import Reading, Value

SILENT, ANSWERS, FAULT = "silent", "answers", "fault"
NAME_S = 3.0
"""Some devices answer before they have said who they are; when all answer, that is waited for so long."""


_NAMED = ("codec", "camera.", "display.", "ups")
_NAMELESS = ("computer", "meter", "mute")


@dataclass(slots=True)
class Row:
    """One device. `fact` shows that it answers when it equals `good` (None = any value), and `says` what is wrong
    when it answers otherwise; `place` is a path that must be there and open to us, or an address."""

    name: str
    source: str
    fact: str
    good: Value
    place: str
    says: str = ""
    state: str = SILENT
    after_s: float | None = None
    said: dict[str, Value] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What it says of itself; of a place on the line, how it was asked."""
        if self.source.startswith("line."):
            return f"{self.place} ({self.said.get('kind')})" if self.state == ANSWERS else ""
        return str(self.said.get("identity") or self.said.get("model") or "")

    @property
    def known(self) -> bool:
        """It answers and, being a device that can, has said who it is."""
        named = self.source.startswith(_NAMED) and self.name not in _NAMELESS
        return self.state == ANSWERS and (bool(self.identity) or not named)


def check(files: Sequence[Path], lang: str | None, wait_s: float) -> int:
    """0 = everything answers, 1 = something answers wrongly, 69 = something does not answer, 75 = the controller
    runs and nothing was asked, 78 = the configuration cannot be used."""
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        return complain(error, lang)
    said = lang or cfg.room.language
    rows = list(rows_of(cfg))
    view = running(cfg)
    if view is not None:
        sys.stdout.write(text("asked.runs", said) + "\n")
        _read(rows, view)
    else:
        with quiet():
            ask(cfg, rows, wait_s)
    sys.stdout.write(table(rows, said))
    for fault in unread(cfg) if view is None else ():
        sys.stdout.write(text("asked.password", said, (sentence(fault, said),)) + "\n")
    return NOT_NOW if view is not None else worst(rows)


def unread(cfg: RoomConfig) -> Iterator[OSError]:
    """Password files that room.toml names and that cannot be read: the room lives without, its devices may not."""
    for path in sorted(set(_named_files(cfg.model_dump(mode="json")))):
        try:
            given(path).open("rb").close()
        except OSError as error:
            yield error


def _named_files(tree: Mapping[str, object]) -> Iterator[str]:
    for name, below in tree.items():
        if isinstance(below, Mapping):
            yield from _named_files(below)
        elif name == "password_file" and isinstance(below, str) and below:
            yield below


def worst(rows: Sequence[Row]) -> int:
    """The exit code of the worst answer."""
    states = {row.state for row in rows}
    return UNAVAILABLE if SILENT in states else WRONG if FAULT in states else 0


def rows_of(cfg: RoomConfig) -> Iterator[Row]:
    """Every device of the room, not yet asked."""
    yield Row("keeper", "keeper", "up", True, cfg.keeper.socket)
    codec = cfg.spoken
    if codec is not None:
        yield Row("codec", "codec", "answers", True, codec.port or "-", "login")
    if cfg.computer is not None:
        yield from _computer(cfg.computer)
    for name, camera in cfg.cameras.items():
        through = codec.port if codec is not None else None
        place = {"visca": camera.port, "ip": camera.host, "codec": through}[camera.via]
        yield Row(f"camera {name}", f"camera.{name}", "answers", True, place or "-")
    for name in cfg.displays:
        load = cfg.loads[name]
        place = load.rs232.port if load.rs232 is not None else load.host or "-"
        yield Row(f"display {name}", f"display.{name}", "answers", True, place, "login")
    if cfg.ups is not None:
        address = f"{cfg.ups.name}@{cfg.ups.host}:{cfg.ups.port}"
        yield Row("ups", "ups", "link", "ok", cfg.ups.serial or address)
    for name, spot in cfg.climate.items():
        place = spot.sensor if spot.modbus is None else spot.modbus.port
        yield Row(f"climate {name}", f"climate.{name}", "error", "", place or "-")
    for name, light in cfg.light.items():
        yield Row(f"light {name}", f"light.{name}", "error", "", light.sensor)
    for name, board in cfg.boards.items():
        loads = [load for load, row in cfg.loads.items() if row.board == name]
        if loads:  # the keeper has the port: what it reads of a relay is the board's answer
            yield Row(f"board {name}", "relay", loads[0], None, board.port)
    for stop in places(cfg):
        table_of = spot_of(cfg, stop.name)
        address = table_of.address if table_of is not None else cfg.line.gateway or "-"
        yield Row(stop.name, f"line.{stop.name}", "reachable", True, address)
    yield Row("host", "host", "uptime_s", None, "/proc")


def _computer(pc: Codec) -> Iterator[Row]:
    """Whether it is there is asked; that it is off is no fault of it, and is said as silence."""
    if pc.host is not None:
        yield Row("computer", "codec", "answers", True, pc.host)
    if pc.meter is not None:
        yield Row("meter", "codec", "watts", None, pc.meter.port)
    if pc.mute is not None:
        yield Row("mute", "codec", "mute", None, "-")


def ask(cfg: RoomConfig, rows: Sequence[Row], wait_s: float) -> None:
    """Start every device of the room, wait until all answer well or `wait_s` is over, stop them."""
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    began_s = time.monotonic()
    devices = build(plan_of(cfg), inbox.put, lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)
    devices.start()
    end_s = began_s + wait_s
    try:
        while (left_s := end_s - time.monotonic()) > 0 and not all(row.known for row in rows):
            item = inbox.get(timeout=left_s)
            if isinstance(item, Reading):
                note(rows, item.source, dict(item.values), time.monotonic() - began_s)
            if all(row.state == ANSWERS for row in rows):
                end_s = min(end_s, time.monotonic() + NAME_S)
    except queue.Empty:
        return
    finally:
        devices.stop()


def _read(rows: Sequence[Row], view: Mapping[str, object]) -> None:
    """What a running controller sees of them."""
    seen = facts(view)
    for row in rows:
        prefix = f"{row.source}."
        values = {name.removeprefix(prefix): value for name, value in seen.items() if name.startswith(prefix)}
        note([row], row.source, values, None)


def note(rows: Sequence[Row], source: str, values: Mapping[str, Value], after_s: float | None) -> None:
    """A device said something; the first good answer counts."""
    for row in rows:
        if row.source != source:
            continue
        row.said |= values
        told = row.said.get(row.fact)
        good = told is not None if row.good is None else told == row.good
        if good and row.state != ANSWERS:
            row.state, row.after_s = ANSWERS, after_s
        elif row.state != ANSWERS:
            row.state = FAULT if complaint(row, "en") else SILENT


def complaint(row: Row, lang: str) -> str:
    """What a device that does answer is not satisfied with; '' = it has said nothing of the kind."""
    if row.says == "login" and row.said.get("login") in ("asked", "refused"):
        return text("asked.login", lang)
    told = row.said.get(row.fact)
    if row.source == "ups" and isinstance(told, str) and told not in ("ok", "down"):
        return text(f"ups.link.{told}", lang)
    if row.source.startswith("line.") and row.said.get("kind") == "none":
        return text("asked.no_probe", lang)
    if row.source.startswith(("climate.", "light.")) and told:
        return text("asked.sensor", lang, (told,))
    return ""


def table(rows: Sequence[Row], lang: str) -> str:
    """The answers as columns, and their sum."""
    lines = [tuple(text("asked.head", lang).split("|")), *(_cells(row, lang) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(3)]
    body = "".join("  ".join((*map(str.ljust, line[:3], widths), line[3])).rstrip() + "\n" for line in lines)
    good = sum(row.state == ANSWERS for row in rows)
    return body + text("asked.sum", lang, (good, len(rows))) + "\n"


def _cells(row: Row, lang: str) -> tuple[str, str, str, str]:
    after = "" if row.after_s is None else text("asked.after", lang, (round(row.after_s, 1),))
    thing = row.name if not known(f"thing.{row.name}") else text(f"thing.{row.name}", lang)
    return thing, _state(row, lang), after, row.identity


def _state(row: Row, lang: str) -> str:
    if row.state == ANSWERS:
        return text("asked.answers", lang)
    if row.state == FAULT:
        return text("asked.fault", lang, (complaint(row, lang),))
    return text(_why_silent(row.place), lang, (row.place,))


def _why_silent(place: str) -> str:
    """A path that is not there or not ours to open explains the silence."""
    if not place.startswith("/"):
        return "asked.silent"
    if not os.path.exists(place):
        return "asked.absent"
    return "asked.silent" if os.access(place, os.R_OK | os.W_OK) or place == "/proc" else "asked.denied"
