"""The settings of a codec that room.toml lists: what they are, and whether that is sure (R14).

Law: pure. A value counts once two answers in a row agree: a bent byte is no drift. What the codec cannot say is
None. Which words ask for a setting is the make's own: `cisco_orders.py`, `polycom_orders.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final

from hardware.contract import Value
from hardware.protocols.facts import Facts
from hardware.protocols.script import Ask, Need, Reply

AGAIN_MS: Final = 3_600_000
"""A setting is changed by people, and seldom: an hour is soon enough, and costs the line next to nothing."""
MAX_TEXT: Final = 80
"""Longest value kept, characters."""
TARGET: Final = "codec.setting."
NO_SETTINGS: Final[Mapping[str, str]] = {}
_VALUE: Final = re.compile(r"^[\w.,:/@+-](?:[\w .,:/@+-]{0,78}[\w.,:/@+-])?$")
"""What may be written: nothing that ends a line, a word in quotes, or a command."""


class Settings:
    """The source `setting`: one field for each name; `paths`: name → how the codec calls it."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.facts = Facts("setting")
        self._paths = {name: plain(path) for name, path in paths.items()}
        self._heard: dict[str, str] = {}
        self._due_ms = 0

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._paths.items())

    def get(self, name: str) -> Value:
        """The last sure word."""
        return self.facts.get(name)

    def path(self, target: str) -> tuple[str, str] | None:
        """Name and path of the setting that an order is for."""
        name = target.removeprefix(TARGET)
        return (name, self._paths[name]) if name in self._paths else None

    def hear(self, path: str, value: str) -> None:
        """The codec said so, asked or not."""
        self._heard[plain(path).lower()] = value.strip()[:MAX_TEXT]

    def begin(self) -> None:
        """The port was opened, or the codec has restarted: all are asked for."""
        self._due_ms = 0

    def due(self, now_ms: int) -> bool:
        return bool(self._paths) and now_ms >= self._due_ms

    def looked(self, now_ms: int) -> None:
        self._due_ms = now_ms + AGAIN_MS

    def heard(self, path: str) -> str | None:
        """What the codec has said of this since the last look; None = nothing."""
        return self._heard.pop(plain(path).lower(), None)

    def learn(self, name: str, ask: Ask, read: Callable[[Reply], str | None]) -> Generator[Need, Reply, None]:
        """Ask for one until two answers agree, or one agrees with what is known; in vain: it stays as it was."""
        before: Value = self.get(name)
        for turn in range(3):
            reply = yield ask
            if not reply.answered:
                return
            told = read(reply) if reply.ok else None
            if told == before and (turn or told is not None):
                self.facts.put(name, told)
                return
            before = told


def plain(path: str) -> str:
    """A path with single blanks: xAPI takes slashes and blanks alike."""
    return " ".join(path.replace("/", " ").split())


def writable(value: Value) -> str:
    """The text of a value that may be sent to a codec, else ''."""
    return value if isinstance(value, str) and _VALUE.match(value) else ""
