"""`diemcau simulate` and `diemcau replay`: run a year and show its figures, or run or tell a journal again.

Only reading of arguments, files and words live here. All that is printed but the seconds is the same in every run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from controller.cli_words import USAGE, WRONG, complain
from controller.core.chain import Entry, Unreadable
from controller.runtime.store import DiskError
from controller.simulation.called import named, titles
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.files import entries_of
from controller.simulation.simulate import Job, Run, simulate
from controller.simulation.story import told
from controller.simulation.tape import is_tape, replay, write_journal
from controller.simulation.twins import LAWS
from controller.texts import ReadableError, TypedError, text
from controller.texts.foreign import foreign

DAYS_MAX = 36_525
"""A hundred years: beyond it the dates of a journal leave what people and other programs can read."""


def run_simulate(args: argparse.Namespace) -> int:
    """Simulate, print or write the figures; 1 when a law was broken, 64 for arguments that name nothing."""
    try:
        job = Job(_days(args.days), args.seed, _faults(args.faults), codec=args.codec or "")
        run = simulate(job)
        if args.law:
            for said in LAWS[args.law](run):
                run.watch.broken(said)
        _write(run, args.json, args.journal)
    except BrokenPipeError:
        raise
    except (ReadableError, OSError) as error:
        complain(error, args.lang)
        return USAGE
    if args.json != Path("-"):
        sys.stdout.write(text("simulate.figures", args.lang, _figures(run)) + "\n")
    return verdict(run, args.lang)


def _days(days: int) -> int:
    if not 1 <= days <= DAYS_MAX:
        raise ReadableError("simulate.bad_days", days, DAYS_MAX)
    return days


def _faults(said: str) -> tuple[str, ...]:
    """The faults that `all`, `none` or a list with commas names, in the plan's order."""
    names = {name.strip() for name in said.split(",")} - {""}
    if said in ("all", "none"):
        return FAULTS if said == "all" else ()
    for name in sorted(names - set(FAULTS)):
        raise TypedError("simulate.bad_fault", name, ", ".join(FAULTS))
    return tuple(name for name in FAULTS if name in names)


def _write(run: Run, figures: Path | None, journal: Path | None) -> None:
    if figures is not None:
        written = json.dumps(run.report.figures(), ensure_ascii=False, indent=1) + "\n"
        if figures == Path("-"):
            sys.stdout.write(written)
        else:
            figures.write_text(written, encoding="utf-8")
    if journal is not None:
        with journal.open("w", encoding="utf-8") as out:
            write_journal(run.job, run.world.entries, out)


def _figures(run: Run) -> dict[str, object]:
    return {**run.report.figures(), "broken": len(run.report.violations)}


def verdict(run: Run, lang: str) -> int:
    """0, or 1 after what was broken, by which seed, and what was written down before."""
    report = run.report
    if not report.violations:
        return 0
    said = [*report.violations, text("simulate.broken", lang, _figures(run)), *report.last]
    sys.stderr.write("\n".join(said) + "\n")
    return WRONG


def run_replay(args: argparse.Namespace) -> int:
    """Reproduce a simulation's journal (1 = it comes out otherwise), or tell a room's journal, SQLite or JSON
    lines, in words. 64: the file cannot be read."""
    try:
        if _is_tape(args.file):
            return _again(args.file, args.lang)
        _tell(entries_of(args.file), args.lang)
    except (Unreadable, DiskError, UnicodeDecodeError, ValueError) as error:
        sys.stderr.write(
            text("evidence.unusable", args.lang, (args.file, foreign(str(error)).text(args.lang))) + "\n"
        )
        return USAGE
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(error, args.lang)
        return USAGE
    return 0


def _is_tape(file: Path) -> bool:
    with file.open("rb") as raw:
        return is_tape(raw.readline(100).decode("utf-8", "replace"))


def _again(file: Path, lang: str) -> int:
    same, other = replay(file)
    code = "replay.differs" if other else "replay.same"
    sys.stdout.write(text(code, lang, (same, other)) + "\n")
    return WRONG if other else 0


def _tell(entries: Iterator[Entry], lang: str) -> None:
    """A meeting is called by its title from the first line on: what is tested the day before names it too."""
    given = tuple(entries)
    known = titles(given, lang)
    for entry in given:
        sys.stdout.write(named(told(entry, lang), known, lang) + "\n")
