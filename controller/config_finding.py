"""What is said about a configuration: how bad, where, and in which sentence. No judgement lives here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.texts import text


class Severity(StrEnum):
    """ERROR: not usable, exit 78. DEFECT: usable, but it will end a meeting one day. WARNING: think. NOTE: know."""

    ERROR = "error"
    DEFECT = "defect"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: the key as written in room.toml, and a sentence of the catalogue that says what to do."""

    severity: Severity
    key: str
    code: str
    args: tuple[object, ...] = ()

    def text(self, lang: str) -> str:
        return text(self.code, lang, self.args)


def error(key: str, code: str, *args: object) -> Finding:
    """Not usable."""
    return Finding(Severity.ERROR, key, code, args)
