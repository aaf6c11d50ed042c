"""R17 in room.toml: the list of devices and the days between cleanings and maintenance, with what the core needs of
them; and where the program's own updates come from (N21). No rule lives here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from controller.config_base import SignedSource, Strict, key
from controller.core.room_figures import Owned, Upkeep

DAY_MS = 86_400_000
CLAUSE = "Quyết định 1444/QĐ-SGD&ĐT, Đ6.7"


class DeviceConfig(Strict):
    """One row of the list of devices: `[devices.codec]` (R17)."""

    model: str = key("", "maker and model", "R17", max_length=80)
    serial: str = key("", "its serial number", "R17", max_length=60)
    bought: date | None = key(None, "day on which it was bought", "R17")
    warranty_until: date | None = key(None, "last day of its warranty", "R17")


class UpkeepRules(Strict):
    """R17: cleaning and maintenance."""

    cleaning_days: float = key(90, "the room's devices are cleaned so often", CLAUSE, ge=1, le=730)
    maintenance_days: float = key(180, "and maintained so often", CLAUSE, ge=1, le=1460)
    warranty_days: float = key(30, "so long before its end a warranty is told of", ge=0, le=365)


def upkeep(rules: UpkeepRules) -> Upkeep:
    days = (("cleaning", rules.cleaning_days), ("maintenance", rules.maintenance_days))
    return Upkeep(tuple((what, round(n * DAY_MS)) for what, n in days), round(rules.warranty_days * DAY_MS))


def owned(name: str, row: DeviceConfig) -> Owned:
    told = {word: str(value) for word, value in row.model_dump().items() if value}
    return Owned(name, unix_ms(row.warranty_until), tuple(told.items()))


def unix_ms(day: date | None) -> int:
    """Midnight of that day in Unix time; 0 = nobody said."""
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) if day is not None else 0


class Firmware(Strict):
    """Updates of this program and of this file; none without a source. A stick needs none."""

    sources: tuple[SignedSource, ...] = key(
        (), "folders of a web server, tried in this order; file:// for a folder", "N21", strict=False, max_length=4
    )
