"""What a unit is called, as the centre and its pages say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.dashboard.store.tables_people import UNITS
from controller.dashboard.units import unit_name
from tests.controller.dashboard.browser import Served, address, opened, sign_in
from tests.controller.dashboard.kit import Desk
from tests.controller.dashboard.test_technician import communes

CALLED = {
    ("xã", "Kim Sơn"): "Xã Kim Sơn",
    ("phường", "Hoa Lư"): "Phường Hoa Lư",
    ("xã", "Xã Kim Sơn"): "Xã Kim Sơn",
    ("sở", "Sở Y tế"): "Sở Y tế",
    ("trung tâm", "GDNN – GDTX Nho Quan"): "Trung tâm GDNN – GDTX Nho Quan",
    ("ban", "Bang Hội"): "Ban Bang Hội",
}


@pytest.mark.parametrize("unit", CALLED, ids=" ".join)
def test_a_unit_is_called_by_its_type_once(unit: tuple[str, str]) -> None:
    assert unit_name(*unit) == CALLED[unit]


def test_pages_call_it_the_same(tmp_path: Path) -> None:
    said = """async (units) => {
        const { unitName } = (await import("/static/app.js")).$lib_words_js;
        return units.map(([kind, name]) => unitName({ kind, name }));
    }"""
    with Served(address(tmp_path)) as served, opened(served) as page:
        served.store(UNITS, {"id": 1, "parent": None, "kind": "xã", "name": "Kim Sơn"})
        served.room("kim-son", "Nhà văn hóa")
        sign_in(served, page)
        assert page.evaluate(said, list(CALLED)) == list(CALLED.values())
        page.goto(f"{served.url}/#/rooms")
        page.locator("option", has_text="Xã Kim Sơn").wait_for(state="attached")


def test_a_rooms_page_and_a_technicians_list_say_the_type(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in()
    assert desk.http.get("/api/rooms/nhu-hoa").json()["room"]["units"] == ["Thôn Như Hòa", "Xã Kim Sơn"]
    desk.sign_in("technician")
    told = {row["slug"]: row["unit"] for row in desk.http.get("/api/my-rooms").json()["rooms"]}
    assert told == {"kim-son": "Xã Kim Sơn", "nhu-hoa": "Thôn Như Hòa"}
