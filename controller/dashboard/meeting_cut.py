"""A meeting of a series and those that follow become a series of their own. Pure.

The earlier ones keep their series, which ends before the cut: a text that every reader of iCalendar understands the
same way, which cannot be said of RANGE=THISANDFUTURE. So the later ones have new names, at the centre and in the
rooms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from controller.dashboard.meeting_layout import lay
from controller.dashboard.meetings import Draft, Series, all_marked, second, shifted

SECOND_MS = 1_000
_COUNT = re.compile(r"(?<=COUNT=)\d+")
_COUNTED = re.compile(r";?COUNT=\d+")


def is_first(series: Series, instance_ms: int) -> bool:
    """Nothing stands before it: the whole series is meant."""
    return instance_ms <= series.draft.start_ms


def cut(
    series: Series, instance_ms: int, draft: Draft, uid: str, rule: str, until_ms: int | None, now_ms: int
) -> tuple[Series, Series]:
    """What is left of the series, and the new one `uid` that begins with `draft`. Changed meetings of later keep
    what they are while hour and rule stay the same, as when a whole series is edited; days off and added days go
    along."""
    by_ms = draft.start_ms - instance_ms
    same = by_ms == 0 and rule == series.rule
    changes = series.changes or {}
    end_ms = instance_ms - SECOND_MS if series.until_ms is None else min(series.until_ms, instance_ms - SECOND_MS)
    left = replace(
        series,
        rule=_COUNTED.sub("", series.rule).strip(";"),
        until_ms=end_ms if series.rule else None,
        extra=tuple(ms for ms in series.extra if ms < instance_ms),
        gone=tuple(ms for ms in series.gone if ms < instance_ms),
        changes={ms: one for ms, one in changes.items() if ms < instance_ms},
        sequence=series.sequence + 1,
        stamp_ms=second(now_ms),
    )
    own = Series(
        uid,
        draft,
        _fewer(series, instance_ms) if rule == series.rule else rule,
        until_ms if rule else None,
        _later(series.extra, instance_ms, by_ms),
        _later(series.gone, instance_ms, by_ms),
        {ms: one for ms, one in changes.items() if ms > instance_ms} if same else {},
        stamp_ms=second(now_ms),
    )
    return left, own


def cut_marked(series: Series, instance_ms: int, status: str, uid: str, now_ms: int) -> tuple[Series, Series]:
    """The same cut where the later ones stay what they are, each with `status` (as `meetings.marked`)."""
    draft = replace(shifted(series.draft, instance_ms), status=status)
    left, own = cut(series, instance_ms, draft, uid, series.rule, series.until_ms, now_ms)
    own = replace(own, changes={ms: one for ms, one in (series.changes or {}).items() if ms >= instance_ms})
    return left, replace(own, changes=all_marked(own, status))


def _later(moments: Iterable[int], instance_ms: int, by_ms: int) -> tuple[int, ...]:
    return tuple(ms + by_ms for ms in moments if ms > instance_ms)


def _fewer(series: Series, instance_ms: int) -> str:
    """A rule that counts its meetings counts those that are left."""
    if "COUNT=" not in series.rule:
        return series.rule
    plain = replace(series, changes={}, gone=(), extra=())
    past = sum(one.instance_ms < instance_ms for one in lay(plain, (), series.draft.start_ms, instance_ms))
    return _COUNT.sub(lambda found: str(max(1, int(found[0]) - past)), series.rule)
