"""The station put together and taken apart without a start; its life as a process is tested in tests/process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from controller.core.events import Command
from controller.plan_make import plan_of
from controller.runtime.clock import Sources
from controller.runtime.station import Setting, Station
from hardware.contract import NEVER_MS, Reading
from tests.controller.rooms_on_paper import changed


@contextmanager
def a_station(folder: Path, env: Mapping[str, str] | None = None, **changes: object) -> Iterator[Station]:
    paths = {"state_dir": str(folder), "journal": str(folder / "journal.db"), "run_dir": str(folder)}
    setting = Setting(env or {}, 77, MockFactory, folder / "sys", Sources(root=folder))
    station = Station(plan_of(changed(paths=paths, **changes)), setting)
    try:
        yield station
    finally:
        station.stop()


@pytest.mark.parametrize(
    ("lease_s", "watchdog", "pulse_ms"),
    [(30, {}, 10_000), (5, {}, 1_666), (30, {"WATCHDOG_USEC": "6000000"}, 3_000), (120, {}, 10_000)],
)
def test_the_pulse_is_as_short_as_lease_and_watchdog_ask(
    tmp_path: Path, lease_s: int, watchdog: dict[str, str], pulse_ms: int
) -> None:
    with a_station(tmp_path, watchdog, keeper__lease_s=lease_s) as station:
        assert station.loop.pulse_ms == pulse_ms


def test_a_room_alone_has_no_link_and_a_station_that_never_began_can_be_stopped(tmp_path: Path) -> None:
    with a_station(tmp_path, mqtt=None) as station:
        assert station.link is None
        assert station.loop.hands.due_ms() == NEVER_MS
    assert not (tmp_path / "journal.db").exists()


@pytest.mark.parametrize(("chip", "told"), [("", 1), ("pcf8574", 0)], ids=["the Pi's pins", "an expander's"])
def test_a_pulse_reads_the_levels_of_pins_that_cannot_hang(tmp_path: Path, chip: str, told: int) -> None:
    with a_station(tmp_path) as station:
        name, row = next(iter(station.plan.inputs.items()))
        inputs = {**station.plan.inputs, name: replace(row, chip=chip)}
        station.plan = replace(station.plan, inputs=inputs)
        station._panel()
        assert [item.source for item in readings(station)] == ["input"]
        station._pulse("off")
        assert [item.source for item in readings(station)] == ["input"] * told


def readings(station: Station) -> list[Reading]:
    found: list[Reading] = []
    while not station.loop.inbox.empty():
        item = station.loop.inbox.get_nowait()
        found += [item] if isinstance(item, Reading) else []
    return found


def test_a_rebirth_is_the_links_and_the_cores(tmp_path: Path) -> None:
    with a_station(tmp_path) as station:
        command = Command("id-1", "desk", "rebirth", (), NEVER_MS)
        station._say(command)
        assert station.loop.inbox.get_nowait() is command


def test_what_is_no_decision_is_said_in_the_services_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_station(tmp_path) as station:
        station._note("link.online", ("main",))
    assert "link.online: " in capsys.readouterr().err
