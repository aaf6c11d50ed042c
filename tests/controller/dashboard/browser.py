"""The centre on a real port for a real Chromium: pages are opened, looked at by axe, and kept as pictures.

`shot` keeps a picture at both widths under .cache/shots; a console error, a page error or a refused asset fails the
test that saw it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

from controller.demo import binaries
from controller.demo.outside import modules
from tests.controller.dashboard.kit import HEADERS, PASSWORD, Desk

T = TypeVar("T")
SHOTS = binaries.CACHE / "shots"
WIDE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
# What Playwright turns off for pages to be the same each time (of several such words the last counts), and the
# popups of the address bar: each browser loads two pages of its own for them, forty files, beside our first.
OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
)
FLAGS = (
    f"--disable-features={OFF}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
# Two pictures later all that was queued is done.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
expect.set_options(timeout=15_000)  # as long as a page waits for anything: the machine may have other things to do


class Served(Desk):
    """A Desk that listens at `url`."""

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._live, args=(ready,))
        self._thread.start()
        assert ready.wait(20), "the page did not start"
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx2.Client(base_url=self.url, headers=HEADERS, timeout=60)  # type: ignore[assignment]
        return self

    def _live(self, ready: threading.Event) -> None:
        async def all_of_it() -> None:
            self._loop = asyncio.get_running_loop()
            served = asyncio.create_task(self._server.serve())
            while not self._server.started and not served.done():
                await asyncio.sleep(0.01)
            ready.set()
            await served

        asyncio.run(all_of_it())

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.http.close()

    def run(self, act: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T:
        return asyncio.run_coroutine_threadsafe(act(*args), self._loop).result(30)


@contextmanager
def opened(
    served: Served, size: dict[str, int] | None = None, zone: str = "Asia/Ho_Chi_Minh", *, line_fails: bool = False
) -> Iterator[Page]:
    """A fresh browser on the centre's page, in a zone. What it complains of fails the test at the end; where the
    line fails, the browser says so by itself."""
    program = binaries.find("chromium")
    assert program is not None, "chromium is missing: `make setup-tests` installs it"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(program), args=list(FLAGS))
        page = browser.new_page(viewport=size or WIDE, locale="vi-VN", timezone_id=zone)  # type: ignore[arg-type]
        page.set_default_timeout(15_000)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        browser.close()
    # A refused sign-in or form is what the test asked for; the browser notes it as an error all the same.
    asked = ("status of 401", "status of 422", *(("Failed to load resource", "dynamically imported") * line_fails))
    unasked = [line for line in said if not any(word in line for word in asked)]
    assert unasked == [], "\n".join(unasked)


def come(page: Page, held: Callable[[], object]) -> None:
    """Until what a page asked for is with us: its request is known (`expect_request`) before the route has it."""
    for _ in range(500):  # two pictures each: some fifteen seconds, as a page waits for anything
        if held():
            return
        page.evaluate(SETTLED)
    raise AssertionError("nothing was asked for")


def sign_in(served: Served, page: Page, role: str = "operator") -> None:
    """Makes the account and signs in on the page."""
    served.sign_in(role)
    page.goto(served.url)
    page.get_by_label("Tài khoản").fill(role)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.locator("header.head").wait_for()


def shot(page: Page, name: str) -> None:
    """The page at both widths, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for word, size in (("phone", PHONE), ("wide", WIDE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=str(SHOTS / f"{name}-{word}.png"))


def shots(page: Page, name: str) -> None:
    """As `shot`, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        shot(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds wrong, as `rule: element`; [] = clean. `rules`: these alone."""
    if page.evaluate("() => !('axe' in window)"):
        script = (modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        page.evaluate(script)  # not a script tag: the page's own policy would refuse it
    found = page.evaluate(
        "async (rules) => (await axe.run(rules.length ? { runOnly: rules } : {})).violations", list(rules)
    )
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def address(folder: Path) -> str:
    """A SQLite database in `folder`."""
    return f"sqlite+aiosqlite:///{folder}/centre.db"
