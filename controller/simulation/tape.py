"""A simulation's journal as JSON lines, the first of which says how to run it again; and running it again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import TextIO

from controller.core.chain import Entry, line
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.room import CODECS
from controller.simulation.simulate import Job, simulate

HEADER = "simulate"


def write_journal(job: Job, entries: Iterable[Entry], out: TextIO) -> None:
    """The journal, one entry a line, after the line that names days, seed and faults."""
    head = {HEADER: {"days": job.days, "seed": job.seed, "faults": list(job.faults), "codec": job.codec}}
    out.write(json.dumps(head, separators=(",", ":")) + "\n")
    for entry in entries:
        out.write(line(entry) + "\n")


def is_tape(first_line: str) -> bool:
    """Is this the beginning of a simulation's journal, and not of a room's?"""
    return first_line.startswith(f'{{"{HEADER}"')


def read_job(first_line: str) -> Job:
    """How to run a journal again. Raises ValueError when the line does not say it."""
    try:
        wish = json.loads(first_line)[HEADER]
        job = Job(
            int(wish["days"]),
            int(wish["seed"]),
            tuple(str(name) for name in wish["faults"]),
            codec=wish.get("codec", ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("the first line names no days, seed and faults") from error
    if job.days < 1 or not set(job.faults) <= set(FAULTS) or job.codec not in ("", *CODECS):
        raise ValueError("the first line names days, faults or a codec that there are none")
    return job


def replay(path: Path) -> tuple[int, str]:
    """Run the journal again: how many entries came out the same, and the first line of the file that did not (or
    what is missing there); '' = reproduced. Raises ValueError for a first line that is no job, OSError."""
    with path.open(encoding="utf-8") as file:
        job = read_job(file.readline())
        written = (text.rstrip("\n") for text in file)
        again = (line(entry) for entry in simulate(job).world.entries)
        same = 0
        for one, other in zip_longest(written, again):
            if one != other:
                return same, one or other or ""
            same += 1
    return same, ""
