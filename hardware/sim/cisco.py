"""The far end of a Cisco codec's serial port: power, boot, login, session, and what people do with it.

Law: a `hardware.contract.Peer`; no thread, no clock; the same seed gives the same bytes. Written from the API
guides and from sessions published with drivers, not with our side's code.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11), serial port and session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hardware.sim.cisco_memory import Faults
from hardware.sim.cisco_printer import CiscoPrinter
from hardware.sim.cisco_shell import CiscoShell
from hardware.sim.cisco_unit import CiscoUnit
from hardware.sim.codec_parts import Place
from hardware.sim.codec_port import BOOT_MS, UPDATE_MS, CodecPort

REPLY_MS = 20
"""A short reply at 115,200 Bd."""
BOOT_TEXT = ("U-Boot 2012.10 (Mar 03 2020)", "\x00\xff\xfe Starting kernel ...", "[    0.000000] Linux version 3.4")
"""Printed at the boot loader's speed: partly garbage at ours."""
_BODY = re.compile(r"^\{(\d{1,5})\}$")


class CiscoCodec(CodecPort):
    """A codec on a wire. `on`: it is powered and has long been up; else call `mains(True, now_ms)`.

    `user` and `password`: the port asks for them (no password: it does not). `software`: `TC…` is the old
    generation. `received`: (time, command) for tests.
    """

    unit: CiscoUnit
    _printer: CiscoPrinter

    def __init__(
        self,
        seed: int = 1,
        *,
        on: bool = True,
        model: str = "Cisco TelePresence SX20",
        serial: str = "FTT1923ABCD",
        software: str = "ce9.15.3.26 2021-03-01",
        user: str = "admin",
        password: str = "",
        faults: Faults | None = None,
        boot_ms: tuple[int, int] = BOOT_MS,
    ) -> None:
        super().__init__(seed, on, boot_ms)
        self.faults = faults or Faults()
        self.unit = CiscoUnit(self._rng, self.faults, model, serial, software)
        self.unit.changed, self.unit.event, self.unit.later = self._changed, self._event, self._later
        self._secrets = (user, password)
        self._printer = CiscoPrinter(self._rng, self.faults, self._later)
        self._after_cr = False
        self._body = self._announced = 0
        self._prompt = "login: " if password else ""
        self.shell = CiscoShell(self.unit, self._say)
        if on:
            self.unit.boot(0)
            self.unit.long_up()

    # The wire.

    @property
    def takes_calls(self) -> bool:
        """It answers by itself."""
        return self.unit.settings.get("AutoAnswer", "Mode") == "On"

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from the controller; a dark, booting or hung codec does not hear them."""
        self._set_now(now_ms)
        if not self._lives:
            return
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
        self._after_cr = data[-1:] == b"\r"
        *whole, self._line = re.split(rb"\r\n|[\r\n]", self._line + data)
        self._line = self._line[-4_096:]
        for raw in whole:
            self._command(raw.decode("utf-8", "replace").strip())

    # What happens to it.

    def ask_login(self, now_ms: int) -> None:
        """The session timed out: the prompt is back."""
        self._set_now(now_ms)
        self._new_session()
        self._prompt = "login: "
        self._printer.write(b"\r\n" + self._prompt.encode())

    def forget_feedback(self) -> None:
        """The registrations are lost."""
        self.shell.registered.clear()

    # What people do.

    def auto_answer(self, on: bool) -> None:
        """Somebody sets it in the menu."""
        self.unit.settings.set((*self.unit.settings.conference, "AutoAnswer", "Mode"), "On" if on else "Off")

    def person_sets_sleep(self, minutes: int) -> None:
        """Somebody sets in the menu after how long it sleeps by itself."""
        self.unit.settings.set(("Standby", "Delay"), str(minutes))

    def far_end_hangs_up(self, now_ms: int) -> None:
        """The other side ends every call."""
        self._set_now(now_ms)
        for call_id in list(self.unit.calls.table):
            self.unit.calls.end(call_id, "RemoteDisconnect")

    def person_wakes(self, awake: bool, now_ms: int) -> None:
        """Somebody touches the panel, or sends the codec to sleep."""
        self._set_now(now_ms)
        if self._lives:
            self.unit.set_standby("Off" if awake else "Standby")

    def person_turns_volume(self, level: int, now_ms: int) -> None:
        """Somebody turns the volume, 0-50 of its range."""
        self._set_now(now_ms)
        self.unit.volume = 2 * level
        self.unit.changed()

    def person_turns_camera(self, to: Place, now_ms: int) -> None:
        """Somebody drives the camera from the panel or the remote control; it ends up there."""
        self._set_now(now_ms)
        if self._lives:
            self.unit.turn(to)

    def person_recalls(self, preset: int, now_ms: int) -> None:
        """Somebody taps a camera preset on the panel."""
        self._set_now(now_ms)
        if self._lives:
            self.unit.recall(preset)

    def person_stores(self, preset: int, now_ms: int) -> None:
        """Somebody keeps the present frame as a preset, new or anew."""
        self._set_now(now_ms)
        if self._lives:
            self.unit.store(preset)

    def people_sit(self, count: int, now_ms: int) -> None:
        """So many people are before its camera; -1 = it does not count."""
        self._set_now(now_ms)
        self.unit.people = count
        self.unit.changed()

    # Inside.

    def _dark(self) -> None:
        self._up = False
        self.unit.boot(self._now_ms)
        self._heap.clear()
        self._printer.clear()
        self._line, self._body, self._announced = b"", 0, 0
        self._new_session()

    def _new_session(self) -> None:
        self.shell = CiscoShell(self.unit, self._say)

    def _boot(self) -> None:
        self._up = True
        self.unit.boot(self._now_ms)
        self._new_session()
        self._printer.say(BOOT_TEXT)
        self._prompt = "login: " if self._secrets[1] else ""
        if self._prompt:
            self._printer.write(b"\r\n" + self._prompt.encode())
        else:
            self._greet()

    def _greet(self) -> None:
        name = self.unit.settings.get("SystemUnit", "Name")
        head = [f"Welcome to {name}", f"Cisco Codec Release {self.unit.software}", "SW Release Date: 2021-03-01"]
        self._printer.say([*head, "*r Login successful", "", "OK", ""])

    def _changed(self) -> None:
        self.shell.changed()

    def _event(self, name: str, fields: Mapping[str, str]) -> None:
        self.shell.event(name, fields)

    def _say(self, lines: list[str]) -> None:
        """Lines by themselves; a port that waits for a login prints none."""
        if self._lives and not self._prompt:
            self._printer.say(lines)

    def _command(self, text: str) -> None:
        if self._prompt:
            self._log_in(text)
        elif self._body > 0:
            # `{length}` announced a command with a body; what follows the command is not one.
            self._body -= len(text.encode()) + 1
        elif text:
            self._run(text)
        elif self.shell.mode == "terminal":
            self._later(REPLY_MS, lambda: self._say(["OK"]))

    def _run(self, text: str) -> None:
        if length := _BODY.match(text):
            self._announced = int(length[1])
            return
        self._body, self._announced = self._announced - len(text.encode()) - 1, 0
        self.received.append((self._now_ms, text))
        if self.shell.echo:
            self._printer.say([text])
        reply = self.shell.answer(text)
        if self.faults.interleave:
            self._later(REPLY_MS - 1, self._chatter)
        self._later(REPLY_MS + self.faults.lag_ms, lambda: self._say(reply))
        if self.unit.wants_reboot:
            self.unit.wants_reboot = False
            self._later(REPLY_MS + 100, lambda: self.reboot(self._now_ms))
        elif text.lower().startswith("xcommand standby activate") and self.faults.update_after_sleep:
            self.faults.update_after_sleep = False
            self._later(20_000, self._update)

    def _chatter(self) -> None:
        """Feedback that nobody of us registered for."""
        self._say(["*s RoomAnalytics AmbientNoise Level A: 38", "** end", ""])

    def _update(self) -> None:
        if self.unit.standby == "Standby":
            self.unit.upgrade = "InProgress"
            self.unit.changed()
            self._later(UPDATE_MS // 5, self._install)

    def _install(self) -> None:
        self.unit.software = self.unit.software.replace("15.3.26", "15.8.12")
        self._dark()
        self._later(UPDATE_MS, self._boot)

    def _log_in(self, text: str) -> None:
        user, password = self._secrets
        self._printer.say([text if self._prompt == "login: " else ""])
        if self._prompt == "login: ":
            self._typed_user = text
            self._prompt = "Password: " if text else "login: "
        elif text == password and self._typed_user == user:
            self._prompt = ""
            self._new_session()
            self._greet()
            return
        else:
            self.failed_logins += self._typed_user == user
            self._printer.say(["Login incorrect", ""])
            self._prompt = "login: "
        self._printer.write(self._prompt.encode())
