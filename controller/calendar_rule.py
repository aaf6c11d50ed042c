"""How an event repeats: RRULE, RDATE, EXDATE as values, and which rules are taken. Pure; the library repeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from controller.calendar_plan import LIST_MAX, Unfit

RULE_KEYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
"""What calendars of offices need. Hours and minutes come from the start; week and year numbers are refused, since a
rule that never happens would keep the library searching."""
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
INTERVAL_MAX = 60
COUNT_MAX = 10_000


def rule_of(prop: Any, start: datetime) -> tuple[str, datetime | None]:
    """The repetition as text for the library, and its last moment. Raises Unfit for what is not supported."""
    if prop is None:
        return "", None
    if isinstance(prop, list):
        raise Unfit("calendar.rule", "RRULE × 2")
    rule = {str(name).upper(): values if isinstance(values, list) else [values] for name, values in prop.items()}
    said = prop.to_ical().decode("utf-8", "replace")
    if not _supported(rule):
        raise Unfit("calendar.rule", said[:80])
    until = _until(rule["UNTIL"][0], start) if "UNTIL" in rule else None
    parts = [part for part in said.split(";") if not part.upper().startswith("UNTIL=")]
    return ";".join(parts), until


def _supported(rule: dict[str, list[Any]]) -> bool:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    days = frequency in FREQUENCIES[:2]
    interval = int(rule.get("INTERVAL", [1])[0])
    return (
        rule.keys() <= RULE_KEYS
        and frequency in FREQUENCIES
        and 1 <= interval <= INTERVAL_MAX
        and 1 <= int(rule.get("COUNT", [1])[0]) <= COUNT_MAX
        # Days and weeks are counted on from the start; a sieve over them could let nothing through.
        and not (days and rule.keys() & {"BYMONTHDAY", "BYSETPOS"})
        and not (frequency == "DAILY" and interval > 1 and rule.keys() & {"BYDAY", "BYMONTH"})
    )


def _until(value: Any, start: datetime) -> datetime:
    """The last moment of a series; a bare date means the whole day."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, datetime.max.time(), tzinfo=start.tzinfo)
    moment: datetime = value if value.tzinfo is not None else value.replace(tzinfo=start.tzinfo)
    return moment


def dates(prop: Any) -> Iterator[date | datetime]:
    """The dates of RDATE or EXDATE, which may be given once or many times; of a period its start."""
    for row in prop if isinstance(prop, list) else [prop] if prop is not None else []:
        for item in row.dts[:LIST_MAX]:
            yield item.dt[0] if isinstance(item.dt, tuple) else item.dt
