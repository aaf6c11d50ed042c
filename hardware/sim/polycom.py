"""The far end of a Polycom codec's serial port: power, boot, login, and how late and untidy its lines come.

Law: a `hardware.contract.Peer`; no thread, no clock; the same seed gives the same bytes. Written from the
manual and from what was seen on a real Group 700 (software 6.2.1), not with our side's code. The methods
named after people are what somebody in the room or at the far end does.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

import re
from collections import deque

from hardware.contract import NEVER_MS
from hardware.sim.codec_port import BOOT_MS, UPDATE_MS, CodecPort
from hardware.sim.polycom_commands import answer
from hardware.sim.polycom_memory import Faults
from hardware.sim.polycom_printer import Printer
from hardware.sim.polycom_unit import Unit

_IN_SETUP = ("hangup", "answer")


class PolycomCodec(CodecPort):
    """A codec on a wire. `on`: it is powered and has long been up; else call `mains(True, now_ms)`.

    `user` and `password`: the port asks for them ("" for user: password only). `boot_ms`: least and longest time
    from power or restart to its banner. Counters for tests:
    `received` (time, command), `too_fast`, `lost_in_setup`, `unit.woken_by_query`.
    """

    unit: Unit
    _printer: Printer

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
        super().__init__(seed, on, boot_ms)
        self.faults = faults or Faults()
        self.unit = Unit(self._rng, self.faults, model, serial)
        self.unit.tell, self.unit.later = self._event, self._later
        self._secrets = (user, password)
        self._login = self._first_prompt()
        self._printer = Printer(self._rng, self.faults, self._later)
        self._last_ms = -NEVER_MS
        if on:
            self.unit.long_up()
        self.too_fast = 0
        self.lost_in_setup: deque[str] = deque(maxlen=100)

    # The wire.

    @property
    def takes_calls(self) -> bool:
        """It answers by itself."""
        return self.unit.autoanswer == "yes"

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from the controller; a dark, booting or hung codec does not hear them."""
        self._set_now(now_ms)
        if not self._lives:
            return
        *whole, self._line = re.split(rb"[\r\n]", self._line + data)
        self._line = self._line[-4_096:]
        for raw in whole:
            self._command(raw.decode("utf-8", "replace").strip())

    # What happens to it.

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

    def far_end_hangs_up(self, now_ms: int) -> None:
        """The other side ends every call."""
        self._set_now(now_ms)
        for call_id in list(self.unit.calls.table):
            self.unit.calls.end(call_id)

    def person_wakes(self, awake: bool, now_ms: int) -> None:
        """Somebody takes the remote control into the hand, or sends the codec to sleep."""
        self._set_now(now_ms)
        if self._lives:
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
        if self._lives and not self._login:
            self._printer.say(line)
