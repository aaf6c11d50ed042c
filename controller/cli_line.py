"""What `diemcau status` says of the line: its state, its figures, and in trouble whom to phone.

Names and phone numbers come from room.toml, which lies in the room; no view and no record carries them (R23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.cli_look import tree
from controller.config_model import RoomConfig
from controller.texts import known, text

TROUBLE = (
    "line_down",
    "phone_provider",
    "dropped",
    "redial_spent",
    "line_bad",
    "no_media",
    "no_sound",
    "no_picture",
)


def told(cfg: RoomConfig, view: Mapping[str, object], lang: str) -> Iterator[str]:
    """Nothing of a room whose line is not measured."""
    line = tree(view, "detail", "line")
    if not tree(line, "places"):
        return
    state = line.get("state")
    word = text(f"line.{state}", lang) if known(f"line.{state}") else text("status.unknown", lang)
    path = "" if cfg.line.measures == "line" else " · " + text(f"line.by_{cfg.line.measures}", lang)
    yield text("status.line", lang, (word,)) + path
    yield from (f"  {_place(name, tree(row), lang)}" for name, row in tree(line, "places").items())
    alerts = tree(view, "detail", "alerts").values()
    if any(tree(row).get("alert") in TROUBLE for row in alerts):
        yield from _phones(cfg, lang)


def _place(name: str, row: Mapping[str, object], lang: str) -> str:
    thing = text(f"thing.{name}", lang) if known(f"thing.{name}") else name
    if not isinstance(row.get("loss_ratio"), int | float):
        silent = row.get("reachable") is False
        return text("status.place_silent" if silent else "status.place_unmeasured", lang, (thing,))
    loss = round(100 * float(str(row["loss_ratio"])), 1)
    figures = [
        row.get(field) if isinstance(row.get(field), int | float) else "–" for field in ("rtt_ms", "jitter_ms")
    ]
    return text("status.place", lang, (thing, loss, *figures))


def _phones(cfg: RoomConfig, lang: str) -> Iterator[str]:
    line = cfg.line
    if line.provider or line.hotline:
        yield text("status.provider", lang, (line.provider or "–", line.circuit or "–", line.hotline or "–"))
    for contact in cfg.contacts.values():
        role = text(f"contact.{contact.role}", lang)
        yield text("status.contact", lang, (role, contact.name or "–", contact.unit or "–", contact.phone))
