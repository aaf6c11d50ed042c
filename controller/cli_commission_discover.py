"""`diemcau commission --discover FILE`: ask every serial port who is there, look for sensors, expanders and upsd,
and write a room.toml to begin with. Nothing that can switch is sent: only inquiries, the most harmless first.

A UPS on a contact cable must be unplugged before: Linux raises DTR and RTS when a port opens, which some take for
*shut down* (field.md). The sentence at the start says so and waits for a yes.
"""

from __future__ import annotations

import errno
import os
import queue
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from controller import config
from controller.cli_words import NOT_NOW, WRONG, complain
from controller.commission.propose import Found, Port, room_toml
from controller.runtime.window import lives, look
from controller.texts import DEFAULT_LANGUAGE, text
from hardware.camera import SPEEDS as CAMERA_SPEEDS
from hardware.camera import conversation as camera
from hardware.climate import SYS, sensors
from hardware.codec import SPEEDS
from hardware.codec import conversation as codec
from hardware.contract import Conversation, Reading, Value
from hardware.protocols.megatec import Megatec
from hardware.pump import Pump
from hardware.ups import PORT
from hardware.wire import SerialWire

PORTS = Path("/dev/serial/by-path")
RUN_DIR = Path("/run/diemcau")
CHIPS = Path("/sys/bus/gpio/devices")
ANSWER_S = 6.0
"""Two speeds, each silent for as long as a conversation takes to try the next."""
KINDS: tuple[tuple[str, tuple[int, ...], Callable[[], Conversation]], ...] = (
    ("megatec", (2400,), Megatec),
    ("visca", CAMERA_SPEEDS, lambda: camera(("main",))),
    ("polycom", SPEEDS["polycom"][:2], lambda: codec("polycom")),
    ("cisco", SPEEDS["cisco"][:2], lambda: codec("cisco")),
)
"""In this order: `Q1` means nothing to the others, while a line of text might mean something to a UPS."""


@dataclass(frozen=True, slots=True)
class Around:
    """Where to look, how long to wait for an answer, and where the person's yes is read."""

    ports: Path = PORTS
    run_dir: Path = RUN_DIR
    answer_s: float = ANSWER_S
    answers: TextIO = field(default_factory=lambda: sys.stdin)


def discover(out: Path, lang: str | None, around: Around) -> int:
    """0 = written; 1 = the person said no; 75 = the controller runs; 78 = the file exists or cannot be written."""
    said = lang or DEFAULT_LANGUAGE
    view = look(around.run_dir)
    if view is not None and lives(view):
        sys.stderr.write(text("commission.say.running", said) + "\n")
        return NOT_NOW
    if out.exists():
        return complain(FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(out)), said)
    sys.stdout.write(text("commission.say.cables", said) + "\n")
    sys.stdout.flush()
    if around.answers.readline().strip().lower() not in ("1", "y", "yes", "c", "có"):
        return WRONG
    return _write(out, _look(around, said), said)


def _look(around: Around, lang: str) -> Found:
    ports = tuple(_asked(path, around.answer_s, lang) for path in _paths(around.ports))
    return Found(ports, tuple(name for name, _ in sensors(SYS)), tuple(_chips()), _upsd())


def _write(out: Path, found: Found, lang: str) -> int:
    proposal = room_toml(found, config.example())
    config.loads(proposal, str(out))
    try:
        out.write_text(proposal, encoding="utf-8")
    except OSError as error:
        return complain(error, lang)
    sys.stdout.write(text("commission.no_room", lang, (out,)) + "\n")
    return 0


def _paths(ports: Path) -> list[Path]:
    return sorted(ports.iterdir()) if ports.is_dir() else []


def _asked(path: Path, answer_s: float, lang: str) -> Port:
    """Who is at this port; said as soon as it is known."""
    port = next((row for kind in KINDS if (row := probe(path, *kind, answer_s)).kind), Port(str(path)))
    sys.stdout.write(f"{port.path}: {port.kind or text('asked.silent', lang, ('',)).strip()} {port.identity}\n")
    sys.stdout.flush()
    return port


def probe(
    path: Path, kind: str, speeds: tuple[int, ...], make: Callable[[], Conversation], answer_s: float
) -> Port:
    """Ask one port in one language, for so long."""
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    pump = Pump(f"probe {kind}", SerialWire(str(path), *speeds), make(), inbox.put, _mono_ms)
    pump.start()
    end_s = time.monotonic() + answer_s
    try:
        while (left_s := end_s - time.monotonic()) > 0:
            item = inbox.get(timeout=left_s)
            who = identity(dict(item.values)) if isinstance(item, Reading) else ""
            if who:
                return Port(str(path), kind, who)
    except queue.Empty:
        pass
    finally:
        pump.stop()
    return Port(str(path))


def identity(values: dict[str, Value]) -> str:
    """Who answered; a UPS that does not say its name has shown itself by its figures."""
    who = values.get("identity") or values.get("model") or ""
    return str(who) or ("ups" if values.get("link") == "ok" and values.get("input_v") is not None else "")


def _chips() -> Iterator[str]:
    """Labels of GPIO chips; those of the Pi itself are in no room.toml."""
    for folder in sorted(CHIPS.glob("gpiochip*")) if CHIPS.is_dir() else ():
        label = folder / "label"
        if label.is_file():
            yield label.read_text(encoding="utf-8", errors="replace").strip()


def _upsd() -> bool:
    """Does upsd listen on this Pi?"""
    try:
        socket.create_connection(("127.0.0.1", PORT), 1.0).close()
    except OSError:
        return False
    return True


def _mono_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
