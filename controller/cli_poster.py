"""`diemcau poster ROOM.toml`: the room's sheet for the wall, as PDF (R29)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from controller import config
from controller.cli_words import UNAVAILABLE, complain
from controller.config_model import RoomConfig
from controller.texts import ReadableError, text

if TYPE_CHECKING:
    from controller.paper.poster import Wall


def run_poster(room: Path, out: Path, size: str, lang: str | None) -> int:
    """Write the poster; 69 = no PDF library or no Vietnamese font here, 78 = no usable configuration or file."""
    try:
        cfg = config.load([room])
    except config.ConfigError as error:
        return complain(error, lang)
    said = lang or cfg.room.language
    try:
        from controller.paper import poster
        from controller.paper.sheet import render
    except ModuleNotFoundError:
        sys.stderr.write(text("paper.no_extra", said) + "\n")
        return UNAVAILABLE
    blocks = poster.poster(_wall(cfg, said), said)
    try:
        sheet = render(blocks, "A3" if size == "A3" else "A4", f"{text('poster.title', said)}: {cfg.room.name}")
    except ReadableError as error:
        complain(error, said)
        return UNAVAILABLE
    return _write(sheet, out, size, said)


def _wall(cfg: RoomConfig, lang: str) -> Wall:
    from controller.paper.poster import Phone, Wall

    roles = tuple(dict.fromkeys(lamp.role for lamp in cfg.lamps.values()))
    line = cfg.line
    rows = [(c.role, c.name or c.unit, c.phone) for c in cfg.contacts.values()]
    rows += [("provider", line.provider, line.hotline)] if line.hotline else []
    phones = tuple(Phone(text(f"contact.{role}", lang), who, number) for role, who, number in rows)
    return Wall(cfg.room.name, roles, cfg.poster.rules, phones, line.provider, line.circuit, cfg.poster.page)


def _write(sheet: bytes, out: Path, size: str, lang: str) -> int:
    if out == Path("-"):
        sys.stdout.buffer.write(sheet)
        return 0
    try:
        out.write_bytes(sheet)
    except OSError as error:
        return complain(error, lang)
    sys.stdout.write(text("paper.written", lang, (out, size)) + "\n")
    return 0
