"""The demo's room on paper: the product's own reader takes it at every speed, and only waiting is compressed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller import calendar as product_calendar
from controller import config
from controller.commission.sealed import ACCEPTED
from controller.config_model import RoomConfig
from controller.config_rules import Rules
from controller.core.meeting import Policy, Role
from controller.demo import headless, paper

WALL_MS = 1_784_000_000_000


def room(folder: Path, speed: float, r9: str = "remind", lang: str = "vi") -> RoomConfig:
    (folder / "room.toml").write_text(paper.room_toml(paper.Places(folder), lang), encoding="utf-8")
    (folder / "pack.toml").write_text(paper.pack_toml(speed, r9), encoding="utf-8")
    (folder / "state").mkdir(exist_ok=True)
    (folder / "state" / ACCEPTED).write_text(paper.acceptance(), encoding="utf-8")
    return config.load(folder / "room.toml")


@pytest.mark.parametrize("speed", [1, 7.5, 60, 300, 1000])
@pytest.mark.parametrize("r9", ["watch", "remind", "enforce"])
def test_the_room_is_a_good_configuration_at_every_speed(tmp_path: Path, speed: float, r9: str) -> None:
    cfg = room(tmp_path, speed, r9)
    assert (cfg.room.accepted, cfg.rules.modes.R9) == (True, r9)
    assert cfg.paths.journal.startswith(str(tmp_path))


def test_at_speed_one_every_figure_is_the_shipped_one(tmp_path: Path) -> None:
    rules = room(tmp_path, 1).rules.model_dump()
    shipped = Rules().model_dump()
    for key in paper.WAITS:
        table, name = key.split(".")
        assert rules[table][name] == pytest.approx(shipped[table][name]), key


def test_waiting_is_compressed_and_devices_are_not(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    fast, slow = room(tmp_path, 60), room(tmp_path / "slow", 1)
    assert fast.rules.power_up.ready_before_min == 1
    assert fast.rules.idle.end_grace_min == 0.5
    assert fast.rules.power_up.inrush_gap_s == slow.rules.power_up.inrush_gap_s
    for name, load in fast.loads.items():
        assert load == slow.loads[name]
    assert fast.rules.floor.close_after_s == 3


@given(st.floats(1, 1000))
def test_no_speed_goes_below_what_devices_and_limits_need(speed: float) -> None:
    pack = tomllib.loads(paper.pack_toml(speed, "remind"))
    shipped = Rules().model_dump()
    for key, least in paper.WAITS.items():
        table, name = key.split(".")
        was, now = shipped[table][name], pack["rules"][table][name]
        assert min(was, least) - 0.001 <= now <= was
    Rules.model_validate(pack["rules"])


def test_the_pack_says_which_figures_it_changed() -> None:
    pack = tomllib.loads(paper.pack_toml(60, "watch"))
    assert set(pack["pack"]["clauses"]) == {f"rules.{key}" for key in paper.WAITS} | {"rules.modes.R9"}
    assert pack["pack"]["clauses"]["rules.idle.warn_min"] == "10 / 60"


def test_places_of_sockets_are_short_enough_for_the_system() -> None:
    places = paper.Places(Path("/tmp/diemcau-demo-12345678"))
    for path in (places.keeper_socket, places.look, places.pins, places.camera, places.codec):
        assert len(str(path)) < 100


def test_the_product_reads_the_calendar_as_it_was_meant() -> None:
    sittings = (paper.sitting(1, WALL_MS, 60.0, "en"), paper.sitting(2, WALL_MS + 660_000, 30.0, "en"))
    text = paper.calendar(sittings)
    agenda = product_calendar.Agenda(text, room=paper.SLUG)
    found = agenda.occurrences(WALL_MS - 1000, WALL_MS + 3_600_000)
    assert agenda.problems == ()
    assert [(m.uid, m.title, m.start_ms, m.end_ms) for m in found] == [
        (s.uid, s.title, s.start_ms, s.end_ms) for s in sittings
    ]
    assert [m.policy for m in found] == [Policy.CHAIR_LED, Policy.OPEN]
    assert {m.role for m in found} == {Role.MEMBER}
    assert sittings[0].end_ms == WALL_MS + 60_000


def test_the_plan_of_the_day_leaves_the_room_its_lead(tmp_path: Path) -> None:
    cfg = room(tmp_path, 60)
    day = headless.plan(cfg, "remind", 5_000, WALL_MS + 123)
    assert day.start_ms - day.ready_ms == 60_000
    assert (WALL_MS + 123 + day.start_ms - 5_000) % 1000 == 0
    assert day.start_ms - 5_000 >= headless.lead_s(cfg) * 1000
    assert day.begin_ms < day.ready_ms < day.start_ms < day.end_ms


def trees() -> st.SearchStrategy[dict[str, Any]]:
    words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
    leaf = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), words, st.lists(words, max_size=3))
    keys = words.filter(bool)
    return st.dictionaries(keys, st.one_of(leaf, st.dictionaries(keys, leaf, max_size=3)), max_size=5)


@given(trees())
def test_what_is_written_as_toml_is_read_as_it_was(tree: dict[str, Any]) -> None:
    assert tomllib.loads(paper.toml(tree)) == tree
