"""What a running controller shows of itself, as the commands at the Pi read it: is it alive, what does it see, what
are things and meetings called. Nothing is opened but its small file (runtime/window.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from controller.config_model import RoomConfig
from controller.runtime.window import lives, look
from controller.texts import meetings, text
from hardware.contract import Value


def running(cfg: RoomConfig) -> Mapping[str, object] | None:
    """The view of the controller that runs now; None = none does. One that runs and cannot write its view shows an
    empty one: who opened the ports beside it would take them for free."""
    from controller.runtime.local import answers

    folder = Path(cfg.paths.run_dir)
    view = look(folder)
    if view is not None and lives(view):
        return view
    return {} if answers(folder) else None


def now_ms() -> int:
    """The clock that the view's times are of: it counts from the Pi's boot."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def tree(view: object, *names: str) -> Mapping[str, object]:
    """The table at a path in the view; an empty one where there is none."""
    for name in names:
        view = view.get(name) if isinstance(view, Mapping) else None
    return view if isinstance(view, Mapping) else {}


def facts(view: Mapping[str, object]) -> dict[str, Value]:
    """Every fact that is good now, by its name; what is stale or was never seen is left out."""
    found: dict[str, Value] = {}
    for part in ("ups", "climate", "camera", "display", "codec", "host", "keeper"):
        for name, value in tree(view, "detail", part).items():
            if isinstance(value, bool | int | float | str):
                found[f"{part}.{name}"] = value
    for name, place in tree(view, "detail", "line", "places").items():
        found |= {
            f"line.{name}.{key}": v for key, v in tree(place).items() if isinstance(v, bool | int | float | str)
        }
    return found


def since(at_ms: object, lang: str) -> str:
    """`for 12 min`, from a time of the view; '' when it has none."""
    return text("status.since", lang, (span(now_ms() - at_ms, lang),)) if isinstance(at_ms, int) else ""


def span(ms: float, lang: str) -> str:
    """A length of time in the two units that matter."""
    if ms < 60_000:
        return text("status.sec", lang, (max(0, round(ms / 1000)),))
    minutes = round(ms / 60_000)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return text("status.days", lang, (days, hours % 24))
    return text("status.hours", lang, (hours, minutes % 60)) if hours else text("status.min", lang, (minutes,))


def args(given: object, names: Mapping[str, str]) -> tuple[object, ...]:
    """Arguments of a reason with uids, loads and seats by the names that people use."""
    rows = given if isinstance(given, Sequence) and not isinstance(given, str) else ()
    return tuple(names.get(row, row) if isinstance(row, str) else row for row in rows)


def names(cfg: RoomConfig, view: Mapping[str, object], lang: str) -> dict[str, str]:
    """Uid → title and time, target or load → label, seat → label."""
    found = meetings.of_view(view, lang)
    for name, load in cfg.loads.items():
        found[f"load.{name}"] = found[name] = load.label or name
    return found | {name: seat.label for name, seat in cfg.seats.items() if seat.label}


def reason(row: Mapping[str, object], called: Mapping[str, str], lang: str, prefix: str = "") -> str:
    """The sentence of a reason: `code` and `args` of a row, or with a prefix (`waits`)."""
    code = row.get(prefix or "code")
    key = f"{prefix}_args" if prefix else "args"
    return text(str(code), lang, args(row.get(key), called)) if code else ""
