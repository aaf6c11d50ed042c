"""One motion of a VISCA camera, from the packet to the proof: it is over when the camera stands, by inquiry.

A completion alone proves nothing (it may be a late one of an aborted recall), and several cameras omit ACK,
completion or both (obs-ptz and Companion issues). So every motion ends with two equal positions, an idle pan-tilt
status where there is one, and for presets the memory inquiry.
What must not be here: which motions there are (visca_jobs.py).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from hardware.protocols.visca_camera import MOTION, NOWHERE, Camera, Frame
from hardware.protocols.visca_frames import MEMORY, NOT_EXECUTABLE, Kind, Packet, Reply
from hardware.protocols.visca_launch import AGAIN_MS, Job, Words, launch, word
from hardware.protocols.visca_steps import Await, Rest, Step

STILL_MS = 300
"""Two equal positions this far apart are a head at rest: at the slowest speed it makes 0.3 degrees in between."""

STILL_UNTOLD_MS = 3_000
"""The same when neither a completion nor a motion was seen: it may not have begun yet."""

LOOK_MS = 500
"""Between two looks at a head whose completion is awaited; each look is 60 ms of line at 9600 baud."""

NEVER_RECALLED = 0x7F
"""What a BRC-X1000 answers for "no preset yet" and for its first preset as well: proves nothing."""


@dataclass(frozen=True, slots=True)
class Way:
    """What to send, where it ends as far as we know, whether missing that end disproves it, how long it may take
    (`Limits.travel_ms`: depends on speed and way), the preset that the memory inquiry must show, and where that was
    before: a head that stands there already needs no motion."""

    packet: Packet
    travel_ms: int
    goal: Frame = NOWHERE
    binding: bool = True
    preset: int | None = None
    former: Frame = NOWHERE


class Motion:
    """One run of a `Way`. `run` ends with "" or the code word of what went wrong."""

    def __init__(self, camera: Camera, job: Job, way: Way) -> None:
        self._camera, self._job, self._way = camera, job, way
        self._began = self._last = NOWHERE
        self._still_ms = 0
        self._moved = self._told = False

    def run(self) -> Words:
        """Launch, wait until it stands, prove; again when the camera took it and then could not (6y 41)."""
        camera = self._camera
        yield from camera.look()
        self._began = camera.frame
        while True:
            first = yield from launch(camera, self._job, self._way.packet)
            if first.kind is Kind.ERROR:
                asleep = first.code == NOT_EXECUTABLE and camera.power == "standby"
                return "standby" if asleep else word(first)
            camera.leave()
            end = yield from self._settle(first)
            if end.kind is Kind.DONE:
                return (yield from self._proof(first))
            if end.code != NOT_EXECUTABLE or camera.now_ms + AGAIN_MS >= self._job.until_ms:
                return word(end)
            yield Rest(AGAIN_MS)

    def _settle(self, first: Reply) -> Generator[Step, Reply, Reply]:
        """DONE when the head stands, told or not; an error that ended it; SILENCE when it took too long."""
        self._told, self._last = first.kind is Kind.DONE, NOWHERE
        end_ms = self._camera.now_ms + self._way.travel_ms
        while self._camera.now_ms < end_ms:
            end = yield from self._wait(first)
            if end.kind is Kind.ERROR:
                return end
            self._told = self._told or end.kind is Kind.DONE
            yield from self._camera.look()
            if self._stands():
                return Reply(Kind.DONE)
            self._camera.tell(MOTION)
        return Reply(Kind.SILENCE)

    def _wait(self, first: Reply) -> Generator[Step, Reply, Reply]:
        if first.kind is Kind.ACK and not self._told:
            return (yield Await(self._camera.address, first.socket, LOOK_MS))
        return (yield Rest(STILL_MS))

    def _stands(self) -> bool:
        """Judge the look that was just taken."""
        camera, now_ms = self._camera, self._camera.now_ms
        self._moved = self._moved or bool(camera.moving) or not camera.near(self._began, camera.frame)
        if camera.moving or self._last is NOWHERE or not camera.near(self._last, camera.frame):
            self._still_ms = now_ms
        self._last = camera.frame
        seen = self._told or self._moved or self._camera.at(self._way.goal)
        return now_ms - self._still_ms >= (STILL_MS if seen else STILL_UNTOLD_MS)

    def _proof(self, first: Reply) -> Words:
        """Nothing contradicts that it did what was asked, and something speaks for it."""
        way = self._way
        there = self._camera.at(way.goal) or self._camera.at(way.former)
        preset = yield from self._memory()
        if preset is not None and preset != way.preset:
            return "not_confirmed"
        if way.binding and way.goal != NOWHERE and not there and not self._moved:
            return "not_confirmed"
        if self._unseen() and preset is None:
            return "unconfirmed"
        shown = first.kind is Kind.ACK or self._told or self._moved or there or preset is not None
        return "" if shown else "timeout"

    def _unseen(self) -> bool:
        """It does not tell the position of what was moved."""
        lens = self._way.goal.pan is None and self._way.goal.zoom is not None
        return (self._camera.frame.zoom if lens else self._camera.frame.pan) is None

    def _memory(self) -> Generator[Step, Reply, int | None]:
        """The preset recalled last, by the camera; None when it does not say."""
        if self._way.preset is None:
            return None
        data = yield from self._camera.inquire(MEMORY)
        return None if data is None or data[0] == NEVER_RECALLED else data[0]
