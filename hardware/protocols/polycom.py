"""The conversation with a Polycom HDX or RealPresence Group codec on its serial control port.

Law: sans-I/O: bytes and time come in, bytes and reports go out; nothing that the device sends raises. What is
asked and when is in `polycom_life.py`, orders are in `polycom_orders.py` and `polycom_camera.py`, what all
codecs have in common in `codec_line.py`; here they are put together, and a line's loss or a restart is dealt with.
Not supported: jitter (the units of `advnetstats` are not documented), content, address book, far camera.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.contract import NEVER_MS, Order
from hardware.protocols.codec_line import CodecLine
from hardware.protocols.codec_settings import NO_SETTINGS, Settings
from hardware.protocols.desk import Desk
from hardware.protocols.polycom_camera import PARK_PRESET
from hardware.protocols.polycom_heard import Status
from hardware.protocols.polycom_life import LISTING, after_login, knock, life, locked
from hardware.protocols.polycom_lines import LineReader, is_event, prompt_of
from hardware.protocols.polycom_login import SETTLE_MS, Login
from hardware.protocols.polycom_orders import plan
from hardware.protocols.polycom_parse import parse
from hardware.protocols.polycom_reply import judge
from hardware.protocols.polycom_session import Session
from hardware.protocols.script import Ask, End, Reply, Script


class Polycom(CodecLine[Session]):
    """Our side of the wire, a `hardware.contract.Conversation`.

    `camera` names a camera that is reached through this codec (`camera.<name>`); `user` and `password` answer
    a login prompt, None: there should be none; `park_preset`: the preset that parks that camera; `settings`: name →
    the command whose `get` tells it, e.g. `sleeptime`, or `systemsetting` and a name.
    Result codes: unknown_target, bad_value, closed, not_identified, login, call_setup, timeout, silent,
    reboot, no_effect, not_active, failed, absent, ended, codec_asleep, follows_codec, unsupported, and
    `info: <text>` or `error: <text>` with up to 80 characters of the device's own words; DONE may carry
    `unconfirmed` where the device has no way to prove it.
    """

    def __init__(
        self,
        camera: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        park_preset: int = PARK_PRESET,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        super().__init__(Session(camera, Login(user, password), Settings(settings)))
        self._reader = LineReader()
        self._desk = Desk(self)
        self._park_preset = park_preset
        self._prompt = ("", NEVER_MS)

    def _plan(self, order: Order) -> Script | End:
        return plan(self._session, order, self._park_preset)

    def _life_script(self, fresh: bool) -> Script:
        return life(self._session, fresh=fresh)

    def _prompt_ms(self) -> int:
        return self._prompt[1]

    @property
    def dropped(self) -> int:
        """Lines that said nothing known, or were too long."""
        return self._session.noise + self._reader.dropped

    def opened(self, now_ms: int) -> None:
        """The port is open: make contact anew, and trust nothing until the device said who it is."""
        self._session.opened(now_ms)
        self._session.registered.clear()
        self._session.login.forget()
        self._reader.forget()
        self._live(self._life_script(fresh=True))
        self._settle()

    def closed(self, now_ms: int) -> None:
        """The port is gone: orders fail, and nothing of the device is known any more."""
        self._session.now_ms = now_ms
        self._fail_orders("closed")
        self._die()
        self._prompt = ("", NEVER_MS)
        self._desk.clear_flight()
        self._desk.out.clear()
        self._gone()
        self._settle()

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes came, in any cut."""
        if self._life is None:
            return
        self._session.now_ms = now_ms
        lines = self._reader.feed(data)
        for line in lines:
            if not prompt_of(line):
                self._line(line)
        self._note_prompt(lines)
        self._settle()

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        self._session.now_ms = now_ms
        if self._life is not None:
            self._go_on()

    def _line(self, line: str) -> None:
        s = self._session
        heard = parse(line)
        if heard is None and "sync" in line:
            # The echo of our nonce, in whatever form.
            heard = Status("echo", "")
        s.hear(heard)
        expected = self._desk.hear(line, heard, is_event(line), s.now_ms)
        s.noise += heard is None and not expected
        if s.resync:
            self._begin_anew()
        self._desk.run(s.now_ms, send=False)

    def _note_prompt(self, lines: list[str]) -> None:
        """A prompt stands in the unterminated rest, or is the last line and nothing follows it."""
        prompt = self._reader.prompt()
        if not prompt and self._reader.at_line_start:
            prompt = prompt_of(lines[-1]) if lines else self._prompt[0]
        if prompt != self._prompt[0]:
            self._prompt = (prompt, self._session.now_ms + SETTLE_MS if prompt else NEVER_MS)

    def _go_on(self) -> None:
        """Time went on: a prompt that stands first, then the scripts."""
        s = self._session
        if s.now_ms >= self._prompt[1]:
            self._log_in(self._prompt[0])
        self._desk.run(s.now_ms)
        if s.facts.get("updating") and s.now_ms >= s.updating_until_ms:
            s.facts.put("updating", False)
        self._settle()

    def _log_in(self, prompt: str) -> None:
        s = self._session
        self._prompt = ("", NEVER_MS)
        self._reader.forget()
        self._desk.clear_flight()
        self._fail_orders("login")
        text = s.login.answer(prompt)
        s.identified = False
        s.facts.put("login", s.login.state)
        if text is None:
            s.unknown(answers=None)
            self._live(locked(s))
        else:
            self._desk.out += _line(text)
            self._live(after_login(s))

    def _begin_anew(self) -> None:
        """The device has, or may have, restarted in the middle."""
        s = self._session
        s.resync, s.identified = False, False
        if s.booted:
            self._fail_orders("reboot")
        self._desk.clear_flight()
        self._live(self._life_script(fresh=False))

    def hold_ms(self, ask: Ask, now_ms: int) -> int:
        """A login prompt, an unknown device, or a call that is being set up holds a command back."""
        s = self._session
        if ask.text and (s.login.locked or self._prompt[0]):
            return NEVER_MS
        if ask.switches and not s.identified:
            return NEVER_MS
        return now_ms if ask.in_setup else s.calls.setup_end_ms()

    def hold_word(self) -> str:
        """Why a command never went out."""
        return "call_setup" if self._session.identified else "not_identified"

    def nudge(self) -> bytes:
        """An inquiry to push out an answer that is held back."""
        return _line("mute near get" if self._session.lacks("echo") else knock(self._session).text)

    def sending(self, ask: Ask) -> bytes:
        """Remember what a late answer could belong to."""
        if ask.text in LISTING:
            self._session.calls.asked()
        return _line(ask.text)

    def judge(self, ask: Ask, line: str, heard: object) -> Reply | None:
        """Is this line the answer?"""
        return judge(ask, line, heard)

    def replied(self, ask: Ask, reply: Reply) -> None:
        """Count answers and silences; the third silence means that the device is lost."""
        s = self._session
        if reply.answered:
            if ask.text in LISTING:
                s.calls.unasked()
            name = "echo" if ask.text.startswith("echo ") else ask.text
            s.absent[name] = s.absent.get(name, 0) + 1 if reply.word == "absent" else 0
            s.confirm_answered()
        elif reply.word == "silent":
            self._unanswered()


def _line(text: str) -> bytes:
    return text.encode("utf-8") + b"\r"
