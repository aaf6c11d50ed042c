"""`python -m tests.bench.page [--rooms N] [--rounds N]`: from the address to ten thousand rooms on the screen,
against a bare page of the same run that fetches the same answer and paints a square a room on a canvas.

Paired rounds, each in a fresh browser profile; medians. Exit code 1 when the goal (1.4 × the bare page) is missed
or a room is missing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from fastapi import Response
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, sync_playwright

from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.web.gate import COOKIE, HERE_COOKIE
from controller.demo import binaries
from tests.bench.rows import Row
from tests.controller.dashboard.browser import FLAGS, WIDE, Served, address
from tests.controller.dashboard.kit import room_row

GOAL = 1.4
BARE = '<!doctype html><meta charset="utf-8"><title>bare</title><canvas width="1896" height="900"></canvas>'
BARE_JS = """
const said = await (await fetch("/api/rooms")).json();
const phase = said.columns.indexOf("phase");
const pen = document.querySelector("canvas").getContext("2d");
const inks = { off: "#ccd5e1", ready: "#0b57b8", in_call: "#0b57b8", powering: "#7a4d00" };
said.rows.forEach((row, n) => {
  pen.fillStyle = inks[row[phase]] ?? "#a3122b";
  pen.fillRect((n % 158) * 12, Math.floor(n / 158) * 14, 11, 13);
});
const done = () => { window.painted = { at: performance.now(), n: said.rows.length }; };
requestAnimationFrame(() => requestAnimationFrame(done));
"""
OURS_JS = """
(() => {
  const look = () => {
    const shown = document.querySelector(".rooms-head [role=status]")?.textContent ?? "";
    const [some, all] = shown.replaceAll(".", "").split(" ")[0].split("/").map(Number);
    if (document.querySelector(".tile") === null || !(some > 0)) return requestAnimationFrame(look);
    requestAnimationFrame(() => { window.painted = { at: performance.now(), n: some === all ? all : -1 }; });
  };
  requestAnimationFrame(look);
})();
"""
WAIT_JS = """async () => {
  while (window.painted === undefined && performance.now() < 60_000) await new Promise(requestAnimationFrame);
  return window.painted;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Served(address(Path(folder))) as served:
        row, size = measure(served, options.rooms, options.rounds)
    print(f"{row.name}: {row.ours:.3f} s, bare page {row.floor:.3f} s, {row.ratio:.2f} x (goal {GOAL} x)")
    print(f"snapshot: {size / 1000:.0f} kB")
    return 0 if row.good else 1


def measure(served: Served, rooms: int, rounds: int) -> tuple[Row, int]:
    """The row of the table, and the bytes of the snapshot on the wire. AssertionError when a room is missing."""
    fill(served, rooms)
    served.app.get("/bare")(lambda: HTMLResponse(BARE + '<script type="module" src="/bare.js"></script>'))
    served.app.get("/bare.js")(lambda: Response(BARE_JS, media_type="text/javascript"))
    served.sign_in()
    secret = served.http.cookies[COOKIE]
    with served.http.stream("GET", "/api/rooms") as answer:
        size = len(b"".join(answer.iter_raw()))
    program = binaries.find("chromium")
    assert program is not None
    ours: list[float] = []
    bare: list[float] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(program), args=list(FLAGS))
        opened(browser, f"{served.url}/bare", secret, rooms)
        for _ in range(rounds):
            bare.append(opened(browser, f"{served.url}/bare", secret, rooms))
            ours.append(opened(browser, f"{served.url}/#/rooms", secret, rooms))
        browser.close()
    return Row("10,000 rooms painted", "s", statistics.median(ours), statistics.median(bare), GOAL, True), size


def opened(browser: Browser, url: str, secret: str, rooms: int) -> float:
    """Seconds from the address to what is painted, in a profile without any cache."""
    context = browser.new_context(viewport=WIDE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")  # type: ignore[arg-type]
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in ((COOKIE, secret), (HERE_COOKIE, "1"))]
    )
    page = context.new_page()
    if url.endswith("rooms"):
        page.add_init_script(OURS_JS)
    page.goto(url)
    # Not wait_for_function: it evaluates a text, which the page's own policy refuses.
    found = page.evaluate(WAIT_JS)
    context.close()
    assert found is not None, "nothing was painted in a minute"
    assert found["n"] == rooms, found
    return float(found["at"]) / 1000


def fill(served: Served, count: int) -> None:
    """`count` rooms that spoke within the last minutes."""
    phases = ("off", "ready", "in_call", "powering")
    rows, last = [], []
    for n in range(count):
        slug, at = f"room-{n:05d}", served.now_ms - n * 40
        rows.append(room_row(slug, f"Phòng họp UBND xã số {n}"))
        meeting = {"uid": f"giao-ban-{n % 7}", "start": served.now_ms + n % 7 * 3_600_000, "ready": ""}
        state = {"phase": phases[n % 4], "health": "good", "power": "mains", "line": "good", "floor": "closed"}
        body = {
            **state,
            "boot": "b",
            "mono_s": n / 7,
            "meeting": meeting,
            "incidents": ["line_slow"] * (n % 9 == 0),
        }
        last.append({"room": slug, "part": "state", "body": body, "received_ms": at})
        last.append({"room": slug, "part": "status", "body": {"online": True, "reason": ""}, "received_ms": at})
    served.store(ROOMS, *rows)
    served.store(LAST, *last)
    served.run(served.app.state.watch.look)


if __name__ == "__main__":
    sys.exit(main())
