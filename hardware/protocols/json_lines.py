"""JSON values in lines, as the keeper's socket speaks them: bytes in any cuts in, objects out.

Law of this file: pure, standard library only. What is not one JSON object in one line of bounded length is
dropped and counted; the next line is read as if nothing had been.
"""

from __future__ import annotations

import json

LINE_MAX_BYTES = 8192
"""A report of 100 lines takes 4 kB; a longer line is a fault or an attack, not a room."""


def line(**fields: object) -> bytes:
    """One message as bytes; keys keep their order, so that the same message is the same bytes."""
    return _said(fields).encode() + b"\n"


_said = json.JSONEncoder(separators=(",", ":")).encode
"""Made once: `json.dumps` makes an encoder for every message."""


class JsonLines:
    """Cuts bytes into objects. `dropped` counts lines that were none; empty lines are nothing at all."""

    def __init__(self) -> None:
        self.dropped = 0
        self._part = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """The objects that `data` completes, in order. Never raises."""
        *whole, rest = data.split(b"\n")
        found = []
        for piece in whole:
            text = self._finish(piece)
            value = _object(text) if text.strip() else None
            if value is not None:
                found.append(value)
            elif text.strip():
                self.dropped += 1
        self._grow(rest)
        return found

    def _finish(self, piece: bytes) -> bytes:
        self._grow(piece)
        text, self._part = self._part, b""
        self._skipping = False
        return text

    def _grow(self, piece: bytes) -> None:
        """Too long: forget what was gathered and skip to the next line end, counted once."""
        if self._skipping:
            return
        self._part += piece
        if len(self._part) > LINE_MAX_BYTES:
            self._part, self._skipping = b"", True
            self.dropped += 1


def _object(text: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # RecursionError: thousands of opening brackets fit into one allowed line.
        return None
    return value if isinstance(value, dict) else None
