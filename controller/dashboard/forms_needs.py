"""What form A asks of each item of a check, and its figure with its unit (people.md 3). Pure.

The limits are the room's own and stand in its configuration; the journal keeps the result and the figure, so the
words here name the limit and invent no number.
"""

from __future__ import annotations

from datetime import datetime

from controller.dashboard.papers.model import Cell, moment, shown

ANSWERS, ON = "có trả lời", "bật và được xác nhận"
WITHIN = "trong ngưỡng của phòng"
_NEEDED = {
    "mains": "có điện lưới",
    "ups": "có trả lời; mức ắc quy",
    "ups.runtime": "đủ thời gian đã đặt cho phòng",
    "ups.self_test": "tự kiểm tra đạt",
    "codec": ANSWERS,
    "codec.login": "đăng nhập được",
    "codec.registered": "đã đăng ký",
    "codec.mic": "đóng được khi ra lệnh",
    "codec.audio": "có tín hiệu từ micro",
    "codec.speaker": "có tiếng ra loa",
    "codec.test_call": "gọi được",
    "computer": ANSWERS,
    "journal": "ghi được",
    "clock": "giờ tin được",
    "line": "tới được trung tâm",
}
_BY_FAMILY = {"load": ON, "camera": ANSWERS, "seat": "quay đúng vị trí", "climate": WITHIN, "line": WITHIN}
_UNITS = {
    "mains": "V",
    "ups": "%",
    "codec.test_call": "kbit/s",
    "computer": "W",
    "temp_c": "°C",
    "humidity_pct": "%RH",
    "lux": "lux",
    "rtt_ms": "ms",
    "jitter_ms": "ms",
}
_STATES = {"on": "bật", "off": "tắt", "muted": "đóng", "open": "mở", "ok": "tốt", "up": "tốt"}
_PERCENT = "loss_ratio"


def needed(item: str) -> str:
    """What the item has to be; '' = nothing that the house has words for."""
    return _NEEDED.get(item) or _BY_FAMILY.get(item.partition(".")[0], "")


def measured(item: str, value: object) -> Cell:
    """The figure as it was read, with its unit; None = none was."""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, str):
        return _STATES.get(value, value)
    if not isinstance(value, int | float):
        return None
    if item == "ups.self_test":
        return _day(value)
    last = item.rpartition(".")[2]
    if last == _PERCENT:
        return f"{shown(float(value * 100))} %"
    unit = _UNITS.get(item) or _UNITS.get(last)
    return f"{shown(value)} {unit}" if unit else value


def _day(value: float) -> datetime | float:
    """When the last self-test ended, if that is what was noted."""
    return moment(int(value)) if value > 1e12 else value
