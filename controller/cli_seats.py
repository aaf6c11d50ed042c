"""`diemcau seats [show|set|confirm] [NAME]`: the room's seats and their frames, at the Pi (R8)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from controller import config
from controller.cli_look import running, tree
from controller.cli_words import NOT_NOW, UNAVAILABLE, complain
from controller.config_model import RoomConfig
from controller.texts import text

_WORDS = {"show": "show", "set": "store", "confirm": "confirm"}


def seats(files: Sequence[Path], what: str | None, name: str | None, lang: str | None) -> int:
    """List them, or say a command at the local door; 69 = no controller runs here, 75 = refused."""
    try:
        cfg = config.load(files)
    except config.ConfigError as error:
        return complain(error, lang)
    said = lang or cfg.room.language
    return _list(cfg, said) if what is None else _ask(cfg, what, name or "", said)


def _list(cfg: RoomConfig, lang: str) -> int:
    camera = tree(running(cfg), "detail", "camera")
    now = tree(camera, "seats")
    for name, seat in cfg.seats.items():
        row = now.get(name)
        place = row if isinstance(row, list) else [seat.camera, seat.preset]
        sys.stdout.write(text("seats.row", lang, (name, seat.label or name, *place)) + "\n")
    if camera.get("seats_by"):
        sys.stdout.write(text("seats.by", lang, (camera["seats_by"],)) + "\n")
    return 0


def _ask(cfg: RoomConfig, what: str, name: str, lang: str) -> int:
    from controller.runtime.local import ask

    try:
        reply = ask(Path(cfg.paths.run_dir), "seat", {"value": _WORDS[what], "seat": name})
    except PermissionError as error:
        return complain(error, lang)
    if reply is None:
        sys.stderr.write(text("seats.nobody", lang) + "\n")
        return UNAVAILABLE
    if reply.stage != "accepted":
        code = f"reply.{reply.code}"
        sys.stderr.write(text(code, lang, reply.args) + "\n")
        return NOT_NOW
    sys.stdout.write(text("seats.accepted", lang) + "\n")
    return 0
