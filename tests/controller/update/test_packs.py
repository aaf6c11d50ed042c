"""A room takes the rule pack that the office has signed for it or its ring, or says why not, or goes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tuf.api.metadata import Targets

from controller.config import load
from controller.texts import LANGUAGES
from controller.update.__main__ import sentence
from controller.update.disk import Disk
from controller.update.kept import PACK, ROOM_TOML, STATE
from controller.update.plan import ring
from controller.update.releasing import TARGETS_DAYS, Repository
from controller.update.settings import named
from controller.update.system import settings_fault
from tests.controller.update.cut import WAYS, CutDisk, PowerCut
from tests.controller.update.kit import Office, once, updater
from tests.controller.update.settings_kit import (
    MARK,
    NAME,
    SettingsPi,
    configuration,
    naming,
    pack,
    room,
    sign,
    sign_pack,
)


class PackPi(SettingsPi):
    """A start comes to what the pack says that room.toml names, else to what room.toml says."""

    def start(self) -> None:
        super().start()
        for name in named(self.room_toml.encode()):
            if how := self.pack(name).partition(MARK)[2].partition("\n")[0]:
                self.behaves[self.running] = how

    def pack(self, name: str = NAME) -> str:
        path = (self.root / ROOM_TOML).with_name(name)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def hold_min(self) -> float:
        return load(self.root / ROOM_TOML).rules.power_up.press_hold_min


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


def made(office: Office, folder: Path, text: str = "") -> PackPi:
    """A room whose room.toml names the pack of four hours that lies beside it."""
    room(office, folder, configuration(office))
    (folder / ROOM_TOML).with_name(NAME).write_text(text or pack(40), encoding="utf-8")
    (folder / ROOM_TOML).write_text(naming(office), encoding="utf-8")
    pi = PackPi(folder, keeper="0.1.0")
    pi.start()
    return pi


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> PackPi:
    return made(office, tmp_path / "room")


def lies(pi: PackPi) -> list[str]:
    return sorted(path.name for path in (pi.root / "etc/diemcau").iterdir())


# ---- what is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[pack\n", "update.pack_wrong"),
        ("[rules.power_up]\npress_hold_min = 50\n", "update.pack_none"),
        (pack(50).replace('"rules.power_up.press_hold_min" = "Điều 6"\n', ""), "update.pack_wrong"),
        (pack(50).replace("press_hold_min = 50", 'press_hold_min = "x"'), "update.pack_wrong"),
        (pack(50) + "[loads.codec]\npin = 3\n", "update.pack_wrong"),
    ],
    ids=["no TOML", "no pack", "no clause", "no number", "more than rules"],
)
def test_a_wrong_one_is_refused_with_its_reason_and_nothing_is_touched(
    office: Office, pi: PackPi, text: str, code: str
) -> None:
    before = lies(pi)
    sign_pack(office, text)
    said = once(pi)
    assert (said.stage, said.code, said.args[0]) == ("failed", code, "quy-che")
    assert (pi.pack(), pi.starts, lies(pi)) == (pack(40), ["0.1.0"], before)
    for lang in LANGUAGES:
        assert "quy-che" in sentence(said, lang)
        assert "?" not in sentence(said, lang)


def test_one_of_another_ring_or_room_is_not_ours(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50), "ring/ring-1")
    sign_pack(office, pack(60), "room/lac-son")
    assert (once(pi).code, pi.hold_min) == ("update.nothing", 40)
    # The bytes of another ring's under our name at the source: they are not what was signed for us.
    sign_pack(office, pack(70))
    folder = office.folder / "www/targets/packs/ring"
    (other,), (ours,) = ([*(folder / name).iterdir()] for name in ("ring-1", "ring-0"))
    ours.write_bytes(other.read_bytes())
    assert (once(pi).code, pi.hold_min) == ("update.not_trusted", 40)


def test_one_that_is_too_large_is_not_fetched(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50) + "#" * (1 << 20))
    assert (once(pi).code, pi.hold_min) == ("update.not_trusted", 40)


def test_one_that_room_toml_does_not_name_is_left_where_it_is(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50), name="khac.toml")
    assert (once(pi).code, pi.pack("khac.toml")) == ("update.nothing", "")


@pytest.mark.parametrize(
    "name",
    ["room.toml", "centre.toml", "../x.toml", "a/b.toml", ".x.toml", "x.toml.before", "room.next.toml", "X.toml"],
)
def test_a_name_that_could_be_another_file_is_no_packs(name: str) -> None:
    assert not PACK.fullmatch(name)
    assert named(f'[room]\nrule_packs = ["{name}", "{NAME}"]\n'.encode()) == (NAME,)


@pytest.mark.parametrize("text", ["", "[room", "[room]\n", "room = 1\n", "[room]\nrule_packs = 3\n"])
def test_a_room_toml_that_names_none_has_none(text: str) -> None:
    assert named(text.encode()) == ()


class Untested(PackPi):
    """systemd cannot begin the test."""

    def settings_test(self, release: Path, room: Path) -> tuple[str, str]:
        return settings_fault(1, "Failed to start transient service unit")


def test_one_whose_test_could_not_be_made_waits(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    (untested := Untested(pi.root)).start()
    said = once(untested)
    assert (said.stage, said.code, pi.hold_min) == ("waiting", "update.test_not_made", 40)
    assert once(pi).stage == "done"


# ---- what is taken


def test_it_is_taken_watched_and_kept(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    said = once(pi)
    assert (said.stage, said.code, said.args) == ("done", "update.pack_done", ("quy-che",))
    assert (pi.hold_min, pi.pack(f"{NAME}.before"), pi.room_toml) == (50, pack(40), naming(office))
    assert (pi.starts, pi.mono >= 1000 + 120) == (["0.1.0", "0.1.0"], True), "two quiet minutes"
    assert (once(pi).code, len(pi.starts)) == ("update.nothing", 2)
    assert lies(pi) == sorted(["keeper.json", NAME, f"{NAME}.before", "room.toml", "tuf-root.json"])


def test_the_rooms_own_goes_before_its_rings(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    sign_pack(office, pack(60), "room/kim-son")
    assert (once(pi).stage, pi.hold_min) == ("done", 60)
    assert once(pi).code == "update.nothing"


def test_without_a_list_of_rings_the_rooms_own_is_taken(office: Office, pi: PackPi) -> None:
    office.repository.rings([{"name": "Ring 0"}])
    sign_pack(office, pack(50))
    assert (once(pi).code, pi.hold_min) == ("update.bad_offer", 40)
    sign_pack(office, pack(60), "room/kim-son")
    assert (once(pi).code, pi.hold_min) == ("update.pack_done", 60)


def test_one_that_a_new_room_toml_names_is_there_before_it(office: Office, tmp_path: Path) -> None:
    room(office, tmp_path / "room")
    (pi := PackPi(tmp_path / "room", keeper="0.1.0")).start()
    sign_pack(office, pack(50))
    sign(office, naming(office))
    assert (once(pi).code, pi.hold_min) == ("update.settings_done", 50)
    assert len(pi.starts) == 2, "one restart for both"
    assert once(pi).code == "update.nothing"


def test_a_bad_one_that_a_new_room_toml_names_goes_back_with_it(office: Office, tmp_path: Path) -> None:
    room(office, tmp_path / "room")
    (pi := PackPi(tmp_path / "room", keeper="0.1.0")).start()
    stood = pi.room_toml
    sign_pack(office, pack(50, "breaks_codec"))
    sign(office, naming(office))
    assert (once(pi).code, pi.room_toml) == ("update.settings_back", stood)
    assert pi.behaves[pi.running] == ""
    sign_pack(office, pack(60))
    sign(office, naming(office) + "#\n")
    assert (once(pi).code, pi.hold_min) == ("update.settings_done", 60)


def test_pack_and_room_toml_together_are_tried_one_after_the_other(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    sign(office, naming(office).replace("Kim Sơn", "Mới"))
    assert (once(pi).code, "Mới" in pi.room_toml) == ("update.pack_done", False)
    assert (once(pi).code, "Mới" in pi.room_toml) == ("update.settings_done", True)


def test_a_wrong_pack_holds_up_no_room_toml(office: Office, pi: PackPi) -> None:
    sign_pack(office, "[pack\n")
    sign(office, naming(office).replace("Kim Sơn", "Mới"))
    assert once(pi).code == "update.settings_done"
    assert once(pi).code == "update.pack_wrong", "and is told again"


def test_the_one_that_the_room_was_adopted_with_is_no_news(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(40))
    assert (once(pi).code, pi.starts) == ("update.nothing", ["0.1.0"])


def test_a_room_in_use_is_left_alone_and_takes_it_later(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    pi.locked = "N9.in_call"
    said = once(pi)
    assert (said.stage, said.code, pi.starts, pi.hold_min) == ("waiting", "N9.in_call", ["0.1.0"], 40)
    pi.locked = ""
    assert once(pi).stage == "done"


def test_a_change_by_hand_stays_until_something_newer_is_signed(office: Office, pi: PackPi) -> None:
    sign_pack(office, pack(50))
    once(pi)
    (pi.root / ROOM_TOML).with_name(NAME).write_text(pack(80), encoding="utf-8")
    said = once(pi)
    assert (said.stage, said.code, said.args, pi.hold_min) == ("idle", "update.pack_change", ("quy-che",), 80)
    sign_pack(office, pack(60))
    assert (once(pi).stage, pi.hold_min) == ("done", 60)


# ---- what is taken back


@pytest.mark.parametrize(
    ("how", "why"),
    [("crashes", "update.restarted"), ("breaks_codec", "update.silent"), ("no_broker", "update.no_broker")],
)
def test_one_that_does_no_good_is_taken_back_and_not_tried_again(
    office: Office, pi: PackPi, how: str, why: str
) -> None:
    sign_pack(office, pack(50, how))
    said = once(pi)
    assert (said.stage, said.code, said.args[:2]) == ("back", "update.pack_back", ("quy-che", why))
    assert (pi.pack(), pi.behaves[pi.running]) == (pack(40), "")
    assert all("quy-che" in sentence(said, lang) and "update." not in sentence(said, lang) for lang in LANGUAGES)
    assert (once(pi).code, len(pi.starts)) == ("update.pack_failed", len(pi.starts))
    assert once(pi, forced="Nguyễn Văn An").stage == "back", "a person may try it again"
    sign_pack(office, pack(60))
    assert (once(pi).stage, pi.hold_min) == ("done", 60)


def test_one_that_was_lost_and_does_no_good_goes_again(office: Office, pi: PackPi) -> None:
    """Somebody has removed the file that room.toml names: there is nothing to go back to."""
    (pi.root / ROOM_TOML).with_name(NAME).unlink()
    sign_pack(office, pack(50, "breaks_codec"))
    assert (once(pi).stage, pi.pack()) == ("back", "")
    sign_pack(office, pack(60))
    assert (once(pi).stage, pi.hold_min) == ("done", 60)


# ---- a tree that was made before there were packs


def test_a_tree_from_before_learns_who_signs_packs(office: Office, pi: PackPi) -> None:
    without(office.repository)
    office.repository.publish()
    assert once(pi).code == "update.nothing"
    sign_pack(office, pack(50))
    assert (once(pi).stage, pi.hold_min) == ("done", 50)
    assert office.repository.packs() == [("ring-0", NAME)]
    assert ring([{"name": "ring-0", "rooms": ["kim-son"]}], "kim-son") == "ring-0"


def without(repository: Repository) -> None:
    targets = repository._newest("targets", Targets)
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    targets.delegations.roles["config"].paths = ["config/*/room.toml"]
    repository._write(targets, TARGETS_DAYS, "targets")


# ---- the power goes before every step


@pytest.mark.parametrize("how", ["", "breaks_codec"])
@pytest.mark.parametrize("way", WAYS)
def test_a_cut_before_every_step(office: Office, tmp_path: Path, how: str, way: str) -> None:
    sign_pack(office, pack(50, how))
    at = cut_everywhere(tmp_path, lambda folder: made(office, folder), way, lambda pi: judged(pi, how))
    assert at > 20, "every step was cut"


def judged(pi: PackPi, how: str) -> None:
    assert pi.pack() in (pack(40), pack(50, how)), "wholly the old or wholly the new one"
    assert pi.room_toml, "room.toml is not touched"


def cut_everywhere(
    tmp_path: Path, make: Callable[[Path], PackPi], way: str, judge: Callable[[PackPi], None]
) -> int:
    at = 0
    while True:
        pi = make(tmp_path / f"room{at}")
        (bin_ := tmp_path / f"bin{at}").mkdir()
        try:
            last = updater(pi, CutDisk(at, way, bin_)).once()
        except PowerCut:
            pass
        else:
            assert last.stage in ("done", "back")
            return at
        judge(pi)
        pi.boot(f"boot-{at}")
        once(pi)
        judge(pi)
        assert not [*(pi.root / STATE).glob("*-trial.json")], at
        assert pi.behaves[pi.running] == "", f"step {at}: what runs is what stands there"
        assert once(pi).code == ("update.pack_failed" if last_failed(pi) else "update.nothing"), at
        assert {*lies(pi)} <= {"keeper.json", NAME, f"{NAME}.before", "room.toml", "tuf-root.json"}, at
        at += 1


def last_failed(pi: PackPi) -> bool:
    return pi.pack() == pack(40)


def test_a_card_that_is_full_in_the_trial_takes_back_what_is_bad(office: Office, pi: PackPi) -> None:
    class Full(Disk):
        full = False

        def step(self, what: str, path: Path, other: Path | None = None) -> None:
            if self.full and what == "create":
                raise OSError(28, "No space left on device")
            self.full |= what == "rename" and other is not None and other.name == NAME

    sign_pack(office, pack(50, "breaks_codec"))
    said = updater(pi, Full()).once()
    assert (said.stage, pi.pack(), pi.behaves[pi.running]) == ("back", pack(40), "")
