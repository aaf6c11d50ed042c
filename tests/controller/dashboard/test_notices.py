"""What is told of incidents and when, as values; the words of the message in both languages."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.notices import EACH_MS, LINES_MOST, Known, News, Site, Told, body, due, title

MINUTE = 60_000
NOW = 1_784_077_200_000


def known(id_: int = 1, code: str = "power", rooms: int = 1, age_ms: int = MINUTE, **more: object) -> Known:
    made = Known(id_, code, tuple(f"r{n}" for n in range(rooms)), NOW - age_ms, proposed="mains")
    return replace(made, **more)  # type: ignore[arg-type]


def whats(*args: object) -> list[tuple[int, str]]:
    return [(news.incident.id, news.what) for news in due(*args)]  # type: ignore[arg-type]


def test_a_blip_is_not_told_and_what_ended_untold_never_is() -> None:
    assert whats([known(age_ms=29_999)], {}, 0, NOW) == []
    assert whats([known(until_ms=NOW - 10 * MINUTE)], {}, 0, NOW) == []
    assert whats([known()], {}, 0, NOW) == [(1, "begin")]


def test_a_storm_is_one_message_and_the_next_waits() -> None:
    storm = [known(1), *(known(n, age_ms=0) for n in range(2, 165))]
    assert len(whats(storm, {}, 0, NOW)) == 164, "who came later is in it"
    assert whats(storm, {}, NOW - EACH_MS + 1, NOW) == []
    assert len(whats(storm, {}, NOW - EACH_MS, NOW)) == 164


def test_danger_waits_for_nobody_and_takes_the_rest_along() -> None:
    found = whats([known(1, age_ms=0), known(2, "safety", age_ms=0)], {}, NOW, NOW)
    assert found == [(1, "begin"), (2, "begin")]


def test_an_incident_is_told_once_until_it_grows_worse() -> None:
    begun = {1: [Told("begin", 0, 2)]}
    assert whats([known(rooms=3)], begun, 0, NOW) == [], "one room more is no news"
    assert whats([known(rooms=4)], begun, 0, NOW) == [(1, "wider")]
    assert whats([known(rooms=4)], {1: [*begun[1], Told("wider", 4, 4)]}, 0, NOW) == []
    late = known(rooms=2, age_ms=15 * MINUTE)
    assert whats([late], begun, 0, NOW) == [(1, "unheard")]
    assert whats([late], {1: [*begun[1], Told("unheard", 0, 2)]}, 0, NOW) == []
    assert whats([replace(late, received=True)], begun, 0, NOW) == []
    over = replace(late, received=True, expected_ms=NOW - 1)
    assert whats([over], begun, 0, NOW) == [(1, "overdue")]
    assert whats([over], {1: [*begun[1], Told("overdue", NOW - 1, 2)]}, 0, NOW) == []
    assert whats([replace(over, expected_ms=NOW + MINUTE)], begun, 0, NOW) == [], "a new time was promised"


def test_the_end_is_told_when_it_has_lasted_and_a_second_beginning_is_one() -> None:
    begun, ended = Told("begin", 0, 1), Told("end", 0, 1)
    assert whats([known(until_ms=NOW - MINUTE)], {1: [begun]}, 0, NOW) == []
    assert whats([known(until_ms=NOW - 2 * MINUTE)], {1: [begun]}, 0, NOW) == [(1, "end")]
    assert whats([known(until_ms=NOW - 2 * MINUTE)], {1: [begun, ended]}, 0, NOW) == []
    merged = known(until_ms=NOW - 3 * MINUTE, merged=True)
    assert whats([merged], {1: [begun]}, 0, NOW) == [], "it goes on in a wider one"
    assert [(n.what, n.nth) for n in due([known()], {1: [begun, ended]}, 0, NOW)] == [("begin", 1)]


def test_maintenance_is_quiet_but_its_end_is_told() -> None:
    assert whats([known(quiet=True)], {}, 0, NOW) == []
    assert whats([known(quiet=True, until_ms=NOW - 3 * MINUTE)], {1: [Told("begin", 0, 1)]}, 0, NOW) == [(1, "end")]


@given(st.lists(st.integers(0, 40 * MINUTE), max_size=12), st.integers(1, 12))
def test_what_was_told_is_never_told_again(ages: list[int], rooms: int) -> None:
    incidents = [known(n, rooms=rooms, age_ms=age) for n, age in enumerate(ages)]
    first = due(incidents, {}, 0, NOW)
    told: dict[int, list[Told]] = {}
    for _ in range(4):
        for news in due(incidents, told, 0, NOW):
            told.setdefault(news.incident.id, []).append(Told(news.what, news.nth, rooms))
    assert due(incidents, told, 0, NOW) == () or not first
    assert all(len({(row.what, row.nth) for row in rows}) == len(rows) for rows in told.values())


def test_the_words() -> None:
    one = News(known(7, rooms=5), "begin", 0, True)
    assert title([one], "Ninh Bình", "vi") == "[Ninh Bình] Sự cố: Điện (5 điểm cầu)"
    names = {"r0": "Yên Mô\r\nBcc: x@y", "r1": "Đồng Văn", "r2": "Ân Thi", "r3": "Bình", "r4": "Cúc"}
    told = body([one], {slug: Site(name) for slug, name in names.items()}, "http://c/", "vi").split("\n")
    assert told == [
        "SỰ CỐ MỚI – Điện: Ân Thi, Bình, Cúc … (5 điểm cầu). "
        "Bắt đầu 07:59 15/07/2026. Máy đề xuất nguyên nhân: điện lưới.",
        "http://c/#/incidents/7",
    ]
    over = News(replace(known(8, "line"), until_ms=NOW), "end", 0, True)
    assert title([over], "N\nB", "en") == "[N B] Over: Line (1 sites)"
    assert body([over], {}, "http://c", "en").startswith("OVER – Line: r0. It lasted 1 min.")
    many = [News(known(n), "begin", 0, True) for n in range(100)] + [News(known(200, "safety"), "begin", 0, True)]
    lines = body(many, {}, "http://c", "vi").split("\n")
    assert lines[0].startswith("SỰ CỐ MỚI – Khói, nước"), "danger first"
    assert (len(lines), lines[-2]) == (LINES_MOST + 2, "… và 81 tin nữa: xem trên trang")
    assert title(many, "NB", "vi") == "[NB] 101 tin sự cố, 1 điểm cầu"


def test_whom_to_phone_about_a_line() -> None:
    sites = {f"r{n}": Site(f"Xã {n}", "VNPT", f"NB-{n}", "18001166") for n in range(3)}

    def told(code: str, rooms: int, what: str = "begin", lang: str = "vi", **more: Site) -> str:
        return body([News(known(code=code, rooms=rooms), what, 0, True)], sites | more, "", lang).split("\n")[0]

    assert told("line", 1).endswith("Gọi VNPT 18001166, mã kênh NB-0.")
    assert told("line", 3, "unheard", "en").endswith("Phone VNPT 18001166.")
    assert "18001166" not in told("power", 1)
    assert "18001166" not in told("line", 3, r2=Site("Xã 2", "Viettel", "", "18008119")), "two providers"
    assert "Gọi" not in told("line", 1, r0=Site("Xã 0", "VNPT"))
