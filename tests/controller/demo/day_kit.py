"""A whole good day as sightings, so that the checker can be tried without a room: records, true pins, far ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.demo.checker import Checker
from controller.demo.steps import DOWN, UP, Day, steps
from controller.demo.story import Seen, Story

DAY = Day("m", begin_ms=1_000, ready_ms=60_000, start_ms=70_000, end_ms=110_000, grace_ms=6_000, mode="remind")
LINES = (*UP, "network", "ready", "mic")
Change = Callable[[list[Seen]], list[Seen]]


class Pen:
    """Writes sightings; records get their place in the chain by themselves."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._seq = 0

    def record(self, at_ms: int, kind: str, subject: str = "room", **body: Any) -> None:
        self._seq += 1
        chain = {"boot": "b", "seq": self._seq, "prev": f"h{self._seq - 1}", "hash": f"h{self._seq}"}
        told = {**chain, "mono_s": at_ms / 1000, "at": "2026-07-15T08:00:00+07:00", "kind": kind, "body": body}
        self.seen.append(Seen(at_ms, "record", kind, {**told, "subject": subject}))

    def line(self, at_ms: int, name: str, on: bool) -> None:
        self.seen.append(Seen(at_ms, "line", name, on))

    def truth(self, at_ms: int, **values: Any) -> None:
        self.seen += [Seen(at_ms, "truth", name.replace("_", ".", 1), value) for name, value in values.items()]

    def state(self, at_ms: int, **values: Any) -> None:
        self.seen.append(Seen(at_ms, "state", "", {"meeting": {"uid": "m"}, "power": "mains", **values}))

    def act(self, at_ms: int, name: str) -> None:
        self.seen.append(Seen(at_ms, "act", name, True))


def good_day(mode: str = "remind") -> list[Seen]:
    """Every sighting of a day without a flaw, in order."""
    pen = Pen()
    _morning(pen)
    _meeting(pen, mode)
    _evening(pen)
    return sorted(pen.seen, key=lambda seen: seen.at_ms)


def _morning(pen: Pen) -> None:
    for name in LINES:
        pen.line(1_000, name, name == "network")
    pen.truth(1_000, codec_powered=False, codec_up=False, codec_muted=False, codec_in_call=False, camera_up=False)
    pen.seen.append(Seen(1_000, "status", "", "online"))
    pen.state(1_100, phase="off")
    pen.record(1_200, "calendar", "calendar")
    pen.record(1_300, "meeting.booked", "m", late="")
    for n, name in enumerate(UP):
        pen.record(10_000 + 2_000 * n, "order", f"load.{name}", value="on")
        pen.line(10_010 + 2_000 * n, name, True)
        pen.record(10_500 + 2_000 * n, "proof", f"load.{name}", proof="proven", seen="on")
    pen.truth(25_000, codec_powered=True, codec_up=True, camera_powered=True, camera_up=True)
    pen.record(26_000, "proof", "codec.power", proof="proven", seen="awake")
    now = {name: {"result": "passed"} for name in ("codec", "ups")}
    pen.seen.append(Seen(26_500, "detail", "checks", {"v": 1, "boot": "b", "now": now}))
    pen.record(27_000, "noted", "ready.m", value="in_time")
    pen.record(60_001, "noted", "t60.m", value="ready")


def _meeting(pen: Pen, mode: str) -> None:
    pen.truth(71_000, codec_in_call=True, codec_muted=True)
    pen.record(71_100, "phase", "room", **{"from": "ready", "to": "in_call"})
    pen.state(71_200, phase="in_call", call=True, mic="muted")
    pen.truth(73_000, camera_chair=True)
    pen.record(73_100, "proof", "camera.main.preset", proof="proven", seen=1)
    pen.truth(75_000, codec_muted=False)
    pen.record(78_000, "alert", "mic", alert="mic_out_of_turn")
    pen.record(78_001, "would", "codec.mute=muted", code="R9.closed")
    if mode == "remind":
        pen.record(78_002, "alert", "mic", alert="mic_reminder")
    if mode == "enforce":
        pen.record(78_003, "order", "codec.mute", value="muted", code="R9.closed")
    pen.truth(80_000, codec_muted=True)
    pen.record(80_100, "alert.end", "mic", alert="mic_out_of_turn")
    pen.record(84_000, "hold", "mic", value="open", code="R9.spoken")
    pen.truth(84_100, codec_muted=False)
    pen.line(84_200, "mic", True)
    pen.record(86_000, "hold", "mic", value="muted", code="R9.done")
    pen.truth(86_100, codec_muted=True)
    pen.line(86_200, "mic", False)
    pen.record(90_000, "alert", "ups", alert="on_battery")
    pen.state(90_100, phase="in_call", call=True, mic="muted", power="battery")
    pen.record(95_000, "alert.end", "ups", alert="on_battery")
    pen.state(95_100, phase="in_call", call=True, mic="muted")
    pen.truth(98_000, codec_in_call=False)
    pen.state(98_100, phase="ready", call=False)


def _evening(pen: Pen) -> None:
    pen.record(110_010, "alert", "room", alert="closing_soon")
    pen.truth(117_000, camera_home=True)
    pen.truth(118_000, codec_asleep=True)
    for n, name in enumerate(DOWN):
        pen.line(119_000 + 5_000 * n, name, False)
        pen.record(120_000 + 5_000 * n, "proof", f"load.{name}", proof="proven", seen="off")
    pen.truth(140_000, codec_powered=False, camera_powered=False, codec_up=False, codec_asleep=False)
    pen.record(145_000, "noted", "closed", value="all_off")
    pen.state(145_100, phase="off")


def play(seen: list[Seen], mode: str = "remind") -> Checker:
    """The checker after these sightings and all its deadlines; its acts are done at once."""
    day = DAY if mode == "remind" else Day(**{**_fields(DAY), "mode": mode})
    checker = Checker(Story(loads=frozenset((*UP, "network"))), day, steps(mode))
    for at_ms in range(1_000, 400_000, 250):
        while seen and seen[0].at_ms <= at_ms:
            checker.story.add(seen[0])
            seen = seen[1:]
        for act in checker.turn(at_ms):
            checker.story.add(Seen(at_ms, "act", act, True))
        if checker.over:
            break
    return checker


def _fields(day: Day) -> dict[str, Any]:
    return {name: getattr(day, name) for name in Day.__slots__}
