"""`diemcau status` and `why`: what a technician reads at the Pi, in the room's language."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controller import cli_checks, config
from controller.cli_line import told
from controller.cli_look import names, now_ms, reason, running, since, span, tree
from controller.cli_words import USAGE, WRONG, complain
from controller.config_compile import compile_room
from controller.config_model import RoomConfig
from controller.runtime.window import look
from controller.texts import known, result, text

View = Mapping[str, object]


class Sight:
    """One look at a running room, and how to speak of it."""

    def __init__(self, cfg: RoomConfig, view: View, lang: str) -> None:
        self.cfg, self.view, self.lang = cfg, view, lang
        self.names = names(cfg, view, lang)
        self.by_relay = {f"load.{load.name}" for load in compile_room(cfg).loads if not load.proof}

    def say(self, code: str, *args: object) -> str:
        return text(code, self.lang, args)

    def clock(self, wall_ms: object, form: str = "%H:%M %d/%m/%Y") -> str:
        """A Unix time in ms as the room's wall clock shows it."""
        if not isinstance(wall_ms, int):
            return self.say("status.unknown")
        return (
            datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(ZoneInfo(self.cfg.room.timezone)).strftime(form)
        )

    def thing(self, target: str) -> str:
        """A target by the name that people use."""
        label = self.names.get(target)
        return label or (self.say(f"thing.{target}") if known(f"thing.{target}") else target)


def status(files: Sequence[Path], lang: str | None) -> int:
    """Print what the room does now; 1 = no controller runs or shows itself, 78 = no usable configuration."""
    return _with_view(files, lang, _print_status)


def why(files: Sequence[Path], target: str, lang: str | None) -> int:
    """Print reason, clause and since of one target; 1 = the controller does not run, 64 = no such target."""
    return _with_view(files, lang, lambda sight: _print_why(sight, target))


def _with_view(files: Sequence[Path], lang: str | None, show: Callable[[Sight], int]) -> int:
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        return complain(error, lang)
    said = lang or cfg.room.language
    view = running(cfg)
    if not view:
        told = _not_running(cfg, said) if view is None else text("status.unseen", said, (cfg.paths.run_dir,))
        sys.stderr.write(told + "\n")
        return WRONG
    return show(Sight(cfg, view, said))


def _not_running(cfg: RoomConfig, lang: str) -> str:
    """How long ago it lived, as far as the file that a reboot takes away can tell."""
    last = look(Path(cfg.paths.run_dir))
    mono_ms = last.get("mono_ms") if last is not None else None
    if isinstance(mono_ms, int) and mono_ms <= now_ms():
        return text("status.last_seen", lang, (span(now_ms() - mono_ms, lang),))
    return text("status.not_running", lang)


def _print_status(sight: Sight) -> int:
    lines = [*_head(sight), *_loads(sight), *_alerts(sight), *told(sight.cfg, sight.view, sight.lang)]
    lines += cli_checks.lines(sight)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _head(sight: Sight) -> Iterator[str]:
    state = tree(sight.view, "state")
    yield sight.say("status.room", sight.cfg.room.name, sight.say(f"phase.{state.get('phase')}"))
    trust = sight.say(f"trust.{sight.view.get('trust')}")
    wall_ms, mono_ms = sight.view.get("wall_ms"), sight.view.get("mono_ms")
    now = wall_ms + now_ms() - mono_ms if isinstance(wall_ms, int) and isinstance(mono_ms, int) else None
    yield sight.say("status.clock", sight.clock(now), trust)
    yield _meeting(sight, tree(state, "meeting"))
    call = state.get("call")
    mic = sight.say(f"mic.{state.get('mic')}") if state.get("mic") else sight.say("status.unknown")
    told = sight.say("status.unknown") if call is None else call
    yield from _message(sight)
    power = sight.say("status.power", sight.say(f"power.{state.get('power')}"))
    yield " · ".join((power, sight.say("status.call", told), sight.say("status.mic", mic)))


def _message(sight: Sight) -> Iterator[str]:
    """What the desk has written and nobody has answered."""
    written = tree(sight.view, "detail", "panel", "holds").get("message")
    if isinstance(written, str):
        yield sight.say("status.message", written)


def _meeting(sight: Sight, meeting: View) -> str:
    uid = meeting.get("uid")
    if uid is None:
        return sight.say("status.no_meeting")
    coming = tree(sight.view, "detail", "schedule", "meetings", str(uid))
    when = sight.clock(coming.get("start"), "%H:%M")
    ends = sight.clock(coming.get("end"), "%H:%M %d/%m")
    ready = sight.say(f"ready.{meeting.get('ready') or ''}")
    title = tree(sight.view, "detail", "titles", str(uid)).get("title")
    return sight.say("status.meeting", title or sight.names.get(str(uid), str(uid)), f"{when}–{ends}", ready)


def _loads(sight: Sight) -> Iterator[str]:
    rows = tree(sight.view, "detail", "loads")
    width = max((len(sight.thing(f"load.{name}")) for name in rows), default=0)
    for name in rows:
        row = tree(rows, name)
        wish = reason(row, sight.names, sight.lang)
        parts = [_proof(sight, row), since(row.get("since_ms"), sight.lang), wish, _waits(sight, row)]
        yield f"  {sight.thing(f'load.{name}').ljust(width)}  " + " · ".join(part for part in parts if part)


def _proof(sight: Sight, row: View) -> str:
    """`on, proven`; what nobody wants anything of is only seen."""
    seen = _value(sight, row.get("seen"))
    proof = row.get("proof")
    if proof == "proven" and row.get("target") in sight.by_relay:
        proof = "by_relay"  # nothing answers for it: what is known is the contact
    return f"{seen}, {sight.say(f'proof.{proof}')}" if proof else seen


def _value(sight: Sight, value: object) -> str:
    if value is None:
        return sight.say("value.unknown")
    return sight.say(f"value.{value}") if known(f"value.{value}") else text("os.raw", sight.lang, (value,))


def _waits(sight: Sight, row: View) -> str:
    return reason(row, sight.names, sight.lang, "waits")


def _alerts(sight: Sight) -> Iterator[str]:
    for row in tree(sight.view, "detail", "alerts").values():
        told = reason(tree(row), sight.names, sight.lang)
        name = sight.say(f"alert.{tree(row).get('alert')}")
        yield f"  ! {name}: {told} ({tree(row).get('rule')}) · {since(tree(row).get('since_ms'), sight.lang)}"


def _print_why(sight: Sight, target: str) -> int:
    targets = tree(sight.view, "detail", "targets")
    name = f"load.{target}" if f"load.{target}" in targets else target
    row = tree(targets, name)
    if not row:
        there = ", ".join(known_as.removeprefix("load.") for known_as in targets)
        sys.stderr.write(sight.say("why.unknown", target, there) + "\n")
        return USAGE
    sys.stdout.write("\n".join(_why(sight, name, row)) + "\n")
    return 0


def _why(sight: Sight, name: str, row: View) -> Iterator[str]:
    yield sight.say("why.state", sight.thing(name), _proof(sight, row), since(row.get("since_ms"), sight.lang))
    if row.get("code"):
        yield from _wish(sight, row)
    else:
        yield sight.say("why.nothing")
    waits = _waits(sight, row)
    if waits:
        yield sight.say("why.waits", waits)
    if row.get("failed"):
        yield sight.say("why.failed", result(str(row["failed"]), name, sight.lang))


def _wish(sight: Sight, row: View) -> Iterator[str]:
    told = since(row.get("wish_since_ms"), sight.lang)
    yield sight.say("why.wish", _value(sight, row.get("value")), told)
    yield sight.say("why.because", reason(row, sight.names, sight.lang))
    rule = str(row.get("rule"))
    yield sight.say("why.rule", rule, sight.say(f"rule.{rule}"))
    yield sight.say("why.clause", sight.say(f"clause.{rule}"))
