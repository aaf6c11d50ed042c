"""What goes wrong in the world on demand (N22): each fault begins now and ends by itself after a while."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from controller.core.instant import Trust
from controller.core.tables import tables
from controller.simulation.faults_line import LineFaults
from controller.simulation.plan import MINUTE_MS
from controller.simulation.wires import Wire

STAYS_MS = 3 * 24 * 3_600_000
"""What somebody stored at the remote control stays until somebody looks at it: a rehearsal comes before."""

SAGS_V = (150.0, 190.0, 255.0)
"""Below what a UPS takes for mains (165 V); what it boosts; what it trims."""


class Faults(LineFaults):
    """Every fault by its name in the plan: see `FAULTS_DO`."""

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
        self._for(for_ms, lambda: self._motion_is(on), lambda: self._motion_is(None))

    def _motion_is(self, stuck: bool | None) -> None:
        self.motion_stuck = stuck
        self._look()

    def _cabinet(self, for_ms: int, _random: Random) -> None:
        self._for(for_ms, lambda: self._contacts("door", True), lambda: self._contacts("door", False))

    def _dim(self, for_ms: int, _random: Random) -> None:
        bench = self.world.bench
        self._for(for_ms, lambda: setattr(bench, "lux", 90.0), lambda: setattr(bench, "lux", 420.0))

    def _mains_cut(self, for_ms: int, _random: Random) -> None:
        self._mains(False)
        self._at(self.world.now_ms + for_ms, lambda: self._mains(True))

    def _flicker(self, _for_ms: int, random: Random) -> None:
        at_ms = self.world.now_ms
        for _ in range(6):
            self._at(at_ms, lambda: self._mains(False))
            at_ms += random.randrange(100, 8_000)
            self._at(at_ms, lambda: self._mains(True))
            at_ms += random.randrange(500, 20_000)

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

        def strike(for_ms: int, random: Random) -> None:
            # Sensors die together with their bus, but no two go wild at once: that would be a fire.
            bench.sensor_at = random.choice(bench.room.zones).place if word == "wild" else ""
            self._for(for_ms, lambda: setattr(bench, "sensor", word), lambda: setattr(bench, "sensor", "good"))

        return strike

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

    def _noise(self, for_ms: int, _random: Random) -> None:
        wires = (self.world.bench.codec_wire, self.world.bench.camera_wire)

        def hit(share: float) -> None:
            for wire in wires:
                wire.noise = share

        self._for(for_ms, lambda: hit(0.02), lambda: hit(0.0))

    def _sag(self, for_ms: int, random: Random) -> None:
        volts = random.choice(SAGS_V)
        self._for(for_ms, lambda: self._volts(volts), lambda: self._volts(230.0))

    def _volts(self, volts: float) -> None:
        """What is cut meanwhile stays cut."""
        if self.world.bench.mains:
            self.world.bench.ups.mains(True, self.world.now_ms, volts)
            self.world.power()

    def _disk(self, word: str) -> Callable[[int, Random], None]:
        return lambda for_ms, _random: self._for(for_ms, lambda: self._disk_is(word), lambda: self._disk_is("ok"))

    def _disk_is(self, word: str) -> None:
        self.world.bench.disk = word
        self.world.disk()

    def _cable_out(self, for_ms: int, random: Random) -> None:
        """A plug that nobody pushed home: the port is gone, for a controller that starts meanwhile, too."""
        wire = random.choice((self.world.bench.codec_wire, self.world.bench.camera_wire))
        self._for(for_ms, lambda: self._plug(wire, False), lambda: self._plug(wire, True))

    def _plug(self, wire: Wire, plugged: bool) -> None:
        wire.unplugged = not plugged
        if not plugged:
            wire.close(self.world.now_ms)
        elif self.world.alive:
            wire.open(self.world.now_ms)

    def _camera_idle(self, for_ms: int, _random: Random) -> None:
        """It acknowledges every order, and does nothing."""
        faults = self.world.bench.camera.faults(0)
        self._for(
            for_ms, lambda: setattr(faults, "ignores_moves", True), lambda: setattr(faults, "ignores_moves", False)
        )

    def _setting_changed(self, _for_ms: int, random: Random) -> None:
        """Somebody sets in the codec's menu that it sleeps later; nobody sets it back but R14."""
        self.world.bench.codec.person_sets_sleep(random.choice((15, 30, 60)))

    def _preset_moved(self, for_ms: int, random: Random) -> None:
        """Somebody stores a seat's preset anew at the remote control, and later as it was."""
        presets = self.world.bench.camera.unit(0).presets
        number = random.choice([seat.preset for seat in self.world.room.seats])
        if number in self._moved:  # once at a time, else "as it was" is lost
            return
        before = presets[number]
        moved = presets[number] = before._replace(pan=before.pan + random.choice((-300, 300)))
        self._moved.add(number)

        def back() -> None:
            self._moved.discard(number)
            if presets[number] == moved:  # else somebody stored it meanwhile
                presets[number] = before

        self._at(self.world.now_ms + for_ms + STAYS_MS, back)

    def _clock_dead(self, for_ms: int, random: Random) -> None:
        """The Pi is reset and its clock's cell is empty: it begins at some day of the past, until NTP is heard."""
        self.world.new_boot()
        self._clock_lost(for_ms, random)

    def _call_reset(self, _for_ms: int, _random: Random) -> None:
        """The watchdog resets the Pi in a call: its pins fall, devices keep their power where the contact holds."""
        self.world.new_boot()
        self.world.power()

    def _welded(self, for_ms: int, random: Random) -> None:
        name = random.choice([load.name for load in self.world.room.loads if load.meeting])
        self._for(for_ms, lambda: self._weld(name, True), lambda: self._weld(name, False))

    def _weld(self, name: str, welded: bool) -> None:
        self.world.bench.keeper.weld(name, welded)
        self.world.power()

    def _relay_stuck(self, for_ms: int, random: Random) -> None:
        """A line follows no order and stays where it is, as a dying driver does."""
        keeper, name = self.world.bench.keeper, random.choice(self.world.room.loads).name
        on = keeper.driven(name)
        self._for(for_ms, lambda: keeper.stick(name, on), lambda: self._unstick(name))

    def _unstick(self, name: str) -> None:
        self.world.bench.keeper.stick(name, None)
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


FAULTS_DO: dict[str, Callable[[Faults, int, Random], None]] = {
    "mains_cut": Faults._mains_cut,
    "mains_flicker": Faults._flicker,
    "codec_hang": Faults._codec_hang,
    "codec_deaf": Faults._codec_deaf,
    "codec_reboot": Faults._codec_reboot,
    "codec_update": Faults._codec_update,
    "camera_hang": Faults._camera_hang,
    "camera_power": Faults._camera_power,
    "sensor_dead": lambda stage, ms, random: stage._sensor("dead")(ms, random),
    "sensor_wild": lambda stage, ms, random: stage._sensor("wild")(ms, random),
    "ups_stale": lambda stage, ms, _random: stage._flag("stale", ms),
    "ups_driver": lambda stage, ms, _random: stage._flag("driver_gone", ms),
    "keeper_restart": Faults._keeper_restart,
    "controller_crash": Faults._crash,
    "clock_jump": Faults._clock_jump,
    "clock_lost": Faults._clock_lost,
    "hand_key": Faults._hand_key,
    "serial_noise": Faults._noise,
    "desk_away": Faults._desk_away,
    "welded_relay": Faults._welded,
    "button_chatter": Faults._chatter,
    "heat": Faults._heat,
    "smoke_false": Faults._smoke_false,
    "leak": Faults._leak,
    "wire_bitten": Faults._wire_bitten,
    "motion_stuck": Faults._motion_stuck,
    "cabinet_open": Faults._cabinet,
    "dim": Faults._dim,
    "line_cut": lambda stage, ms, random: stage._line("out", False)(ms, random),
    "lan_cut": lambda stage, ms, random: stage._line("lan", False)(ms, random),
    "far_gone": lambda stage, ms, random: stage._line("far", False)(ms, random),
    "icmp_blocked": lambda stage, ms, random: stage._line("filtered", True)(ms, random),
    "congestion": lambda stage, ms, random: stage._line("busy", True)(ms, random),
    "media_stops": Faults._media_stops,
    "voltage_sag": Faults._sag,
    "disk_full": lambda stage, ms, random: stage._disk("full")(ms, random),
    "disk_readonly": lambda stage, ms, random: stage._disk("readonly")(ms, random),
    "disk_failing": lambda stage, ms, random: stage._disk("failed")(ms, random),
    "cable_out": Faults._cable_out,
    "camera_idle": Faults._camera_idle,
    "half_open": Faults._half_open,
    "sensor_stuck": lambda stage, ms, random: stage._sensor("stuck")(ms, random),
    "clock_dead": Faults._clock_dead,
    "call_reboot": Faults._codec_reboot,
    "call_reset": Faults._call_reset,
    "setting_changed": Faults._setting_changed,
    "preset_moved": Faults._preset_moved,
    "relay_stuck": Faults._relay_stuck,
}
IN_CALL = ("call_reboot", "call_reset", "media_stops")
"""These wait for a call: at any other time nobody would notice."""
LASTS_MS = {"motion_stuck": 13 * 60 * MINUTE_MS, "sensor_stuck": 8 * 60 * MINUTE_MS}
"""These last longer than the room takes to be sure of them."""
