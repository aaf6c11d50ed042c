"""A thousand rooms, three rings, a release that fails in two of a hundred: the centre stops it and says why. The
rooms decide as real ones do (plan.py) over a really signed tree; only what a start comes to is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard import think_rollout
from controller.dashboard.rollout import Bound, Report, course, offers, withheld, withhold
from controller.dashboard.settings import Centre
from controller.dashboard.settings import Release as Its
from controller.dashboard.store.tables import LAST
from controller.update.plan import Room, decide, number, offer, ring
from tests.controller.dashboard import browser
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.update.kit import OS, Office

RINGS: list[dict[str, object]] = [
    {"name": "ring-0", "rooms": [f"r{n}" for n in range(10)]},
    {"name": "ring-1", "percent": 10},
    {"name": "ring-2"},
]
ROOMS = [f"r{n}" for n in range(1000)]


def said(
    room: str, *, installed: str = "0.1.0", latest: str = "0.2.0", code: str = "", args: tuple[str, ...] = ()
) -> dict[str, object]:
    return {
        "room": room,
        "part": "update",
        "body": {
            "installed_version": installed,
            "latest_version": latest,
            "in_progress": False,
            "code": code,
            "args": list(args),
        },
    }


class Fleet:
    """What each room runs, and what it says after a run of its updater."""

    def __init__(self, office: Office, fails_pct: int) -> None:
        self.office, self.fails_pct = office, fails_pct
        self.runs = dict.fromkeys(ROOMS, "0.1.0")
        self.failed: dict[str, set[str]] = {room: set() for room in ROOMS}

    def turn(self) -> list[dict[str, object]]:
        """Every room looks once; what it says."""
        found = {name: self.office.repository.offered(name) for name in ("ring-0", "ring-1", "ring-2")}
        return [self._look(room, found[ring(RINGS, room)]) for room in ROOMS]

    def _look(self, room: str, custom: object) -> dict[str, object]:
        runs = self.runs[room]
        if custom is None:
            return said(room, installed=runs, latest=runs, code="update.nothing")
        made = offer(custom)
        mine = Room(room, runs, OS, 1, frozenset(self.failed[room]))
        stay = decide(made, mine)
        if stay is not None:
            return said(room, installed=runs, latest=made.version, code=stay.code, args=tuple(map(str, stay.args)))
        if not any((self.office.folder / "www/targets" / ring(RINGS, room)).glob("*.tar.zst")):
            return said(room, installed=runs, latest=made.version, code="update.withheld", args=("",))
        if number(room, "bad") < self.fails_pct:
            self.failed[room].add(made.version)
            return said(
                room,
                installed=runs,
                latest=made.version,
                code="update.back",
                args=(made.version, runs, "update.silent"),
            )
        self.runs[room] = made.version
        return said(
            room, installed=made.version, latest=made.version, code="update.done", args=(runs, made.version)
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    made.repository.rings(RINGS)
    made.repository.publish()
    return made


def centre(office: Office) -> Centre:
    return Centre(release=Its(folder=str(office.folder / "www")))


def hears(desk: Desk, rows: list[dict[str, object]]) -> None:
    async def forget(connection: AsyncConnection) -> None:
        await connection.execute(delete(LAST))

    desk.transaction(forget)
    desk.store(LAST, *({**row, "received_ms": desk.now_ms} for row in rows))
    desk.run(think_rollout.think, desk.place)
    desk.now_ms += MINUTE


def rollout(desk: Desk, office: Office, fleet: Fleet) -> None:
    """As an office does it: ring after ring, in each a part of the rooms before all."""
    for name in ("ring-0", "ring-1", "ring-2"):
        for percent in (10, 50, 100):
            office.release("0.2.0", name, percent=percent)
            for _ in range(2):
                hears(desk, fleet.turn())
            if withheld(office.folder / "www"):
                return


def test_a_release_that_fails_in_two_of_a_hundred_stops_itself_and_says_why(address: str, office: Office) -> None:
    fleet = Fleet(office, fails_pct=2)
    with Desk(address, centre(office)) as desk:
        rollout(desk, office, fleet)
        (why,) = withheld(office.folder / "www")
        assert why["ring"] in ("ring-1", "ring-2"), "ten rooms are too few to show it"
        assert why["version"] == "0.2.0"
        assert len(why["back"]) >= 2
        assert all(number(room, "bad") < 2 for room in why["back"])
        taken = sum(version == "0.2.0" for version in fleet.runs.values())
        assert taken < 700, "most of the network never saw it"
        bad = sum(len(failed) for failed in fleet.failed.values())
        assert bad < 20
        before = dict(fleet.runs)
        hears(desk, fleet.turn())
        assert fleet.runs == before, "no room takes it any more"
        assert all(version in ("0.1.0", "0.2.0") for version in fleet.runs.values())
        desk.sign_in("operator")
        (shown,) = desk.http.get("/api/fleet").json()["stopped"]
        assert shown == why


def test_a_good_release_reaches_everybody(address: str, office: Office) -> None:
    fleet = Fleet(office, fails_pct=0)
    with Desk(address, centre(office)) as desk:
        rollout(desk, office, fleet)
    assert set(fleet.runs.values()) == {"0.2.0"}
    assert withheld(office.folder / "www") == []


def test_a_mended_release_goes_on_where_the_bad_one_was_stopped(address: str, office: Office) -> None:
    fleet = Fleet(office, fails_pct=5)
    with Desk(address, centre(office)) as desk:
        rollout(desk, office, fleet)
        assert withheld(office.folder / "www")
        fleet.fails_pct = 0
        for name in ("ring-0", "ring-1", "ring-2"):
            office.release("0.2.1", name)
            hears(desk, fleet.turn())
    assert set(fleet.runs.values()) == {"0.2.1"}


def report(code: str = "", *args: str, installed: str = "0.1.0", progress: bool = False, at_ms: int = 0) -> Report:
    body = {
        "installed_version": installed,
        "latest_version": "0.2.0",
        "in_progress": progress,
        "code": code,
        "args": [*args],
    }
    return Report(f"r{code}{at_ms}{installed}", body, at_ms)


def test_how_a_room_ended() -> None:
    rows = [
        report("update.done", "0.1.0", "0.2.0", installed="0.2.0"),
        report("update.back", "0.2.0", "0.1.0", "update.silent"),
        report("update.self_test", "0.2.0", "ImportError"),
        report("update.failed_here", "0.2.0", at_ms=3),
        report("update.back", "0.1.9", "0.1.0", "update.silent", at_ms=1),
        report("update.watching", progress=True),
        report("update.watching", progress=True, at_ms=2 * HOUR),
        report("update.not_yet", "0.2.0", "10"),
    ]
    found = course("ring-0", "0.2.0", rows, 2 * HOUR)
    assert (found.taken, len(found.back), len(found.refused), len(found.silent)) == (1, 2, 1, 1)
    assert found.stop
    assert not course("ring-0", "0.2.0", rows, 2 * HOUR, Bound(least=5)).stop
    assert not course("ring-0", "0.2.0", rows, 2 * HOUR, Bound(ratio=0.9)).stop


def test_without_a_tree_here_nothing_is_done_and_a_tree_is_read_as_it_is_signed(
    address: str, office: Office
) -> None:
    with Desk(address) as desk:
        desk.run(think_rollout.think, desk.place)
    office.release("0.2.0", "ring-1")
    assert offers(office.folder / "www") == {"ring-1": "0.2.0"}
    assert json.dumps(withheld(office.folder / "www")) == "[]"


def test_the_page_names_the_sites_in_which_it_failed(tmp_path: Path, office: Office) -> None:
    office.release("0.2.0", "ring-1")
    failed = [report("update.back", "0.2.0", "0.1.0", "update.silent", at_ms=n) for n in range(2)]
    settings = centre(office)
    withhold(office.folder / "www", course("ring-1", "0.2.0", failed, 0), NOW_MS)
    with browser.Served(browser.address(tmp_path), settings) as served, browser.opened(served) as page:
        browser.sign_in(served, page)
        page.goto(f"{served.url}/#/fleet")
        page.get_by_role("heading", name="Bản cập nhật đã dừng").wait_for()
        card = page.locator("section.card", has_text="Bản cập nhật đã dừng")
        expect(card).to_contain_text("0.2.0 ở ring-1")
        expect(card).to_contain_text("Đã quay lại bản cũ (2)")
        assert card.get_by_role("link").count() == 2
        assert browser.axe(page) == []
        browser.shot(page, "fleet-stopped")
