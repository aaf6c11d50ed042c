"""The one sending slot of a VISCA line: one packet outstanding, each reply given to the script that waits for it.

The slot decides which script (visca_steps.py) may speak, knows the sockets, and times out. What must not be here:
what a camera is asked and why.

Answers carry no name of their question (EVI-D70 manual, "inquiry packets"), so a late one could be taken for the
next one's. Therefore: after any time-out the next packet to that camera is a version inquiry. A camera answers in
order, and no other answer has seven bytes: what comes before it is late and dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.contract import NEVER_MS
from hardware.protocols.visca_frames import (
    BROADCAST,
    CANCELLED,
    NO_SOCKET,
    SILENCE,
    VERSION,
    Kind,
    Packet,
    Reply,
    Sort,
)
from hardware.protocols.visca_steps import Await, Rest, Say, Script, Step

_INQUIRY, _ACK, _ANSWER = Sort.INQUIRY, Kind.ACK, Kind.ANSWER
"""Looked up once: in Python 3.11 a member of an enum costs ten times a name, and every packet asks for these."""

REPLY_MS = 200
"""First reply: one video frame (20 ms) plus 21 bytes at 9600 baud (22 ms), and a Pi that is busy."""


@dataclass(eq=False, slots=True)
class Task:
    """A running script. `rank`: the lowest speaks first; `ended` is told the script's last word, once."""

    script: Script
    rank: int
    ended: Callable[[str], None]
    until_ms: int = NEVER_MS
    step: Step = field(default_factory=lambda: Rest(0))
    at_ms: int = 0
    turn: int = 0
    begun: bool = False


@dataclass(eq=False, slots=True)
class Socket:
    """A long command under way; without a task when nobody waits for it any more."""

    task: Task | None
    end: Reply | None = None


@dataclass(slots=True)
class Link:
    """What the slot knows of one camera: silent inquiries in a row, the last version answer, sockets."""

    misses: int = 0
    synced: bool = True
    version: bytes = b""
    sockets: dict[int, Socket] = field(default_factory=dict)


@dataclass(slots=True)
class Pending:
    """The packet that waits for its first reply; `probe` is the version inquiry that goes before it."""

    task: Task | None
    say: Say
    packet: Packet
    until_ms: int

    @property
    def probe(self) -> bool:
        return self.packet is not self.say.packet


class Slot:
    """`now_ms` is the time of the call under way, for the scripts. `strays` counts replies nobody waited for."""

    def __init__(self, reply_ms: int = REPLY_MS) -> None:
        self.now_ms = 0
        self.strays = 0
        self.out = bytearray()
        self._reply_ms = reply_ms
        self._links = {address: Link() for address in range(1, BROADCAST + 1)}
        self._tasks: list[Task] = []
        self._pending: Pending | None = None
        self._turns = 0

    def link(self, address: int) -> Link:
        return self._links[address]

    def reset(self) -> None:
        """The line is new: nothing is outstanding, no socket is used. Tasks must have been killed before."""
        self._pending = None
        self.out.clear()
        for address in self._links:
            self._links[address] = Link()

    def spawn(self, task: Task) -> Task:
        """Begin a script; it runs with the next tick."""
        self._tasks.append(task)
        self._wants(task, Rest(0))
        task.at_ms = self.now_ms
        return task

    def kill(self, task: Task) -> None:
        """End a script without a last word. A packet already sent is still waited for, on nobody's behalf."""
        if task in self._tasks:
            self._tasks.remove(task)
            task.script.close()
        self._disown(task)

    def _disown(self, task: Task) -> None:
        if self._pending is not None and self._pending.task is task:
            self._pending.task = None
        for link in self._links.values():
            for number in [n for n, socket in link.sockets.items() if socket.task is task]:
                if link.sockets[number].end is not None:
                    del link.sockets[number]
                else:
                    link.sockets[number].task = None

    def orphans(self, address: int) -> list[int]:
        """Sockets in which something runs that nobody waits for."""
        return [n for n, socket in self._links[address].sockets.items() if socket.task is None]

    def rouse(self, task: Task, within_ms: int = 0) -> bool:
        """Cut a rest short; was it one, and longer?"""
        sooner = isinstance(task.step, Rest) and task.at_ms > self.now_ms + within_ms
        if sooner:
            task.at_ms = self.now_ms + within_ms
        return sooner

    @property
    def wake_ms(self) -> int:
        times = [task.until_ms for task in self._tasks]
        times += [task.at_ms for task in self._tasks if not isinstance(task.step, Say)]
        if self._pending is not None:
            times.append(self._pending.until_ms)
        return min([NEVER_MS, *times])

    def tick(self, now_ms: int) -> None:
        """Expire, resume what has rested, send what is next."""
        self.now_ms = now_ms
        for task in tuple(self._tasks):
            if task in self._tasks and task.until_ms <= now_ms:
                self.kill(task)
                task.ended("timeout")
        if self._pending is not None and self._pending.until_ms <= now_ms:
            self._time_out(self._pending)
        for task in tuple(self._tasks):
            if task in self._tasks and not isinstance(task.step, Say) and task.at_ms <= now_ms:
                self._resume(task, SILENCE)
        self._send()

    def heard(self, reply: Reply, now_ms: int) -> None:
        """One packet of the line; goes to whom it belongs or is counted as a stray."""
        self.now_ms = now_ms
        if not (self._ends_pending(reply) or self._ends_socket(reply)):
            self.strays += 1
        self._send()

    def _ends_pending(self, reply: Reply) -> bool:
        pending = self._pending
        if pending is None or not self._belongs(pending, reply):
            return False
        link = self._links[reply.address]
        if pending.packet.sort is _INQUIRY:
            link.misses, link.synced = 0, True
        if pending.packet is VERSION and reply.kind is _ANSWER:
            link.version = reply.data
        self._pending = None
        if pending.probe:
            if pending.task is not None:
                self._transmit(pending.task, pending.say, pending.say.packet)
            return True
        if reply.kind is _ACK:
            link.sockets[reply.socket] = Socket(pending.task)
        if pending.task is not None:
            self._resume(pending.task, reply)
        return True

    def _belongs(self, pending: Pending, reply: Reply) -> bool:
        if reply.address != pending.say.address:
            return False
        if pending.packet.sort is _INQUIRY and reply.kind is _ANSWER:
            return pending.packet.fits(reply.data)
        running = reply.socket in self._links[reply.address].sockets or reply.code in (CANCELLED, NO_SOCKET)
        match pending.packet.sort, reply.kind:
            case (Sort.ADDRESS, Kind.ADDRESSES) | (Sort.CLEAR, Kind.CLEARED) | (Sort.COMMAND, Kind.ACK):
                return True
            case (Sort.CANCEL, Kind.ERROR):
                return reply.socket in (0, pending.packet.body[0] & 0xF)
            case (Sort.COMMAND, Kind.DONE) | (Sort.COMMAND | Sort.INQUIRY, Kind.ERROR):
                return not running and not pending.probe
        return False

    def _ends_socket(self, reply: Reply) -> bool:
        sockets = self._links[reply.address].sockets
        socket = sockets.get(reply.socket)
        if socket is None or reply.kind not in (Kind.DONE, Kind.ERROR):
            return False
        task = socket.task
        if task is None:
            del sockets[reply.socket]
            return True
        socket.end = reply
        step = task.step
        if isinstance(step, Await) and (step.address, step.socket) == (reply.address, reply.socket):
            del sockets[reply.socket]
            self._resume(task, reply)
        return True

    def _time_out(self, pending: Pending) -> None:
        self._pending = None
        link, task = self._links[pending.say.address], pending.task
        link.synced = pending.say.address == BROADCAST
        if pending.packet.sort is _INQUIRY:
            link.misses += 1
        if task is None:
            return
        if pending.probe and pending.say.urgent:
            self._transmit(task, pending.say, pending.say.packet)
        else:
            self._resume(task, SILENCE)

    def _resume(self, task: Task, reply: Reply) -> None:
        """Give the script what it waited for; an end that came before it was asked for is given at once."""
        try:
            step = task.script.send(reply) if task.begun else next(task.script)
            task.begun = True
            while isinstance(step, Await) and (end := self._landed(step)):
                step = task.script.send(end)
        except StopIteration as last:
            self._tasks.remove(task)
            self._disown(task)
            task.ended(str(last.value))
        else:
            self._wants(task, step)

    def _wants(self, task: Task, step: Step) -> None:
        task.step = step
        if isinstance(step, Say):
            self._turns += 1
            task.turn = self._turns
        else:
            task.at_ms = self.now_ms + max(1, step.ms)

    def _landed(self, step: Await) -> Reply | None:
        sockets = self._links[step.address].sockets
        socket = sockets.get(step.socket)
        if socket is None or socket.end is None:
            return None
        del sockets[step.socket]
        return socket.end

    def _send(self) -> None:
        """Let the next script speak, when the slot is free."""
        waiting = [task for task in self._tasks if isinstance(task.step, Say)]
        if self._pending is not None or not waiting:
            return
        task = min(waiting, key=lambda task: (task.rank, task.turn))
        say = task.step
        if isinstance(say, Say):
            synced = self._links[say.address].synced or say.packet is VERSION
            self._transmit(task, say, say.packet if synced else VERSION)

    def _transmit(self, task: Task | None, say: Say, packet: Packet) -> None:
        self._pending = Pending(task, say, packet, self.now_ms + self._reply_ms)
        self.out += packet.bytes_to(say.address)
