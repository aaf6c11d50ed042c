"""The demo's page: a real centre on a real broker, and rooms that report to it."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo.board import ROOMS, Board
from controller.demo.daemon import ServiceError
from tests.services.mosquitto import Mosquitto

WAIT_S = 60.0


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with Mosquitto(tmp_path) as broker:
        yield broker.port


def test_the_page_answers_and_every_room_reports(tmp_path: Path, port: int) -> None:
    board = Board(tmp_path, 60, 1, "vi")
    try:
        board.start(port)
        with urllib.request.urlopen(board.url, timeout=10) as page:
            assert b"<title>Diemcau</title>" in page.read()
        assert len(board.password) >= 12
        end, found = time.monotonic() + WAIT_S, set[str]()
        while found != set(ROOMS) and time.monotonic() < end:
            time.sleep(0.2)
            with sqlite3.connect(tmp_path / "centre.db") as database:
                found = {row[0] for row in database.execute("SELECT room FROM cursors WHERE upto > 0")}
        assert found == set(ROOMS)
        now_ms = time.time_ns() // 1_000_000
        board.book("Họp giao ban", now_ms + 3_600_000, now_ms + 7_200_000)
        planned = set[str]()
        while planned != set(ROOMS) and time.monotonic() < end:
            time.sleep(0.2)
            with sqlite3.connect(tmp_path / "centre.db") as database:
                said = database.execute("SELECT room, body FROM last WHERE part = 'detail/schedule'")
                planned = {room for room, body in said if json.loads(body)["meetings"]}
        assert planned == set(ROOMS), "every room plans with what was booked on the page"
        with pytest.raises(ServiceError, match="422"):
            board.book("", now_ms, now_ms)
    finally:
        board.stop()


def test_what_does_not_start_says_why(tmp_path: Path, port: int) -> None:
    (tmp_path / "centre.db").write_text("no database at all, and long enough to be looked at" * 20)
    with pytest.raises(ServiceError, match="not a database"):
        Board(tmp_path, 60, 1, "vi").start(port)
