"""Blocks of a Cisco xAPI port: lines up to `** end`, and which of them answers the command that is out.

Law: pure. Replies and feedback may be interleaved, and `OK` comes before the block of a command but behind the
block of a query: so an answer is known by the tag that we gave the command. Firmware without tags has one command
outstanding at a time, and its answer is known by its kind. A result's name is never looked at: it differs between
releases.
Source: Cisco API reference guides (TC, CE9, RoomOS 11), output of xCommand, xStatus, xConfiguration, xFeedback.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.protocols.cisco_parse import End, Heard, Tag, Told, Verdict, Word
from hardware.protocols.script import Ask, Reply

_UNKNOWN = ("unknown command", "no match")
_REASONS = ("reason", "cause", "description", "error")


@dataclass(frozen=True, slots=True)
class Block:
    """`tag` and `status` are empty where the block carried none; `about`: beginnings of the paths in it."""

    tag: str
    status: str
    reason: str
    about: frozenset[str]


class Blocks:
    """Puts lines together to blocks."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._tag = self._status = self._reason = ""
        self._about: set[str] = set()

    def forget(self) -> None:
        """The device began anew: what was unfinished stays so."""
        self._begin()

    @property
    def about(self) -> frozenset[str]:
        """Beginnings of the paths in the block that has not ended yet."""
        return frozenset(self._about)

    def hear(self, heard: Heard) -> Block | None:
        """The block that ends here."""
        match heard:
            case Tag():
                self._tag = heard.id
            case Verdict():
                self._status = heard.status
            case Told():
                self._about.add(heard.path[0] if heard.path else "")
                if heard.kind == "r" and heard.path and heard.path[-1] in _REASONS:
                    self._reason = self._reason or heard.value
            case End():
                block = Block(self._tag, self._status, self._reason, frozenset(self._about))
                self._begin()
                return block
            case _:
                pass
        return None


@dataclass(slots=True)
class Flying:
    """What was seen of the answer to the command that is out; `tag` as it was sent, empty for a command without."""

    tag: str = ""
    ended: bool = False
    """A block without a tag came that may be its answer: the `OK` behind it is its end."""
    failed: bool = False
    """`ERROR` came: the block that says why may follow, or none."""


def judge(ask: Ask, heard: object, flying: Flying, tagged: bool) -> Reply | None:
    """The reply that this is to `ask`. `tagged`: this device is known to give our tags back."""
    if isinstance(heard, Block):
        return _block(ask, heard, flying, tagged)
    if isinstance(heard, Word):
        return _word(heard, flying, tagged)
    return None


def _block(ask: Ask, block: Block, flying: Flying, tagged: bool) -> Reply | None:
    if block.tag or (tagged and flying.tag):
        return reply_of(block) if flying.tag and block.tag == flying.tag else None
    if flying.failed or (ask.text.lower().startswith("xcommand") and block.status):
        return reply_of(block)
    flying.ended = block.status != "" or not block.about or ask.answer in block.about
    return reply_of(block) if block.status and flying.ended else None


def _word(word: Word, flying: Flying, tagged: bool) -> Reply | None:
    if not word.good:
        flying.failed = True
        return None
    # A command without a tag (echo, preferences) has no block; one with a tag that never came back has had its.
    done = not flying.tag or (flying.ended and not tagged)
    return Reply("ok") if done else None


def reply_of(block: Block) -> Reply:
    """A verdict as a reply."""
    if block.status.upper() in ("", "OK"):
        return Reply("ok")
    text = block.reason or block.status
    return Reply("absent" if text.lower().startswith(_UNKNOWN) else "error", text)
