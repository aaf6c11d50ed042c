"""R14 in room.toml: which settings of the codec are compared, which of them are put back, and what commissioning
approved (`learnt.toml`). No rule lives here; what a make understands is in hardware/protocols/codec_settings.py.

A setting that holds a secret is refused: its value would stand in the journal (R15). So is one that this controller
changes itself, and, for a Polycom, a word that is not documented as a setting: `sleep get` might put it to sleep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from controller.config_base import Strict, key, need
from controller.core.room_drift import Drift
from controller.core.room_drift import Setting as RoomSetting

if TYPE_CHECKING:
    from controller.config_model import Codec, RoomConfig

PATH = r"^[A-Za-z][A-Za-z0-9]*([ /][A-Za-z0-9]{1,40}){0,9}$"
SECRET = re.compile(r"pass(word|phrase|code)|secret|credential|community|private|\bpin\b", re.IGNORECASE)
OWN = re.compile(
    r"^(conference (1 )?(autoanswer|micunmuteondisconnect) mode|audio (default)?volume|autoanswer|volume|mute)$",
    re.IGNORECASE,
)
"""What rules of ours order: listed here it would drift whenever they do."""
POLYCOM_SET = frozenset({"sleeptime", "muteautoanswer", "mpautoanswer", "mpmode", "systemsetting"})
POLYCOM_GET = POLYCOM_SET | {"audiotransmitlevel", "systemname", "lanport", "gatekeeperip", "ipaddress"}
"""Polycom Integrator's Reference Manual for Group Series; a new address would cost the room its line."""


class Setting(Strict):
    """A setting of the codec that must stay as approved: `[codec.settings.sleep]`."""

    path: str = need(
        "cisco: what stands behind xConfiguration; polycom: the command, as sleeptime or systemsetting NAME",
        pattern=PATH,
        max_length=120,
    )
    restore: bool = key(False, "true: put back, outside calls, where it has drifted", "R14")


class Learnt(Strict):
    """What `diemcau commission` has found; written by it into learnt.toml, not by hand."""

    approved: dict[str, bool | int | float | str] = Field(
        default_factory=dict, description="what R14 compares with, by fact", max_length=128
    )


class DriftRules(Strict):
    """R14: settings and pictures that left their approved place."""

    frame_steps: int = key(
        40,
        "a recalled picture may stand so many of the camera's steps beside its approved place",
        "assumption: some 3° of a Sony EVI-D70 (14.4 steps a degree); heads repeat to less",
        ge=1,
        le=5000,
    )


def drift_of(cfg: RoomConfig) -> Drift:
    codec = cfg.spoken
    rows = codec.settings.items() if codec is not None else ()
    settings = tuple(RoomSetting(name, row.path, row.restore) for name, row in rows)
    return Drift(settings, tuple(sorted(cfg.learnt.approved.items())), cfg.rules.drift.frame_steps)


def faults(codec: Codec) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Key, code and arguments of what makes the settings of this codec unusable."""
    for name, row in codec.settings.items():
        where, path = f"codec.settings.{name}.path", " ".join(row.path.replace("/", " ").split())
        word = path.split(" ")[0].lower()
        if codec.kind == "pc":
            yield where, "check.setting_pc", ()
        elif SECRET.search(path):
            yield where, "check.setting_secret", (path,)
        elif OWN.match(path):
            yield where, "check.setting_own", (path,)
        elif codec.kind == "polycom" and not (word in POLYCOM_GET or word.startswith("allow")):
            yield where, "check.setting_unknown", (path, ", ".join(sorted(POLYCOM_GET)))
        elif codec.kind == "polycom" and (word == "systemsetting") != (path.count(" ") == 1):
            yield where, "check.setting_words", (path,)
        elif codec.kind == "polycom" and row.restore and word not in POLYCOM_SET:
            yield f"codec.settings.{name}.restore", "check.setting_kept", (path,)
