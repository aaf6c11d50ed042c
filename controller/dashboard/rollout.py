"""A release on its way through a ring: does it go well? The centre only stops; what goes on is the office's doing,
with its keys. Pure; `withhold` alone moves files.

Stopped is a ring whose release was taken back, failed its self-test, or fell silent in its trial, in `least` rooms
and more than `ratio` of those that tried. Stopping needs no key: the bundle is moved out of the published tree, and
a room that has not loaded it yet stays at what it has. A room that has it already has judged it itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SILENT_MS = 60 * 60_000
"""A trial is over in a quarter of an hour, and its result is told within minutes of it."""
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Report:
    """The last word of one room on its update (`…/update`)."""

    room: str
    body: Mapping[str, Any]
    received_ms: int


@dataclass(frozen=True, slots=True)
class Bound:
    """When it is stopped."""

    least: int = 2
    ratio: float = 0.01


USUAL = Bound()


@dataclass(frozen=True, slots=True)
class Course:
    """How a release goes in a ring: rooms by how it ended there; `stop` = it must not go on."""

    ring: str
    version: str
    taken: int
    back: tuple[str, ...]
    refused: tuple[str, ...]
    silent: tuple[str, ...]
    stop: bool

    @property
    def failures(self) -> tuple[str, ...]:
        return (*self.back, *self.refused, *self.silent)


def course(ring: str, version: str, reports: Sequence[Report], now_ms: int, bound: Bound = USUAL) -> Course:
    """`reports`: of the ring's rooms."""
    ends = {report.room: _end(report, version, now_ms) for report in reports}
    by = {what: tuple(sorted(room for room, end in ends.items() if end == what)) for what in _ENDS}
    failures = sum(len(by[what]) for what in _FAILURES)
    tried = failures + len(by["taken"])
    stop = failures >= bound.least and failures > bound.ratio * tried
    return Course(ring, version, len(by["taken"]), by["back"], by["refused"], by["silent"], stop)


_FAILURES = ("back", "refused", "silent")
_ENDS = ("taken", *_FAILURES, "")


def _end(report: Report, version: str, now_ms: int) -> str:
    body = report.body
    about = (body.get("args") or [""])[0] if isinstance(body.get("args"), list) else ""
    if body.get("in_progress"):
        late = now_ms - report.received_ms > SILENT_MS
        return "silent" if late and body.get("latest_version") == version else ""
    if body.get("installed_version") == version:
        return "taken"
    if about == version:
        return {"update.back": "back", "update.failed_here": "back", "update.self_test": "refused"}.get(
            str(body.get("code")), ""
        )
    return ""


def offers(tree: Path) -> dict[str, str]:
    """What each ring of a published tree is offered, ring → version. Plain reading: whether it is rightly signed is
    the rooms' to judge. Raises OSError, ValueError."""
    found = {}
    for ring in _rings(tree):
        newest = max((tree / "metadata").glob(f"*.{ring}.json"), key=_number)
        targets = json.loads(newest.read_bytes())["signed"]["targets"]
        for entry in targets.values():
            found[ring] = str(entry["custom"]["version"])
    return found


def rings(tree: Path) -> object:
    """The signed list of rings, as `controller.update.plan.ring` reads it."""
    newest = max((tree / "metadata").glob("*.targets.json"), key=_number)
    entry = json.loads(newest.read_bytes())["signed"]["targets"]["rings.json"]
    return json.loads((tree / "targets" / f"{entry['hashes']['sha256']}.rings.json").read_bytes())


def _rings(tree: Path) -> list[str]:
    newest = max((tree / "metadata").glob("*.targets.json"), key=_number)
    roles = json.loads(newest.read_bytes())["signed"]["delegations"]["roles"]
    return [str(role["name"]) for role in roles if role["name"] != "config"]


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])


def withhold(tree: Path, course: Course, now_ms: int) -> None:
    """Move the ring's bundles aside, and leave why. Raises OSError."""
    aside = tree.parent / WITHHELD / course.ring
    aside.mkdir(parents=True, exist_ok=True)
    why = {
        "ring": course.ring,
        "version": course.version,
        "at_ms": now_ms,
        "taken": course.taken,
        "back": course.back,
        "refused": course.refused,
        "silent": course.silent,
    }
    (aside / f"{course.version}.json").write_text(json.dumps(why, ensure_ascii=False), encoding="utf-8")
    for bundle in (tree / "targets" / course.ring).glob("*.tar.zst"):
        bundle.replace(aside / bundle.name)


def withheld(tree: Path) -> list[Mapping[str, Any]]:
    """What was stopped, the last first."""
    found = [json.loads(path.read_bytes()) for path in (tree.parent / WITHHELD).glob("*/*.json")]
    return sorted(found, key=lambda row: -int(row["at_ms"]))
