"""A room.toml on disk for the tests of the command line: the shipped example, all its places inside one folder."""

from __future__ import annotations

import re
from pathlib import Path

from controller.config import example


def room_file(folder: Path, **changes: str) -> Path:
    """Writes it. The ports are `codec` and `camera` in the folder, the keeper's socket `keeper/keeper.sock`; no
    link, no climate, no line. `changes` replace text: `{"name = …": …}`."""
    text = example()
    for old, place in (
        ("/var/lib/diemcau", folder / "lib"),
        ("/run/diemcau/keeper.sock", folder / "keeper" / "keeper.sock"),
        ("/run/diemcau", folder / "run"),
        ("/etc/diemcau", folder),
    ):
        text = text.replace(old, str(place))
    for number, name in (("1.1", "codec"), ("1.2", "camera")):
        text = re.sub(rf'"/dev/serial/[^"]*-usb-0:{re.escape(number)}:[^"]*"', f'"{folder / name}"', text)
    for table in ("mqtt", "climate", "light", "line"):
        text = re.sub(rf"(?ms)^\[{table}[.\]].*?(?=^\[(?!{table}))", "", text)
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "run").mkdir(exist_ok=True)
    path = folder / "room.toml"
    path.write_text(text, encoding="utf-8")
    return path
