"""R12, R22 — the line: which part fails, how good it is, when the provider is phoned (004 Đ9.1–9.2, 000 §2, 003).

Told apart: the room's own network (its gateway is silent too), the line (the gateway answers, nothing beyond it
does), the far end (the line carries, only the far end is silent). What cannot be measured says nothing, and while
the desk is reached the line carries: then silence is a filter and no cut. Figures taken on a management port or 4G
are labelled so and never held against a provider (field). Nothing here acts; calling again is redial.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.room_line import Limits, Spot
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import expected, in_call, on_mains, unplugged

BACK_MS = 10_000
"""Answers for so long: it is back. A cable that is being pushed in makes one incident, not five."""
FINE_MS = 60_000
"""As long as the window over which a figure is taken."""
DESK_MS = 600_000
"""Without the desk the line is looked at closely for so long; then the far side's trouble is known."""
LAN, LINE, FAR_END = "lan", "line", "far_end"


def failing(v: View) -> str:
    """The part that is silent now: `lan`, `line`, `far_end`; '' = none, or none that can be told."""
    if not v.room.line.places or any(v.seen(f"load.{load.name}") == "off" for load in v.tables.network):
        return ""  # without power at its modem nobody says anything about the line
    gateway, hop, targets, far = (_reached(v, spot) for spot in Spot)
    if True in (hop, targets, far):
        beyond = targets if targets is not None else hop
        return LINE if beyond is False and far is not True else FAR_END if far is False else ""
    if v.get("link.desk") in ("up", "backup"):
        return ""
    return LAN if gateway is False else LINE if False in (hop, targets, far) else ""


def _reached(v: View, spot: Spot) -> bool | None:
    """Does any place of this kind answer? None = there is none that can be measured."""
    said = [v.get(f"line.{place.name}.reachable") for place in v.room.line.places if place.spot is spot]
    return True if True in said else False if False in said else None


def pace_line(v: View) -> Iterator[Yield]:
    """R22: closely near meetings, in calls, in trouble, for a while without the desk; else now and then."""
    if not v.room.line.places:
        return
    gone = v.get("link.desk") == "down" and not v.stayed("link.desk", "down", DESK_MS)
    near = in_call(v) is True or any(True for _ in expected(v))
    yield Mark("line.fast", near or gone or bool(failing(v)))


def line_cut(v: View) -> Iterator[Yield]:
    """R12: one incident from the cut to its mending, named after the part that failed."""
    part = failing(v)
    if part:
        yield Mark("line.part", part)
        yield Mark("line.back", False)
    elif v.mark("line.part"):
        part = str(v.mark("line.part"))
        yield Mark("line.back", True)
        if v.held("line.back", True, BACK_MS):
            yield Mark("line.part", "")
            return
    if part:
        yield Alert("line_down", part, Because("R12", _cause(v, part)))


def _cause(v: View, part: str) -> str:
    """R30: what the machine proposes; people decide."""
    if not v.room.line.ours:
        return "R12.other_path"
    if part == LINE and on_mains(v) is False:
        return "R12.line_on_battery"  # the provider's cabinet may be without mains as well
    if part == LINE and _reached(v, Spot.GATEWAY) is None:
        return "R12.lan_or_line"
    return f"R12.{part}"


def phone(v: View) -> Iterator[Yield]:
    """R12: not back in five minutes: somebody phones the provider and says what was promised; asked for every half
    hour until the centre has entered it (`incident expect`)."""
    line = v.room.line
    due = line.ours and v.held("line.part", LINE, line.phone_ms) and not unplugged(v)
    asked = v.mark("!line_ask") or 0
    if not due:
        if asked:
            yield Mark("!line_ask", 0)
        return
    yield Alert("phone_provider", LINE, Because("R12", "R12.phone", (line.provider, line.circuit, line.hotline)))
    if v.hold("expect.line_down.line") is not None or not isinstance(asked, int):
        return
    yield Alert("expect_asked", LINE, Because("R12", "R12.expect"))
    if asked == 0 or v.held("!line_ask", asked, line.ask_ms):
        yield Mark("!line_ask", asked + 1)


def desk_away(v: View) -> Iterator[Yield]:
    """N7: the desk is not reached although the line carries: its broker, not the provider. One cause, one alarm:
    while the line itself is down this is not said. It ends in the same boot; what a dead controller leaves is told
    apart by the next life (`started`: last gasp, or none)."""
    if not v.mark("line.part") and v.stayed("link.desk", "down", FINE_MS):
        carries = any(v.get(f"line.{place.name}.reachable") is True for place in v.room.line.places[1:])
        yield Alert("desk_away", "desk", Because("N7", "N7.desk" if carries else "N7.unclear"))


def quality(v: View) -> Iterator[Yield]:
    """R22: the nearest place that is slow, unsteady or loses packets names the part; only while it is looked at
    closely, because three probes of a quiet hour make no percentage."""
    kept = str(v.mark("line.bad") or "")
    found = _worst(v) if v.mark("line.fast") is True and _whole(v) else ""
    if found:
        told = kept if kept.startswith("line_bad") else found if found.startswith("line_bad") or not kept else kept
        yield Mark("line.bad", told)
        yield Mark("line.fine", False)
    elif kept:
        yield Mark("line.fine", True)
        told = "" if v.held("line.fine", True, FINE_MS) else kept
        yield Mark("line.bad", told)
    else:
        return
    if told:
        code, name, what = told.split(" ")
        yield Alert(code, name, Because("R22", f"R22.{what}", (name,)))


def _whole(v: View) -> bool:
    """Nothing of the last minute was lost to a cut, which is an incident of its own."""
    return v.mark("line.part") is None or v.held("line.part", "", FINE_MS)


def _worst(v: View) -> str:
    """`code place figure` of the first place on the way that is over a limit, bad before warned."""
    for code, limits in (("line_bad", v.room.line.bad), ("line_slow", v.room.line.warn)):
        for place in v.room.line.places:
            what = _over(v, f"line.{place.name}", limits)
            if what and v.get(f"line.{place.name}.reachable") is True:
                return f"{code} {place.name} {what}"
    return ""


def _over(v: View, source: str, limits: Limits) -> str:
    rows = (("loss", "loss_ratio"), ("rtt", "rtt_ms"), ("jitter", "jitter_ms"))
    for (what, field), limit in zip(rows, (limits.loss_ratio, limits.rtt_ms, limits.jitter_ms), strict=True):
        figure = v.number(f"{source}.{field}")
        if figure is not None and figure >= limit:
            return what
    return ""
