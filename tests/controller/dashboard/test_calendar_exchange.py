"""Calendars of others: a file is taken whole or refused with its line; an address is read within bounds; what goes
from it is cancelled; and a real broker carries ours to a room's own reader."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from controller.calendar import Agenda, example
from controller.dashboard import think_subscriptions
from controller.dashboard.calendar_fetch import BYTES_MOST, NotFetched, fetch
from controller.dashboard.calendar_import import Refused, Whose, taken
from controller.dashboard.settings import Broker, Centre
from controller.dashboard.store.tables_calendar import SUBSCRIPTIONS
from controller.dashboard.store.tables_work import INSTANCES
from controller.texts import ReadableError
from tests.controller.dashboard.kit import HOUR, NOW_MS, Desk
from tests.controller.dashboard.test_calendar_api import DAY, form, in_room, network, post
from tests.services.centre import Centre as Listener
from tests.services.mosquitto import Mosquitto

WHOSE = Whose(("kim-son",), chair="kim-son")
KNOWN = ("kim-son", "gia-vien")


def ics(*lines: str, uid: str = "a@b", start: str = "20260801T080000", more: str = "") -> str:
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Họp", f"DTSTART:{start}"]
    return "\r\n".join(
        [*rows, "DTEND:20260801T100000", *lines, "END:VEVENT", *([more] if more else []), "END:VCALENDAR", ""]
    )


def test_our_own_example_is_taken_and_guests_are_not() -> None:
    known = ("sogddt", "ttgdtx-thanh-pho")
    found = taken(example(), "f", Whose(everyone=True), known)
    assert found[0].draft.title.startswith("Họp giao ban")
    assert all(series.uid.startswith("f-") and series.rule for series in found)
    one = taken(ics("ATTENDEE:mailto:a@b", "DESCRIPTION:mật khẩu 1"), "f", WHOSE, KNOWN)[0]
    assert "mật khẩu" not in repr(one)
    assert one.draft.members == ("kim-son",)


PARIS = ics("RRULE:FREQ=DAILY").replace(":2026", ";TZID=Europe/Paris:2026")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (ics(start="20260801"), 6, "calendar.no_hour"),
        (ics("RRULE:FREQ=SECONDLY"), 8, "calendar.rule"),
        (ics("X-DIEMCAU-POLICY:loud"), 8, "calendar.word"),
        (ics("X-DIEMCAU-BREAK:yesterday"), 8, "calendar.break"),
        (ics("X-DIEMCAU-MEMBERS:nowhere"), 8, "meeting.room"),
        (ics("RECURRENCE-ID:20260701T080000"), 8, "import.orphan"),
        (ics().replace("END:VEVENT\r\n", ""), 3, "calendar.cut_off"),
        (PARIS, 8, "import.zone"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason_and_the_line(text: str, line: int, why: str) -> None:
    with pytest.raises(Refused) as refused:
        taken(text, "f", WHOSE, KNOWN)
    assert (refused.value.line, refused.value.why) == (line, why)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_noise_is_taken_or_refused_with_a_sentence(data: st.DataObject) -> None:
    lines = ics("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20260808T080000").split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        n = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, len(lines[n])))
        noise = data.draw(st.text("ABCDTZ:;=,0123456789-\\ \n", max_size=12))
        lines[n] = lines[n][:cut] + noise + lines[n][cut:]
    said = ""
    try:
        said = "".join(series.draft.title for series in taken("\r\n".join(lines), "f", WHOSE, KNOWN)) or "nothing"
    except ReadableError as error:
        said = error.text("vi")
    assert said


def test_a_file_is_imported_whole_or_not_at_all_and_again_changes_the_same(desk: Desk) -> None:
    network(desk)
    body = {"rooms": ["kim-son"], "name": "lich.ics"}
    bad = ics(
        more=ics("RRULE:FREQ=SECONDLY", uid="b").partition("VERSION:2.0\r\n")[2].rpartition("END:VCAL")[0].strip()
    )
    refused = post(desk, "/exchange/import", {**body, "text": bad}, 422)
    assert refused["code"] == "import.refused"
    assert refused["args"][0] == 14
    assert desk.rows(select(INSTANCES)) == []
    assert post(desk, "/exchange/import", {**body, "text": "no"}, 422)["code"] == "calendar.not_calendar"
    assert post(desk, "/exchange/import", {**body, "text": ics()})["count"] == 1
    post(desk, "/exchange/import", {**body, "text": ics(start="20260801T090000")})
    assert [row.start_ms % DAY for row in desk.rows(select(INSTANCES))] == [2 * HOUR]
    assert len(in_room(desk, "kim-son")) == 1


class Page(BaseHTTPRequestHandler):
    """Says `text` with an ETag; elsewhere what a hostile server may say."""

    text: ClassVar[str] = ""
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).seen.append(self.path)
        if self.path == "/away":
            return self.answer(503, b"")
        if self.path == "/large":
            return self.answer(200, b"x" * (BYTES_MOST + 1))
        if self.path == "/bytes":
            return self.answer(200, b"\xff\xfe\x00")
        if self.path in ("/loop", "/moved"):
            to = "/loop" if self.path == "/loop" else "/lich.ics"
            return self.answer(302, b"", ("location", to))
        tag = f'"{hash(self.text)}"'
        if self.headers.get("if-none-match") == tag:
            return self.answer(304, b"")
        return self.answer(200, self.text.encode(), ("etag", tag))

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("content-length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def far() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    Page.text, Page.seen = ics(), []
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_an_address_is_read_within_bounds() -> None:
    with far() as url:
        page = asyncio.run(fetch(f"{url}/moved", private=True))
        assert page.text == ics()
        assert asyncio.run(fetch(f"{url}/lich.ics", page.etag, private=True)).text is None
        for path, code in (
            ("/away", "fetch.status"),
            ("/large", "fetch.too_large"),
            ("/bytes", "fetch.text"),
            ("/loop", "fetch.redirects"),
        ):
            with pytest.raises(NotFetched) as refused:
                asyncio.run(fetch(url + path, private=True))
            assert refused.value.code == code
        Page.seen.clear()
        for hidden in (url, url.replace("127.0.0.1", "localhost"), "http://[::1]:1/", "http://169.254.169.254/"):
            with pytest.raises(NotFetched) as refused:
                asyncio.run(fetch(hidden))
            assert refused.value.code == "fetch.private"
        assert Page.seen == [], "nobody was asked"
    for wrong in ("file:///etc/passwd", "ftp://a/b", "http://", "http://u:p@a/", "http://a:99999/", "nonsense"):
        with pytest.raises(NotFetched) as refused:
            asyncio.run(fetch(wrong))
        assert refused.value.code == "fetch.scheme"
    with pytest.raises(NotFetched) as refused:
        asyncio.run(fetch("http://127.0.0.1:9/", private=True))
    assert refused.value.code == "fetch.broken"


def test_a_subscription_is_kept_when_the_server_is_away_and_follows_what_it_says(address: str) -> None:
    with far() as url, Desk(address, Centre(calendar_private=True)) as desk:
        network(desk)
        body = {"name": "Lịch tỉnh", "url": f"{url}/lich.ics", "rooms": ["kim-son"], "chair": "kim-son"}
        post(desk, "/exchange/subscriptions", body)
        assert post(desk, "/exchange/subscriptions", body, 409)["code"] == "exchange.twice"
        uid = in_room(desk, "kim-son")[0][0]
        refused = post(desk, "/meetings/mark", {"uid": uid, "what": "cancel"}, 409)
        assert refused["code"] == "meeting.foreign"
        Page.text = "what is this"
        row = again(desk)
        assert (row.fault, len(in_room(desk, "kim-son"))) == ("calendar.not_calendar", 1)
        Page.text = ics(uid="other", start="20260801T083000")
        assert again(desk).fault == ""
        rows = desk.rows(select(INSTANCES).order_by(INSTANCES.c.start_ms))
        assert [one.cancelled for one in rows] == [True, False]
        assert [one[0] for one in in_room(desk, "kim-son")] == [rows[1].uid]
        number = desk.http.get("/api/exchange").json()["subscriptions"][0]["id"]
        assert desk.http.delete(f"/api/exchange/subscriptions/{number}").status_code == 200
        assert in_room(desk, "kim-son") == []


def again(desk: Desk) -> Any:
    desk.now_ms += think_subscriptions.AGAIN_MS + 1000
    desk.run(think_subscriptions.think, desk.place)
    return desk.rows(select(SUBSCRIPTIONS))[0]


def test_our_calendar_is_subscribed_to_by_its_address_alone(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form())
    post(desk, "/meetings", form(title="Họp Thường vụ", secret=True, members=["nho-quan"], chair="nho-quan"))
    post(desk, "/meetings", form(title="Tập dượt", practice=True))
    urls = [post(desk, "/exchange/feeds", {"room": room})["url"] for room in ("gia-vien", "")]
    shown = desk.http.get("/api/exchange").json()["feeds"]
    assert not any(url.rpartition("/")[2][:-4] in repr(shown) for url in urls)
    desk.http.cookies.clear()
    one, every = (desk.http.get(url.removeprefix("http://localhost:8080")).text for url in urls)
    assert [one.count("BEGIN:VEVENT"), every.count("BEGIN:VEVENT")] == [1, 2]
    assert "Thường vụ" not in every
    assert "Tập dượt" not in every, "nobody goes to a room for the desk's practice"
    assert Agenda(one).problems == ()
    assert desk.http.get("/api/feed/wrong.ics").status_code == 404
    desk.sign_in()
    assert desk.http.delete(f"/api/exchange/feeds/{shown[0]['id']}").status_code == 200
    assert desk.http.get(urls[0].removeprefix("http://localhost:8080")).status_code == 404


@pytest.mark.services
def test_a_real_broker_keeps_what_a_room_reads(tmp_path: Path) -> None:
    from controller.dashboard.broker import Line

    with Mosquitto(tmp_path) as broker, Desk(f"sqlite+aiosqlite:///{tmp_path}/c.db") as desk:
        network(desk)
        line = Line(Broker(port=broker.port), (), lambda *_: None, name="web")
        desk.place.way = line

        async def start() -> asyncio.Task[None]:
            task = asyncio.create_task(line.live())
            while not line.up:
                await asyncio.sleep(0.01)
            return task

        task = desk.run(start)
        assert post(desk, "/meetings", form(rule="FREQ=WEEKLY"))["sent"] == 2
        with Listener(broker.port) as room:  # comes after it was sent: the broker kept it
            heard = room.topic("diemcau/1/gia-vien/calendar")
            agenda = Agenda(heard.payload.decode(), room="gia-vien")
            assert len(agenda.occurrences(NOW_MS, NOW_MS + 30 * DAY)) == 4

        async def end() -> None:
            task.cancel()

        desk.run(end)
