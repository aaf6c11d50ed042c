"""One camera's place in the chain: which order may begin, which replaces which, and what is said about each.

What must not be here: how an order is carried out (visca_jobs.py), start-up of the chain (visca.py).
"""

from __future__ import annotations

from hardware.contract import Order, Report, Result, Stage, Value
from hardware.protocols.visca_camera import LOST_AFTER, Camera
from hardware.protocols.visca_frames import Packet
from hardware.protocols.visca_jobs import JOBS, guard
from hardware.protocols.visca_launch import Job
from hardware.protocols.visca_slot import Slot, Task
from hardware.protocols.visca_steps import Script

STOP_RANK, ORDER_RANK, START_RANK, LIVE_RANK = range(4)
"""Who may speak first: a stop before all, asking for state last."""

MOVING = frozenset({"preset", "park", "position"})
"""Orders during which nothing can be stored: the camera refuses it while the head moves (EVI-D80)."""

DRIVE_MOST = (24, 20, 7)
"""Steps of speed that an order may ask for; the camera's own limits are applied to them (VISCA: 18, 14, 7 hex)."""

REFUSALS = frozenset({"syntax", "length", "buffer_full", "not_executable", "standby"})
"""Last words that are the camera's no, as long as it had not said yes before."""


class Seat:
    """Orders and scripts of one camera. At most one order has the head, one the power switch; the newest wins."""

    def __init__(self, camera: Camera, slot: Slot, reports: list[Report]) -> None:
        self.camera = camera
        self._slot, self._reports = slot, reports
        self._live: Task | None = None
        self._guard: Task | None = None
        self._jobs: dict[str, tuple[Task, Job]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    # Orders.

    def ask(self, order: Order, verb: str) -> None:
        """Begin this order, or say why not."""
        code = self._refusal(verb, order.value)
        if code:
            self._tell(order, Stage.REFUSED, code)
            return
        self._make_room(verb, order.value)
        until_ms = self._slot.now_ms + max(1, order.within_ms)
        job = Job(order, verb, until_ms, lambda: self._tell(order, Stage.ACCEPTED, ""))
        rank = STOP_RANK if verb == "drive" and order.value == (0, 0, 0) else ORDER_RANK
        script = JOBS[verb](self.camera, job, order.value)
        task = Task(script, rank, lambda word: self._ended(job, word), until_ms)
        self._jobs[_place(verb)] = self._slot.spawn(task), job

    def _refusal(self, verb: str, value: Value) -> str:
        if verb not in JOBS:
            return "target"
        if not self.camera.version:
            return "not_identified"
        code = _VALUES[verb](self.camera, value)
        moving = verb == "store" and "head" in self._jobs and self._jobs["head"][1].verb in MOVING
        return code or ("moving" if moving else "")

    def _make_room(self, verb: str, value: Value) -> None:
        """A newer order of the same kind supersedes; one of another kind for the same motors takes over."""
        places = {_place(verb)} | ({"head"} if value == "standby" else set())
        for place in places & self._jobs.keys():
            task, job = self._jobs.pop(place)
            self._slot.kill(task)
            same = job.verb == verb
            self._tell(job.order, Stage.SUPERSEDED if same else Stage.FAILED, "" if same else "moved_on")

    def _ended(self, job: Job, word: str) -> None:
        self._jobs.pop(_place(job.verb))
        if not word:
            self._tell(job.order, Stage.DONE, "")
        else:
            refused = word in REFUSALS and not job.taken
            self._tell(job.order, Stage.REFUSED if refused else Stage.FAILED, word)
        if self._live is not None:
            self._slot.rouse(self._live)

    def _tell(self, order: Order, stage: Stage, code: str) -> None:
        self._reports.append(Result(order.id, stage, code, self._slot.now_ms))

    # Life.

    def enliven(self, settings: tuple[Packet, ...]) -> None:
        """It said who it is: ask its state from now on."""
        self._live = self._spawn(self.camera.live(settings), LIVE_RANK)

    def _spawn(self, script: Script, rank: int) -> Task:
        return self._slot.spawn(Task(script, rank, self._script_ended))

    def _script_ended(self, _word: str) -> None:
        """Only the guard ends: everything that was driven stands, or its row of stops was in vain."""
        self._guard = None

    def watch(self) -> bool:
        """See that a drive is guarded, and whether the camera was lost. True when something was begun or ended."""
        camera = self.camera
        if not camera.version:
            return False
        if camera.link.misses >= LOST_AFTER or camera.link.version != camera.version:
            self._lose()
            return True
        if self._guard is None and (camera.turning or camera.zooming):
            self._guard = self._spawn(guard(camera), STOP_RANK)
            return True
        return False

    def _lose(self) -> None:
        """Silent, or another camera answers in its place."""
        silent = self.camera.link.misses >= LOST_AFTER
        self._forget("timeout" if silent else "not_identified")
        if silent:
            self.camera.tell_silent()

    def _forget(self, code: str) -> None:
        """Nothing is known of it any more: its orders failed. A guard goes on: the stop may still be heard."""
        for task, job in tuple(self._jobs.values()):
            self._slot.kill(task)
            self._tell(job.order, Stage.FAILED, code)
        self._jobs.clear()
        if self._live is not None:
            self._slot.kill(self._live)
        self._live = None
        self.camera.forget()

    def end(self, code: str) -> None:
        """The line ends or starts anew; a stop still owed is sent when the camera is known again."""
        self._forget(code)
        if self._guard is not None:
            self._slot.kill(self._guard)
        self._guard = None

    @property
    def returned(self) -> bool:
        """Not known at present, but heard: it answered the version inquiry before a stop."""
        link = self.camera.link
        return not self.camera.version and bool(link.version) and not link.misses

    def hurry(self, within_ms: int = 0) -> None:
        """Ask its state soon: something happened, or the pace changed."""
        if self._live is not None:
            self._slot.rouse(self._live, within_ms)


def _place(verb: str) -> str:
    return "power" if verb == "power" else "head"


def _power(_: Camera, value: Value) -> str:
    return "" if value in ("on", "standby") else "value"


def _preset(camera: Camera, value: Value) -> str:
    if type(value) is not int:
        return "value"
    return "" if camera.limits.takes(value) else "range"


def _park(_: Camera, value: Value) -> str:
    return "" if value == "home" else "value"


def _drive(_: Camera, value: Value) -> str:
    numbers = _three(value)
    if numbers is None:
        return "value"
    return "" if all(abs(n) <= most for n, most in zip(numbers, DRIVE_MOST, strict=True)) else "range"


def _position(camera: Camera, value: Value) -> str:
    numbers = _three(value)
    if numbers is None:
        return "value"
    return "" if camera.limits.holds(*numbers) else "range"


def _three(value: Value) -> tuple[int, int, int] | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    pan, tilt, zoom = value
    if type(pan) is int and type(tilt) is int and type(zoom) is int:
        return pan, tilt, zoom
    return None


_VALUES = {
    "power": _power,
    "preset": _preset,
    "store": _preset,
    "park": _park,
    "drive": _drive,
    "position": _position,
}
