"""The room as one picture of lines, for a terminal of any size from 80 x 24 on: phase, meeting, loads with why and
since, devices, lamps as they shine, alerts, records, keys.

Pure: a `Scene` in, text out; time is in the scene. Place and shape carry the meaning as on the panel (filled =
lit or closed, hollow = dark or open); colour is only added. What does not fit is cut at the line's end, and the
records take the lines that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from controller.demo.paper import Sitting
from controller.demo.story import Story
from controller.demo.words import Sayer

ON, OFF = "●", "○"
STATES = {"0": "off", "o": "ordered", "1": "proven", "f": "failed", "?": "unknown"}
STYLES = {"off": "dim", "ordered": "yellow", "proven": "bold", "failed": "bold reverse", "unknown": "yellow"}
LAMP_STYLES = {"ready": "bold bright_blue", "device": "bold yellow", "line": "bold bright_blue", "mic": "bold red"}
NAME_WIDTH, STATE_WIDTH, SINCE_WIDTH = 16, 14, 6
ALERTS_MAX = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """What is shown. `lamps`: line → role, `loads` by name; `now_ms` monotonic, `wall_ms` Unix."""

    story: Story
    say: Sayer
    title: str
    loads: Sequence[str]
    lamps: Mapping[str, str]
    meetings: Sequence[Sitting]
    now_ms: int
    wall_ms: int
    notice: str = ""


def picture(scene: Scene, width: int, height: int) -> Text:
    """At most `height` lines of at most `width` columns."""
    top = [*_head(scene), *_loads(scene), *_devices(scene), *_lamps(scene, width), *_alerts(scene)]
    keys = list(_keys(scene))
    room = height - len(top) - len(keys)
    lines = [*top, *_records(scene, max(0, room)), *keys][:height]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True, overflow="crop").join(lines)


# ---- what is going on


def _head(scene: Scene) -> Iterator[Text]:
    state, say = scene.story.state, scene.say
    phase = say.word(f"phase.{state['phase']}") if state else say.word("demo.starting")
    line = Text(f"{scene.title}  ", style="dim")
    line.append(phase, style="bold")
    line.append(f"  {_time(scene.wall_ms)}  ", style="dim")
    line.append(scene.notice or _link(scene), style="yellow" if scene.notice else "dim")
    yield line
    yield _meeting(scene)


def _link(scene: Scene) -> str:
    online = scene.story.status == "online"
    return scene.say.word("demo.link.online" if online else "demo.link.offline")


def _meeting(scene: Scene) -> Text:
    """The meeting that is on, or the next one with its countdown."""
    coming = [meeting for meeting in scene.meetings if meeting.end_ms > scene.wall_ms]
    if not coming:
        return Text(scene.say.word("demo.meeting.none"), style="dim")
    meeting = coming[0]
    on = meeting.start_ms <= scene.wall_ms
    edge_ms = meeting.end_ms if on else meeting.start_ms
    code = "demo.meeting.ends" if on else "demo.meeting.begins"
    line = Text(meeting.title, style="bold")
    line.append(f"  {_time(meeting.start_ms)}–{_time(meeting.end_ms)}  ")
    line.append(scene.say.word(code, (_span(edge_ms - scene.wall_ms),)))
    return line


# ---- loads


def _loads(scene: Scene) -> Iterator[Text]:
    letters = scene.story.state.get("loads") or {}
    details = scene.story.details.get("loads") or {}
    for name in scene.loads:
        yield _load(scene, name, STATES.get(str(letters.get(name, "?")), "unknown"), details.get(name) or {})


def _load(scene: Scene, name: str, state: str, detail: Mapping[str, Any]) -> Text:
    closed = scene.story.lines.get(name)
    line = Text("? " if closed is None else f"{ON if closed else OFF} ")
    line.append(f"{scene.say.name(f'load.{name}'):<{NAME_WIDTH}.{NAME_WIDTH}} ")
    line.append(f"{scene.say.word(f'demo.load.{state}'):<{STATE_WIDTH}.{STATE_WIDTH}} ", style=STYLES[state])
    line.append(f"{_since(scene, detail):>{SINCE_WIDTH}}  ", style="dim")
    line.append(_why(scene, detail))
    return line


def _since(scene: Scene, detail: Mapping[str, Any]) -> str:
    since_ms = detail.get("since_ms")
    return _span(scene.now_ms - since_ms) if isinstance(since_ms, int) else ""


def _why(scene: Scene, detail: Mapping[str, Any]) -> str:
    """What it waits for comes first: that is what a person looks for when nothing moves."""
    waits = detail.get("waits")
    if waits:
        return scene.say.word(str(waits), tuple(detail.get("waits_args") or ()))
    return scene.say.why(detail)


# ---- devices


def _devices(scene: Scene) -> Iterator[Text]:
    say, details = scene.say, scene.story.details
    ups, codec = details.get("ups") or {}, details.get("codec") or {}
    camera, climate = details.get("camera") or {}, details.get("climate") or {}
    power = say.word(f"power.{scene.story.state.get('power') or 'unknown'}")
    battery = (f"{_good(ups, 'charge_pct', '{:.0f} %')}", f"{_good(ups, 'runtime_s', '{:.0f} s')}")
    yield _row(say.name("ups"), power, *battery, _good(ups, "status", "{}"))
    air = [_good(climate, "room.temp_c", "{:.1f} °C"), _good(climate, "room.humidity_pct", "{:.0f} %")]
    yield _row(
        say.word("demo.climate"), *air, say.word("demo.cabinet"), _good(climate, "cabinet.temp_c", "{:.1f} °C")
    )
    yield _row(say.name("codec.power"), *_codec(scene, codec))
    yield _row("camera", *_camera(scene, camera))


def _codec(scene: Scene, codec: Mapping[str, Any]) -> Iterator[str]:
    yield _flag(scene, codec.get("answers"), "demo.answers", "demo.silent")
    power = codec.get("power")
    yield scene.say.word(f"demo.codec.{power}") if isinstance(power, str) else "?"
    calls = codec.get("calls")
    for call in calls if isinstance(calls, list | tuple) else ():
        yield scene.say.word(f"demo.call.{call[2]}", (call[3],))
    mute = codec.get("mute")
    yield scene.say.word(f"demo.mic.{mute}") if isinstance(mute, str) else ""


def _camera(scene: Scene, camera: Mapping[str, Any]) -> Iterator[str]:
    yield _flag(scene, camera.get("main.answers"), "demo.answers", "demo.silent")
    if camera.get("main.parked") is True:
        yield scene.say.word("demo.camera.parked")
    preset = camera.get("main.preset")
    if isinstance(preset, int) and preset >= 0:
        yield scene.say.word("demo.camera.preset", (preset,))
    if camera.get("main.answers") is True:
        yield " ".join(_good(camera, f"main.{axis}", axis + " {}") for axis in ("pan", "tilt", "zoom"))


def _flag(scene: Scene, value: object, yes: str, no: str) -> str:
    return scene.say.word(yes) if value is True else scene.say.word(no) if value is False else "?"


def _good(facts: Mapping[str, Any], name: str, form: str) -> str:
    """A good value in its form; anything else is said to be unknown, and never shown as if it were good."""
    value = facts.get(name)
    return "?" if value is None or isinstance(value, Mapping) else form.format(value)


def _row(name: str, *parts: str) -> Text:
    line = Text(f"{name:<{NAME_WIDTH}.{NAME_WIDTH}}   ")
    return line.append(" · ".join(part for part in parts if part))


# ---- lamps, alerts, records, keys


def _lamps(scene: Scene, width: int) -> Iterator[Text]:
    shown = [(_lamp(scene, name, role), role) for name, role in scene.lamps.items()]
    line = Text()
    for lamp, _ in shown:
        if line.cell_len and line.cell_len + lamp.cell_len > width:
            yield line
            line = Text()
        line.append_text(lamp)
    yield line


def _lamp(scene: Scene, name: str, role: str) -> Text:
    lit = scene.story.lines.get(name) is True
    lamp = Text(ON if lit else OFF, style=LAMP_STYLES.get(role, "bold white") if lit else "dim")
    return lamp.append(f" {scene.say.word(f'lamp.{role}')}  ", style="" if lit else "dim")


def _alerts(scene: Scene) -> Iterator[Text]:
    codes = list(scene.story.state.get("incidents") or ())
    if not codes:
        yield Text(scene.say.word("demo.quiet"), style="dim")
        return
    more = f" +{len(codes) - ALERTS_MAX}" if len(codes) > ALERTS_MAX else ""
    said = " · ".join(scene.say.word(f"alert.{code}") for code in codes[:ALERTS_MAX])
    yield Text(f"! {said}{more}", style="bold yellow")


def _records(scene: Scene, room: int) -> Iterator[Text]:
    """The newest last, as a clerk writes; lines that stay empty keep the keys at the bottom."""
    rows = list(scene.story.records)[-room:] if room else []
    yield from (Text(scene.say.line(row), style="dim") for row in rows)
    yield from (Text() for _ in range(room - len(rows)))


def _keys(scene: Scene) -> Iterator[Text]:
    for code in ("demo.keys.buttons", "demo.keys.faults", "demo.keys.more"):
        yield Text(scene.say.word(code), style="reverse")


# ---- figures


def _time(wall_ms: int) -> str:
    """Time of day in Vietnam, which has no summer time."""
    seconds = wall_ms // 1000 + 7 * 3600
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _span(ms: int) -> str:
    seconds = max(0, ms) // 1000
    return f"{seconds // 60}:{seconds % 60:02}" if seconds < 3600 else f"{seconds // 3600}h{seconds // 60 % 60:02}"
