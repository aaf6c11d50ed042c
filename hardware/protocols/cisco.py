"""The conversation with a Cisco codec (C, SX, MX, DX, Room, Board series) by xAPI on its serial port.

Law: sans-I/O: bytes and time come in, bytes and reports go out; nothing that the device sends raises. What is
asked and when is in `cisco_life.py`, orders are in `cisco_orders.py` and `cisco_camera.py`, what all codecs have
in common in `codec_line.py`; here they are put together, and logins and restarts are dealt with.
Every command but `echo` and `xPreferences` carries a tag (resultId) and is answered by its tag. Terminal output is
asked for, because every release has it; JSON is read as well. Not supported: content, phone book, far camera,
multi-line commands, bookings; the audio meter, which xAPI has not.
Sources: Cisco API reference guides TC 5-7, CE9, RoomOS 11; jsxapi; real sessions published with drivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from hardware.contract import NEVER_MS, Order
from hardware.protocols.cisco_answers import Answers
from hardware.protocols.cisco_life import after_login, life, locked
from hardware.protocols.cisco_lines import PieceReader, prompt_of
from hardware.protocols.cisco_login import CiscoLogin, PromptWatch
from hardware.protocols.cisco_orders import plan
from hardware.protocols.cisco_parse import parse
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.codec_line import CodecLine
from hardware.protocols.codec_settings import NO_SETTINGS, Settings
from hardware.protocols.desk import Desk
from hardware.protocols.script import Ask, End, Reply, Script

GAP_MS: Final = 50
"""Between two commands: the input of an RS-232 session has no flow control (API guides)."""
Mode = Literal["terminal", "json"]


class Cisco(CodecLine[CiscoSession]):
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
        super().__init__(CiscoSession(camera, CiscoLogin(user, password), Settings(settings)))
        self._mode = mode
        self._reader = PieceReader()
        self._answers = Answers(self._session)
        self._desk = Desk(self, GAP_MS)
        self._prompt = PromptWatch()

    def _plan(self, order: Order) -> Script | End:
        return plan(self._session, order)

    def _life_script(self, fresh: bool) -> Script:
        return life(self._session, self._mode, fresh=fresh)

    def _prompt_ms(self) -> int:
        return self._prompt.due_ms

    @property
    def dropped(self) -> int:
        """Pieces that said nothing known, were too long or never finished."""
        return self._session.noise + self._reader.dropped

    def opened(self, now_ms: int) -> None:
        """The port is open: make contact anew, and trust nothing until the device said who it is."""
        s = self._session
        s.now_ms = now_ms
        s.begin()
        s.login.anew()
        self._forget_line()
        self._live(self._life_script(fresh=True))
        self._settle()

    def closed(self, now_ms: int) -> None:
        """The port is gone: orders fail, and nothing of the device is known any more."""
        s = self._session
        s.now_ms = now_ms
        self._fail_orders("closed")
        self._die()
        self._forget_line()
        self._desk.out.clear()
        self._gone()
        self._settle()

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
        self._live(self._life_script(fresh=False))

    def _forget_line(self) -> None:
        self._prompt = PromptWatch()
        self._reader.forget()
        self._answers.forget()
        self._desk.clear_flight()

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
        if reply.answered:
            self._answers.learned(ask, reply, self.dropped)
        elif reply.word == "silent":
            self._unanswered()
