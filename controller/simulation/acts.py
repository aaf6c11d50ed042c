"""What an act of the plan does to the world: people, calls, and faults that begin and end by themselves."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from controller.core.events import Command, Rejected
from controller.core.refusals import FIRST
from controller.simulation.faults import FAULTS_DO, IN_CALL, LASTS_MS, Faults
from controller.simulation.plan import MINUTE_MS, Act
from controller.simulation.world import World
from hardware.sim.cisco import CiscoCodec

_WORST_MS = 20 * MINUTE_MS
"""How long after a fault's end its marks may still be seen (a codec boots, an UPS charges)."""
AWAIT_MS = 3 * 24 * 60 * MINUTE_MS
"""So long a fault that strikes in calls waits for one."""
LOOK_MS = 5 * MINUTE_MS


class Stage(Faults):
    """Carries out the plan's acts in their order; a fault schedules its own end."""

    def __init__(self, world: World, acts: tuple[Act, ...]) -> None:
        super().__init__(world)
        for act in acts:
            self._at(act.at_ms, lambda a=act: self.do(a))  # type: ignore[misc]

    @property
    def people(self) -> frozenset[str]:
        """Acts that are no faults: they take their figures as they are, and end by themselves or not at all."""
        return frozenset(_PEOPLE)

    def do(self, act: Act) -> None:
        """Carry out one act now."""
        if act.what in IN_CALL:
            self._await_call(act, self.world.now_ms + AWAIT_MS)
        else:
            self._strike(act)

    def _await_call(self, act: Act, end_ms: int) -> None:
        """What is worst in a call waits for one; when none comes it has not happened."""
        if self.world.in_call() and self.world.alive:
            self._strike(act)
        elif self.world.now_ms < end_ms:
            self._at(self.world.now_ms + LOOK_MS, lambda: self._await_call(act, end_ms))

    def _strike(self, act: Act) -> None:
        self.done[act.what] = self.done.get(act.what, 0) + 1
        if act.what in _PEOPLE:
            _PEOPLE[act.what](self, *act.args)
            return
        for_ms, seed = max(int(act.args[0]), LASTS_MS.get(act.what, 0)), int(act.args[1])
        self.world.unhealthy_until(self.world.now_ms + for_ms + _WORST_MS)
        FAULTS_DO[act.what](self, for_ms, Random(seed))

    # ---- people

    def _mcu_calls(self) -> None:
        self.world.bench.codec.ring("10.1.0.1", self.world.now_ms)

    def _mcu_hangs_up(self) -> None:
        self.world.bench.codec.far_end_hangs_up(self.world.now_ms)

    def _mic(self, value: str) -> None:
        self.world.bench.codec.person_mutes(value == "muted", self.world.now_ms)

    def _dials(self, number: str) -> None:
        self.world.bench.codec.person_dials(number, self.world.now_ms)

    def _orders(self, verb: str, *args: int | str) -> None:
        """A command from the centre, still good for ten seconds."""
        self._command(verb, args, 10_000)

    def _command(self, verb: str, args: tuple[int | str, ...], left_ms: int) -> None:
        self._n += 1
        at_ms = self.world.now_ms - self.world.booted_ms()
        self.world.tell(Command(f"c{self._n}", "desk", verb, args, at_ms + left_ms))

    def _twice(self) -> None:
        """The broker delivers a command a second time (QoS 1)."""
        for _ in range(2):
            self._command("duty", ("on",), 10_000)
            self._n -= 1
        self._n += 1

    def _late(self) -> None:
        self._command("power", ("off",), -1)

    def _garbage(self) -> None:
        """More of it at once than has lines of its own."""
        for _ in range(FIRST + 2):
            self.world.tell(Rejected("", "bad_json", topic="do"))

    def _people(self, count: int) -> None:
        """So many are in the room from now on, as motion sensors see them and a codec counts them."""
        self.world.bench.people = count
        self._look()
        codec = self.world.bench.codec
        if isinstance(codec, CiscoCodec):
            codec.people_sit(count, self.world.now_ms)


_PEOPLE: dict[str, Callable[..., None]] = {
    "press": Stage._press,
    "people": Stage._people,
    "mcu_calls": Stage._mcu_calls,
    "mcu_hangs_up": Stage._mcu_hangs_up,
    "far_drops": Stage._mcu_hangs_up,
    "mic_remote": Stage._mic,
    "dials_out": Stage._dials,
    "desk_orders": Stage._orders,
    "desk_twice": Stage._twice,
    "desk_late": Stage._late,
    "desk_garbage": Stage._garbage,
}
