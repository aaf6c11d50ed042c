"""Who is answered: tags on the commands that go out, and which block that comes in belongs to which.

Law: pure; one command of ours is out at a time, but answers of earlier ones and feedback come in between.
Source: Cisco API reference guides (TC, CE9, RoomOS 11), output and resultId.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from hardware.protocols.cisco_blocks import Block, Blocks, Flying, judge, reply_of
from hardware.protocols.cisco_life import CALLS, LIST, UPTIME
from hardware.protocols.cisco_parse import Heard, Word
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.desk import Desk
from hardware.protocols.script import Ask, Reply

END_MS: Final = 1_500
"""How long after its last line an answer without `** end` counts as over, and a block is waited for behind
`ERROR`: real devices omit one or the other (public drivers)."""
KNOCKS: Final = 4
"""Answers to so many earlier knocks are still taken: a device that lags more is as good as silent."""
_TAGGED: Final = ("xStatus", "xCommand", "xConfiguration", "xFeedback Register")


class Answers:
    """Between the lines and the desk."""

    def __init__(self, session: CiscoSession) -> None:
        self._session = session
        self._blocks = Blocks()
        self._flying = Flying()
        self._noise_asked = 0
        self._knocks: deque[str] = deque(maxlen=KNOCKS)

    def forget(self) -> None:
        """The line was reset: what was unfinished stays so."""
        self._blocks.forget()
        self._flying = Flying()

    def offer(self, heard: Heard, desk: Desk) -> None:
        """A block that is complete, or a word, may be the answer that is waited for."""
        s, flying = self._session, self._flying
        block = self._blocks.hear(heard)
        if block is None and not isinstance(heard, Word):
            return
        if block is not None and block.tag and block.tag == flying.tag:
            s.tagged = True
        desk.hear("", block or heard, True, s.now_ms)
        if flying.failed or (flying.ended and not s.tagged):
            desk.shorten(s.now_ms + END_MS, "ok" if flying.ended else "error")

    def sending(self, ask: Ask, dropped: int) -> bytes:
        """The bytes of a command; `echo`, preferences and the empty line take no tag."""
        s = self._session
        self._flying = Flying()
        self._blocks.forget()
        if ask.text == CALLS.text:
            s.calls.asked()
            self._noise_asked = dropped
        if not ask.text.startswith(_TAGGED):
            return f"{ask.text}\r".encode()
        s.tag_n += 1
        self._flying.tag = f"dc{s.tag_n}"
        if ask.text == UPTIME.text:
            self._knocks.append(self._flying.tag)
        return f'{ask.text} | resultId="{self._flying.tag}"\r'.encode()

    def judge(self, ask: Ask, heard: object, desk: Desk) -> Reply | None:
        """Is this the answer to `ask`?"""
        s = self._session
        if not isinstance(heard, (Block, Word)):
            return None
        if ask.text == LIST.text and not s.listed:
            # The `OK` of the query before may still have been on its way.
            desk.shorten(s.now_ms + END_MS, "ok")
            return None
        if ask.text == UPTIME.text and isinstance(heard, Block) and heard.tag in self._knocks:
            # Late is not silent: what came is an uptime all the same.
            return reply_of(heard)
        if isinstance(heard, Word) and heard.good and ask.answer in self._blocks.about:
            # Its `** end` is missing, or this `OK` was another's: then the end is still to come.
            desk.shorten(s.now_ms + END_MS, "ok")
        return judge(ask, heard, self._flying, s.tagged)

    def learned(self, ask: Ask, reply: Reply, dropped: int) -> None:
        """An answer came; some mean something only when they are complete."""
        s = self._session
        s.absent[ask.text] = s.absent.get(ask.text, 0) + 1 if reply.word in ("absent", "error") else 0
        if ask.text == CALLS.text and reply.ok:
            whole = dropped == self._noise_asked
            s.calls.answered(whole)
            s.calls_changed()
            if not whole:
                s.recheck(1_000)
        elif ask.text == f"xStatus {s.dialect.quality}" and reply.ok:
            s.media_told()
        s.confirm_answered()
