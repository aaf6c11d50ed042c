"""The inside of a simulated Cisco codec: its memory, its standby, its calls as they go through their states.

Law: the far end of a wire; shares no code with our side. `now_ms` is set by the port before anything runs.
`changed` is called after every change: the port tells whoever registered for it. Settings and presets outlive the
power; mute, calls and the standby timer do not.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from hardware.sim.cisco_memory import Faults, Settings, SimCall
from hardware.sim.codec_parts import FarEnd, Head, Place

MINUTE_MS = 60_000
TELL_MS = 500
"""A head on its way tells where it is twice a second."""


def _unchanged() -> None:
    """Nobody listens yet."""


def _untold(name: str, fields: Mapping[str, str]) -> None:
    """Nobody listens yet."""


def _never(ms: int, what: Callable[[], None]) -> None:
    """There is no time yet."""


class CiscoUnit:
    """One codec; `changed()` after a change, `event(name, fields)` for events, `later(ms, what)` is its clock."""

    def __init__(self, rng: random.Random, faults: Faults, model: str, serial: str, software: str) -> None:
        self.rng = rng
        self.faults = faults
        self.model, self.serial, self.software = model, serial, software
        self.tc = software.upper().startswith("TC")
        self.settings = Settings(("Conference", "1") if self.tc else ("Conference",))
        self.far = FarEnd()
        self.head = Head()
        self.head_parked = False
        self.volume = 50
        self.registered_there = True
        self.loss_pct = self.loss_out_pct = 0.0
        self.jitter_ms = self.jitter_out_ms = 5
        self.people = -1
        self.teams = False
        self.now_ms = 0
        self.wants_reboot = False
        self.changed: Callable[[], None] = _unchanged
        self.event: Callable[[str, Mapping[str, str]], None] = _untold
        self.later: Callable[[int, Callable[[], None]], None] = _never
        self.boot(0)

    def boot(self, now_ms: int) -> None:
        """Out of its boot: awake, microphone open, no call."""
        self.now_ms = self._booted_ms = now_ms
        self.standby = "Off"
        self.upgrade = "None"
        self.muted = False
        self.wants_reboot = False
        self.calls = CiscoBoard(self)
        self._rest_n = self._turns = 0
        self.stay_awake(int(self.settings.get("Standby", "Delay")))

    def long_up(self) -> None:
        """It has been up for ten days."""
        self._booted_ms = self.now_ms - 864_000_000

    def up_ms(self) -> int:
        """Since it booted."""
        return self.now_ms - self._booted_ms

    def stay_awake(self, minutes: int) -> None:
        """The standby timer begins anew."""
        self._rest_n += 1
        turn = self._rest_n

        def rest() -> None:
            if turn == self._rest_n and not self.calls.table and self.settings.get("Standby", "Control") == "On":
                self.set_standby("Standby")

        self.later(minutes * MINUTE_MS, rest)

    def set_standby(self, state: str) -> None:
        """Off, EnteringStandby, Halfwake or Standby."""
        if state == self.standby:
            return
        self.standby = state
        if state == "Off":
            self.stay_awake(int(self.settings.get("Standby", "Delay")))
        self.changed()

    def fall_asleep(self) -> None:
        """By command: the camera turns aside first."""
        self._rest_n += 1
        turn = self._rest_n
        self.set_standby("EnteringStandby")

        def done() -> None:
            if turn == self._rest_n:
                self.set_standby("Standby")

        self.later(1_500, done)

    def turn(self, to: Place) -> None:
        """The head travels, by whosever order, and tells where it is until it rests."""
        self.head.go(to, self.now_ms)
        self._turns += 1
        turn = self._turns

        def tell() -> None:
            self.changed()
            if turn == self._turns and self.head.place(self.now_ms) != to:
                self.later(TELL_MS, tell)

        self.later(TELL_MS, tell)

    def recall(self, number: int) -> None:
        """A preset, by command or at the panel."""
        self.turn(self.head.presets[number])
        if self.faults.tells_presets:
            self.event("CameraPresetActivated", {"PresetId": str(number)})

    def store(self, number: int) -> None:
        """The present frame, by command or at the panel."""
        self.head.presets[number] = self.head.place(self.now_ms)
        if self.faults.tells_presets:
            self.event("CameraPresetListUpdated", {})

    def set_muted(self, muted: bool) -> None:
        """The near microphones."""
        self.muted = muted
        self.changed()


class CiscoBoard:
    """Calls and how they go through their states."""

    def __init__(self, unit: CiscoUnit) -> None:
        self._unit = unit
        self._next_id = unit.rng.randint(2, 9)
        self.table: dict[int, SimCall] = {}

    @property
    def connected(self) -> bool:
        """Is a call up?"""
        return any(call.state == "connected" for call in self.table.values())

    def dial(self, number: str, kbps: int) -> SimCall:
        """We call."""
        call = self._new("Outgoing", number, kbps, "dialling")
        self._unit.event("OutgoingCallIndication", {"CallId": str(call.id)})
        self._after(300, call, lambda: self._state(call, "connecting"))
        self._after(900, call, lambda: self._state(call, "ringing"))
        far = self._unit.far
        if far.answers:
            self._after(900 + far.rings_ms, call, lambda: self.connect(call.id))
        else:
            self._after(900 + far.gives_up_ms, call, lambda: self.end(call.id, "RemoteNoAnswer"))
        return call

    def ring(self, number: str, name: str, kbps: int) -> SimCall:
        """Somebody calls us; it wakes the codec. Auto-answer does not act in a call."""
        busy = self.connected
        call = self._new("Incoming", number, kbps, "ringing", name)
        settings = self._unit.settings
        if settings.get("AutoAnswer", "Mode") == "On" and not busy:
            delay_ms = 1_000 * int(settings.get("AutoAnswer", "Delay"))
            self._after(delay_ms, call, lambda: self._auto(call))
        self._after(self._unit.far.gives_up_ms, call, lambda: self._unanswered(call))
        return call

    def _auto(self, call: SimCall) -> None:
        if self._unit.settings.get("AutoAnswer", "Mute") == "On":
            self._unit.set_muted(True)
        self.connect(call.id)

    def _unanswered(self, call: SimCall) -> None:
        if call.state == "ringing":
            self.end(call.id, "RemoteDisconnect")

    def connect(self, call_id: int) -> None:
        """The call is taken by the one who was called."""
        call = self.table.get(call_id)
        if call is None or call.state == "connected":
            return
        self._state(call, "connecting")
        self._after(700, call, lambda: self._up(call))

    def _up(self, call: SimCall) -> None:
        call.since_ms = self._unit.now_ms
        self._state(call, "connected")
        self._unit.event("CallSuccessful", {"CallId": str(call.id), "RemoteURI": call.number})

    def end(self, call_id: int, cause: str = "LocalDisconnect") -> None:
        """The call is taken down, by whomever."""
        call = self.table.get(call_id)
        if call is None or call.state == "disconnecting":
            return
        self._state(call, "disconnecting")
        self._unit.later(self._unit.far.ends_ms, lambda: self._gone(call, cause))

    def _gone(self, call: SimCall, cause: str) -> None:
        if self.table.get(call.id) is not call:
            return
        del self.table[call.id]
        told = {"CauseValue": "1", "CauseType": cause, "CauseString": "", "CallId": str(call.id)}
        self._unit.event("CallDisconnect", told)
        if self._unit.settings.get("MicUnmuteOnDisconnect", "Mode") == "On":
            self._unit.muted = False
        self._unit.stay_awake(int(self._unit.settings.get("Standby", "Delay")))
        self._unit.changed()

    def _new(self, way: str, number: str, kbps: int, state: str, name: str = "") -> SimCall:
        call = SimCall(self._next_id, way, number, kbps, name, state, since_ms=self._unit.now_ms)
        self._next_id += 1
        self.table[call.id] = call
        self._unit.set_standby("Off")
        self._unit.changed()
        return call

    def _after(self, ms: int, call: SimCall, what: Callable[[], None]) -> None:
        def run() -> None:
            if self.table.get(call.id) is call and call.state != "disconnecting":
                what()

        self._unit.later(max(1, ms), run)

    def _state(self, call: SimCall, state: str) -> None:
        call.state = state
        self._unit.changed()
