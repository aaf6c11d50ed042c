"""The lines of the NUT network protocol: cutting bytes into lines, lines into words, words into lines.

Pure. Lives here: framing and quoting only. Must not live here: what a line means (nut.py) or what a variable
means (nut_status.py). Source: Network UPS Tools, docs/net-protocol.txt, "Old command removal" to "Errors".
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_LINE = 2048
"""Longest line kept, in bytes. upsd builds its answers in buffers of 512 to 1024 bytes; twice that is noise."""

_WORD = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|((?:[^ \t"\\]|\\.)+))(?=[ \t]|$)')
_ESCAPED = re.compile(r"\\(.)")


class LineReader:
    """Collects bytes in any cuts and gives whole lines; one that is too long is dropped and counted."""

    def __init__(self) -> None:
        self._rest = b""
        self.dropped = 0

    def push(self, data: bytes) -> list[str]:
        """Add bytes; return the lines completed by them, without their end (LF or CR LF)."""
        *whole, rest = (self._rest + data).split(b"\n")
        # One byte over the limit is kept as the mark that this line is too long, however much follows.
        self._rest = rest[: MAX_LINE + 1]
        kept = [_text(line) for line in whole if len(line) <= MAX_LINE]
        self.dropped += len(whole) - len(kept)
        return kept

    @property
    def empty(self) -> bool:
        """No half line waits for its end."""
        return not self._rest

    def reset(self) -> None:
        """Forget a half line: the wire was closed under it."""
        self._rest = b""


@lru_cache(maxsize=256)  # as `words`
def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").removesuffix("\r")


@lru_cache(maxsize=256)  # a UPS repeats the same few dozen lines for years
def words(line: str) -> tuple[str, ...] | None:
    """Split a line at blanks, quotes and escapes removed; None when its quoting is broken or it is empty."""
    found: list[str] = []
    at, end = 0, len(line.rstrip(" \t"))
    while at < end:
        match = _WORD.match(line, at, end)
        if match is None:
            return None
        raw = match[2] if match[1] is None else match[1]
        found.append(_ESCAPED.sub(r"\1", raw))
        at = match.end()
    return tuple(found) or None


def quote(text: str) -> str:
    r"""Put `text` in quotes, `"` and `\` escaped; a line end becomes a blank, for it would end the command."""
    flat = text.replace("\r", " ").replace("\n", " ")
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def command(*parts: str) -> bytes:
    """A request line, each part after the verb quoted when it is not a plain word."""
    return (" ".join(part if _plain(part) else quote(part) for part in parts) + "\n").encode()


def _plain(part: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]+", part) is not None
