"""Getting one command into a VISCA camera: sent, refused for now, sent again, taken or refused for good.

What must not be here: what the command is for (visca_motion.py, visca_jobs.py).
Sources: Sony EVI-D70 technical manual (errors, sockets), EVI-D80 (mode conditions), BRC-Z300 (menu).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias

from hardware.contract import Order
from hardware.protocols.visca_camera import Camera
from hardware.protocols.visca_frames import (
    BUFFER_FULL,
    ERROR_WORDS,
    MENU_OFF,
    NOT_EXECUTABLE,
    Kind,
    Packet,
    Reply,
    cancel,
)
from hardware.protocols.visca_steps import Await, Rest, Step

Words: TypeAlias = Generator[Step, Reply, str]
Replies: TypeAlias = Generator[Step, Reply, Reply]

SENDS = 3
"""Tries of a packet that got no answer; every command of ours is a set-point, so a second one does no harm."""

NOT_NOW_MS = 30_000
"""How long 41 and 60 03 are taken for "not yet": a head initialises for about 30 s."""

AGAIN_MS = 500
"""Between two tries of a refused command."""

QUICK_END_MS = 1_000
"""Completion of a command without motion: one video frame, which the slowest shutter stretches to 1 s."""


@dataclass(slots=True)
class Job:
    """One order under way; `accepted` is called at the camera's first yes, `until_ms` is the order's own end."""

    order: Order
    verb: str
    until_ms: int
    accepted: Callable[[], None]
    taken: bool = False

    def heard(self, reply: Reply) -> bool:
        """Did the camera say yes? The first time, tell."""
        yes = reply.kind in (Kind.ACK, Kind.DONE)
        if yes and not self.taken:
            self.taken = True
            self.accepted()
        return yes


def word(reply: Reply) -> str:
    """The code word of a refusal or of silence; "" of a yes."""
    if reply.kind is Kind.ERROR:
        return ERROR_WORDS.get(reply.code, f"error_{reply.code:02x}")
    return "timeout" if reply.kind is Kind.SILENCE else ""


def until_end(camera: Camera, reply: Reply, within_ms: int = QUICK_END_MS) -> Replies:
    """The completion or error of an acknowledged command; anything else is its own end."""
    if reply.kind is not Kind.ACK:
        return reply
    return (yield Await(camera.address, reply.socket, within_ms))


def launch(camera: Camera, job: Job, packet: Packet) -> Replies:
    """Send until the camera takes it, refuses it for good, or was silent too often: ACK, DONE, ERROR or SILENCE."""
    silences, menu_closed = 0, False
    give_up_ms = min(job.until_ms, camera.now_ms + NOT_NOW_MS) - AGAIN_MS
    while True:
        reply = yield camera.say(packet)
        silences += reply.kind is Kind.SILENCE
        if job.heard(reply) or silences >= SENDS:
            return reply
        if reply.kind is Kind.SILENCE:
            continue
        if reply.code not in (NOT_EXECUTABLE, BUFFER_FULL) or camera.now_ms >= give_up_ms:
            return reply
        if reply.code == NOT_EXECUTABLE:
            if (yield from camera.ask_power()) == "standby":
                return reply
            menu_closed = menu_closed or (yield from _close_menu(camera))
        yield Rest(AGAIN_MS)


def _close_menu(camera: Camera) -> Generator[Step, Reply, bool]:
    """An open menu refuses motion: close it once per order, unless the head is merely not ready yet."""
    if not camera.ready:
        return False
    yield from until_end(camera, (yield camera.say(MENU_OFF)))
    return True


def make_way(camera: Camera) -> Generator[Step, Reply, None]:
    """End what an older order of ours left running, so that the new one is not refused. A camera that knows no
    cancel (PrecisionHD: syntax error) is left to refuse."""
    for socket in camera.orphans():
        for _ in range(SENDS):
            reply = yield camera.say(cancel(socket))
            if reply.kind is not Kind.SILENCE:
                break
        camera.link.sockets.pop(socket, None)
