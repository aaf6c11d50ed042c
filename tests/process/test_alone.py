"""Two controllers of one room: the second is refused and touches nothing; the place is free the moment the first
has ended, however it ended."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator

import pytest

from tests.process.house import House
from tests.process.watch import WAIT_S

pytestmark = pytest.mark.process


@pytest.fixture
def house() -> Iterator[House]:
    with House() as made:
        yield made


def second(house: House) -> tuple[int, str]:
    """`diemcau run` by hand beside the controller that runs: its exit code, and what it said."""
    first, before = house.process, len(house.log)
    house.start(wait=False)
    assert house.process is not None
    try:
        return house.process.wait(WAIT_S), house.log[before:]
    finally:
        house.process = first


def written(house: House) -> list[tuple[str, int, int]]:
    """What may vanish: sockets and files, but for the view that the first keeps writing."""
    rows = ((path, path.stat()) for path in sorted(house.folder.glob("run/*")) if path.name != "state.json")
    return [(path.name, row.st_ino, row.st_mtime_ns) for path, row in rows]


def test_a_second_controller_is_refused_and_touches_nothing(house: House) -> None:
    watcher = house.start_keeper()
    house.start()
    assert house.process is not None
    before = written(house)
    code, said = second(house)
    assert code == 75
    vietnamese, english = said.splitlines()
    assert f"Tiến trình {house.process.pid} " in vietnamese
    assert f"Process {house.process.pid} rules this room" in english
    assert written(house) == before, "the doors of the first are its own still"
    assert house.process.poll() is None
    house.press()
    assert watcher.on("ready"), "and it rules"
    assert house.end() == 0
    assert "keeper" not in house.log, "nobody took the keeper from it"
    assert house.verify().returncode == 0


def test_the_killed_leave_nothing_in_the_way_of_the_next(house: House) -> None:
    house.start_keeper()
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        house.start()
        assert house.end(number) == (0 if number == signal.SIGTERM else -number)
    house.start()
    assert house.end() == 0
    assert "ps -fp" not in house.log
    assert house.verify().returncode == 0


def test_who_was_refused_rules_as_soon_as_it_is_started_again(house: House) -> None:
    """As systemd does while somebody's controller runs by hand."""
    house.start_keeper()
    house.start()
    assert [second(house)[0] for _ in range(2)] == [75, 75]
    house.end(signal.SIGKILL)
    house.start()
    assert house.end() == 0


def test_without_a_place_for_the_lock_the_room_is_ruled_and_it_is_said(house: House) -> None:
    house.start_keeper()
    shutil.rmtree(house.folder / "run")
    house.start()
    assert house.log.count("run.no_lock") == 1
    assert house.end() == 0
