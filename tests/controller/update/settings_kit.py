"""A room whose whole configuration is the shipped example, and a Pi that behaves as a line in room.toml says."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from controller.config import load
from controller.config_devices import keeper_table
from controller.update.kept import ROOM_TOML, STATE
from hardware.keeper_table import dumps
from tests.controller.update.kit import FakePi, Office, card

EXAMPLE = (files("controller.texts") / "room.example.toml").read_text(encoding="utf-8")
MARK = "# behaves: "
NAME = "quy-che.toml"
"""A rule pack."""


def configuration(office: Office, name: str = "Kim Sơn", how: str = "", room: str = "kim-son") -> str:
    """A room.toml with which a start comes to `how`."""
    text = EXAMPLE.replace('"tttgdtx-lac-thuy"', f'"{room}"').replace(
        '"Trung tâm GDTX huyện Lạc Thủy"', f'"{name}"'
    )
    return f'{text}\n[firmware]\nsources = ["{office.url}"]\n{MARK}{how}\n'


def sign(office: Office, text: str, room: str = "kim-son") -> None:
    office.repository.configure(room, text.encode())
    office.repository.publish()


def pack(hold_min: int, how: str = "") -> str:
    """A pack with one figure, with which a start comes to `how` where the Pi of the test looks at it."""
    return (
        f'[pack]\ndocument = "QĐ 1"\n[pack.clauses]\n"rules.power_up.press_hold_min" = "Điều 6"\n'
        f"[rules.power_up]\npress_hold_min = {hold_min}\n{MARK}{how}\n"
    )


def naming(office: Office, name: str = "Kim Sơn") -> str:
    """A room.toml that names the pack."""
    return configuration(office, name).replace("[room]\n", f'[room]\nrule_packs = ["{NAME}"]\n', 1)


def sign_pack(office: Office, text: str, whose: str = "ring/ring-0", name: str = NAME) -> None:
    office.repository.pack(whose, name, text.encode())
    office.repository.publish()


class SettingsPi(FakePi):
    """`rooms`: what room.toml held at each start."""

    def start(self) -> None:
        super().start()
        text = self.room_toml
        self.behaves[self.running] = text.partition(MARK)[2].partition("\n")[0]

    @property
    def room_toml(self) -> str:
        path = self.root / ROOM_TOML
        return path.read_text(encoding="utf-8") if path.exists() else ""


def room(office: Office, folder: Path, text: str = "") -> SettingsPi:
    """Installed with `text`, running 0.1.0."""
    card(folder, "0.1.0", office.repository.root_file(), [office.url])
    path = folder / ROOM_TOML
    path.write_text(text or configuration(office), encoding="utf-8")
    path.with_name("keeper.json").write_text(dumps(keeper_table(load([path]))))
    pi = SettingsPi(folder, keeper="0.1.0")
    pi.start()
    return pi


def settings_sound(pi: SettingsPi, texts: tuple[str, ...]) -> str:
    """What is wrong with a card by the law of settings.py; '' = nothing."""
    if pi.room_toml not in texts:
        return f"room.toml is neither the old nor the new one: {pi.room_toml[:40]!r}"
    before = (pi.root / ROOM_TOML).with_name("room.toml.before")
    if not (pi.root / STATE / "settings-trial.json").exists():
        return ""
    if before.exists() and before.read_text() == texts[0]:
        return ""
    return "" if pi.room_toml == texts[0] else "a trial without its way back"
