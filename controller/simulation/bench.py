"""The things in the simulated room and the wires to them: mains, UPS, contacts, codec, camera, keeper, sensors.

What is powered follows from mains, UPS, contact and the HAND key, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from controller.config_pc import MUTE_NAME
from controller.core.room import Room
from controller.core.tables import tables
from controller.simulation.computer import BenchComputer, meter
from controller.simulation.line import LineEyes
from controller.simulation.lines import lines_of
from controller.simulation.secrets import OPEN, Secrets
from controller.simulation.wires import Wire
from hardware.contract import NEVER_MS, Conversation, Peer
from hardware.protocols.cisco import Cisco
from hardware.protocols.keeper import KeeperClient
from hardware.protocols.megatec import Megatec
from hardware.protocols.mute_relay import MuteRelay
from hardware.protocols.nut import Nut
from hardware.protocols.pjlink import PjLink
from hardware.protocols.polycom import Polycom
from hardware.protocols.visca import ViscaChain
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import Frame
from hardware.sim.cisco import CiscoCodec
from hardware.sim.codec_port import BOOT_MS
from hardware.sim.keeper import SimKeeper
from hardware.sim.line import SimLine
from hardware.sim.megatec import MegatecUps
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.nut_vars import UpsdFaults
from hardware.sim.pjlink import PjLinkServer, Projector
from hardware.sim.polycom import PolycomCodec
from hardware.sim.ups import SimUps, UpsSpec

WATTS: Mapping[str, int] = {"codec": 60, "camera": 15, "network": 25, "display": 120, "amplifier": 80, "mixer": 20}
PI_W = 8
UPS_KINDS = ("nut", "nut", "megatec")
"""The seed chooses: most rooms have NUT, some a UPS whose charge is a guess and whose runtime nobody knows."""
LEASE_MS = 120_000
AFTER_DEATH_MS = 30_000
"""What is left of a lease, at most, when the controller dies."""


class PatientKeeper(SimKeeper):
    """In simulated time one renewal stands for all that follow every ten seconds: the lease does not lapse until
    the controller dies. The year would else be a million renewals and nothing more."""

    def feed(self, data: bytes, now_ms: int) -> None:
        super().feed(data, now_ms)
        if self.logic.lease_ms > now_ms:
            self.logic.lease_ms = NEVER_MS

    def controller_died(self, now_ms: int) -> None:
        """Nobody renews any more."""
        self.logic.lease_ms = min(self.logic.lease_ms, now_ms + AFTER_DEATH_MS)


class Bench:
    """All devices of one room; `ups`: which kind, '' = by the seed; `boot_ms`: how long its codec starts. `mains`,
    `key`, `temp_c` … are set by the faults; wires carry the rest."""

    def __init__(
        self, room: Room, seed: int, ups: str = "", secrets: Secrets = OPEN, boot_ms: tuple[int, int] = BOOT_MS
    ) -> None:
        self.room, self._secrets = room, secrets
        self.random = Random(f"bench {seed}")
        self.mains, self.key, self.pi_on = True, False, False
        self.temp_c, self.humidity_pct = 26.0, 62.0
        self.sensor, self.sensor_at = "good", ""
        """What ails the climate sensors, and at which place; '' = at all of them."""
        self.ports = 1 if room.pc is not None else 2
        """Of the camera and the codec; a meter's is not watched."""
        self.disk = "ok"
        """As the journal names the state of its disk."""
        self.levels = {button.input: False for button in room.buttons}
        self.lux = 420.0
        self.people = 0
        """Who sit in the room; who only comes to press is not counted by a codec."""
        self.ups = SimUps(UpsSpec(capacity_wh=432.0))
        self.upsd_faults = UpsdFaults()
        self.megatec: MegatecUps | None = None
        self.keeper = PatientKeeper(lines_of(room))
        self.camera = CameraChain(seed=seed)
        frames = {seat.preset: Frame(250 * n, 30 * n, 400 * n) for n, seat in enumerate(room.seats)}
        self.camera.unit(0).presets.update(frames)  # as commissioning left them
        self.codec = self._codec(seed, boot_ms)
        self.codec.auto_answer(True)
        self.line = SimLine()
        self.desk_away = False
        self.eyes = LineEyes(self.line, room.line.places)
        self.wires: list[Wire] = []
        loads = tuple(load.name for load in room.loads)
        self.keeper_wire = self._wire("relay", lambda: self._client(loads), self.keeper, 1)
        self.keeper_wire.answer = self.keeper.opened
        listed = {row.name: row.path for row in room.drift.settings}
        ours: Callable[..., Conversation] = Cisco if room.codec == "cisco" else Polycom
        asks = lambda: ours(settings=listed, password=secrets.codec or None)  # noqa: E731
        self.codec_wire = self._wire("codec", asks if room.pc is None else meter, self.codec, 15)
        self.camera_wire = self._wire("camera", lambda: ViscaChain(room.cameras), self.camera, 10)
        self.ups_wire = self._ups_wire(ups or UPS_KINDS[seed % len(UPS_KINDS)], seed)
        self.projectors: dict[str, Projector] = {}
        self.display_wires = {name: self._display_wire(name) for name in room.displays}
        self.contacts: dict[str, bool] = {}
        """As power was last applied by."""
        self.apply_power(0)

    def _codec(self, seed: int, boot_ms: tuple[int, int]) -> PolycomCodec | CiscoCodec | BenchComputer:
        """What meetings run on, without power yet."""
        if self.room.pc is not None:
            return BenchComputer()
        wanted = self._secrets.codec and (self._secrets.theirs or self._secrets.codec)
        make = CiscoCodec if self.room.codec == "cisco" else PolycomCodec
        return make(seed, password=wanted, on=False, boot_ms=boot_ms)

    def _client(self, loads: tuple[str, ...]) -> Conversation:
        """The keeper's conversation; where a computer has a microphone relay, that is one of its lines."""
        mutes = (MUTE_NAME,) if self.room.pc is not None and self.room.pc.mutes else ()
        self._keeps = KeeperClient((*loads, *mutes), lease_ms=LEASE_MS)
        return MuteRelay(self._keeps, MUTE_NAME) if mutes else self._keeps

    def _wire(self, name: str, make: Callable[[], Conversation], far: Peer, latency_ms: int) -> Wire:
        wire = Wire(name, make, far, latency_ms, self.random)
        self.wires.append(wire)
        return wire

    def _ups_wire(self, kind: str, seed: int) -> Wire:
        """The same body behind upsd, or behind the serial line of a Megatec unit."""
        if kind == "megatec":
            self.megatec = MegatecUps(self.ups, seed=seed)
            return self._wire("ups", Megatec, self.megatec, 1)
        password = self._secrets.ups
        user = UpsdUser(self._secrets.theirs or password)
        upsd = Upsd(self.ups, users={"diemcau": user}, faults=self.upsd_faults)
        return self._wire("ups", lambda: Nut("room", "diemcau", password), upsd, 0)

    def _display_wire(self, name: str) -> Wire:
        body = self.projectors[name] = Projector()
        body.powered = False
        password = self._secrets.display
        body.faults.password = password and (self._secrets.theirs or password)
        far = PjLinkServer(body)
        wire = self._wire(f"display.{name}", lambda: PjLink(name, password or None), far, 5)
        wire.answer = far.connect
        return wire

    def ups_fault(self, name: str, on: bool) -> None:
        """A fault of upsd; where there is none, the UPS's line is silent."""
        if self.megatec is not None:
            self.megatec.faults.silent = on
        else:
            setattr(self.upsd_faults, name, on)

    def wire_for(self, target: str) -> Wire | None:
        """Who carries an order for `target`."""
        kind, _, rest = target.partition(".")
        if kind == "display":
            return self.display_wires.get(rest.partition(".")[0])
        return {
            "load": self.keeper_wire,
            "codec": self.codec_wire if self.room.pc is None else self.keeper_wire,
            "camera": self.camera_wire,
            "ups": self.ups_wire,
        }.get(kind)

    # ---- power

    def contacts_changed(self) -> bool:
        """Has a contact moved since power was last applied?"""
        return any(self.keeper.contact(name) != on for name, on in self.contacts.items())

    def live(self, name: str) -> bool:
        """Has this load power?"""
        load = tables(self.room).loads[f"load.{name}"]
        fed = self.ups.output if load.on_ups else self.mains
        return fed and (self.key or self.keeper.contact(name))

    def apply_power(self, now_ms: int) -> bool:
        """Switch every device's supply to what it is now; True = the Pi has power."""
        self.contacts = {load.name: self.keeper.contact(load.name) for load in self.room.loads}
        on = [load.name for load in self.room.loads if self.live(load.name)]
        on_ups = [n for n in on if tables(self.room).loads[f"load.{n}"].on_ups]
        self.ups.load(PI_W + sum(WATTS.get(name, 10) for name in on_ups), now_ms)
        self.codec.mains("codec" in on, now_ms)
        self.camera.mains(0, "camera" in on, now_ms)
        for name, body in self.projectors.items():
            if body.powered is not (name in on):
                body.mains(name in on, now_ms)
                self.display_wires[name].again(now_ms)
        return self.ups.output

    def set_mains(self, on: bool, now_ms: int) -> None:
        self.mains = on
        self.ups.mains(on, now_ms)

    # ---- the controller's life

    def connect(self, now_ms: int, boot_ms: int) -> None:
        """A controller begins: conversations without a past, the ports open, the lease is taken."""
        for wire in self.wires:
            wire.begin(now_ms, boot_ms)
        self.renew(now_ms - boot_ms)

    def renew(self, at_ms: int) -> None:
        """The controller lives."""
        self._keeps.renew(at_ms)

    def keeper_alone(self, now_ms: int) -> None:
        """The controller is dead: the lease runs out."""
        self.keeper.closed(now_ms)
        self.keeper.controller_died(now_ms)

    def reset(self, now_ms: int) -> tuple[str, ...]:
        """The Pi was reset: its outputs fall, what a latching relay or a closed contact holds goes on as it stood.
        The lines that moved."""
        before = {load.name: self.keeper.driven(load.name) for load in self.room.loads}
        self.keeper.reset(now_ms)
        return tuple(name for name, on in before.items() if self.keeper.driven(name) is not on)

    def pace(self, wished: Mapping[str, int], slow_ms: int) -> None:
        """How fast each wire asks; 0 means the sampling period of the simulation. Levels of relays are told
        when they change, and devices at rest have nothing to say: both are asked twelve times less often."""
        for wire in self.wires:
            period_ms = wished.get(wire.name, 0)
            if period_ms >= slow_ms or (wire.name == "relay" and not period_ms):
                period_ms = 12 * slow_ms
            wire.ours.pace(period_ms or slow_ms)

    # ---- what has no wire

    def desk(self) -> str:
        """How the centre is reached: by the line, if it is there at all."""
        return "up" if self.line.carries and not self.desk_away else "down"

    # ---- devices as they truly are

    def hung(self) -> bool:
        """A device is powered and dead; only its power can cure it."""
        return self.codec.hung or self.camera.faults(0).hung

    def in_call(self) -> bool:
        return self.codec.in_call
