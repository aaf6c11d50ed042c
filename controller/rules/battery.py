"""R7 — backup power before meetings (004 Đ8.3: check mains and backup power), N12 battery plan, field.md.

The UPS tests itself once a month: loads off, mains good for four hours, battery charged, and never from a day
before a meeting to its end. That a test has begun is on disk before it is ordered: a battery that dies in it
takes the Pi along, and the next boot finds *begun* without an end. Such a battery is not tested again until a
person has acknowledged it. On battery in a meeting what may be spared goes at once when the runtime would not carry
the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room import Rank
from controller.core.tables import target
from controller.core.upkeep import HOLD as MAINTENANCE
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Yield
from controller.rules.common import DAY_MS, current, dark, live, maybe_call, on_bypass, room_on

TEST = "!self_test"
"""The mark: (stage, boot, Unix ms of its begin). Stage: begun, running,
stopping, passed, failed, aborted, not_made."""
START_MS = 120_000
"""A UPS that was told to test shows it within the driver's slowest look (30 s) and one lost answer."""
OVER_MS = 15_000
"""A test is over when the UPS has said so for this long: OB may flicker at its end."""
RETRY_MS = 23 * 3_600_000
"""A test that was stopped, or did not begin, is due again the next day."""
_BAD = ("fail", "error", "warning", "bad", "replace")
"""In `ups.test.result`: `Done and error`, `Done and warning` (usbhid-ups), `FAILED` (apcsmart); others by kind."""


def self_test(v: View) -> Iterator[Yield]:
    """R7: begin the monthly test, see it to its end, stop it for anybody who needs the room."""
    if "ups.test" not in v.room.targets:
        return
    stage, boot, began_ms = _test(v)
    if stage in ("begun", "running", "stopping"):
        if boot != v.boot:
            yield Mark(TEST, ("failed", boot, began_ms))
            return
        yield from _running(v, stage, began_ms)
    elif stage != "failed" and _due(v, stage, began_ms) and _may(v):
        yield Mark(TEST, ("begun", v.boot, v.now.wall_ms))


def _test(v: View) -> tuple[str, str, int]:
    kept = v.mark(TEST)
    if isinstance(kept, tuple) and len(kept) == 3 and isinstance(kept[2], int):
        return str(kept[0]), str(kept[1]), kept[2]
    return "", "", 0


def _running(v: View, stage: str, began_ms: int) -> Iterator[Yield]:
    after = _next(v, stage)
    if after != stage:
        yield Mark(TEST, (after, v.boot, began_ms))
    elif stage == "begun":
        yield Demand("ups.test", "quick", Rank.IDLE, Because("R7", "R7.test"))
    elif stage == "stopping":
        yield Demand("ups.test", "stop", Rank.IDLE, Because("R7", "R7.test_stopped"))


def _next(v: View, stage: str) -> str:
    """The stage that the UPS, or somebody who needs the room, has brought about."""
    spent = v.held(TEST, v.mark(TEST), START_MS)
    if stage == "running" and v.stayed("ups.testing", False, OVER_MS):
        return _verdict(v)
    if stage == "stopping":
        return "aborted" if spent or v.stayed("ups.testing", False, OVER_MS) else stage
    if not _may_go_on(v):
        return "stopping"
    if stage == "begun":
        return "running" if v.get("ups.testing") is True else "not_made" if spent else stage
    return stage


def _verdict(v: View) -> str:
    """By the UPS's own words; one that has none is judged by what it says of its battery."""
    told = v.get("ups.test_result")
    words = told.lower() if isinstance(told, str) else ""
    if "abort" in words:
        return "aborted"
    return "failed" if any(bad in words for bad in _BAD) or v.get("ups.replace") is True else "passed"


def _due(v: View, stage: str, began_ms: int) -> bool:
    """By a clock that may decide: a month after the last, a day after one that came to nothing. One that was begun
    in the future was begun by a wrong clock."""
    wait_ms = RETRY_MS if stage in ("aborted", "not_made") else v.room.battery.every_ms
    return v.clock_ok() and (not stage or not v.past_wall(began_ms) or v.past_wall(began_ms + wait_ms))


def _may(v: View) -> bool:
    charge = v.number("ups.charge_pct")
    charged = charge is None or charge >= v.room.battery.charge_pct
    handled = v.hold(MAINTENANCE) is not None  # it may be the battery that somebody has in their hands
    empty = dark(v) and not maybe_call(v)
    return charged and not handled and empty and v.held("mains", "good", v.room.battery.mains_ms) and _may_go_on(v)


def _may_go_on(v: View) -> bool:
    """Nobody needs the room, now or within a day (R7: never from T-24 h to the end), and the mains are there."""
    return not (room_on(v) or on_bypass(v) or v.mark("mains") == "lost" or any(v.coming(DAY_MS)))


def report(v: View) -> Iterator[Yield]:
    """R7's evidence: a failed test until it is acknowledged, an old battery, too little backup for a meeting."""
    if not v.room.has_ups:
        return
    if _test(v)[0] == "failed":
        yield Alert("battery_failed", "ups", Because("R7", "R7.battery_failed"))
    since_ms = v.room.battery.since_ms
    if since_ms and v.clock_ok() and v.past_wall(since_ms + v.room.battery.age_ms):
        yield Alert("battery_old", "ups", Because("R7", "R7.battery_old"))
    runtime = v.number("ups.runtime_s")
    if runtime is None or v.mark("mains") == "lost":
        return
    for booked in live(v):
        if runtime * 1000 < v.room.battery.want_ms:
            uid = booked.meeting.uid
            yield Alert("backup_short", uid, Because("R7", "R7.backup_short", (uid,)))


def plan(v: View) -> Iterator[Yield]:
    """N12: on battery in a meeting that the runtime does not carry, what may be spared goes at once."""
    runtime = v.last("ups.runtime_s")
    if v.mark("mains") != "lost" or not isinstance(runtime, int | float):
        return
    empty_ms = v.last_ms("ups.runtime_s") + round(runtime * 1000)
    spared = v.mark("sparing") is True  # with less load the runtime grows: the decision stands until the mains
    for booked in current(v):
        if spared or empty_ms < booked.end_ms + v.room.mains.notice_ms:
            yield Mark("sparing", True)
            because = Because("N12", "N12.spare", (booked.meeting.uid,))
            for load in v.room.loads:
                if load.shed:
                    yield Demand(target(load), "off", Rank.POWER, because)
            return


def plan_over(v: View) -> Iterator[Yield]:
    """The plan ends with the outage."""
    if v.mark("mains") == "good":
        yield Mark("sparing", False)
