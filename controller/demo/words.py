"""The room's own words for records, loads and states, in Vietnamese or English.

Pure. All sentences stand in the catalogue; here they are only put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.config_model import RoomConfig
from controller.demo.story import Record
from controller.texts import known, text


def names(cfg: RoomConfig) -> dict[str, str]:
    """Target → what people call it."""
    loads = {f"load.{name}": load.label or name for name, load in cfg.loads.items()}
    verbs = ("power", "preset", "park", "store", "drive", "position")
    cameras = {f"camera.{name}.{verb}": f"camera {name} {verb}" for name in cfg.cameras for verb in verbs}
    return {**loads, **cameras}


@dataclass(frozen=True, slots=True)
class Sayer:
    """Says things in one language; `names`: target → name, meeting → title."""

    lang: str
    names: Mapping[str, str]

    def word(self, code: str, args: Sequence[object] = ()) -> str:
        return text(code, self.lang, [self._arg(arg) for arg in args])

    def name(self, target: str) -> str:
        """A target, a load, a place, as people call it."""
        if target in self.names:
            return self.names[target]
        return self.word(f"thing.{target}") if known(f"thing.{target}") else target.removeprefix("load.")

    def why(self, reason: Mapping[str, Any]) -> str:
        """The sentence of a reason (`code`, `args`) with its rule; '' when there is none."""
        code = str(reason.get("code") or "")
        if not code:
            return ""
        rule = str(reason.get("rule") or "")
        sentence = self.word(code, tuple(reason.get("args") or ()))
        return f"{sentence} ({rule})" if rule and not sentence.startswith(rule) else sentence

    def line(self, record: Record) -> str:
        """One record in one line: time of day, kind, whom, what, why."""
        what = self._what(record)
        kind = self.word(f"record.{record.kind}") if known(f"record.{record.kind}") else record.kind
        subject = self.name(record.subject)
        parts = [part for part in (subject, what, self.why(record.body)) if part]
        return f"{record.at[11:19]} {kind}: {' · '.join(parts)}"

    def _arg(self, arg: object) -> object:
        return self.names.get(str(arg), self.names.get(f"load.{arg}", arg))

    def _what(self, record: Record) -> str:
        body = record.body
        for key in ("proof", "alert"):
            if key in body:
                return self.word(f"{key}.{body[key]}")
        if record.kind == "phase":
            return self.word(f"phase.{body.get('to')}")
        if record.kind == "press":
            return self.word(f"demo.gesture.{body.get('gesture')}")
        return self.value(body.get("value"))

    def value(self, value: object) -> str:
        """A set-point in words; '' for none."""
        if value is None:
            return ""
        if isinstance(value, list | tuple):
            return ", ".join(self.value(part) for part in value)
        code = f"value.{str(value).lower()}"
        return self.word(code) if known(code) else str(self._arg(value))
