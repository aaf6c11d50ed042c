"""The inside of a simulated Polycom codec: its memory, its calls as they go through their states, its events.

Law: the far end of a wire; shares no code with our side. `now_ms` is set by the port before anything runs.
Events are told only to whom they were registered for; registrations, presets and settings outlive the power.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from hardware.sim.codec_parts import FarEnd, Head
from hardware.sim.polycom_memory import Faults, SimCall
from hardware.sim.polycom_plain_commands import KEPT

SILENT_LEVEL = -90
"""Of an output to which nobody sends anything."""
SETUP_STATES = ("opened", "ringing", "connecting")


def _untold(line: str) -> None:
    """Nobody listens yet."""


def _never(ms: int, what: Callable[[], None]) -> None:
    """There is no time yet."""


class Unit:
    """One codec; `tell(line)` prints an event, `later(ms, what)` does something after a while."""

    def __init__(self, rng: random.Random, faults: Faults, model: str, serial: str) -> None:
        self.rng = rng
        self.faults = faults
        self.model = model
        self.serial = serial
        self.software = "6.2.1"
        self.registered: set[str] = set()
        self.far = FarEnd()
        self.head = Head()
        self.volume = 25
        self.autoanswer = "no"
        self.mute_autoanswer = False
        self.sleeptime = "3"
        self.kept = dict(KEPT)
        self.registered_there = True
        self.rx_kbps = 0
        self.media = True
        """Packets come in; False: the call stays up and nothing comes."""
        self.loss_pct = 0.0
        self.mic_level = -60
        self.now_ms = 0
        self.woken_by_query = 0
        self.tell: Callable[[str], None] = _untold
        self.later: Callable[[int, Callable[[], None]], None] = _never
        self.boot(0)

    def boot(self, now_ms: int) -> None:
        """Out of its boot: awake, microphone open, no call."""
        self.now_ms = self._booted_ms = now_ms
        self.asleep = False
        self.muted = False
        self.metering = ""
        self.wants_reboot = False
        self.calls = CallBoard(self)

    def long_up(self) -> None:
        """It has been up for ten days."""
        self._booted_ms = self.now_ms - 864_000_000

    def up_ms(self) -> int:
        """Since it booted."""
        return self.now_ms - self._booted_ms

    def banner(self) -> list[str]:
        """What `whoami` and a start print."""
        facts = [
            ("Model:", self.model),
            ("Serial Number:", self.serial),
            ("Software Version:", self.software),
            ("Build Information:", "root domain"),
            ("Contact Number:", ""),
            ("Total Time In Calls:", "21 Days, 04:43:14"),
            ("Total Calls:", "666"),
            ("SNTP Time Service:", "Auto"),
            ("Local Time is:", "Fri, 31 Jul 2026 19:05:33 +0700"),
            ("IP Video Number:", "192.0.2.10"),
            ("MP Enabled:", "XXXX"),
            ("H323 Enabled:", "True"),
            ("SNMP Enabled:", "False"),
        ]
        head = ["Hi, my name is : Diem cau", "Here is what I know about myself:"]
        return head + [f"{key:<21}{value}".rstrip() for key, value in facts]

    def set_asleep(self, asleep: bool) -> None:
        """Go to sleep or wake; a sleeping codec has no calls."""
        if asleep == self.asleep:
            return
        self.asleep = asleep
        if asleep:
            for call_id in list(self.calls.table):
                self.calls.end(call_id)
        if "sleep" in self.registered:
            self.tell("listen going to sleep" if asleep else "listen waking up")

    def set_muted(self, muted: bool, told: bool = True) -> None:
        """The near microphone; `told`: not as an answer to a command."""
        self.muted = muted
        if told and "mute" in self.registered:
            self.tell(f"mute near {'on' if muted else 'off'}")
        if "notify:mutestatus" in self.registered:
            self.tell(f"notification:mutestatus:near:near:Diem cau:192.0.2.10:{'muted' if muted else 'notmuted'}")

    def preset(self, verb: str, number: int) -> None:
        """Recall or store a preset; an empty one moves nothing."""
        if verb == "set":
            self.head.presets[number] = self.head.place(self.now_ms)
        else:
            self.head.go(self.head.presets.get(number, self.head.place(self.now_ms)), self.now_ms)

    def meter(self) -> None:
        """Print a level each second until told to stop."""
        side = self.metering

        def again() -> None:
            if self.metering == side:
                moves = side.startswith(("mic", "linein")) or (bool(self.calls.connected) and self.media)
                level = self.mic_level + self.rng.randint(-2, 2) if moves else SILENT_LEVEL
                self.tell(f"audiometer {side} level peak:{level}")
                self.later(1_000, again)

        self.later(1_000, again)


class CallBoard:
    """Calls and how they go through their states."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._next_id = unit.rng.randint(30, 60)
        self.table: dict[int, SimCall] = {}

    @property
    def connected(self) -> bool:
        """Is a call up?"""
        return any(call.state == "connected" for call in self.table.values())

    @property
    def setting_up(self) -> bool:
        """Is a call on its way up?"""
        return any(call.state in SETUP_STATES for call in self.table.values())

    def dial(self, number: str, kbps: int) -> SimCall:
        """We call."""
        call = self._new("outgoing", number, kbps)
        self._unit.set_asleep(False)
        self._after(300, call, lambda: self._channel(call, "opened", "ALLOCATED"))
        self._after(1_000, call, lambda: self._channel(call, "ringing", "RINGING"))
        if self._unit.far.answers:
            self._after(1_000 + self._unit.far.rings_ms, call, lambda: self.connect(call.id))
        else:
            self._after(1_000 + self._unit.far.gives_up_ms, call, lambda: self.end(call.id))
        return call

    def ring(self, number: str, name: str, kbps: int) -> SimCall:
        """Somebody calls us; it wakes the codec."""
        call = self._new("incoming", number, kbps, name)
        self._unit.set_asleep(False)
        self._channel(call, "opened", "ALLOCATED")
        self._channel(call, "ringing", "RINGING")
        if "listen" in self._unit.registered:
            self._unit.tell("listen video ringing")
        self._popup(f"{name or number} is calling. Answer?")
        if self._unit.autoanswer == "yes":
            self._after(2_000, call, lambda: self._auto(call))
        self._after(self._unit.far.gives_up_ms, call, lambda: self._unanswered(call))
        return call

    def _auto(self, call: SimCall) -> None:
        if self._unit.mute_autoanswer:
            self._unit.set_muted(True)
        self.connect(call.id)

    def _unanswered(self, call: SimCall) -> None:
        if call.state == "ringing":
            self.end(call.id)

    def _popup(self, question: str) -> None:
        if self._unit.faults.asks_before_call and "popupinfo" in self._unit.registered:
            for line in (f"question: {question}", "choice0: Yes", "choice1: No"):
                self._unit.tell(f"popupinfo: {line}")

    def connect(self, call_id: int) -> None:
        """The call is taken by the one who was called."""
        call = self.table.get(call_id)
        if call is None or call.state == "connected":
            return
        if self._unit.faults.asks_before_call and "popupinfo" in self._unit.registered:
            self._unit.tell("popupinfo: answered: Yes")
        self._channel(call, "connecting", "CONNECTING")
        self._after(600, call, lambda: self._channel(call, "connecting", "CONNECTED"))
        self._after(900, call, lambda: self._up(call))

    def _up(self, call: SimCall) -> None:
        self._channel(call, "connected", "COMPLETE")
        if "callstate" in self._unit.registered:
            self._unit.tell(f"active: call[{call.id}] speed[{call.kbps}]")

    def end(self, call_id: int) -> None:
        """The call is taken down, by whomever."""
        call = self.table.get(call_id)
        if call is None or call.state == "disconnecting":
            return
        self._notify(call, "disconnecting")
        if "callstate" in self._unit.registered:
            self._unit.tell(f"cleared: call[{call.id}]")
        self._unit.later(self._unit.far.ends_ms, lambda: self._gone(call))

    def _gone(self, call: SimCall) -> None:
        if self.table.pop(call.id, None) is None:
            return
        if "callstate" in self._unit.registered:
            self._unit.tell(f"ended: call[{call.id}]")
        self._notify(call, "disconnected")

    def _new(self, way: str, number: str, kbps: int, name: str = "") -> SimCall:
        call = SimCall(self._next_id, way, number, kbps, name)
        self._next_id += 1
        self.table[call.id] = call
        return call

    def _after(self, ms: int, call: SimCall, what: Callable[[], None]) -> None:
        def run() -> None:
            if self.table.get(call.id) is call and call.state != "disconnecting":
                what()

        self._unit.later(ms, run)

    def _channel(self, call: SimCall, state: str, word: str) -> None:
        changed, call.state = call.state != state or state == "opened", state
        if "callstate" in self._unit.registered:
            for channel in (0, 1):
                self._unit.tell(f"cs: call[{call.id}] chan[{channel}] dialstr[{call.number}] state[{word}]")
        if changed:
            self._notify(call, state)

    def _notify(self, call: SimCall, state: str) -> None:
        call.state = state
        if "notify:callstatus" in self._unit.registered:
            name = call.name or f"null {call.id}"
            told = f"{call.way}:{call.id}:{name}:{call.number}:{state}:{call.kbps}:0:{call.kind}"
            self._unit.tell(f"notification:callstatus:{told}")
