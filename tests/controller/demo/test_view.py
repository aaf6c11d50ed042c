"""The demo's picture at 80 x 24 and 120 x 40: it fits, says what is so, and never shows the unknown as known."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from controller.demo import paper
from controller.demo.story import Seen, Story
from controller.demo.view import Scene, picture
from controller.demo.words import Sayer

SIZES = [(80, 24), (120, 40), (40, 10), (1, 1)]
LOADS = ("network", "display", "camera", "codec", "mixer", "amplifier", "fan")
ROLES = ("ready", "power", "device", "line", "mic", "talk", "duty", "check", "help")
NAMES = {"load.codec": "Codec", "load.display": "Display", "m": "Staff meeting"}
WALL_MS = 1_784_000_000_000
MEETING = paper.Sitting("m", "Staff meeting", WALL_MS + 90_000, WALL_MS + 270_000)


def scene(story: Story, lang: str = "en", wall_ms: int = WALL_MS, notice: str = "") -> Scene:
    return Scene(
        story=story,
        say=Sayer(lang, NAMES),
        title="Room",
        loads=LOADS,
        lamps=dict(zip(ROLES, ROLES, strict=True)),
        meetings=(MEETING,),
        now_ms=100_000,
        wall_ms=wall_ms,
        notice=notice,
    )


def lines(shown: Scene, width: int = 120, height: int = 40) -> list[str]:
    """As a terminal of this size gets them."""
    out = io.StringIO()
    Console(file=out, width=width, height=height, color_system=None).print(picture(shown, width, height))
    return out.getvalue().split("\n")[:-1]


def busy() -> Story:
    story = Story(loads=frozenset(LOADS))
    story.add(Seen(1, "status", "", "online"))
    state: dict[str, Any] = {"phase": "powering", "power": "battery", "incidents": ["on_battery", "failed"]}
    story.add(Seen(1, "state", "", {**state, "loads": {"display": "f", "codec": "o", "network": "1"}}))
    codec = {"since_ms": 40_000, "rule": "R1", "code": "R1.meeting", "args": ["m"], "waits": "R3.sequence"}
    story.add(Seen(1, "detail", "loads", {"codec": {**codec, "waits_args": ["load.display"]}}))
    story.add(Seen(1, "detail", "ups", {"charge_pct": 87.4, "runtime_s": {"value": 900, "quality": "stale"}}))
    calls = [["31", "in", "connected", "mcu", "video"]]
    story.add(Seen(1, "detail", "codec", {"answers": True, "power": "awake", "calls": calls, "mute": "open"}))
    camera = {"main.answers": False, "main.preset": 1, "main.parked": True}
    story.add(Seen(1, "detail", "camera", camera))
    for name, lit in (("display", True), ("codec", False), ("ready", True), ("mic", False)):
        story.add(Seen(1, "line", name, lit))
    for seq in range(1, 60):
        body = {"value": "on", "rule": "R1", "code": "R1.meeting", "args": ["m"]}
        value = {"boot": "b", "seq": seq, "mono_s": seq, "kind": "order", "subject": "load.codec", "body": body}
        story.add(Seen(seq, "record", "order", {**value, "at": f"2026-07-15T08:00:{seq:02}.000+07:00"}))
    return story


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("story", [Story(), busy()], ids=["nothing seen", "busy"])
def test_the_picture_fits_every_terminal(size: tuple[int, int], lang: str, story: Story) -> None:
    width, height = size
    shown = picture(scene(story, lang), width, height)
    rows = shown.split("\n", allow_blank=True)
    assert len(rows) <= height
    assert all(row.cell_len <= width for row in rows)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_nothing_is_cut_from_below_on_a_usual_terminal(size: tuple[int, int]) -> None:
    rows = lines(scene(busy()), *size)
    assert len(rows) == size[1]
    codes = ("demo.keys.buttons", "demo.keys.faults", "demo.keys.more")
    assert [row.strip() for row in rows[-3:]] == [scene(busy()).say.word(code)[: size[0]] for code in codes]


def test_before_anything_is_seen_everything_is_unknown() -> None:
    text = "\n".join(lines(scene(Story())))
    assert "? codec" in text.lower()
    assert "proven" not in text
    assert "0 %" not in text


def row(rows: list[str], start: str) -> str:
    return next(line for line in rows if line.startswith(start))


def test_a_load_shows_its_contact_state_since_and_what_it_waits_for() -> None:
    rows = lines(scene(busy()))
    codec = row(rows, "○ Codec")
    assert "1:00" in codec
    assert "Waits for Display" in codec
    assert row(rows, "● Display")
    assert row(rows, "? network")


def test_a_stale_figure_is_not_shown() -> None:
    ups = row(lines(scene(busy())), "UPS")
    assert "87 %" in ups
    assert "900" not in ups


def test_alerts_are_said_and_the_rest_counted() -> None:
    story = busy()
    codes = ["on_battery", "failed", "heat", "disk", "lost"]
    story.add(Seen(2, "state", "", {"phase": "ready", "incidents": codes}))
    said = row(lines(scene(story)), "!")
    assert "On battery" in said
    assert said.rstrip().endswith("+2")


def test_lamps_shine_as_the_pins_say() -> None:
    text = "\n".join(lines(scene(busy())))
    assert "● READY" in text
    assert "○ MICROPHONE OPEN" in text
    assert "○ POWER" in text


@pytest.mark.parametrize(
    ("wall_ms", "said"), [(WALL_MS, "1:30"), (WALL_MS + 100_000, "2:50"), (WALL_MS + 300_000, "")]
)
def test_the_meeting_counts_down_to_its_begin_and_then_to_its_end(wall_ms: int, said: str) -> None:
    second = lines(scene(busy(), wall_ms=wall_ms))[1]
    assert ("Staff meeting" in second) is bool(said)
    assert said in second or not said


def test_records_are_told_in_words_the_newest_last() -> None:
    rows = lines(scene(busy()))
    last = rows[-4]
    assert last.startswith("08:00:59 ")
    assert "On for the meeting Staff meeting" in last
    assert "Codec" in last


def test_what_did_not_work_stands_beside_the_clock() -> None:
    assert "no such broker" in lines(scene(busy(), notice="no such broker"))[0]


def test_hours_are_not_shown_as_minutes() -> None:
    story = busy()
    story.add(Seen(1, "detail", "loads", {"display": {"since_ms": 100_000 - 2 * 3_600_000}}))
    assert "2h00" in row(lines(scene(story)), "● Display")
