"""Notices to a real mail server and a real web server on loopback, over both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from controller.dashboard import think_incidents, think_notices
from controller.dashboard.notices_send import targets
from controller.dashboard.recorder.thinker import Job, Thinker
from controller.dashboard.settings import Centre, Notify
from controller.dashboard.store.tables_people import ROOMS, UNITS
from controller.dashboard.store.tables_work import INCIDENT_LINES, INCIDENTS, MAINTENANCE, NOTICES
from controller.dashboard.web.place import wall_ms
from controller.texts import ReadableError
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_incidents_kept import say
from tests.controller.dashboard.test_recorder_killed import Recorders
from tests.controller.runtime.given import until
from tests.services.mosquitto import Mosquitto
from tests.services.sinks import MailSink, WebSink


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def web() -> Iterator[WebSink]:
    with WebSink() as sink:
        yield sink


@pytest.fixture
def file(tmp_path: Path, mail: MailSink, web: WebSink) -> Path:
    made = tmp_path / "notices.txt"
    made.write_text(f"# the duty\n{mail.url}\n\n{web.url}\n")
    return made


@pytest.fixture
def told(address: str, file: Path) -> Iterator[Desk]:
    with Desk(address, Centre(network="Ninh Bình", notify=Notify(urls_file=str(file)))) as made:
        yield made


def incident(desk: Desk, key: str, *rooms: str, **more: object) -> None:
    code = key.partition(":")[0]
    row = {"key": key, "open_key": key, "code": code, "scope": "room", "rooms": list(rooms), "meeting": "",
           "proposed": "mains", "from_ms": desk.now_ms,
           "seen_ms": desk.now_ms, "changed_ms": desk.now_ms}  # fmt: skip
    desk.store(INCIDENTS, row | more)


def look(desk: Desk, after_ms: int = 0) -> None:
    desk.now_ms += after_ms
    desk.run(think_notices.think, desk.place)


def change(desk: Desk, statement: Any) -> None:
    async def act(connection: Any) -> None:
        await connection.execute(statement)

    desk.transaction(act)


def stages(desk: Desk) -> list[str]:
    return [row.stage for row in desk.rows(select(NOTICES).order_by(NOTICES.c.id))]


def test_wrong_addresses_are_named_by_line_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "notices.txt"
    file.write_text("json://ok.vn/\nnonsense://user:secret@x\n")
    for path, line in ((file, 2), (tmp_path / "gone", 0)):
        with pytest.raises(ReadableError) as caught:
            targets(path)
        assert (caught.value.code, caught.value.told[:2]) == ("centre.notify", (path, line))
        assert "secret" not in str(caught.value)
    file.write_text("mailto://user:secret@mail.vn?to=a@b.vn\n" * 2)
    found = targets(file)
    assert len(found) == 1, "the same address twice is one"
    assert "secret" not in found[0].label + found[0].name


def test_a_storm_is_one_mail_and_one_post_and_ends_as_one(told: Desk, mail: MailSink, web: WebSink) -> None:
    for n in range(40):
        told.room(f"r{n}", f"Xã {n}")
        incident(told, f"power:r{n}", f"r{n}")
    look(told)
    assert (mail.tries, web.tries) == (0, 0), "it may be a blip"
    look(told, 30_000)
    look(told, 5_000)
    look(told, 10 * MINUTE)
    assert (len(mail.mails), len(web.posts)) == (1, 1)
    assert mail.mails[0]["subject"] == "[Ninh Bình] 40 tin sự cố, 40 điểm cầu"
    assert mail.mails[0]["to"] == "truc@ninhbinh.vn"
    plain = mail.mails[0].get_body(("plain", "html"))
    assert plain is not None
    assert "SỰ CỐ MỚI – Điện: Xã 0" in plain.get_content()
    assert "Thông báo số 2" in web.posts[0]["message"]
    assert web.posts[0]["message"].count("\n") == 22
    change(told, update(INCIDENTS).values(until_ms=told.now_ms, open_key=None))
    look(told, MINUTE)
    assert len(mail.mails) == 1
    look(told, MINUTE)
    assert (len(mail.mails), len(web.posts)) == (2, 2)
    lines = told.rows(select(INCIDENT_LINES).where(INCIDENT_LINES.c.incident == 1).order_by(INCIDENT_LINES.c.id))
    assert sorted({line.text for line in lines if line.kind == "notified"})[0].startswith("json://127.0.0.1")


def test_who_does_not_take_it_is_tried_again_within_bounds(
    told: Desk, mail: MailSink, web: WebSink, capfd: pytest.CaptureFixture[str]
) -> None:
    told.room("kim-son")
    incident(told, "power:kim-son", "kim-son", stage="received")
    mail.mood = web.mood = "refuse"
    look(told, MINUTE)
    assert (mail.tries, web.tries) == (1, 1)
    assert stages(told) == ["waiting", "waiting"]
    look(told, 29_000)
    assert mail.tries == 1, "not before its time"
    mail.mood = "take"
    look(told, 1_000)
    assert sorted(stages(told)) == ["sent", "waiting"]
    for _ in range(20):
        look(told, 64 * MINUTE)
    assert (mail.tries, web.tries, sorted(stages(told))) == (2, 8, ["given_up", "sent"])
    assert "503" in told.rows(select(NOTICES.c.why).where(NOTICES.c.stage == "given_up"))[0].why
    told.sign_in()
    kinds = [line["kind"] for line in told.http.get("/api/incidents/1").json()["lines"]]
    assert kinds == ["notified", "notice_failed"]
    (label,) = told.http.get("/api/incidents").json()["notices_failed"]
    assert label.startswith("json://127.0.0.1")
    assert 'diemcau_notices{stage="given_up"} 1.0' in told.http.get("/metrics").text
    told.now_ms += 25 * HOUR
    told.sign_in()
    assert told.http.get("/api/incidents").json()["notices_failed"] == []
    assert capfd.readouterr().err.count("notice.given_up: ") == 1, "said once"


def test_a_restart_in_the_middle_sends_nothing_twice(told: Desk, address: str, file: Path, mail: MailSink) -> None:
    told.room("kim-son")
    incident(told, "power:kim-son", "kim-son")
    look(told, MINUTE)
    assert len(mail.mails) == 1
    change(
        told, update(NOTICES).values(stage="sending")
    )  # as a process leaves it that dies in the moment of sending
    with Desk(address, Centre(notify=Notify(urls_file=str(file)))) as again:
        again.now_ms = told.now_ms
        look(again, MINUTE)
        assert stages(again) == ["sending", "sending"], "whoever sends it may be alive"
        look(again, 2 * MINUTE)
        assert stages(again) == ["unsure", "unsure"]
        look(again, 5 * MINUTE)
        assert len(mail.mails) == 1
        kinds = [row.kind for row in again.rows(select(INCIDENT_LINES))]
        assert kinds.count("notice_unsure") == 2


def test_two_processes_at_once_send_one(told: Desk, address: str, file: Path, mail: MailSink, web: WebSink) -> None:
    told.room("kim-son")
    incident(told, "safety:kim-son", "kim-son")

    with Desk(address, Centre(notify=Notify(urls_file=str(file)))) as other, ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(one.run, think_notices.think, one.place) for one in (told, other)]
        failed = [error for one in looks if (error := one.exception(30)) is not None]
    assert all(isinstance(error, DBAPIError) for error in failed), "the later one is refused by the database"
    look(told, MINUTE)
    assert (len(mail.mails), len(web.posts)) == (1, 1)


def test_maintenance_is_quiet_and_danger_is_not(told: Desk, mail: MailSink) -> None:
    told.store(
        MAINTENANCE, {"room": "a", "from_ms": NOW_MS, "until_ms": NOW_MS + 9 * MINUTE, "reason": "r", "by": "b"}
    )
    incident(told, "power:a", "a")
    look(told, MINUTE)
    assert mail.mails == []
    incident(told, "safety:a", "a")
    look(told)
    assert [one["subject"] for one in mail.mails] == ["[Ninh Bình] Sự cố: Khói, nước (1 điểm cầu)"]
    look(told, 10 * MINUTE)
    assert len(mail.mails) == 2, "the window is over and it is still so"


def test_one_that_a_wider_one_has_taken_is_not_told_as_over(told: Desk, mail: MailSink) -> None:
    told.store(UNITS, {"id": 1, "kind": "xã", "name": "Kim Sơn"})
    for room in ("a", "b"):
        told.room(room)

    def think(*alerting: str) -> None:
        for room in ("a", "b"):
            say(told, room, *(["on_battery"] if room in alerting else []))
        told.run(think_incidents.think, told.place)
        look(told)

    change(told, update(ROOMS).values(unit=1))
    for after_ms in (0, MINUTE, 30_000):
        told.now_ms += after_ms
        think("a")
    assert [one["subject"] for one in mail.mails] == ["[Ninh Bình] Sự cố: Điện (1 điểm cầu)"]
    for _ in range(8):
        told.now_ms += MINUTE
        think("a", "b")
    assert [one["subject"] for one in mail.mails][1:] == ["[Ninh Bình] Sự cố: Điện (2 điểm cầu)"]
    for _ in range(8):
        told.now_ms += MINUTE
        think()
    assert [one["subject"] for one in mail.mails][2:] == ["[Ninh Bình] Đã hết: Điện (2 điểm cầu)"]


def test_a_server_that_says_nothing_holds_up_nobody(address: str, tmp_path: Path) -> None:
    thought = asyncio.Event()

    async def other(_place: object) -> None:
        thought.set()

    file = tmp_path / "n.txt"
    with WebSink() as sink, Desk(address, Centre(notify=Notify(urls_file=str(file)))) as desk:
        file.write_text(sink.url)
        sink.mood = "hang"
        incident(desk, "safety:a", "a")

        async def turn() -> bool:
            notices = Job("notices", 1.0, think_notices.think, beside=True)
            thinker = Thinker(desk.place, [notices, Job("other", 1.0, other)])
            await thinker.turn(0.0)
            await asyncio.wait_for(thought.wait(), 2)
            first = notices.running
            await thinker.turn(1.5)
            assert notices.running is first, "never twice at once"
            assert first is not None
            hung = not first.done()
            first.cancel()
            return hung

        assert desk.run(turn)
        assert think_notices.BESIDE


def test_without_addresses_nothing_is_kept(desk: Desk) -> None:
    incident(desk, "safety:a", "a")
    look(desk, MINUTE)
    assert stages(desk) == []


def test_a_file_that_is_wrong_is_said_once_and_the_rest_goes_on(
    address: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Desk(address, Centre(notify=Notify(urls_file=str(tmp_path / "gone")))) as desk:
        incident(desk, "safety:a", "a")
        for _ in range(3):
            look(desk, MINUTE)
        assert stages(desk) == []
    assert capfd.readouterr().err.count("centre.notify: ") == 1


@pytest.mark.services
def test_a_recorder_ends_in_time_while_a_server_says_nothing(tmp_path: Path, address: str) -> None:
    file = tmp_path / "hang.txt"
    with Mosquitto(tmp_path) as broker, WebSink() as sink, Desk(address) as desk:
        sink.mood = "hang"
        file.write_text(f"{sink.url}?rto=300")  # the attempt waits far longer than `stop` does
        desk.now_ms = wall_ms()
        desk.room("a", incidents=["smoke"])
        recorders = Recorders(tmp_path, broker.port, address, f'[notify]\nurls_file = "{file}"\n')
        recorders.start()
        until(lambda: sink.tries == 1)
        recorders.stop()
        assert stages(desk) == ["sending"]
