"""What an act of the plan does to the world: people, calls, and faults that begin and end by themselves."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

from controller.core.events import Command, Rejected
from controller.core.instant import Trust
from controller.core.tables import tables
from controller.simulation.line import CLOSE_MS, DESK_MS
from controller.simulation.plan import MINUTE_MS, Act
from controller.simulation.world import World
from hardware.contract import Edge

CALL_LASTS_MS = 20_000
_WORST_MS = 20 * MINUTE_MS
"""How long after a fault's end its marks may still be seen (a codec boots, an UPS charges)."""


class Stage:
    """Carries out the plan's acts in their order; a fault schedules its own end."""

    def __init__(self, world: World, acts: tuple[Act, ...]) -> None:
        self.world = world
        self.done: dict[str, int] = {}
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._n = 0
        for act in acts:
            self._at(act.at_ms, lambda a=act: self.do(a))  # type: ignore[misc]

    def _at(self, at_ms: int, do: Callable[[], None]) -> None:
        self._n += 1
        heapq.heappush(self._later, (at_ms, self._n, do))

    def next_ms(self) -> int | None:
        return self._later[0][0] if self._later else None

    def run_due(self, now_ms: int) -> None:
        """Everything that is due at `now_ms`."""
        while self._later and self._later[0][0] <= now_ms:
            heapq.heappop(self._later)[2]()
            self.world.arm_all()

    @property
    def people(self) -> frozenset[str]:
        """Acts that are no faults: they take their figures as they are, and end by themselves or not at all."""
        return frozenset(_PEOPLE)

    def do(self, act: Act) -> None:
        """Carry out one act now."""
        self.done[act.what] = self.done.get(act.what, 0) + 1
        if act.what in _PEOPLE:
            _PEOPLE[act.what](self, *act.args)
            return
        for_ms, seed = int(act.args[0]), int(act.args[1])
        self.world.unhealthy_until(self.world.now_ms + for_ms + _WORST_MS)
        _FAULTS[act.what](self, for_ms, Random(seed))

    # ---- people

    def _press(self, name: str, for_ms: int) -> None:
        inputs = [b.input for b in self.world.room.buttons if b.role == name]
        if inputs:
            self._edge(inputs[0], True)
            self._at(self.world.now_ms + for_ms, lambda: self._edge(inputs[0], False))

    def _edge(self, name: str, down: bool) -> None:
        self.world.tell(Edge(name, down, self.world.now_ms - self.world.booted_ms()))

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
        self.world.tell(Rejected("", "bad_json"))

    def _people(self, way: str) -> None:
        """They come and go, as the motion sensors see them."""
        self._contacts("motion", way == "in")

    def _contacts(self, role: str, on: bool) -> None:
        """Every contact of this role changes; it keeps its level until it changes again."""
        for name in tables(self.world.room).inputs(role):
            self.world.bench.levels[name] = on
            self._edge(name, on)

    # ---- faults

    def _hazard(self, role: str, for_ms: int, held: bool = False) -> None:
        """A contact alarms; somebody may hold KIỂM TRA, and looks and presses it when all is quiet again. Faults
        may overlap: who looks, looks twice."""
        self._contacts(role, True)
        if held:
            for minutes in range(0, for_ms // MINUTE_MS + 1, 4):
                self._at(self.world.now_ms + minutes * MINUTE_MS + 5_000, lambda: self._press("check", 3_500))
        self._at(self.world.now_ms + for_ms, lambda: self._contacts(role, False))
        for minutes in (2, 12):
            self._at(self.world.now_ms + for_ms + minutes * MINUTE_MS, lambda: self._press("check", 200))

    def _smoke_false(self, for_ms: int, random: Random) -> None:
        self._hazard("smoke", min(for_ms, 20 * MINUTE_MS), held=random.random() < 0.5)

    def _leak(self, for_ms: int, _random: Random) -> None:
        self._hazard("leak", for_ms)

    def _wire_bitten(self, for_ms: int, random: Random) -> None:
        self._hazard(random.choice(("smoke", "leak")), for_ms, held=True)

    def _motion_stuck(self, for_ms: int, random: Random) -> None:
        on = random.random() < 0.5
        self._for(for_ms, lambda: self._contacts("motion", on), lambda: self._contacts("motion", not on))

    def _cabinet(self, for_ms: int, _random: Random) -> None:
        self._for(for_ms, lambda: self._contacts("door", True), lambda: self._contacts("door", False))

    def _dim(self, for_ms: int, _random: Random) -> None:
        bench = self.world.bench
        self._for(for_ms, lambda: setattr(bench, "lux", 90.0), lambda: setattr(bench, "lux", 420.0))

    def _mains_cut(self, for_ms: int, _random: Random) -> None:
        self._mains(False)
        self._at(self.world.now_ms + for_ms, lambda: self._mains(True))

    def _mains(self, on: bool) -> None:
        self.world.bench.set_mains(on, self.world.now_ms)
        self.world.power()

    def _flicker(self, _for_ms: int, random: Random) -> None:
        at_ms = self.world.now_ms
        for _ in range(6):
            self._at(at_ms, lambda: self._mains(False))
            at_ms += random.randrange(100, 8_000)
            self._at(at_ms, lambda: self._mains(True))
            at_ms += random.randrange(500, 20_000)

    def _for(self, for_ms: int, begin: Callable[[], None], end: Callable[[], None]) -> None:
        begin()
        self._at(self.world.now_ms + for_ms, end)

    def _codec_hang(self, _for_ms: int, _random: Random) -> None:
        self.world.bench.codec.hang()  # until its power is cut

    def _codec_deaf(self, for_ms: int, _random: Random) -> None:
        faults = self.world.bench.codec.faults
        self._for(for_ms, lambda: setattr(faults, "deaf", True), lambda: setattr(faults, "deaf", False))

    def _codec_reboot(self, _for_ms: int, _random: Random) -> None:
        self.world.bench.codec.reboot(self.world.now_ms)

    def _codec_update(self, _for_ms: int, _random: Random) -> None:
        self.world.bench.codec.faults.update_after_sleep = True

    def _camera_hang(self, _for_ms: int, _random: Random) -> None:
        self.world.bench.camera.faults(0).hung = True  # until its power is cut

    def _camera_power(self, _for_ms: int, _random: Random) -> None:
        """Somebody pulls the camera's plug for a moment: it says Network Change and initialises."""
        if self.world.bench.live("camera"):
            self.world.bench.camera.mains(0, False, self.world.now_ms)
            self.world.bench.camera.mains(0, True, self.world.now_ms)

    def _sensor(self, word: str) -> Callable[[int, Random], None]:
        bench = self.world.bench

        def strike(for_ms: int, _random: Random) -> None:
            self._for(for_ms, lambda: setattr(bench, "sensor", word), lambda: setattr(bench, "sensor", "good"))

        return strike

    def _flag(self, name: str, for_ms: int) -> None:
        strike = self.world.bench.ups_fault
        self._for(for_ms, lambda: strike(name, True), lambda: strike(name, False))

    def _keeper_restart(self, _for_ms: int, _random: Random) -> None:
        bench = self.world.bench
        bench.keeper_wire.close(self.world.now_ms)
        bench.keeper.restart(self.world.now_ms)
        self._at(self.world.now_ms + 1_000, lambda: self._keeper_back())

    def _keeper_back(self) -> None:
        if self.world.alive:
            self.world.bench.keeper_wire.open(self.world.now_ms)
            self.world.bench.renew(self.world.now_ms - self.world.booted_ms())

    def _crash(self, _for_ms: int, random: Random) -> None:
        if self.world.alive:
            self.world.crash(random.randrange(500, 20_000))

    def _clock_jump(self, for_ms: int, random: Random) -> None:
        jump_ms = random.choice((-86_400_000, -3_600_000, 7_200_000, 86_400_000))
        self.world.clock(jump_ms, Trust.NTP)
        self._at(self.world.now_ms + for_ms, lambda: self.world.clock(0, Trust.NTP))

    def _clock_lost(self, for_ms: int, random: Random) -> None:
        self.world.clock(-random.randrange(1, 40) * 86_400_000, random.choice((Trust.UNKNOWN, Trust.HELD)))
        self._at(self.world.now_ms + for_ms, lambda: self.world.clock(0, Trust.NTP))

    def _hand_key(self, for_ms: int, _random: Random) -> None:
        self._key(True)
        self._at(self.world.now_ms + for_ms, lambda: self._key(False))

    def _key(self, turned: bool) -> None:
        self.world.bench.key = turned
        name = next((b.input for b in self.world.room.buttons if b.role == "bypass"), None)
        if name is not None:
            self._edge(name, turned)
            self.world.bench.levels[name] = turned
        self.world.power()

    def _noise(self, for_ms: int, _random: Random) -> None:
        wires = (self.world.bench.codec_wire, self.world.bench.camera_wire)

        def hit(share: float) -> None:
            for wire in wires:
                wire.noise = share

        self._for(for_ms, lambda: hit(0.02), lambda: hit(0.0))

    def _desk_away(self, for_ms: int, _random: Random) -> None:
        self._desk(True)
        self._at(self.world.now_ms + for_ms, lambda: self._desk(False))

    def _desk(self, away: bool) -> None:
        self.world.bench.desk_away = away
        self.world.desk()

    def _line(self, name: str, bad: bool) -> Callable[[int, Random], None]:
        """A stretch of the line changes and is as before after a while."""

        def strike(for_ms: int, _random: Random) -> None:
            self._for(for_ms, lambda: self._stretch(name, bad), lambda: self._stretch(name, not bad))

        return strike

    def _stretch(self, name: str, value: bool) -> None:
        """The prober is sure after seconds when it looks closely; at rest the desk's absence makes it look. A call
        outlives its line by the codec's own time-out."""
        world, line = self.world, self.world.bench.line
        setattr(line, name, value)
        sure_ms = CLOSE_MS if world.closely or line.carries else DESK_MS + CLOSE_MS
        self._at(world.now_ms + sure_ms, world.probe)
        self._at(world.now_ms + DESK_MS, world.desk)
        self._at(world.now_ms + CALL_LASTS_MS, self._call_falls)

    def _call_falls(self) -> None:
        if not self.world.bench.line.carries or not self.world.bench.line.far:
            self.world.bench.codec.far_end_hangs_up(self.world.now_ms)

    def _media_stops(self, for_ms: int, _random: Random) -> None:
        unit = self.world.bench.codec.unit
        self._for(for_ms, lambda: setattr(unit, "media", False), lambda: setattr(unit, "media", True))

    def _welded(self, for_ms: int, random: Random) -> None:
        name = random.choice([load.name for load in self.world.room.loads if load.meeting])
        self._for(for_ms, lambda: self._weld(name, True), lambda: self._weld(name, False))

    def _weld(self, name: str, welded: bool) -> None:
        self.world.bench.keeper.weld(name, welded)
        self.world.power()

    def _chatter(self, _for_ms: int, random: Random) -> None:
        contacts = tables(self.world.room).contacts
        name = random.choice([b.input for b in self.world.room.buttons if b.input not in contacts])
        at_ms, down = self.world.now_ms, False
        for _ in range(40):
            down = not down
            self._at(at_ms, lambda d=down: self._edge(name, d))  # type: ignore[misc]
            at_ms += random.randrange(1, 15)
        self._at(at_ms, lambda: self._edge(name, False))

    def _heat(self, for_ms: int, _random: Random) -> None:
        bench = self.world.bench
        self._for(for_ms, lambda: setattr(bench, "temp_c", 41.0), lambda: setattr(bench, "temp_c", 26.0))


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
_FAULTS: dict[str, Callable[[Stage, int, Random], None]] = {
    "mains_cut": Stage._mains_cut,
    "mains_flicker": Stage._flicker,
    "codec_hang": Stage._codec_hang,
    "codec_deaf": Stage._codec_deaf,
    "codec_reboot": Stage._codec_reboot,
    "codec_update": Stage._codec_update,
    "camera_hang": Stage._camera_hang,
    "camera_power": Stage._camera_power,
    "sensor_dead": lambda stage, ms, random: stage._sensor("dead")(ms, random),
    "sensor_wild": lambda stage, ms, random: stage._sensor("wild")(ms, random),
    "ups_stale": lambda stage, ms, _random: stage._flag("stale", ms),
    "ups_driver": lambda stage, ms, _random: stage._flag("driver_gone", ms),
    "keeper_restart": Stage._keeper_restart,
    "controller_crash": Stage._crash,
    "clock_jump": Stage._clock_jump,
    "clock_lost": Stage._clock_lost,
    "hand_key": Stage._hand_key,
    "serial_noise": Stage._noise,
    "desk_away": Stage._desk_away,
    "welded_relay": Stage._welded,
    "button_chatter": Stage._chatter,
    "heat": Stage._heat,
    "smoke_false": Stage._smoke_false,
    "leak": Stage._leak,
    "wire_bitten": Stage._wire_bitten,
    "motion_stuck": Stage._motion_stuck,
    "cabinet_open": Stage._cabinet,
    "dim": Stage._dim,
    "line_cut": lambda stage, ms, random: stage._line("out", False)(ms, random),
    "lan_cut": lambda stage, ms, random: stage._line("lan", False)(ms, random),
    "far_gone": lambda stage, ms, random: stage._line("far", False)(ms, random),
    "icmp_blocked": lambda stage, ms, random: stage._line("filtered", True)(ms, random),
    "congestion": lambda stage, ms, random: stage._line("busy", True)(ms, random),
    "media_stops": Stage._media_stops,
}
