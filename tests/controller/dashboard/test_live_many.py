"""A province's meeting at the desk: 164 sites with queue, microphones and incidents on one screen, places by their
names and phones beside them; and a roll-call whose cursor stays with its site when the list is sorted anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import select

from controller.dashboard import think_incidents
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE
from controller.dashboard.store.tables_work import INCIDENTS, TICKS
from tests.controller.dashboard.browser import WIDE, Served, address, axe, opened, shots, sign_in
from tests.controller.dashboard.kit import MINUTE, NOW_MS
from tests.controller.dashboard.test_live_pages import NAMES, UID, meeting

SITES = [f"xa-{n:03}" for n in range(164)]
CUT = """[...document.querySelectorAll('.tiles .site > div')]
    .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth)
    .map((one) => one.innerText)"""


def province(served: Served) -> None:
    """Site 0 chairs with an open microphone, 5 has the floor, 9 is open; 17 is out of the call, 31 has smoke."""
    for n, slug in enumerate(SITES):
        served.room(slug, f"Phường Đông Hoa Lư {n}", phase="in_call", call=n != 17, duty=True,
                    floor="live" if n == 5 else "closed", mic="open" if n in (0, 5, 9) else "muted",
                    asks=["chu_toa"] if n % 16 == 3 else [], incidents=["smoke"] if n == 31 else [])  # fmt: skip
    served.meeting(UID, SITES, NOW_MS - 20 * MINUTE)
    served.store(PEOPLE, {"name": "Lê Văn An", "unit": None, "phone": "0912 345 678", "email": "", "trained": []})
    served.store(ROOM_PEOPLE, {"room": "xa-017", "person": 1, "part": "technician"})
    served.run(think_incidents.think, served.place)


def bottom(page: Page, what: str) -> float:
    """Where the last of `what` ends, from the top of the window."""
    box = page.locator(what).last.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_a_province_is_on_one_screen(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        province(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        page.locator(".tiles .site").nth(163).wait_for()
        assert bottom(page, ".tiles .site") <= WIDE["height"]
        assert bottom(page, ".floor > .card") <= page.locator(".tiles .site").first.bounding_box()["y"]  # type: ignore[index]
        assert page.evaluate(f"document.documentElement.scrollWidth <= {WIDE['width']}")
        assert page.evaluate(CUT) == [], "names and states stand whole on their tiles"
        assert [one.inner_text() for one in page.locator(".mics strong").all()] == [
            "Phường Đông Hoa Lư 0", "Phường Đông Hoa Lư 9"
        ]  # fmt: skip
        assert axe(page) == []
        shots(page, "session-164")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.get_by_role("button", name="Đóng micro, Phường Đông Hoa Lư 9").click()
        page.get_by_text("Đã gửi lệnh").wait_for()
    (sent,) = served.way.sent
    assert (sent.topic, json.loads(sent.payload)["args"]) == ("diemcau/1/xa-009/do/mute", {"value": "muted"})


def test_incidents_and_missing_sites_say_where_and_whom_to_phone(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        province(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        row = page.locator(".floor li").filter(has_text="Khói, nước")
        row.get_by_text("Phường Đông Hoa Lư 31").wait_for()
        row.get_by_role("button", name="Đã nhận").click()
        row.get_by_role("button").wait_for(state="detached")
        page.get_by_role("link", name="Lê Văn An 0912 345 678").wait_for()
        assert page.get_by_role("link", name="Lê Văn An").get_attribute("href") == "tel:0912345678"
        assert served.rows(select(INCIDENTS.c.stage)) == [("received",)]
        served.sign_in("viewer")
        told = served.http.get(f"/api/sessions/{UID}").json()
        assert (told["missing"], told["people"]) == (["xa-017"], {}), "numbers are not for viewers"


def test_the_cursor_of_the_roll_call_stays_with_its_site(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        sign_in(served, page)
        page.goto(f"{served.url}/#/rollcall")
        table = page.get_by_role("region", name="Điểm danh")
        names = table.locator("tbody strong")
        names.nth(len(NAMES) - 1).wait_for()
        last, chosen = names.last.inner_text(), names.nth(1).inner_text()
        table.focus()
        page.keyboard.press("ArrowDown")
        page.locator("tr.here", has_text=chosen).wait_for()
        slug = next(slug for slug, name in NAMES.items() if name == last)
        found = {"found": [["load.camera", "failed"]]}
        served.store(LAST, {"room": slug, "part": "detail/rollcall", "body": found, "received_ms": NOW_MS})
        page.get_by_role("row").nth(1).filter(has_text=last).wait_for()  # the doubtful one is the first now
        assert chosen in page.locator("tr.here").inner_text()
        for _ in range(3):
            page.keyboard.down("k")  # held
        page.keyboard.up("k")
        page.get_by_role("button", name=f"tốt {chosen}: cán bộ").wait_for()
        assert {row.room for row in served.rows(select(TICKS))} == {
            s for s, name in NAMES.items() if name == chosen
        }
