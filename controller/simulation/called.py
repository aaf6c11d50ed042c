"""What people call the meetings that a journal names: title and time in place of an identity that means nothing to
them. Pure.

A room writes both down when a meeting's lead begins, so that a journal is understood when the calendar has long
forgotten it; who has a calendar (the centre) says better. Of a meeting of a secret kind no title is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from controller.core.chain import Entry
from controller.texts.meetings import called

_MOMENT = re.compile(r"[^\s,;()“”@]+@(\d{8})T(\d{6})Z")
"""One of a series, by the moment that the rule gives it (calendar_expand.py)."""


def titles(entries: Iterable[Entry], lang: str) -> dict[str, str]:
    """Identity → what it is called, of every meeting that these entries tell the start of."""
    found: dict[str, str] = {}
    for entry in entries:
        body = dict(entry.body)
        start = body.get("start")
        if entry.kind == "meeting.booked" and isinstance(start, int):
            found[entry.subject] = called(str(body.get("title") or ""), start, lang)
    return found


def named(said: str, titles: Mapping[str, str], lang: str) -> str:
    """The sentence with every meeting called so; one of a series that nobody knows any more by its time."""
    if titles:
        known = "|".join(map(re.escape, sorted(titles, key=len, reverse=True)))
        said = re.sub(rf"(?<![\w@.-])(?:{known})(?![\w@-])", lambda found: titles[found[0]], said)
    return _MOMENT.sub(lambda found: called("", _moment_ms(found), lang), said)


def _moment_ms(found: re.Match[str]) -> int:
    try:
        moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:  # read from a file
        return 0
    return round(moment.timestamp()) * 1000
