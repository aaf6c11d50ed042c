"""What commissioning has learnt, as texts: records for the journal, `learnt.toml` (a layer under room.toml), the
acceptance record, and a room.toml with swapped pins put right. Where they lie is cli_commission_files's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from controller.commission.book import Book, Result
from controller.commission.sealed import seal, sealed
from controller.commission.site import Site
from controller.commission.steps import ACCEPTANCE, accepted
from controller.core.records import Priority, Record
from controller.core.upkeep import FRAME
from hardware.contract import Value

MIN_FACTOR, MAX_FACTOR = 1.0, 10.0
"""What room.toml allows for `start_load_factor`."""


def record(row: Result, key: bytes) -> Record:
    """One result for the journal: evidence, with the name of the person and the seal."""
    body: dict[str, Value] = {"item": row.item, "outcome": row.outcome, "by": row.by, "made_ms": row.wall_ms}
    body |= {f"figure.{name}": value for name, value in row.figures}
    if row.defect:
        body |= {"code": row.defect, "args": row.args}
    plain = json.dumps([row.step, sorted(body.items())], ensure_ascii=False, separators=(",", ":"))
    body["seal"] = seal(plain.encode(), key)
    return Record("commission", f"step{row.step}", tuple(body.items()), Priority.EVIDENCE)


def watts(book: Book) -> dict[str, int]:
    """Load → what it draws from the UPS."""
    row = book.of(2, "nominal")
    nominal = row.figure("nominal_w") if row is not None and row.good else None
    shares = book.figures(2, "ups_pct").items()
    return {n: round(p * nominal / 100) for n, p in shares if _number(p) and _number(nominal)}  # type: ignore[operator]


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def loads(site: Site, book: Book) -> dict[str, dict[str, Value]]:
    """Load → its keys of room.toml that the cold starts have shown."""
    found: dict[str, dict[str, Value]] = {}
    for row in book.step(4):
        if row.good:
            least_s = max(site.outlet(row.item).floor_s, float(str(row.figure("off_s"))))
            found[row.item] = {"warmup_s": row.figure("warmup_s"), "min_off_s": round(least_s, 1)}
    return found


def learnt(site: Site, book: Book, day: str) -> dict[str, Any]:
    """The tree of learnt.toml. `acceptance` is not in it: that is a record of its own."""
    tree: dict[str, Any] = {"learnt": {"room": site.slug, "day": day}}
    found: dict[str, Any] = {"after_mains": book.figures(4, "after_mains"), "ups_w": watts(book)}
    tree["learnt"] |= {name: rows for name, rows in found.items() if rows}
    settings = book.of(11, "settings")
    if settings is not None and settings.good:
        tree["learnt"]["approved"] = {**dict(settings.figures), **_places(site, book)}
    if times := loads(site, book):
        tree["loads"] = times
    if factor := start_factor(site, book):
        tree["rules"] = {"mains": {"start_load_factor": factor}}
    return tree


def _places(site: Site, book: Book) -> dict[str, Value]:
    """Where each seat's picture was found, for those cameras that say it."""
    found = book.figures(10, "place")
    return {f"{FRAME}{row.camera}.{row.preset}": found[row.name] for row in site.seats if found.get(row.name)}


def start_factor(site: Site, book: Book) -> float | None:
    """How many times shorter the battery lasts with codec and camera than without (N12); None = not measured. What
    is on all the time, line and controller, is the least that the UPS carried."""
    shares = {n: float(str(pct)) for n, pct in book.figures(2, "ups_pct").items()}
    meeting = sum(pct for n, pct in shares.items() if site.outlet(n).cls in ("codec", "camera"))
    least = min((float(str(pct)) for pct in book.figures(2, "base_pct").values()), default=0.0)
    if not meeting or not least:
        return None
    return round(min(MAX_FACTOR, max(MIN_FACTOR, (meeting + least) / least)), 2)


def acceptance(site: Site, book: Book, key: bytes) -> str:
    """The acceptance record: every result, under one seal; only `accepted` true of a whole book unlocks."""
    row = book.of(ACCEPTANCE, "acceptance")
    plain: dict[str, Any] = {
        "room": site.slug,
        "accepted": accepted(site, book),
        "signed": dict(row.figures) if row is not None else {},
        "wall_ms": row.wall_ms if row is not None else 0,
        "results": [[r.step, r.item, r.outcome, r.by, r.wall_ms, dict(r.figures)] for r in book.results],
    }
    return sealed(plain, key)


def toml(tree: Mapping[str, Any]) -> str:
    """A tree of tables of plain values as TOML."""
    return "# Learnt by `diemcau commission`; room.toml overrides it. Not to be edited.\n" + "\n".join(
        _tables(tree, "")
    )


def _tables(tree: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in tree.items():
        if not isinstance(value, Mapping):
            continue
        here = f"{path}.{name}" if path else name
        flat = {key: row for key, row in value.items() if not isinstance(row, Mapping)}
        if flat:
            yield f"\n[{here}]\n" + "\n".join(f"{_key(key)} = {_value(row)}" for key, row in flat.items())
        yield from _tables({_key(k): v for k, v in value.items()}, here)
    if not path:
        yield ""


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(row: Any) -> str:
    """JSON's texts, numbers and truths are TOML's."""
    return json.dumps(row, ensure_ascii=False)


def swapped(text: str, book: Book) -> str | None:
    """room.toml with the pins of loads that were found swapped exchanged; None = none were."""
    pairs = {tuple(sorted((row.item, str(row.figure("swapped"))))) for row in book.step(2) if row.figure("swapped")}
    for one, other in pairs:
        text = _exchanged(text, f"[loads.{one}]", f"[loads.{other}]")
    return text if pairs else None


def _exchanged(text: str, one: str, other: str) -> str:
    """The lines of `pin` and `chip` of two tables exchanged."""
    lines = text.splitlines(keepends=True)
    places = [_pin(lines, head) for head in (one, other)]
    if None in places:
        return text
    a, b = (place for place in places if place is not None)
    lines[a], lines[b] = lines[b], lines[a]
    return "".join(lines)


def _pin(lines: list[str], head: str) -> int | None:
    """Number of the line that gives the pin in the table `head`."""
    inside = False
    for n, line in enumerate(lines):
        inside = line.startswith(head) or (inside and not line.startswith("["))
        if inside and line.lstrip().startswith("pin"):
            return n
    return None
