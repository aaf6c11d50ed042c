"""The far end of a Polycom codec's serial port: power, boot, login, and how late and untidy its lines come.

Law: a `hardware.contract.Peer`; no thread, no clock; the same seed gives the same bytes. Written from the
manual and from what was seen on a real Group 700 (software 6.2.1), not with our side's code. The methods
named after people are what somebody in the room or at the far end does.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

import heapq
import random
import re
from collections import deque
from collections.abc import Callable

from hardware.contract import NEVER_MS, Report
from hardware.sim.codec_parts import FarEnd
from hardware.sim.polycom_commands import answer
from hardware.sim.polycom_memory import Faults
from hardware.sim.polycom_printer import Printer
from hardware.sim.polycom_unit import Unit

BOOT_MS = (60_000, 120_000)
UPDATE_MS = 300_000
_IN_SETUP = ("hangup", "answer")


class PolycomCodec:
    """A codec on a wire. `on`: it is powered and has long been up; else call `mains(True, now_ms)`.

    `user` and `password`: the port asks for them ("" for user: password only). `boot_ms`: least and longest time
    from power or restart to its banner. Counters for tests:
    `received` (time, command), `too_fast`, `lost_in_setup`, `unit.woken_by_query`.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        on: bool = True,
        model: str = "RealPresence Group 700",
        serial: str = "82140E0A1234CN",
        user: str = "",
        password: str = "",
        faults: Faults | None = None,
        boot_ms: tuple[int, int] = BOOT_MS,
    ) -> None:
        self._boot_ms = boot_ms
        self._rng = random.Random(seed)
        self.faults = faults or Faults()
        self.unit = Unit(self._rng, self.faults, model, serial)
        self.unit.tell, self.unit.later = self._event, self._later
        self._secrets = (user, password)
        self._login = self._first_prompt()
        self._typed_user = ""
        self._line = b""
        self._printer = Printer(self._rng, self.faults, self._later)
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._now_ms = 0
        self._up = on
        self._last_ms = -NEVER_MS
        self.powered = on
        if on:
            self.unit.long_up()
        self.hung = False
        self.received: deque[tuple[int, str]] = deque(maxlen=2_000)
        self.too_fast = self.failed_logins = 0
        self.lost_in_setup: deque[str] = deque(maxlen=100)

    # The wire.

    @property
    def up(self) -> bool:
        """It has power and has booted."""
        return self._up

    @property
    def in_call(self) -> bool:
        """A call is up."""
        return self.powered and self.unit.calls.connected

    @property
    def takes_calls(self) -> bool:
        """It answers by itself."""
        return self.unit.autoanswer == "yes"

    @property
    def wake_ms(self) -> int:
        """When `tick` must be called next."""
        return self._heap[0][0] if self._heap else NEVER_MS

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from the controller; a dark, booting or hung codec does not hear them."""
        self._set_now(now_ms)
        if not self._up or self.hung:
            return
        *whole, self._line = re.split(rb"[\r\n]", self._line + data)
        self._line = self._line[-4_096:]
        for raw in whole:
            self._command(raw.decode("utf-8", "replace").strip())

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        while self._heap and self._heap[0][0] <= now_ms:
            at_ms, _, what = heapq.heappop(self._heap)
            self._set_now(at_ms)
            what()
        self._set_now(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """What the codec has sent."""
        return self._printer.take(), ()

    # What happens to it.

    def mains(self, on: bool, now_ms: int) -> None:
        """Its supply comes or goes; presets, settings and registrations stay, a hang does not."""
        self._set_now(now_ms)
        if on == self.powered:
            return
        self.powered = on
        self._dark()
        self.hung = False
        if on:
            self._later(self._rng.randint(*self._boot_ms), self._boot)

    def reboot(self, now_ms: int) -> None:
        """It restarts by itself."""
        self._set_now(now_ms)
        if self.powered:
            self._dark()
            self._later(self._rng.randint(*self._boot_ms), self._boot)

    def hang(self) -> None:
        """It is powered and silent; only a power cycle cures it."""
        self.hung = True
        self._printer.mute()

    def print_banner(self, now_ms: int) -> None:
        """The whole block of `whoami` in mid-session, as seen on a real one."""
        self._set_now(now_ms)
        for line in self.unit.banner():
            self._event(line)

    def ask_login(self, now_ms: int) -> None:
        """The session timed out: the prompt is back."""
        self._set_now(now_ms)
        self._login = self._first_prompt()
        self._prompt()

    # What people do.

    def auto_answer(self, on: bool) -> None:
        """Somebody sets it in the menu."""
        self.unit.autoanswer = "yes" if on else "no"

    def person_sets_sleep(self, minutes: int) -> None:
        """Somebody sets in the menu after how long it sleeps by itself."""
        self.unit.sleeptime = str(minutes)

    def ring(self, number: str, now_ms: int, name: str = "", kbps: int = 1024) -> int:
        """The far end calls; the call's id, -1 when nobody is there to hear it."""
        self._set_now(now_ms)
        alive = self._up and not self.hung
        return self.unit.calls.ring(number, name, kbps).id if alive else -1

    def far_end(self, behaviour: FarEnd) -> None:
        """How the other side behaves from now on."""
        self.unit.far = behaviour

    def far_end_hangs_up(self, now_ms: int) -> None:
        """The other side ends every call."""
        self._set_now(now_ms)
        for call_id in list(self.unit.calls.table):
            self.unit.calls.end(call_id)

    def person_mutes(self, muted: bool, now_ms: int) -> None:
        """Somebody presses the mute key of the remote control or of a table microphone."""
        self._set_now(now_ms)
        if self._up and not self.hung and muted != self.unit.muted:
            self.unit.set_muted(muted)

    def person_dials(self, number: str, now_ms: int) -> int:
        """Somebody dials with the remote control."""
        self._set_now(now_ms)
        return self.unit.calls.dial(number, 1024).id if self._up and not self.hung else -1

    def person_wakes(self, awake: bool, now_ms: int) -> None:
        """Somebody takes the remote control into the hand, or sends the codec to sleep."""
        self._set_now(now_ms)
        if self._up and not self.hung:
            self.unit.set_asleep(not awake)

    def person_recalls(self, preset: int, now_ms: int) -> None:
        """Somebody recalls a preset with the remote control."""
        self._set_now(now_ms)
        self.unit.preset("go", preset)
        if "preset" in self.unit.registered:
            self._event(f"preset near go {preset}")

    def person_turns_volume(self, level: int, now_ms: int) -> None:
        """Somebody turns the volume."""
        self._set_now(now_ms)
        self.unit.volume = level
        if "volume" in self.unit.registered:
            self._event(f"volume {level}")

    # Inside.

    def _set_now(self, now_ms: int) -> None:
        self._now_ms = max(self._now_ms, now_ms)
        self.unit.now_ms = self._now_ms

    def _later(self, ms: int, what: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (self._now_ms + max(1, ms), self._count, what))

    def _dark(self) -> None:
        self._up = False
        self._heap.clear()
        self._printer.clear()
        self._line = b""
        self.unit.boot(self._now_ms)

    def _boot(self) -> None:
        self._up = True
        self.unit.boot(self._now_ms)
        self._login = self._first_prompt()
        if self._login:
            self._prompt()
        else:
            self.print_banner(self._now_ms)

    def _first_prompt(self) -> str:
        user, password = self._secrets
        return "User:" if user and password else "Password:" if password else ""

    def _prompt(self) -> None:
        self._printer.write(f"{self._login} ".encode())

    def _command(self, text: str) -> None:
        if self._login:
            self._log_in(text)
            return
        self._printer.release()
        if not text:
            return
        self.received.append((self._now_ms, text))
        self.too_fast += self._now_ms - self._last_ms < 200
        self._last_ms = self._now_ms
        if self._lost(text):
            self.lost_in_setup.append(text)
            return
        self._printer.echo(text)
        self._printer.reply(self._answer(text))
        self._after_command(text)

    def _lost(self, text: str) -> bool:
        busy = self.faults.loses_in_setup and self.unit.calls.setting_up
        return busy and not text.startswith(_IN_SETUP)

    def _answer(self, text: str) -> list[str]:
        if any(text.startswith(start) for start in self.faults.unknown):
            return ["error: command not found"]
        for start, why in self.faults.refuse.items():
            if text.startswith(start):
                return [f"info: {why}"]
        return answer(self.unit, text)

    def _after_command(self, text: str) -> None:
        if self.unit.wants_reboot:
            self.reboot(self._now_ms)
        elif text == "sleep" and self.faults.update_after_sleep:
            self.faults.update_after_sleep = False
            self._later(20_000, self._update)

    def _update(self) -> None:
        if self.unit.asleep:
            self.unit.software = "6.2.2"
            self._dark()
            self._later(UPDATE_MS, self._boot)

    def _log_in(self, text: str) -> None:
        user, password = self._secrets
        if self._login == "User:":
            self._typed_user, self._login = text, "Password:"
            self._prompt()
        elif text == password and self._typed_user in ("", user):
            self._login = ""
            self.print_banner(self._now_ms)
        else:
            self.failed_logins += bool(text)
            self._printer.write(b"\r\n-- login failed, retry --\r\n")
            self._login = self._first_prompt()
            self._prompt()

    def _event(self, line: str) -> None:
        """A line by itself; a port that waits for a login prints none."""
        if self._up and not self.hung and not self._login:
            self._printer.say(line)
