"""A clock or a release of another time must not hold a room at its version once the time is right again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from controller.update.kept import STATE
from tests.controller.update.kit import BUILT_S, DAY, MEMBERS, NOW, OS, FakePi, Office, card, once, tar_zst

DAY_S = 86_400


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    made.release("0.2.0", percent=0)
    return made


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    return card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])


def floor_s(pi: FakePi) -> int:
    return int(json.loads((pi.root / STATE / "clock.json").read_text())["floor_s"])


def test_a_clock_that_ran_weeks_ahead_costs_a_day(office: Office, pi: FakePi) -> None:
    pi.wall = BUILT_S + 25 * DAY_S
    assert once(pi).code == "update.not_yet"
    pi.wall = BUILT_S + 2 * DAY_S
    assert once(pi).code == "update.not_yet", "believed again"


def test_the_floor_follows_a_clock_that_is_right(office: Office, pi: FakePi) -> None:
    pi.wall = BUILT_S + 3 * DAY_S
    for days in (1, 2, 3, 3):
        once(pi)
        assert floor_s(pi) == BUILT_S + days * DAY_S


@pytest.mark.parametrize("forced", ["", "Nguyễn Văn An"])
def test_a_release_of_the_future_is_not_taken(office: Office, pi: FakePi, forced: str) -> None:
    """Its build time would be the floor under every clock of the province."""
    office.release("0.2.0", built_s=BUILT_S + 9000 * DAY_S)
    assert once(pi, forced).code == "update.built_ahead"
    office.release("0.2.1")
    assert once(pi).stage == "done"


def test_a_bundle_that_names_a_later_time_than_was_signed_is_refused(office: Office, pi: FakePi) -> None:
    about = {"v": 1, "version": "0.2.0", "os": [OS], "built_s": BUILT_S + 9000 * DAY_S, "schema": 1}
    office.release("0.2.0", data=tar_zst({"release.json": json.dumps(about).encode(), **MEMBERS}))
    assert once(pi).code == "update.built_ahead"
    office.release("0.2.1")
    assert once(pi).stage == "done"


# ---- a person forces it where the time is not known


def test_a_forced_run_without_a_clock_takes_no_release_of_the_future(office: Office, pi: FakePi) -> None:
    """Once it ran, its build time would be the floor under every true time."""
    office.release("0.2.0", built_s=BUILT_S + 9000 * DAY_S)
    pi.wall = None
    assert once(pi, "Nguyễn Văn An").code == "update.built_ahead"
    assert pi.starts == ["0.1.0"]
    office.release("0.2.1")
    assert once(pi, "Nguyễn Văn An").stage == "done"
    assert not (pi.root / STATE / "clock.json").exists(), "nothing is learnt of a time that nobody knows"
    pi.wall = BUILT_S + 2.0 * DAY_S
    assert once(pi).code == "update.newest", "the true time is believed"


def test_a_forced_run_knows_what_time_is_surely_over(office: Office, pi: FakePi) -> None:
    """The machine's clock stands before the end of all signatures; what the room has seen does not."""
    office.release("0.2.0")
    (pi.root / STATE / "clock.json").write_text(json.dumps({"floor_s": round((NOW + 31 * DAY).timestamp())}))
    pi.wall = None
    assert once(pi, "Nguyễn Văn An").code == "update.expired"
    assert pi.starts == ["0.1.0"]
    office.now = NOW + 2 * DAY
    office.repository.publish()
    assert once(pi, "Nguyễn Văn An").stage == "done"


def test_a_build_time_of_the_release_that_runs_is_over_too(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    about = {"v": 1, "version": "0.1.0", "os": [OS], "built_s": round((NOW + 31 * DAY).timestamp()), "schema": 1}
    (pi.root / "opt/diemcau/releases/0.1.0/release.json").write_text(json.dumps(about))
    pi.wall = None
    assert once(pi, "Nguyễn Văn An").code == "update.expired"


def test_a_ring_that_ended_before_a_time_that_is_over_is_expired(office: Office, pi: FakePi) -> None:
    """Signed for longer than the timestamp, but not for ever, and loaded after it."""
    office.release("0.2.0")
    (pi.root / STATE / "clock.json").write_text(json.dumps({"floor_s": round((NOW + 800 * DAY).timestamp())}))
    office.now = NOW + 790 * DAY
    office.repository.publish()
    pi.wall = None
    assert once(pi, "Nguyễn Văn An").code == "update.expired"
