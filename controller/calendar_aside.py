"""A calendar's text is read by another process: `python -m controller.calendar_aside`.

The library that reads iCalendar takes 3 MiB and a tenth of a second, a few times a year; the process that rules the
room for months need not carry it. What comes back is an Agenda, which needs it no more. Where no other process can
be had (no memory, no answer), the text is read here: a room without its calendar would be worse than a larger one.

The other process reads one pickled job from its standard input and writes one pickled answer; nobody else speaks to
it. It ends by itself when its parent is gone, for then nobody takes the answer.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterable
from datetime import date

from controller.calendar import Agenda
from controller.calendar_plan import CalendarError

WAIT_S = 60.0
"""A calendar of the largest size takes some seconds on the slowest Pi."""


def agenda(
    text: str,
    *,
    room: str,
    tz: str,
    holidays: Iterable[date],
    length_ms: int,
    version: str = "",
    day_rule: str = "hours",
    python: str = sys.executable,
) -> Agenda:
    """As `Agenda(…)`. Raises CalendarError when the text is no calendar at all."""
    days = frozenset(holidays)
    counted = {"length_ms": length_ms, "version": version, "day_rule": day_rule}
    found = _asked(python, pickle.dumps((text, {"room": room, "tz": tz, "holidays": days, **counted})))
    if isinstance(found, CalendarError):
        raise found
    if isinstance(found, Agenda):
        return found
    return Agenda(text, room=room, tz=tz, holidays=days, length_ms=length_ms, version=version, day_rule=day_rule)


def _asked(python: str, job: bytes) -> object:
    """Its answer, None = there is none."""
    words = [python, "-m", "controller.calendar_aside"]
    try:
        done = subprocess.run(words, input=job, stdout=subprocess.PIPE, check=True, timeout=WAIT_S)
        return pickle.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, pickle.UnpicklingError, EOFError):
        return None


def main() -> int:
    """One job."""
    text, terms = pickle.load(sys.stdin.buffer)
    answer: Agenda | CalendarError
    try:
        answer = Agenda(text, **terms)
    except CalendarError as error:
        answer = error
    sys.stdout.buffer.write(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
    return 0


if __name__ == "__main__":
    sys.exit(main())
