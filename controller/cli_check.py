"""`diemcau check`: open every configured device, ask who it is, say what answered and how fast.

Nothing is switched. The ports must be free: while the controller runs its own view is shown by `status`.
"""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controller import config
from controller.config_model import RoomConfig
from controller.runtime.devices import build
from controller.texts import text
from hardware.contract import Reading, Value


@dataclass(slots=True)
class Row:
    """One device: the fact that shows an answer, what it said of itself, after how many seconds."""

    name: str
    source: str
    fact: str
    good: Value
    identity: str = ""
    state: str = "silent"
    after_s: float = 0.0
    said: dict[str, Value] = field(default_factory=dict)


def check(files: Sequence[Path], lang: str | None, wait_s: float) -> int:
    """0 = everything answered, 1 = something is silent or wrong, 78 = the configuration cannot be used."""
    try:
        cfg = config.load(files)
        rows = ask(cfg, wait_s)
    except config.ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return config.EXIT_CODE
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return config.EXIT_CODE
    said = lang or cfg.room.language
    for row in rows:
        sys.stdout.write(_line(row, said) + "\n")
    return 0 if all(row.state == "answers" for row in rows) else 1


def ask(cfg: RoomConfig, wait_s: float) -> list[Row]:
    """Start every device of the room, wait until all have answered or `wait_s` is over, stop them."""
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    began_s = time.monotonic()
    devices = build(cfg, inbox.put, lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)
    rows = list(_rows(cfg))
    devices.start()
    try:
        while any(row.state != "answers" for row in rows) and (left := began_s + wait_s - time.monotonic()) > 0:
            try:
                item = inbox.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(item, Reading):
                _note(rows, item, time.monotonic() - began_s)
    finally:
        devices.stop()
    return rows


def _rows(cfg: RoomConfig) -> Iterator[Row]:
    yield Row("keeper", "keeper", "up", True)
    if cfg.spoken is not None:
        yield Row("codec", "codec", "answers", True)
    for name in cfg.cameras:
        yield Row(f"camera {name}", f"camera.{name}", "answers", True)
    if cfg.ups is not None:
        yield Row("ups", "ups", "link", "ok")
    for place in cfg.climate:
        yield Row(f"climate {place}", f"climate.{place}", "error", "")
    yield Row("host", "host", "uptime_s", None)


def _note(rows: Sequence[Row], reading: Reading, after_s: float) -> None:
    for row in rows:
        if row.source != reading.source:
            continue
        row.said |= dict(reading.values)
        identity = row.said.get("identity") or row.said.get("model")
        row.identity = str(identity) if identity else row.identity
        fact = row.said.get(row.fact)
        good = fact is not None if row.good is None else fact == row.good
        if good and row.state != "answers":
            row.state, row.after_s = "answers", after_s
        elif not good and fact is not None and row.state != "answers":
            row.state = str(fact) if row.good is not True else "silent"


def _line(row: Row, lang: str) -> str:
    if row.state == "answers":
        return text("asked.answers", lang, (row.name, f"{row.after_s:.1f}", row.identity or "-"))
    return text("asked.silent", lang, (row.name, row.state))
