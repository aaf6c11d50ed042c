"""Behind a proxy everybody is told apart by what it says of them, and nobody else is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.config_error import ConfigError
from controller.dashboard.settings import load
from controller.dashboard.web.tries import SAME
from tests.controller.dashboard.test_two_of_each import Web


def statuses(web: Web, *callers: str) -> list[int]:
    """Of a wrong password for one account, from each."""
    wrong = {"login": "operator", "password": "no"}
    with web.client() as http:
        return [
            http.post("/api/sign-in", json=wrong, headers={"x-forwarded-for": one}).status_code for one in callers
        ]


@pytest.mark.parametrize(
    ("more", "another"),
    [("", 401), ('proxies = ["10.9.9.9"]', 429)],
    ids=["on this machine", "a proxy that is none"],
)
def test_who_asks_stands_in_the_header_of_the_proxy_alone(tmp_path: Path, more: str, another: int) -> None:
    web = Web(tmp_path, 1, f"sqlite+aiosqlite:///{tmp_path}/centre.db", "web", more)
    try:
        tries = ["198.51.100.1, 203.0.113.7"] * SAME  # what a caller has invented stands first
        assert statuses(web, *tries, "198.51.100.2, 203.0.113.7", "203.0.113.8") == [401] * SAME + [429, another]
    finally:
        web.stop()


def test_a_proxy_is_an_address(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    file.write_text('[web]\nproxies = ["*"]\n')
    with pytest.raises(ConfigError, match=r"web\.proxies"):
        load(file)
