"""The page's files come from memory with their headers, and only they."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest

from controller.dashboard.web.app import STATIC
from tests.controller.dashboard.kit import Desk


@pytest.fixture
def address(tmp_path: object) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/centre.db"


def test_a_file_comes_once_and_is_then_not_sent_again(desk: Desk) -> None:
    first = desk.http.get("/static/lib/pretend.js")
    assert first.content.splitlines()[-1] == (STATIC / "lib" / "pretend.js").read_bytes().splitlines()[-1]
    assert first.headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'" in first.headers["content-security-policy"]
    again = desk.http.get("/static/lib/pretend.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = desk.http.get("/static/lib/pretend.js", headers={"accept-encoding": "identity"})
    assert plain.content == first.content


def test_what_runs_first_stands_in_the_page_and_its_policy_allows_that_and_nothing_else(desk: Desk) -> None:
    page = desk.http.get("/")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.S)
    assert script == (STATIC / "first.js").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = re.findall(r"script-src ([^;]*);", page.headers["content-security-policy"])
    assert allowed == [f"'self' 'sha256-{digest}'"]


def test_a_module_that_the_page_begins_with_is_there_once(desk: Desk) -> None:
    assert desk.http.get("/static/lib/words.js").status_code == 404
    other = desk.http.get("/static/lib/act.js").text
    assert "./words.js" not in other
    assert '{ $lib_words_js } from "/static/app.js"' in other


@pytest.mark.parametrize(
    "path", ["/static/no.js", "/static/../web/app.py", "/static/%2e%2e/web/app.py", "/static/"]
)
def test_nothing_else_comes(desk: Desk, path: str) -> None:
    assert desk.http.get(path).status_code == 404
    assert desk.http.post("/static/app.js").status_code == 405


def test_what_is_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    answer = desk.http.post("/api/sign-in", content=b"{}", headers={"content-length": "3000000"})
    assert (answer.status_code, answer.json()["code"]) == (413, "rights.too_large")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_sentences_come_packed_and_once(desk: Desk) -> None:
    first = desk.http.get("/api/texts?lang=en")
    assert first.json()["page.sign_in"] == "Sign in"
    again = desk.http.get("/api/texts?lang=en", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    plain = desk.http.get("/api/texts", headers={"accept-encoding": "identity"})
    assert plain.json()["page.sign_in"] == "Đăng nhập"
