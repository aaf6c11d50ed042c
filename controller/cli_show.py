"""`diemcau status`, `why` and `evidence verify`: what a technician reads at the Pi, in the room's language."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from controller import config
from controller.runtime.aside import read_entries
from controller.runtime.verify import Finding, Verdict, verify_lines
from controller.runtime.verify import verify as verify_entries
from controller.runtime.window import look
from controller.texts import text

OLD_S = 330
"""The view is written at least every five minutes; an older one is a dead controller's."""


def status(files: Sequence[Path], lang: str | None) -> int:
    """Print what the room does now; 1 = the controller does not run, 78 = no usable configuration."""
    return _with_view(files, lang, _print_status)


def why(files: Sequence[Path], target: str, lang: str | None) -> int:
    """Print reason, clause and since of one target; 1 = not known."""
    return _with_view(files, lang, lambda view, said: _print_why(view, said, target))


def _with_view(files: Sequence[Path], lang: str | None, show: Callable[[Mapping[str, object], str], int]) -> int:
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return config.EXIT_CODE
    said = lang or cfg.room.language
    view = look(Path(cfg.paths.run_dir))
    age_s = _age_s(view)
    if view is None or age_s > OLD_S:
        sys.stderr.write(text("status.not_running", said, (_minutes(age_s),)) + "\n")
        return 1
    return show(view, said)


def _age_s(view: Mapping[str, object] | None) -> float:
    """Age of the view by the clock that only counts up."""
    mono_ms = view.get("mono_ms") if view is not None else None
    now_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e6
    return (now_ms - mono_ms) / 1000 if isinstance(mono_ms, int) and mono_ms <= now_ms else float("inf")


def _minutes(age_s: float) -> str:
    return "?" if age_s == float("inf") else str(round(age_s / 60))


def _tree(view: Mapping[str, object], *names: str) -> Mapping[str, object]:
    node: object = view
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}


def _print_status(view: Mapping[str, object], lang: str) -> int:
    state = _tree(view, "state")
    sys.stdout.write(text(f"phase.{state.get('phase')}", lang) + "\n")
    for name in _tree(view, "detail", "loads"):
        sys.stdout.write(f"  {_reason_line(view, f'load.{name}', name, lang)}\n")
    incidents = state.get("incidents")
    for code in incidents if isinstance(incidents, Iterable) else ():
        sys.stdout.write(f"  ! {text(f'alert.{code}', lang)}\n")
    return 0


def _print_why(view: Mapping[str, object], lang: str, target: str) -> int:
    name = target.removeprefix("load.")
    reason = _tree(view, "detail", "loads", name) or _tree(view, "detail", "targets", target)
    if not reason:
        sys.stderr.write(text("why.unknown", lang, (target,)) + "\n")
        return 1
    for part in _reasons(reason, view, lang):
        sys.stdout.write(part + "\n")
    return 0


def _reason_line(view: Mapping[str, object], target: str, name: str, lang: str) -> str:
    reason = _tree(view, "detail", "loads", name)
    return f"{text(target, lang) if text(target, lang) != target else name}: " + " · ".join(
        _reasons(reason, view, lang)
    )


def _reasons(reason: Mapping[str, object], view: Mapping[str, object], lang: str) -> Iterator[str]:
    """State, why, since, what it waits for."""
    yield text(f"proof.{reason.get('proof')}", lang)
    code = reason.get("code")
    if code:
        args = reason.get("args")
        sentence = text(str(code), lang, tuple(args) if isinstance(args, Sequence) else ())
        yield f"{sentence} ({reason.get('rule')})"
    since = reason.get("since_ms")
    now = view.get("mono_ms")
    if isinstance(since, int) and isinstance(now, int):
        yield text("status.since", lang, (round((now - since) / 60_000),))
    waits = reason.get("waits")
    if waits:
        args = reason.get("waits_args")
        yield text(
            "status.waits", lang, (text(str(waits), lang, tuple(args) if isinstance(args, Sequence) else ()),)
        )


def verify(file: Path, lang: str) -> int:
    """Check a journal's chain: 0 = as written, 1 = something was changed, removed or reordered, 64 = unreadable."""
    try:
        verdict = _verdict(file)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{file}: {error}\n")
        return 64
    for finding in verdict.problems:
        sys.stdout.write(f"! {_finding(finding, lang)}\n")
    for finding in verdict.notes:
        sys.stdout.write(f"  {_finding(finding, lang)}\n")
    code = "evidence.broken" if verdict.problems else "evidence.whole"
    sys.stdout.write(text(code, lang, (verdict.count, verdict.head.seq, verdict.head.hash)) + "\n")
    return 1 if verdict.problems else 0


def _verdict(file: Path) -> Verdict:
    with file.open("rb") as raw:
        database = raw.read(16).startswith(b"SQLite format 3")
    if database:
        return verify_entries(read_entries(file))
    with file.open(encoding="utf-8") as lines:
        return verify_lines(line for line in lines if not line.startswith('{"simulate"'))


def _finding(finding: Finding, lang: str) -> str:
    places: dict[str, object] = {"first": finding.first, "last": finding.last}
    places |= {str(n): value for n, value in enumerate(finding.args)}
    return text(f"evidence.{finding.code}", lang, places)
