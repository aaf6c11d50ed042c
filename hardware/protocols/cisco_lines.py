"""The pieces that a Cisco xAPI port sends: cutting the stream of bytes into lines and JSON objects.

Law: pure; any bytes in any cuts give the same pieces, and nothing here raises. Both output modes are read at any
time: a session that somebody left in JSON answers so until it is told otherwise.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11): terminal output, output modes; jsxapi (JSON objects that
are printed over many lines).
"""

from __future__ import annotations

import re
from typing import Final

MAX_LINE: Final = 2048
"""Longest line kept, bytes: a status line is below 300; longer is noise."""
MAX_JSON: Final = 65_536
"""Longest object kept, characters: the media channels of a full multipoint call are below 30,000."""
MAX_PROMPT: Final = 80
"""Longest login prompt: a host's name (63 characters at most) and `login:`."""

_ENDS: Final = re.compile(rb"[\r\n]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_PROMPT: Final = re.compile(r"^(?![*{\"]|last login).*\b(login|password):\s*$", re.IGNORECASE)
_INSIDE: Final = re.compile(r'^[\s"}\]\[,]')
_OUTSIDE: Final = re.compile(r"^(?:[{*]|OK$|ERROR$|Welcome to )")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')


class PieceReader:
    """Cuts bytes into pieces; lines may end in CR, LF or both, and blank ones fall away. A JSON object is one
    piece, however many lines it has.

    `dropped` counts over-long lines and objects that were never finished. The unterminated rest is kept: login
    prompts live there.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self._json: list[str] = []
        self._size = self._depth = 0
        self.dropped = 0

    def feed(self, data: bytes) -> list[str]:
        """The pieces that `data` completes."""
        *whole, self._rest = _ENDS.split(self._rest + data)
        pieces = [piece for raw in whole for piece in self._line(raw)]
        if len(self._rest) > MAX_LINE or (self._skipping and self._rest):
            self.dropped += not self._skipping
            self._skipping, self._rest = True, b""
        return pieces

    def _line(self, raw: bytes) -> list[str]:
        if self._skipping or len(raw) > MAX_LINE:
            self.dropped += not self._skipping
            self._skipping = False
            return []
        text = raw.decode("utf-8", "replace")
        text = (text if text.isprintable() else _CONTROL.sub("", text)).rstrip()
        return self._place(text) if text.strip() else []

    def _place(self, text: str) -> list[str]:
        """A line by itself, or a line of an object."""
        if self._depth and not _INSIDE.match(text):
            self.dropped += 1
            if not _OUTSIDE.match(text):
                # Garbage between two lines of it.
                return []
            # The end of that object was lost: what begins now does not belong to it.
            self._drop()
        if not self._depth and not text.startswith("{"):
            return [text.strip()]
        return self._object(text)

    def _object(self, text: str) -> list[str]:
        self._json.append(text)
        self._size += len(text)
        for token in _TOKEN.findall(text):
            self._depth += {"{": 1, "}": -1}.get(token, 0)
        if self._depth > 0 and self._size <= MAX_JSON:
            return []
        whole = "\n".join(self._json)
        self.dropped += self._depth > 0
        done = self._depth <= 0
        self._drop()
        return [whole] if done else []

    def _drop(self) -> None:
        self._json, self._size, self._depth = [], 0, 0

    def prompt(self) -> str:
        """`login` or `password` when the unterminated rest is a login prompt, else empty."""
        return prompt_of(self._rest.decode("utf-8", "replace").strip()) if self._rest else ""

    @property
    def at_line_start(self) -> bool:
        """Has nothing come since the last line end?"""
        return not self._rest

    def forget(self) -> None:
        """Drop what is unfinished, e.g. after the port was opened anew or a prompt was answered."""
        self._rest, self._skipping = b"", False
        self._drop()


def prompt_of(text: str) -> str:
    """`login` or `password` if `text` is a login prompt and nothing else, else empty. A host's name may stand
    before it; the line `Last login: …` is none."""
    if not text.rstrip().endswith(":"):
        return ""  # every line comes by here, and hardly one ends so
    match = _PROMPT.match(text) if len(text) <= MAX_PROMPT else None
    return match[1].lower() if match else ""
