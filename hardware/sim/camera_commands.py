"""What a simulated VISCA camera makes of a packet: commands, inquiries, cancel, errors.

What must not be here: memory and replies (camera_unit.py), the serial line (camera.py). Written from the Sony
EVI-D70, EVI-D80 and SRG-300H command lists with its own numbers; it shares nothing with hardware/protocols.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hardware.sim.camera_head import HOME, Frame
from hardware.sim.camera_unit import Unit

Handler: TypeAlias = Callable[[Unit, bytes, int], None]

LENGTH, SYNTAX, FULL, CANCELLED, NO_SOCKET, NOT_NOW = 0x01, 0x02, 0x03, 0x04, 0x05, 0x41

LONGEST = 14
"""Payload bytes of a packet; cameras whose positions have five digits take one more (SRG-360SHE)."""

FOCUS = b"\x04\x48"

QUICK = frozenset({b"\x04\x07", b"\x06\x01"})
"""Commands that complete at once although something goes on moving: accepted with both sockets busy."""


def spread(value: int, digits: int) -> bytes:
    """Two's complement over `digits` nibbles, one nibble per byte, most significant first."""
    return bytes((value >> (4 * k)) & 0xF for k in reversed(range(digits)))


def gather(data: bytes) -> int:
    """The signed number that `spread` wrote."""
    value = 0
    for byte in data:
        value = value * 16 + (byte & 0xF)
    return value - (1 << 4 * len(data)) if data[0] & 0x8 else value


def receive(unit: Unit, body: bytes, now_ms: int) -> None:
    """One packet that is addressed to this camera, without header and terminator."""
    if unit.faults.lose_packets > 0:
        unit.faults.lose_packets -= 1
    elif len(body) > LONGEST + (max(unit.model.digits) > 4):
        unit.error(LENGTH, now_ms)
    elif body in unit.faults.unsupported:
        unit.error(SYNTAX, now_ms)
    elif body[:1] == b"\x09":
        _inquiry(unit, body[1:], now_ms)
    elif body[:1] == b"\x01":
        _command(unit, body[1:], now_ms)
    elif len(body) == 1 and body[0] & 0xF0 == 0x20:
        _cancel(unit, body[0] & 0xF, now_ms)
    else:
        unit.error(SYNTAX, now_ms)


def _cancel(unit: Unit, socket: int, now_ms: int) -> None:
    if unit.sockets.pop(socket, None) is None:
        unit.error(NO_SOCKET, now_ms, socket)
        return
    unit.head.stop(now_ms)
    unit.error(CANCELLED, now_ms, socket)


def _command(unit: Unit, body: bytes, now_ms: int) -> None:
    handler = MECHANICS.get(body[:2])
    if body == b"\x00\x01":
        unit.clear(now_ms)
        unit.reply(b"\x50", now_ms)
    elif body[:2] == b"\x04\x00":
        _power(unit, body[2:], now_ms)
    elif not unit.awake:
        unit.error(NOT_NOW, now_ms)
    elif handler is None:
        _set(unit, body, now_ms)
    elif now_ms < unit.ready_ms or unit.faults.menu_open:
        unit.error(NOT_NOW, now_ms)
    elif body[:2] not in QUICK and not unit.free():
        unit.error(FULL, now_ms)
    else:
        handler(unit, body[2:], now_ms)


def _power(unit: Unit, value: bytes, now_ms: int) -> None:
    if value not in (b"\x02", b"\x03"):
        unit.error(SYNTAX, now_ms)
        return
    if value == b"\x03":
        unit.sockets.clear()
        unit.head.stop(now_ms)
    elif not unit.awake:
        unit.initialise(now_ms, unit.model.wake_ms)
    unit.awake = value == b"\x02"
    unit.quick(now_ms)


def _set(unit: Unit, body: bytes, now_ms: int) -> None:
    for size in (2, 3):
        kept = unit.settings.get(body[:size])
        if kept is not None and len(body) == size + len(kept):
            unit.settings[body[:size]] = body[size:]
            if body[:2] == b"\x06\x06":
                unit.faults.menu_open = body[2] == 0x02
            unit.quick(now_ms)
            return
    unit.error(SYNTAX, now_ms)


def _speeds_fit(unit: Unit, body: bytes) -> bool:
    low = 1 if unit.faults.zero_speed_rejected else 0
    return low <= body[0] <= unit.model.pan_speed and low <= body[1] <= unit.model.tilt_speed


def _drive(unit: Unit, body: bytes, now_ms: int) -> None:
    """Pan and tilt speed, then 1, 2 or 3 (stand) for each axis: left and up are 1."""
    if len(body) != 4 or not {*body[2:]} <= {1, 2, 3} or not _speeds_fit(unit, body):
        unit.error(SYNTAX, now_ms)
    elif unit.running("recall", "home", "move"):
        unit.error(NOT_NOW, now_ms)
    else:
        unit.driving = body[2:] != b"\x03\x03"
        if not unit.faults.ignores_moves:
            head = unit.head
            head.pan.drive({1: -1, 2: 1, 3: 0}[body[2]], head.steps_per_s(body[0]), now_ms)
            head.tilt.drive({1: 1, 2: -1, 3: 0}[body[3]], head.steps_per_s(body[1]), now_ms)
        unit.quick(now_ms)


def _shift(unit: Unit, body: bytes, now_ms: int) -> None:
    """Relative position: the same layout, counted from where the head is."""
    _move(unit, body, now_ms, unit.head.frame(now_ms))


def _move(unit: Unit, body: bytes, now_ms: int, start: Frame = HOME) -> None:
    """Absolute position: two speeds and two numbers, refused outside the range."""
    split, model = 2 + unit.model.digits[0], unit.model
    if len(body) != split + model.digits[1] or not _speeds_fit(unit, body):
        unit.error(SYNTAX, now_ms)
        return
    pan, tilt = start.pan + gather(body[2:split]), start.tilt + gather(body[split:])
    inside = model.pan[0] <= pan <= model.pan[1] and model.tilt[0] <= tilt <= model.tilt[1]
    if not inside:
        unit.error(SYNTAX, now_ms)
    elif unit.head_busy(now_ms):
        unit.error(NOT_NOW, now_ms)
    elif unit.faults.ignores_moves:
        unit.long("move", now_ms, now_ms)
    else:
        unit.long("move", unit.head.turn(pan, tilt, (body[0], body[1] or body[0]), now_ms), now_ms)


def _home(unit: Unit, body: bytes, now_ms: int) -> None:
    if body:
        unit.error(SYNTAX, now_ms)
    elif unit.head_busy(now_ms):
        unit.error(NOT_NOW, now_ms)
    elif unit.faults.ignores_moves:
        unit.long("home", now_ms, now_ms)
    else:
        unit.long("home", unit.head.turn(0, 0, (0x18, 0x17), now_ms), now_ms)


def _zoom_to(unit: Unit, body: bytes, now_ms: int) -> None:
    """Four digits of zoom; with four more of focus behind them both."""
    if len(body) not in (4, 8):
        unit.error(SYNTAX, now_ms)
        return
    if len(body) == 8:
        unit.settings[FOCUS] = body[4:]
    unit.long("zoom", unit.head.lens(gather(b"\0" + body[:4]), now_ms), now_ms)


def _zoom_drive(unit: Unit, body: bytes, now_ms: int) -> None:
    """00 stop, 02 and 2p closer, 03 and 3p wider; p is the speed, 0 to 7."""
    code = body[0] if len(body) == 1 else 0xFF
    way = {0x0: 0, 0x2: 1, 0x3: -1}.get(code >> 4 or code)
    if way is None or code & 0xF > 7:
        unit.error(SYNTAX, now_ms)
    else:
        unit.head.zoom.drive(way, ((code & 0x7) + 1) * unit.model.zoom_steps_per_s / 8, now_ms)
        unit.quick(now_ms)


def _memory(unit: Unit, body: bytes, now_ms: int) -> None:
    """Reset (0), set (1) and recall (2) of one preset."""
    if len(body) != 2 or body[0] > 2 or body[1] >= unit.model.presets:
        unit.error(SYNTAX, now_ms)
    elif body[0] == 2:
        _recall(unit, body[1], now_ms)
    elif unit.head.turning(now_ms):
        unit.error(NOT_NOW, now_ms)
    else:
        if body[0] == 0:
            unit.presets.pop(body[1], None)
        else:
            unit.presets[body[1]], unit.last_preset = unit.head.frame(now_ms), body[1]
        unit.quick(now_ms)


def _recall(unit: Unit, number: int, now_ms: int) -> None:
    """Not while Home runs or a drive moves; a second recall aborts the first."""
    if unit.running("home", "move") or unit.driven(now_ms):
        unit.error(NOT_NOW, now_ms)
        return
    for socket in [n for n, run in unit.sockets.items() if run.what == "recall"]:
        unit.abort(socket, now_ms)
    if unit.faults.ignores_moves:
        unit.long("recall", now_ms, now_ms)
        return
    unit.last_preset = number
    frame = unit.presets.get(number, unit.head.frame(now_ms))
    unit.long("recall", unit.head.go(frame, unit.model.recall_speed, now_ms), now_ms)


MECHANICS: dict[bytes, Handler] = {
    b"\x04\x07": _zoom_drive,
    b"\x04\x3f": _memory,
    b"\x04\x47": _zoom_to,
    b"\x06\x01": _drive,
    b"\x06\x02": _move,
    b"\x06\x03": _shift,
    b"\x06\x04": _home,
    b"\x06\x05": _home,
}
"""Commands that need an initialised head; refused with 41 before, in standby and while the menu is open."""


def _inquiry(unit: Unit, body: bytes, now_ms: int) -> None:
    answer = _lowest(unit, body)
    if answer is None and not unit.awake:
        _asleep(unit, now_ms)
        return
    answer = answer or _position(unit, body, now_ms) or unit.settings.get(body)
    if answer is None:
        unit.error(SYNTAX, now_ms)
    else:
        unit.reply(b"\x50" + answer, now_ms)


def _asleep(unit: Unit, now_ms: int) -> None:
    """What a camera in standby says to most inquiries differs by model: 41, 60 02 or nothing."""
    code = {"refuse": NOT_NOW, "syntax": SYNTAX}.get(unit.model.standby)
    if code is not None:
        unit.error(code, now_ms)


def _lowest(unit: Unit, body: bytes) -> bytes | None:
    """What is answered in standby as well: version and power."""
    if body == b"\x00\x02":
        numbers = (unit.model.vendor, unit.model.model, unit.model.rom)
        return b"".join(n.to_bytes(2, "big") for n in numbers) + bytes((unit.model.sockets,))
    if body == b"\x04\x00":
        return b"\x02" if unit.awake else b"\x03"
    return None


def _position(unit: Unit, body: bytes, now_ms: int) -> bytes | None:
    frame, (pan, tilt) = unit.head.frame(now_ms), unit.model.digits
    match body:
        case b"\x06\x12":
            return spread(frame.pan, pan) + spread(frame.tilt, tilt)
        case b"\x04\x47":
            return spread(frame.zoom, 4)
        case b"\x06\x11":
            return bytes((unit.model.pan_speed, unit.model.tilt_speed))
        case b"\x06\x10":
            return unit.status(now_ms).to_bytes(2, "big")
        case b"\x04\x3f":
            return bytes((unit.last_preset,))
        case b"\x7e\x7e\x00":
            running = (2 if unit.head.zoom.moving(now_ms) else 0) | (4 if unit.running("recall") else 0)
            return spread(frame.zoom, 4) + b"\x01\x00\x01\x00\x00\x00" + bytes((0, 1, running))
    return None
