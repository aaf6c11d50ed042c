"""R22: a fair record per provider: as values, and as the office's report over both databases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.line_figures import Hours, Sample, hours_of, together
from controller.dashboard.store.tables import LAST, SAMPLES
from controller.dashboard.store.tables_people import ROOMS
from controller.dashboard.store.tables_work import INCIDENT_ALERTS, INCIDENTS
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk, room_row

DAY = 24 * HOUR


def hour(n: int, **figures: float) -> list[Sample]:
    """`provider__loss_ratio=0.1` …, of hour n after 08:00."""
    return [Sample(NOW_MS + n * HOUR, f"line.{name.replace('__', '.')}", mean) for name, mean in figures.items()]


def counted(*samples: Sample) -> tuple[int, int, int, int]:
    found = hours_of(samples)
    return found.measured, found.congested, found.bad, found.own


def test_an_hour_is_congested_or_bad_by_any_figure() -> None:
    assert counted(*hour(0, provider__loss_ratio=0.009, provider__rtt_ms=149.9)) == (1, 0, 0, 0)
    assert counted(*hour(0, provider__loss_ratio=0.01)) == (1, 1, 0, 0)
    assert counted(*hour(0, provider__jitter_ms=50.0, provider__rtt_ms=5)) == (1, 1, 1, 0)


def test_what_is_not_the_providers_fault_is_not_in_its_record() -> None:
    assert counted() == (0, 0, 0, 0)
    assert counted(*hour(0, gateway__rtt_ms=1)) == (0, 0, 0, 0), "a router that answers says nothing of the line"
    assert counted(*hour(0, gateway__loss_ratio=0.2, provider__loss_ratio=0.3)) == (0, 0, 0, 1)
    assert counted(*hour(0, provider__rtt_ms=5, far__rtt_ms=900)) == (1, 0, 0, 0), "the far end is another's"
    assert counted(*hour(0, dns__rtt_ms=5, far__rtt_ms=900)) == (1, 0, 0, 0)
    assert counted(*hour(0, far__rtt_ms=900)) == (1, 1, 1, 0), "nothing nearer is probed"
    assert counted(*hour(0, ups__charge=1), Sample(NOW_MS, "ups.charge_pct", 3), Sample(NOW_MS, "line.x", 3)) == (
        0, 0, 0, 0,
    )  # fmt: skip


def test_the_hours_of_the_day_are_the_networks() -> None:
    found = hours_of([*hour(0, provider__rtt_ms=200), *hour(1, provider__rtt_ms=5), *hour(24, provider__rtt_ms=5)])
    assert found.by_hour == {8: (2, 1), 9: (1, 0)}
    assert (found.rtt_ms, found.loss_pct) == (70.0, None)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 0.2), st.floats(0, 400)), max_size=20), st.integers(0, 20)
)
def test_a_sum_is_the_record_of_the_whole(rows: list[tuple[int, float, float]], cut: int) -> None:
    unique = {n: (loss, rtt) for n, loss, rtt in rows}
    samples = [hour(n, provider__loss_ratio=loss, provider__rtt_ms=rtt) for n, (loss, rtt) in unique.items()]
    whole = hours_of(one for row in samples for one in row)
    parts = [hours_of(one for row in part for one in row) for part in (samples[:cut], samples[cut:])]
    summed = together(parts)
    assert (summed.measured, summed.congested, summed.bad, summed.by_hour) == (
        whole.measured, whole.congested, whole.bad, whole.by_hour,
    )  # fmt: skip
    assert together([]) == Hours()


def filled(desk: Desk) -> None:
    desk.store(ROOMS, {**room_row("a", "Ân Thi"), "provider": "Viettel"}, room_row("b", "Bình Minh"))
    desk.store(ROOMS, room_row("c", "Cúc Phương"))
    rows = [
        ("a", 0, "line.provider.loss_ratio", 0.3),
        ("b", 0, "line.provider.rtt_ms", 20.0),
        ("b", 1, "line.provider.rtt_ms", 400.0),
        ("c", 0, "line.provider.rtt_ms", 900.0),
        ("b", 900, "line.provider.rtt_ms", 900.0),
    ]
    desk.store(
        SAMPLES,
        *(
            {"room": room, "what": what, "span_s": 3600, "from_ms": NOW_MS + n * HOUR, "n": 4, "low": 0.0,
             "high": 1.0, "total": 4 * mean}
            for room, n, what, mean in rows
        ),
    )  # fmt: skip
    desk.store(LAST, {"room": "c", "part": "detail/line", "body": {"measures_line": False}, "received_ms": 1})
    incident = {"key": "line:b", "code": "line", "scope": "room", "rooms": ["b"], "meeting": "", "from_ms": NOW_MS,
                "seen_ms": 0, "changed_ms": 0, "cause": "provider"}  # fmt: skip
    desk.store(INCIDENTS, {**incident, "id": 1}, {**incident, "id": 2, "code": "power"})
    cut = {"room": "b", "code": "line_down", "from_ms": NOW_MS, "until_ms": NOW_MS + 30 * MINUTE}
    desk.store(INCIDENT_ALERTS, {**cut, "incident": 1}, {**cut, "incident": 2})


def test_the_report_of_a_day(desk: Desk) -> None:
    filled(desk)
    desk.sign_in("office")
    span = f"from_ms={NOW_MS}&to_ms={NOW_MS + DAY}"
    paper = desk.http.get(f"/api/reports/line.json?{span}").json()
    grids = [block["rows"] for block in paper["blocks"] if block["kind"] == "grid"]
    assert grids[0] == [
        ["Viettel", "1", "1", "1", "1", "30,0", "không có số liệu", "0", "0", "0", "0"],
        ["VNPT", "1", "2", "1", "1", "không có số liệu", "210,0", "0", "1", "30,0", "30,0"],
    ]
    assert (grids[1][8], grids[1][9], grids[1][10]) == (
        ["08:00", "1 / 1", "0 / 1"],
        ["09:00", "–", "1 / 1"],
        ["10:00", "–", "–"],
    )
    assert [row[:2] for row in grids[3]] == [["Bình Minh", "NB-0001"]]
    assert "Không tính, vì phòng đo qua đường khác: Cúc Phương." in str(paper)
    one = desk.http.get(f"/api/reports/line.json?room=a&{span}").json()
    assert "Bình Minh" not in str(one)
    for ending in ("docx", "pdf", "xlsx", "csv"):
        assert desk.http.get(f"/api/reports/line.{ending}?{span}").status_code == 200


def test_what_cannot_be_reported_says_why(desk: Desk) -> None:
    desk.sign_in("office")
    for query, status, code in (
        (f"from_ms={NOW_MS}&to_ms={NOW_MS}", 422, "report.span_line"),
        (f"from_ms={NOW_MS}&to_ms={NOW_MS + 101 * DAY}", 422, "report.span_line"),
        (f"room=nowhere&from_ms={NOW_MS}&to_ms={NOW_MS + DAY}", 404, "incident.room"),
    ):
        answer = desk.http.get(f"/api/reports/line.json?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), query
    empty = desk.http.get(f"/api/reports/line.json?from_ms={NOW_MS}&to_ms={NOW_MS + DAY}")
    assert empty.status_code == 200
    desk.sign_in("viewer")
    assert desk.http.get(f"/api/reports/line.json?from_ms={NOW_MS}&to_ms={NOW_MS + DAY}").status_code == 403
