"""The conversation with a Polycom HDX or RealPresence Group codec on its serial control port.

Law: sans-I/O: bytes and time come in, bytes and reports go out; nothing that the device sends raises. What is
asked and when is in `polycom_life.py`, orders are in `polycom_orders.py` and `polycom_camera.py`, the one line
is shared by `desk.py`; here they are put together, and a line's loss or a restart is dealt with.
Not supported: jitter (the units of `advnetstats` are not documented), content, address book, far camera.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hardware.contract import NEVER_MS, Order, Report, Result, Stage
from hardware.protocols.codec_settings import NO_SETTINGS, Settings
from hardware.protocols.desk import Desk, Job
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

MAX_REPORTS: Final = 1_000
"""Reports kept until they are taken: the carrier takes them after every call, so this is a broken carrier."""


class Polycom:
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
        self._session = Session(camera, Login(user, password), Settings(settings))
        self._reader = LineReader()
        self._desk = Desk(self)
        self._life: Job | None = None
        self._park_preset = park_preset
        self._prompt = ("", NEVER_MS)
        self._reports: list[Report] = []
        self._wake_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        """When `tick` must be called next."""
        return self._wake_ms

    @property
    def dropped(self) -> int:
        """Lines that said nothing known, or were too long."""
        return self._session.noise + self._reader.dropped

    @property
    def identity(self) -> str:
        """model:serial as answered on the open port, empty before."""
        s = self._session
        return f"{s.model}:{s.serial}" if s.identified else ""

    def opened(self, now_ms: int) -> None:
        """The port is open: make contact anew, and trust nothing until the device said who it is."""
        self._session.opened(now_ms)
        self._session.registered.clear()
        self._session.login.forget()
        self._reader.forget()
        self._live(life(self._session, fresh=True))
        self._settle()

    def closed(self, now_ms: int) -> None:
        """The port is gone: orders fail, and nothing of the device is known any more."""
        self._session.now_ms = now_ms
        self._fail_orders("closed")
        if self._life is not None:
            self._desk.drop(self._life, None, now_ms)
        self._life = None
        self._prompt = ("", NEVER_MS)
        self._desk.clear_flight()
        self._desk.out.clear()
        # A device that was silent before is not more silent now: that word only grows old.
        self._session.unknown(answers=None if self._session.facts.get("answers") else False)
        self._settle()

    def pace(self, period_ms: int) -> None:
        """Ask for the state every `period_ms` (below a minute: a third of it in a call); 0: 30 s. At once."""
        s = self._session
        quicker = 0 < period_ms < (s.period_ms or NEVER_MS) and self._life is not None
        s.period_ms = period_ms
        if quicker:
            s.recheck(0)
            self._wake_ms = min(self._wake_ms, s.now_ms)

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

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """The bytes to write and the reports since the last call."""
        data, self._desk.out = bytes(self._desk.out), bytearray()
        reports, self._reports = tuple(self._reports), []
        return data, reports

    def ask(self, order: Order, now_ms: int) -> None:
        """Carry out an order; a newer one for the same target replaces it."""
        self._session.now_ms = now_ms
        script = plan(self._session, order, self._park_preset)
        if not isinstance(script, End) and (refusal := self._refusal()) is not None:
            script = refusal
        if isinstance(script, End):
            self.answer(Result(order.id, script.stage, script.code, now_ms))
        else:
            self._replace(order.target)
            self._desk.add(Job(script, order, order.target, now_ms + max(0, order.within_ms)), now_ms)
            self._desk.run(now_ms)
        self._settle()

    def _refusal(self) -> End | None:
        s = self._session
        if self._life is None:
            return End(Stage.REFUSED, "closed")
        if s.login.locked:
            return End(Stage.REFUSED, "login")
        # While contact is being made anew the order waits; a silent or strange device gets none.
        known = s.identified or s.facts.get("answers") is True
        return None if known else End(Stage.REFUSED, "not_identified")

    def _replace(self, target: str) -> None:
        for job in [job for job in self._desk.jobs if job.target == target]:
            self._desk.drop(job, End(Stage.SUPERSEDED), self._session.now_ms)

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
        self._live(life(s, fresh=False))

    def _lose(self) -> None:
        """Asked three times, silent."""
        s = self._session
        s.login.forget()
        s.unknown(answers=False)
        self._fail_orders("silent")
        self._live(life(s, fresh=False))

    def _live(self, script: Script) -> None:
        if self._life is not None:
            self._desk.drop(self._life, None, self._session.now_ms)
        self._life = Job(script)
        self._desk.add(self._life, self._session.now_ms)

    def _fail_orders(self, code: str) -> None:
        for job in [job for job in self._desk.jobs if job is not self._life]:
            self._desk.drop(job, End(Stage.FAILED, code), self._session.now_ms)

    def _settle(self) -> None:
        """Report what changed, and reckon the next wake."""
        self._report()
        s = self._session
        if self._life is None:
            self._wake_ms = NEVER_MS
            return
        wake_ms = min(self._desk.wake_ms(s.now_ms), self._prompt[1])
        for due_ms in (s.recheck_ms, s.updating_until_ms):
            wake_ms = min(wake_ms, due_ms) if due_ms > s.now_ms else wake_ms
        self._wake_ms = max(wake_ms, s.now_ms + 1)

    def _report(self) -> None:
        s = self._session
        sources = (s.facts, s.settings.facts)
        for facts in sources if s.camera is None else (*sources, s.camera.facts):
            if (s.round or facts.changed) and (reading := facts.reading(s.now_ms)) is not None:
                self._push(reading)
        s.round = False

    def _push(self, report: Report) -> None:
        if len(self._reports) < MAX_REPORTS:
            self._reports.append(report)

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
            s.silent_n, s.doubt = s.silent_n + 1, True
            if s.silent_n == 3:
                self._lose()
            if s.lost:
                s.facts.put("answers", False)
                s.round = True

    def answer(self, result: Result) -> None:
        """Facts go out before the result that rests on them."""
        self._report()
        self._push(result)


def _line(text: str) -> bytes:
    return text.encode("utf-8") + b"\r"
