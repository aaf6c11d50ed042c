"""The whole sign-in in a real Chromium at a real provider of another site."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.dashboard.settings import Centre, Oidc
from tests.controller.dashboard.browser import Served, address, axe, opened, shots
from tests.services.mosquitto import free_port

USERS = ({"sub": "cuong", "name": "Lê Văn Cường", "groups": ["diemcau-admin"]}, {"sub": "khach", "name": "Khách"})


@pytest.fixture
def provider() -> Iterator[str]:
    """oidc-provider-mock, as a process; its address."""
    port = free_port()
    people = [word for user in USERS for word in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "--require-nonce", *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            assert process.poll() is None, "the provider ended"
            assert time.monotonic() < until, "the provider did not start"
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_a_person_of_the_province_signs_in_and_out(provider: str, tmp_path: Path) -> None:
    (secret := tmp_path / "secret").write_text("bi-mat")
    its = Oidc(
        issuer=provider,
        client_id="diemcau",
        secret_file=str(secret),
        label="Tài khoản tỉnh",
        roles={"diemcau-admin": "admin"},
    )
    with Served(address(tmp_path), Centre(oidc=its)) as served:
        # By name, so that the provider is another site: a Strict cookie is then put to the test.
        here = served.url.replace("127.0.0.1", "localhost")
        settings = served.place.settings
        served.place.settings = settings.model_copy(
            update={"web": settings.web.model_copy(update={"public_url": here})}
        )
        with opened(served) as page:
            # The provider's own page wants a style from elsewhere, and has no icon.
            page.route(re.compile("^https:"), lambda route: route.fulfill(content_type="text/css", body=""))
            page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
            page.goto(here)
            button = page.get_by_role("button", name="Tài khoản tỉnh")
            button.wait_for()
            assert axe(page) == []
            shots(page, "sign-in-oidc")
            button.click()
            page.get_by_role("button", name="khach").click()
            page.get_by_text("Bạn chưa có vai trò tại trung tâm này").wait_for()
            assert page.url == f"{here}/#/"
            page.get_by_role("button", name="Tài khoản tỉnh").click()
            page.get_by_role("button", name="cuong").click()
            page.locator("header.head .who", has_text="Lê Văn Cường").wait_for()
            page.reload()
            page.locator("header.head .who", has_text="Lê Văn Cường").wait_for()
            page.get_by_role("button", name="Đăng xuất").click()
            page.get_by_label("Tài khoản", exact=True).wait_for()
            page.reload()
            page.get_by_label("Tài khoản", exact=True).wait_for()
