"""The conversation with a Cisco codec (C, SX, MX, DX, Room, Board series) by xAPI on its serial port.

Law: sans-I/O: bytes and time come in, bytes and reports go out; nothing that the device sends raises. What is
asked and when is in `cisco_life.py`, orders are in `cisco_orders.py` and `cisco_camera.py`, the one line is shared
by `desk.py`; here they are put together, and logins and restarts are dealt with.
Every command but `echo` and `xPreferences` carries a tag (resultId) and is answered by its tag. Terminal output is
asked for, because every release has it; JSON is read as well. Not supported: content, phone book, far camera,
multi-line commands, bookings; the audio meter, which xAPI has not.
Sources: Cisco API reference guides TC 5-7, CE9, RoomOS 11; jsxapi; real sessions published with drivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from hardware.contract import NEVER_MS, Order, Report, Result, Stage
from hardware.protocols.cisco_answers import Answers
from hardware.protocols.cisco_life import after_login, life, locked
from hardware.protocols.cisco_lines import PieceReader, prompt_of
from hardware.protocols.cisco_login import CiscoLogin, PromptWatch
from hardware.protocols.cisco_orders import plan
from hardware.protocols.cisco_parse import parse
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.codec_settings import NO_SETTINGS, Settings
from hardware.protocols.desk import Desk, Job
from hardware.protocols.script import Ask, End, Reply, Script

MAX_REPORTS: Final = 1_000
"""Reports kept until they are taken: the carrier takes them after every call, so this is a broken carrier."""
GAP_MS: Final = 50
"""Between two commands: the input of an RS-232 session has no flow control (API guides)."""
Mode = Literal["terminal", "json"]


class Cisco:
    """Our side of the wire, a `hardware.contract.Conversation`.

    `camera` names a camera that is reached through this codec (`camera.<name>`); `user` (default admin) and
    `password` answer a login prompt, None: there should be none; `settings`: name → path behind `xConfiguration`.
    Result codes: unknown_target, bad_value, closed,
    not_identified, login, timeout, silent, reboot, no_effect, not_active, absent, ended, codec_asleep,
    follows_codec, unsupported, and `error: <text>` with up to 80 characters of the device's own words; DONE may
    carry `unconfirmed` where the device has no way to prove it.
    """

    def __init__(
        self,
        camera: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        mode: Mode = "terminal",
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._session = CiscoSession(camera, CiscoLogin(user, password), Settings(settings))
        self._mode = mode
        self._reader = PieceReader()
        self._answers = Answers(self._session)
        self._desk = Desk(self, GAP_MS)
        self._life: Job | None = None
        self._prompt = PromptWatch()
        self._reports: list[Report] = []
        self._wake_ms = NEVER_MS

    @property
    def wake_ms(self) -> int:
        """When `tick` must be called next."""
        return self._wake_ms

    @property
    def dropped(self) -> int:
        """Pieces that said nothing known, were too long or never finished."""
        return self._session.noise + self._reader.dropped

    @property
    def identity(self) -> str:
        """model:serial as answered on the open port, empty before."""
        s = self._session
        return f"{s.model}:{s.serial}" if s.identified else ""

    def opened(self, now_ms: int) -> None:
        """The port is open: make contact anew, and trust nothing until the device said who it is."""
        s = self._session
        s.now_ms = now_ms
        s.begin()
        s.login.anew()
        self._forget_line()
        self._live(life(s, self._mode, fresh=True))
        self._settle()

    def closed(self, now_ms: int) -> None:
        """The port is gone: orders fail, and nothing of the device is known any more."""
        s = self._session
        s.now_ms = now_ms
        self._fail_orders("closed")
        if self._life is not None:
            self._desk.drop(self._life, None, now_ms)
        self._life = None
        self._forget_line()
        self._desk.out.clear()
        # A device that was silent before is not more silent now: that word only grows old.
        s.unknown(answers=None if s.facts.get("answers") else False)
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
        pieces = self._reader.feed(data)
        for piece in pieces:
            if not prompt_of(piece):
                self._piece(piece)
        self._prompt.note(self._reader, pieces, now_ms)
        self._settle()

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        s = self._session
        s.now_ms = now_ms
        if self._life is None:
            return
        if now_ms >= self._prompt.due_ms:
            self._log_in(self._prompt.name)
        self._desk.run(now_ms)
        if now_ms >= s.updating_until_ms:
            s.quiet_again()
        self._settle()

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        """The bytes to write and the reports since the last call."""
        data, self._desk.out = bytes(self._desk.out), bytearray()
        reports, self._reports = tuple(self._reports), []
        return data, reports

    def ask(self, order: Order, now_ms: int) -> None:
        """Carry out an order; a newer one for the same target replaces it."""
        s = self._session
        s.now_ms = now_ms
        script = plan(s, order)
        if not isinstance(script, End) and (refusal := self._refusal()) is not None:
            script = refusal
        if isinstance(script, End):
            self.answer(Result(order.id, script.stage, script.code, now_ms))
        else:
            for job in [job for job in self._desk.jobs if job.target == order.target]:
                self._desk.drop(job, End(Stage.SUPERSEDED), now_ms)
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

    # What comes in.

    def _piece(self, piece: str) -> None:
        s = self._session
        said = parse(piece)
        s.noise += not said
        for heard in said:
            s.hear(heard)
            self._answers.offer(heard, self._desk)
        if s.resync:
            self._begin_anew()
        self._desk.run(s.now_ms, send=False)

    def _log_in(self, prompt: str) -> None:
        """The device asks who we are, whatever else was going on."""
        s = self._session
        self._forget_line()
        self._fail_orders("login")
        text = s.login.answer(prompt, s.now_ms)
        s.new_session()
        s.identified = False
        s.facts.put("login", s.login.state)
        if text is None:
            s.unknown(answers=None)
            self._live(locked(s, self._mode))
        else:
            self._desk.out += text.encode("utf-8") + b"\r"
            self._live(after_login(s, self._mode))

    def _begin_anew(self) -> None:
        """A new session, or another boot, in the middle of the old one."""
        s = self._session
        s.resync, s.identified = False, False
        if s.restart_seen:
            self._fail_orders("reboot")
        s.new_session()
        self._desk.clear_flight()
        self._live(life(s, self._mode, fresh=False))

    def _lose(self) -> None:
        """Asked three times, silent."""
        s = self._session
        s.login.forget()
        s.unknown(answers=False)
        self._fail_orders("silent")
        self._live(life(s, self._mode, fresh=False))

    def _forget_line(self) -> None:
        self._prompt = PromptWatch()
        self._reader.forget()
        self._answers.forget()
        self._desk.clear_flight()

    def _live(self, script: Script) -> None:
        if self._life is not None:
            self._desk.drop(self._life, None, self._session.now_ms)
        self._life = Job(script)
        self._desk.add(self._life, self._session.now_ms)

    def _fail_orders(self, code: str) -> None:
        for job in [job for job in self._desk.jobs if job is not self._life]:
            self._desk.drop(job, End(Stage.FAILED, code), self._session.now_ms)

    # What goes out.

    def _settle(self) -> None:
        """Report what changed, and reckon the next wake."""
        self._report()
        s = self._session
        if self._life is None:
            self._wake_ms = NEVER_MS
            return
        wake_ms = min(self._desk.wake_ms(s.now_ms), self._prompt.due_ms)
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

    # What the desk wants to know.

    def hold_ms(self, ask: Ask, now_ms: int) -> int:
        """A login prompt or an unknown device holds a command back."""
        s = self._session
        if (ask.text and s.login.locked) or self._prompt.name or (ask.switches and not s.identified):
            return NEVER_MS
        return now_ms

    def hold_word(self) -> str:
        """Why a command never went out."""
        return "not_identified"

    def nudge(self) -> bytes:
        """Answers do not get stuck here."""
        return b""

    def sending(self, ask: Ask) -> bytes:
        """The command with its tag."""
        return self._answers.sending(ask, self.dropped)

    def judge(self, ask: Ask, line: str, heard: object) -> Reply | None:
        """Is this the answer?"""
        return self._answers.judge(ask, heard, self._desk)

    def replied(self, ask: Ask, reply: Reply) -> None:
        """Count answers and silences; the third silence means that the device is lost."""
        s = self._session
        if reply.answered:
            self._answers.learned(ask, reply, self.dropped)
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
