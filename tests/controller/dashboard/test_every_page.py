"""Every page in all eight looks, a desk's and a phone's width, light and dark, both languages: nothing is wider
than its screen, no code stands where a sentence should, and axe finds nothing. The pictures are kept to be looked
at.

One centre and one browser serve all of them. Light and dark differ in colours alone, so a page is opened once for
both, and in the second axe looks at the contrast, which is all of it that hangs on colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize
from sqlalchemy import select, update

from controller.dashboard import think_incidents
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, UNITS, USER_COMMUNES, USERS
from controller.dashboard.store.tables_work import FEEDBACK, INSTANCES, MAINTENANCE, SHIFTS
from controller.dashboard.web.gate import COOKIE, admit
from tests.controller.dashboard.browser import PHONE, SHOTS, WIDE, Served, address, axe, opened, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, user_row

PAGES = {
    "board": ".card",
    "rollcall": ".roll table",
    "session": ".desk-panel",
    "session/practice": ".practice",
    "incidents": ".list li",
    "incidents/1": ".timeline",
    "calendar": ".ec",
    "calendar/requests": ".cal-ask",
    "calendar/ahead": "table",
    "calendar/exchange": "textarea",
    "rooms": "[href='#/rooms/kim-son']",
    "rooms/kim-son": ".room",
    "reports": "select[name=form]",
    "people": "table",
    "fleet": ".fleet table",
    "trips": ".trips",
    "shifts": "article.shift",
    "users": "table",
}
"""Each with what is there when it is whole."""
OF_A_TECHNICIAN = {"my-rooms": "section.card:nth-of-type(4)", "my-room/kim-son": ".mine section"}
"""What the account of a technician of these communes sees of its own."""
TECHNICIAN = 77
NAMES = {
    "kim-son": "Kim Sơn",
    "hoa-lu": "Hoa Lư",
    "nho-quan": "Nho Quan",
    "gia-vien": "Trung tâm Giáo dục nghề nghiệp – Giáo dục thường xuyên Gia Viễn",
}
COUNTED = """(() => { const ask = fetch; window.open_ = 0;
  window.fetch = async (...of) => { open_ += 1; try { return await ask(...of); } finally { open_ -= 1; } }; })()"""
"""In the page: how many questions to the centre have no answer yet."""
_CODE = re.compile(
    r"\b(?:page|room|board|calendar|booking|exchange|fleet|trips|incident|thing|phase|alert|reply|rights|desk|report"
    r"|meeting|line|power|notice|import|order|check|clause|role|trust|load|contact|help|pack|mode|meaning)"
    r"\.[a-z_]+(?:\.[a-z0-9_]+)*\b(?![@/])"
)


def furnished(served: Served) -> None:
    """A centre with something on every page."""
    for n, (slug, name) in enumerate(NAMES.items()):
        served.room(slug, name, phase="in_call", call=n != 2, floor="closed", mic="open" if n == 1 else "muted",
                    asks=["ghe-1"] if n == 0 else [], duty=n == 0, loads={"codec": "P", "camera": "P"},
                    incidents=["needs_hand"] if n == 3 else ["smoke"] if n == 1 else [])  # fmt: skip
    served.store(UNITS, {"parent": None, "kind": "phường", "name": "Đông Hoa Lư", "merged_into": None})
    served.store(PEOPLE, {"name": "Lê Văn An", "unit": 1, "phone": "0912 345 678", "email": "an@ninhbinh.vn",
                          "trained": [{"on": "2026-06-01", "what": "Vận hành phòng họp"}]})  # fmt: skip
    served.store(ROOM_PEOPLE, {"room": "kim-son", "person": 1, "part": "technician"})
    served.store(USERS, {"id": TECHNICIAN, **user_row("technician", "Lê Văn An")})
    served.store(USER_COMMUNES, {"user": TECHNICIAN, "unit": 1})
    served.transaction(lambda connection: connection.execute(update(ROOMS).values(unit=1)))
    seats = {"v": 1, "seats": {"chu_toa": ["main", 4], "khach": ["main", 5]}}
    served.store(LAST, {"room": "kim-son", "part": "detail/camera", "body": seats, "received_ms": NOW_MS})
    window = {"room": "hoa-lu", "from_ms": NOW_MS, "until_ms": NOW_MS + HOUR}
    served.store(MAINTENANCE, {**window, "reason": "thay máy chiếu", "by": "Trần Thị Bình"})
    served.store(FEEDBACK, {"room": "kim-son", "by": "Kim Sơn", "at_ms": NOW_MS, "text": "loa trái rè"})
    served.store(
        SHIFTS, {"at_ms": NOW_MS, "by": "Trần Thị Bình", "text": "Đường truyền Nho Quan chập chờn.\nĐã gọi VNPT."}
    )
    served.run(think_incidents.think, served.place)
    served.now_ms += MINUTE
    served.run(think_incidents.think, served.place)
    served.sign_in("admin")
    form = {"title": "Giao ban trực tuyến tháng 7 với các xã, phường", "members": list(NAMES), "chair": "kim-son",
            "backup": "hoa-lu", "kind": "giao_ban", "document_no": "12/GM-UBND", "numbers": ["7001"],
            "start_ms": NOW_MS + 10 * MINUTE, "end_ms": NOW_MS + 2 * HOUR}  # fmt: skip
    assert served.http.post("/api/meetings", json=form).status_code == 200
    asked = {"unit": "Sở Y tế", "document_no": "8/SYT", "content": "Tập huấn tiêm chủng", "rooms": ["kim-son"],
             "start_ms": NOW_MS + 80 * HOUR, "end_ms": NOW_MS + 82 * HOUR}  # fmt: skip
    assert served.http.post("/api/requests", json=asked).status_code == 200


def as_technician(served: Served) -> str:
    """The secret of a session of the technician's account."""
    return served.run(lambda: admit(served.place, "session", NOW_MS + 9 * HOUR, user=TECHNICIAN))


def faults(page: Page, name: str, rules: list[str]) -> list[str]:
    """What is wrong with the page as it is; axe's `rules`, [] = all of them."""
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
           .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, nav'))
           .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""
    )
    codes = sorted(set(_CODE.findall(page.locator("body").inner_text())))
    return [*(f"{name} is too wide: {it}" for it in wide), *(f"{name} says {it}" for it in codes),
            *(f"{name}, axe: {it}" for it in axe(page, rules))]  # fmt: skip


def seen(page: Page, name: str, whole: str, look: str) -> list[str]:
    page.locator(f"main {whole}").first.wait_for()
    page.wait_for_function("() => open_ === 0 && document.querySelector('main')?.innerText.trim().length > 3")
    SHOTS.mkdir(parents=True, exist_ok=True)
    found = []
    for shade, rules in SHADES.items():
        page.evaluate(f"document.documentElement.dataset.shade = '{shade}'")
        page.screenshot(path=str(SHOTS / f"every-{name.replace('/', '-')}-{look}-{shade}.png"), full_page=True)
        found += faults(page, f"{name}, {shade}", rules)
    return found


@pytest.fixture(scope="module")
def desk_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Page]]:
    """A furnished centre, and an administrator in front of it."""
    with Served(address(tmp_path_factory.mktemp("every"))) as served, opened(served) as page:
        page.add_init_script(COUNTED)
        furnished(served)
        sign_in(served, page, "admin")
        yield served, page


SHADES: dict[str, list[str]] = {"light": [], "dark": ["color-contrast"]}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1920", "390"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_page_fits_speaks_and_is_clean(desk_page: tuple[Served, Page], lang: str, size: ViewportSize) -> None:
    served, page = desk_page
    look = f"{lang}-{size['width']}"
    cookies = page.context.cookies()
    page.set_viewport_size(size)
    page.goto(served.url)
    page.evaluate(f"localStorage.setItem('lang', '{lang}')")
    page.reload()
    found = []
    for name, whole in PAGES.items():
        page.goto(f"{served.url}/#/{name}")
        found += seen(page, name, whole, look)
    uid = served.rows(select(INSTANCES.c.uid))[0].uid
    for kind, whole, bound in (("chair", ".chair", {"meeting": uid}), ("phone", ".mine", {"room": "kim-son"})):
        made = admit(served.place, kind, NOW_MS + 9 * HOUR, name="Kim Sơn", **bound)
        secret = served.run(lambda it=made: it)
        page.goto(f"{served.url}/#/pass/{secret}")
        found += seen(page, kind, whole, look)
    page.goto("about:blank")
    page.context.add_cookies([{"name": COOKIE, "value": as_technician(served), "url": served.url}])
    for name, whole in OF_A_TECHNICIAN.items():
        page.goto(f"{served.url}/#/{name}")
        found += seen(page, name, whole, look)
    assert page.evaluate("document.documentElement.lang") == lang
    page.goto("about:blank")  # the phone's page asks nothing in another's name
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert found == [], "\n".join(found)
