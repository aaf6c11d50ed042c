"""The lines of a Polycom HDX or RealPresence Group control port: cutting the stream of bytes.

Law: pure; any bytes in any cuts give the same lines, and nothing here raises.
Sources: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series (command chapters);
forms marked "seen" come from public control drivers for these devices.
"""

from __future__ import annotations

import re
from typing import Final

MAX_LINE: Final = 2048
"""Longest line kept, bytes: advnetstats of a full multipoint call is below 1,000; longer is noise."""

_ENDS: Final = re.compile(rb"[\r\n]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_PROMPT: Final = re.compile(r"^(?:-> ?)*(user|password):\s*$", re.IGNORECASE)
_EVENTS_AFTER_PROMPT: Final = ("notification:", "cs:", "active:", "cleared:", "ended:", "popupinfo: ", "listen ")

_EVENTS: Final = (*_EVENTS_AFTER_PROMPT, "audiometer ", "Control event:")


class LineReader:
    """Cuts bytes into lines; the end may be CR, LF, CR LF or CR CR LF, and blank lines fall away.

    `dropped` counts over-long lines. The unterminated rest is kept: login prompts live there.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes, echoes of commands (`-> …`) left out."""
        *whole, self._rest = _ENDS.split(self._rest + data)
        lines = [text for raw in whole if (text := self._text(raw))]
        if len(self._rest) > MAX_LINE or (self._skipping and self._rest):
            self.dropped += not self._skipping
            self._skipping, self._rest = True, b""
        return lines

    def _text(self, raw: bytes) -> str:
        if self._skipping:
            self._skipping = False
            return ""
        if len(raw) > MAX_LINE:
            self.dropped += 1
            return ""
        return without_prompt(_CONTROL.sub("", raw.decode("utf-8", "replace")).strip())

    def prompt(self) -> str:
        """`user` or `password` when the unterminated rest is a login prompt, else empty."""
        return prompt_of(self._rest.decode("utf-8", "replace").strip()) if self._rest else ""

    @property
    def at_line_start(self) -> bool:
        """Has nothing come since the last line end?"""
        return not self._rest

    def forget(self) -> None:
        """Drop the rest, e.g. after the port was opened anew or a prompt was answered."""
        self._rest, self._skipping = b"", False


def without_prompt(text: str) -> str:
    """The line without `-> `: an echo of a command becomes empty, an event printed behind a prompt is kept.

    Echoes come one or two exchanges late (seen), so that none may be taken for an answer. Lines that no
    command of ours begins with cannot be echoes: a call's end must not be lost to a prompt before it.
    """
    if not text.startswith("->"):
        return text
    rest = text.lstrip("-> ")
    return rest if rest.startswith(_EVENTS_AFTER_PROMPT) and rest != "listen video" else ""


def prompt_of(text: str) -> str:
    """`user` or `password` if `text` is a login prompt and nothing else, else empty."""
    match = _PROMPT.match(text)
    return match[1].lower() if match else ""


def is_event(line: str) -> bool:
    """Can this line only have come by itself, so that it is no sign of an answer?"""
    return line.startswith(_EVENTS)
