"""A meeting of a series and those that follow become a series of their own. Pure.

The earlier ones keep their series, which ends before the cut: a text that every reader of iCalendar understands the
same way, which cannot be said of RANGE=THISANDFUTURE. So the later ones have new names, at the centre and in the
rooms.
"""

from __future__ import annotations

import re
from dataclasses import replace

from controller.dashboard.meeting_layout import lay
from controller.dashboard.meetings import Draft, Series, all_marked, followed, second, shifted

SECOND_MS, DAY_MS = 1_000, 86_400_000
_SEARCHED_DAYS = (40, 400, 23_000)
"""Far enough for every rule that is taken, which pauses 60 years at the most; nearly all are found in the first."""
_COUNT = re.compile(r"(?<=COUNT=)\d+")
_COUNTED = re.compile(r";?COUNT=\d+")


def is_first(series: Series, instance_ms: int) -> bool:
    """Nothing stands before it: the whole series is meant. An added day may stand before the first."""
    return instance_ms <= min((series.draft.start_ms, *series.extra))


def cut(
    series: Series, instance_ms: int, draft: Draft, uid: str, rule: str, until_ms: int | None, now_ms: int
) -> tuple[Series, Series]:
    """What is left of the series, and the new one `uid` that begins with `draft`. Changed meetings of later keep
    what they are while hour and rule stay the same, as when a whole series is edited; days off and added days go
    along."""
    by_ms = draft.start_ms - instance_ms
    same = by_ms == 0 and rule == series.rule
    own = Series(
        uid,
        draft,
        _fewer(series, instance_ms) if rule == series.rule else rule,
        until_ms if rule else None,
        tuple(ms + by_ms for ms in series.extra if ms > instance_ms),
        tuple(ms + by_ms for ms in series.gone if ms > instance_ms),
        {ms: one for ms, one in followed(series, draft).items() if ms > instance_ms} if same else {},
        stamp_ms=second(now_ms),
    )
    return _left(series, instance_ms, now_ms), own


def cut_marked(series: Series, instance_ms: int, status: str, uid: str, now_ms: int) -> tuple[Series, Series]:
    """The same cut where the later ones stay what they are, each with `status` (as `meetings.marked`). The rule
    goes on from its own next moment: an added day, or one at another hour, must not become its first."""
    begins_ms = _ruled_from(series, instance_ms)
    extra = tuple(ms for ms in _added(series) if ms >= instance_ms)
    own = replace(
        series,
        uid=uid,
        draft=replace(series.draft, status=status),
        rule="" if begins_ms is None else _fewer(series, instance_ms),
        until_ms=None if begins_ms is None else series.until_ms,
        extra=extra if extra or begins_ms is not None else (instance_ms,),
        gone=tuple(ms for ms in series.gone if ms >= instance_ms),
        changes={ms: one for ms, one in (series.changes or {}).items() if ms >= instance_ms},
        sequence=0,
        stamp_ms=second(now_ms),
    )
    own = replace(own, changes=all_marked(own, status))
    return _left(series, instance_ms, now_ms), _begun(own, begins_ms)


def _left(series: Series, instance_ms: int, now_ms: int) -> Series:
    """What stands before the cut; of a rule that begins later its added days alone."""
    ruled = bool(series.rule) and series.draft.start_ms < instance_ms
    end_ms = instance_ms - SECOND_MS if series.until_ms is None else min(series.until_ms, instance_ms - SECOND_MS)
    left = replace(
        series,
        rule=_COUNTED.sub("", series.rule).strip(";") if ruled else "",
        until_ms=end_ms if ruled else None,
        extra=tuple(ms for ms in _added(series) if ms < instance_ms),
        gone=tuple(ms for ms in series.gone if ms < instance_ms),
        changes={ms: one for ms, one in (series.changes or {}).items() if ms < instance_ms},
        sequence=series.sequence + 1,
        stamp_ms=second(now_ms),
    )
    return _begun(left, series.draft.start_ms if ruled else None)


def _added(series: Series) -> tuple[int, ...]:
    """Days beside the rule. Without a rule its first day is one of them, and a series of a single day stays a
    series: that day keeps its name in the rooms, and what was changed in it."""
    return series.extra if series.rule else tuple(sorted({series.draft.start_ms, *series.extra}))


def _begun(series: Series, begins_ms: int | None) -> Series:
    """From that moment of its rule on; None = it has no rule, and begins with the first of its days."""
    begins_ms = min(series.extra, default=series.draft.start_ms) if begins_ms is None else begins_ms
    return replace(series, draft=shifted(series.draft, begins_ms))


def _ruled_from(series: Series, from_ms: int) -> int | None:
    """The first moment of its rule from then on, days off too; None = the rule is over, or there is none."""
    plain = replace(series, changes={}, gone=(), extra=())
    for days in _SEARCHED_DAYS if series.rule else ():
        found = (one.instance_ms for one in lay(plain, (), from_ms, from_ms + days * DAY_MS))
        if (first := min((ms for ms in found if ms >= from_ms), default=None)) is not None:
            return first
    return None


def _fewer(series: Series, instance_ms: int) -> str:
    """A rule that counts its meetings counts those that are left."""
    if "COUNT=" not in series.rule:
        return series.rule
    plain = replace(series, changes={}, gone=(), extra=())
    past = sum(one.instance_ms < instance_ms for one in lay(plain, (), series.draft.start_ms, instance_ms))
    return _COUNT.sub(lambda found: str(max(1, int(found[0]) - past)), series.rule)
