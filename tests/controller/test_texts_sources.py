"""Every code that the program can say has its sentence: those that stand in the source are read from it, those that
are put together while it runs come from simulated days with every fault.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from controller.core.lamps import _LAMPS
from controller.core.phases import PHASES
from controller.core.room import Class, Mode
from controller.core.state import Proof, Quality
from controller.demo.steps import steps
from controller.link.reasons import _WORDS as LINK_WORDS
from controller.rules import RULES
from controller.simulation.acts import Stage
from controller.simulation.plan import DAY_MS, make
from controller.simulation.room import simulated_room
from controller.simulation.story import what
from controller.simulation.world import World
from controller.texts import catalogue, known, result
from hardware.contract import FIELDS

ROOT = Path(__file__).resolve().parents[2]
Call = tuple[Path, ast.Call]


@cache
def calls(folder: str) -> tuple[Call, ...]:
    """Every call in the python files under a folder."""
    found: list[Call] = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [(path, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return tuple(found)


def named(folder: str, *names: str) -> Iterator[ast.Call]:
    """The calls of these functions, by the last part of their name."""
    for _, call in calls(folder):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in names:
            yield call


def words(node: ast.AST | None) -> set[str]:
    """Every text that an expression can be, as far as it is written down there."""
    if node is None or isinstance(node, ast.JoinedStr):
        return set()
    if isinstance(node, ast.IfExp):
        return words(node.body) | words(node.orelse)
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def argument(call: ast.Call, n: int, name: str) -> ast.AST | None:
    return call.args[n] if len(call.args) > n else next((k.value for k in call.keywords if k.arg == name), None)


def missing(codes: set[str]) -> list[str]:
    return sorted(code for code in codes if code and not known(code))


def test_every_reason_in_the_source() -> None:
    reasons = list(named("controller", "Because"))
    codes = {code for call in reasons for code in words(argument(call, 1, "code"))}
    assert len(codes) > 40
    assert missing(codes) == []
    rules = {rule for call in reasons for rule in words(argument(call, 0, "rule"))}
    assert missing({f"{kind}.{rule}" for rule in rules for kind in ("rule", "clause")}) == []


def test_every_alert_in_the_source() -> None:
    codes = {code for call in named("controller", "Alert") for code in words(argument(call, 0, "code"))}
    assert len(codes) > 15
    assert missing({f"alert.{code}" for code in codes}) == []


def test_every_kind_of_record_in_the_source() -> None:
    kinds = {kind for call in named("controller/core", "say") for kind in words(argument(call, 0, "kind"))}
    kinds |= {kind for call in named("controller/core", "Record") for kind in words(argument(call, 0, "kind"))}
    kinds |= {k for call in named("controller/runtime", "Record") for k in words(argument(call, 0, "kind"))}
    assert len(kinds) > 12
    assert missing({f"record.{kind}" for kind in kinds}) == []


def test_every_reply_in_the_source() -> None:
    codes = {code for call in named("controller/core", "_no") for code in words(argument(call, 1, "code"))}
    codes |= {code for call in named("controller/core", "Reply") for code in words(argument(call, 2, "code"))}
    codes |= {
        code for call in named("controller/link", "Rejected", "BadWord", "Bad") for code in words(_code(call))
    }
    own = {code for code in codes if not known(code)}
    assert len(own) > 8
    assert missing({f"reply.{code}" for code in own}) == []
    assert missing({f"reply.{stage}" for stage in ("accepted", "refused", "done", "failed", "expired")}) == []


def _code(call: ast.Call) -> ast.AST | None:
    return argument(call, 1 if getattr(call.func, "id", "") == "Rejected" else 0, "code")


def test_every_sentence_that_is_asked_for_by_name() -> None:
    """`text("…")`, `.say("…")` of the command line, and errors that carry their code."""
    asked = {code for call in named("controller", "text") for code in words(argument(call, 0, "code"))}
    asked |= {c for call in named("controller", "ReadableError", "Said", "_note", "note") for c in _literal(call)}
    assert len(asked) > 40
    assert missing({code for code in asked if "." in code and " " not in code and not code.endswith(".")}) == []


def _literal(call: ast.Call) -> set[str]:
    first = call.args[0] if call.args else None
    return {first.value} if isinstance(first, ast.Constant) and isinstance(first.value, str) else set()


def results() -> Iterator[tuple[str, str]]:
    """(file, code) of every answer to an order that stands in a driver next to its stage."""
    for path, call in calls("hardware"):
        if "sim" in path.parts:
            continue
        staged = [a for a in call.args if isinstance(a, ast.Attribute) and getattr(a.value, "id", "") == "Stage"]
        after = call.args[call.args.index(staged[0]) + 1 :] if staged else []
        for code in words(after[0]) if after else ():
            yield path.name, code


def test_every_answer_of_a_driver() -> None:
    found = set(results())
    assert len(found) > 20
    kinds = {"keeper.py": "load.x", "visca": "camera.main.preset", "polycom": "codec.mute", "nut": "ups.test"}
    for file, code in sorted(found):
        target = next((t for start, t in kinds.items() if file.startswith(start)), "codec.mute")
        for lang in ("vi", "en"):
            assert not code or result(code, target, lang) != code, (file, code)


NUT_ERRORS = (
    "access-denied unknown-ups cmd-not-supported instcmd-failed data-stale driver-not-connected username-required "
    "password-required unknown-command invalid-argument feature-not-supported"
)
"""What upsd may answer to an instant command (NUT network protocol, error responses)."""


@pytest.mark.parametrize("code", NUT_ERRORS.split())
def test_every_error_of_the_ups_daemon(code: str) -> None:
    assert result(code.replace("-", "_"), "ups.test", "en") != code.replace("-", "_")


def test_every_closed_list_of_words() -> None:
    codes = {f"phase.{name}" for name in PHASES}
    codes |= {f"proof.{proof}" for proof in Proof} | {f"quality.{quality}" for quality in Quality}
    codes |= {f"mode.{mode}" for mode in Mode} | {f"class.{cls}" for cls in Class}
    codes |= {f"lamp.{role}" for role in _LAMPS if role != "room"}
    codes |= {f"pattern.{name}" for name in ("off", "steady", "slow", "double", "fast", "refused")}
    codes |= {f"button.{role}" for role in ("power", "duty", "check", "help", "talk", "bypass")}
    codes |= {f"ups.link.{word}" for word in FIELDS["ups"]["link"].words if word != "ok"}
    codes |= {f"journal.{word}" for word in FIELDS["journal"]["state"].words}
    codes |= {f"link.down.{word}" for word in LINK_WORDS.values()}
    codes |= {f"trust.{word}" for word in ("ntp", "rtc", "held", "unknown")}
    assert missing(codes) == []


def test_every_step_and_every_word_of_the_demo() -> None:
    codes = {f"demo.step.{step.name}" for mode in ("watch", "remind", "enforce") for step in steps(mode)}
    codes |= {f"demo.load.{word}" for word in ("off", "ordered", "proven", "failed", "unknown")}
    codes |= {f"demo.gesture.{word}" for word in ("press", "hold", "long", "unclear")}
    codes |= {f"demo.call.{word}" for word in ("ringing", "connecting", "connected")}
    word = [code for call in named("controller/demo", "word", "_flag") for a in call.args for code in words(a)]
    codes |= {code for code in word if code.startswith("demo.")}
    assert len(codes) > 50
    assert missing(codes) == []
    keys = [row for code, row in catalogue().items() if code.startswith("demo.keys.")]
    assert all(len(text) < 80 for row in keys for text in row.values())


def test_every_rule_of_the_list_has_a_title_and_a_clause() -> None:
    ids = {rule for rule, _ in RULES if rule}
    assert missing({f"{kind}.{rule}" for rule in ids for kind in ("rule", "clause")}) == []


@cache
def a_month(seed: int) -> World:
    """A world after thirty days of people, meetings and every fault; what the laws say of it is not asked here."""
    world, plan = World(simulated_room(), seed), make(30, seed)
    stage, told = Stage(world, plan.acts), deque(plan.told)
    while world.now_ms < 30 * DAY_MS:
        ahead = [stage.next_ms() or 30 * DAY_MS, told[0][0] if told else 30 * DAY_MS, 30 * DAY_MS]
        world.run_until(min(ahead))
        while told and told[0][0] <= world.now_ms:
            world.publish(told.popleft()[1])
        stage.run_due(world.now_ms)
    return world


def test_whatever_a_month_of_every_fault_says() -> None:
    world = a_month(seed=13)
    said: set[str] = set()
    for entry in world.entries:
        body = dict(entry.body)
        said.add(f"record.{entry.kind}")
        said |= {f"alert.{body['alert']}"} if "alert" in body else set()
        said |= {f"proof.{body['proof']}"} if "proof" in body else set()
        said |= {f"phase.{body[key]}" for key in ("from", "to") if entry.kind == "phase"}
        said |= {f"rule.{body['rule']}"} if body.get("rule") else set()
        if body.get("code") and entry.kind not in ("command", "command.rejected"):
            said.add(str(body["code"]))
        if body.get("failed"):
            assert result(str(body["failed"]), entry.subject, "en") != body["failed"], body
    assert len(said) > 50
    assert missing(said) == []


def test_no_line_of_a_month_shows_a_code_or_an_english_word() -> None:
    """Names of the room's configuration and of whoever ordered stay as they were given; so do a meeting's identity,
    which a paper replaces by its title, and a command that was refused for what it named."""
    world = a_month(seed=13)
    ours = set(re.findall(r"[A-Za-z]{3,}", " ".join(row["vi"] for row in catalogue().values())))
    given = {"main", "sleep", "desk", "nowhere", "dust", "HBH", "LTH", "Viettel"}
    strange: dict[str, str] = {}
    for entry in world.entries:
        said = what(entry, "vi")
        for word in re.findall(r"[A-Za-z]+[._]\w*[a-z]\w*|[A-Za-z]{3,}", re.sub(r"\S+2026-\S+", "", said)):
            if word not in ours and word not in given:
                strange.setdefault(word, said)
    assert not strange, chr(10).join(f"{k}: {v}" for k, v in strange.items())


def test_no_sentence_is_written_twice_for_a_driver() -> None:
    """`device.x` is for all devices; the same words under `camera.x` would have to be mended twice."""
    rows = catalogue()
    same = [c for c in rows if c.startswith("camera.") and rows.get(f"device.{c[7:]}") == rows[c]]
    assert same == []
