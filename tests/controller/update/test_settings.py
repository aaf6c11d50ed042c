"""A room takes the configuration that the office has signed for it, or says why not, or goes back."""

from __future__ import annotations

import errno
import json
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.texts import LANGUAGES
from controller.update.__main__ import sentence
from controller.update.client import Refused
from controller.update.contacts import with_contacts
from controller.update.disk import Disk
from controller.update.gate import Health
from controller.update.kept import STATE
from controller.update.self_test import NO
from controller.update.settings import still
from controller.update.system import fault, settings_fault
from tests.controller.update.cut import WAYS, CutDisk, PowerCut
from tests.controller.update.kit import Meeting, Office, once, updater
from tests.controller.update.settings_kit import SettingsPi, configuration, room, settings_sound, sign


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> SettingsPi:
    return room(office, tmp_path / "room")


def before(pi: SettingsPi) -> str:
    return (pi.root / "etc/diemcau/room.toml.before").read_text()


def write(pi: SettingsPi, text: str) -> None:
    (pi.root / "etc/diemcau/room.toml").write_text(text)


# ---- what is refused


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[room]\n", "[room\n", "update.settings_wrong"),
        ("lease_s = 30 ", 'lease_s = "x" ', "update.settings_wrong"),
        ('slug = "kim-son"', 'slug = "lac-thuy"', "update.settings_other"),
        ('slug = "kim-son"', "", "update.settings_other"),
        ("hold_max_h = 12 ", "hold_max_h = 11 ", "update.keeper_table"),
    ],
)
def test_a_wrong_one_is_refused_with_its_reason_and_nothing_is_touched(
    office: Office, pi: SettingsPi, old: str, new: str, code: str
) -> None:
    stood = pi.room_toml
    text = configuration(office, "New")
    assert old in text
    sign(office, text.replace(old, new, 1))
    said = once(pi)
    assert (said.stage, said.code) == ("failed", code)
    assert (pi.room_toml, pi.starts) == (stood, ["0.1.0"])
    assert sorted(path.name for path in (pi.root / "etc/diemcau").iterdir()) == [
        "keeper.json",
        "room.toml",
        "tuf-root.json",
    ]


def test_an_error_names_its_key(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New").replace("lease_s = 30 ", 'lease_s = "x" '))
    said = once(pi)
    assert "lease_s" in str(said.args[0])
    assert all("lease_s" in sentence(said, lang) for lang in LANGUAGES)


def test_what_is_signed_for_another_room_is_never_taken(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "Other", room="lac-son"), room="lac-son")
    assert once(pi).code == "update.nothing"
    # The same bytes under this room's name at the source: they are not what was signed for it.
    sign(office, configuration(office, "Other"))
    folder = office.folder / "www/targets/config"
    other, ours = (next((folder / slug).iterdir()) for slug in ("lac-son", "kim-son"))
    assert other.stat().st_size == ours.stat().st_size, "only the hash tells them apart"
    ours.write_bytes(other.read_bytes())
    assert once(pi).code == "update.not_trusted"
    assert pi.starts == ["0.1.0"]


def test_an_older_one_that_was_signed_is_refused(office: Office, pi: SettingsPi, tmp_path: Path) -> None:
    sign(office, configuration(office, "First"))
    shutil.copytree(office.folder / "www", tmp_path / "old")
    sign(office, configuration(office, "Second"))
    assert once(pi).stage == "done"
    shutil.rmtree(office.folder / "www")
    shutil.copytree(tmp_path / "old", office.folder / "www")
    assert once(pi).code == "update.not_trusted"
    assert "Second" in pi.room_toml


def test_one_that_is_too_large_is_not_fetched(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New") + "#" * (1 << 20))
    assert once(pi).code == "update.not_trusted"


class Untested(SettingsPi):
    """systemd cannot begin the test."""

    def settings_test(self, release: Path, room: Path) -> tuple[str, str]:
        return settings_fault(1, "Failed to start transient service unit")


def test_one_whose_test_could_not_be_made_waits(office: Office, pi: SettingsPi) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "New"))
    (untested := Untested(pi.root)).start()
    said = once(untested)
    assert (said.stage, said.code, pi.room_toml) == ("waiting", "update.test_not_made", stood)
    assert once(pi).stage == "done"


# ---- what is taken


def test_it_is_taken_watched_and_kept(office: Office, pi: SettingsPi) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "New"))
    said = once(pi)
    assert (said.stage, said.code) == ("done", "update.settings_done")
    assert (pi.room_toml, before(pi)) == (configuration(office, "New"), stood)
    assert pi.starts == ["0.1.0", "0.1.0"]
    assert pi.mono >= 1000 + 120, "two quiet minutes"
    assert json.loads((pi.root / STATE / "progress.json").read_text())["code"] == "update.settings_done"
    assert (once(pi).code, len(pi.starts)) == ("update.nothing", 2)


def test_a_release_goes_first(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New"))
    office.release("0.2.0")
    assert (once(pi).code, "New" in pi.room_toml) == ("update.done", False)
    assert (once(pi).code, "New" in pi.room_toml) == ("update.settings_done", True)


def test_a_release_that_failed_here_is_told_whatever_becomes_of_the_configuration(
    office: Office, pi: SettingsPi
) -> None:
    office.release("0.2.0")
    sign(office, configuration(office, "New").replace("lease_s = 30 ", 'lease_s = "x" '))
    (pi.root / STATE / "failed.json").write_text('{"versions": ["0.2.0"]}')
    assert once(pi).code == "update.failed_here"
    sign(office, configuration(office, "New"))
    assert (once(pi).code, "New" in pi.room_toml) == ("update.failed_here", True)


def no_bundle(office: Office, pi: SettingsPi) -> None:
    office.release("0.2.0")
    shutil.rmtree(office.folder / "www/targets/ring-0")


def no_form(office: Office, pi: SettingsPi) -> None:
    office.release("0.2.0", percent=101)


def no_rings(office: Office, pi: SettingsPi) -> None:
    office.repository.rings([{"name": "Ring 0"}])
    office.repository.publish()


def no_space(office: Office, pi: SettingsPi) -> None:
    office.release("0.2.0")
    pi.free = 10 << 20


def no_archive(office: Office, pi: SettingsPi) -> None:
    office.release("0.2.0", data=b"no archive")


@pytest.mark.parametrize("spoil", [no_bundle, no_form, no_rings, no_space, no_archive])
def test_a_release_that_cannot_be_had_holds_up_no_configuration(
    office: Office, pi: SettingsPi, spoil: Callable[[Office, SettingsPi], None]
) -> None:
    spoil(office, pi)
    failed = once(pi)
    assert failed.stage == "failed"
    sign(office, configuration(office, "New"))
    said = once(pi)
    assert (said.code, "New" in pi.room_toml) == ("update.settings_done", True)
    assert once(pi) == failed, "and is told again"


def test_a_card_that_fails_under_a_release_holds_up_no_configuration(office: Office, pi: SettingsPi) -> None:
    class Fails(Disk):
        def step(self, what: str, path: Path, other: Path | None = None) -> None:
            if path.name == "0.2.0.tmp":
                raise OSError(errno.EIO, "Input/output error")

    office.release("0.2.0")
    sign(office, configuration(office, "New"))
    assert updater(pi, Fails()).once().code == "update.settings_done"
    assert updater(pi, Fails()).once().code == "update.card"


@pytest.mark.parametrize(("how", "code"), [(NO, "update.self_test"), (1, "update.settings_done")])
def test_a_release_whose_self_test_fails_or_waits_holds_up_no_configuration(
    office: Office, pi: SettingsPi, how: int, code: str
) -> None:
    class Unfit(SettingsPi):
        def self_test(self, release: Path) -> tuple[str, str]:
            return fault(how, "ImportError")

    office.release("0.2.0")
    sign(office, configuration(office, "New"))
    (unfit := Unfit(pi.root)).start()
    assert (once(unfit).code, "New" in unfit.room_toml) == (code, True)


def test_the_one_that_the_room_was_adopted_with_is_no_news(office: Office, pi: SettingsPi) -> None:
    sign(office, pi.room_toml)
    assert (once(pi).code, pi.starts) == ("update.nothing", ["0.1.0"])
    write(pi, configuration(office, "By hand"))
    assert once(pi).code == "update.local_change"


def test_a_room_in_use_is_left_alone_and_takes_it_later(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New"))
    pi.locked = "N9.in_call"
    said = once(pi)
    assert (said.stage, said.code, pi.starts) == ("waiting", "N9.in_call", ["0.1.0"])
    pi.locked = ""
    assert once(pi).stage == "done"


def test_a_change_by_hand_stays_until_something_newer_is_signed(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New"))
    once(pi)
    write(pi, configuration(office, "By hand"))
    said = once(pi)
    assert (said.stage, said.code) == ("idle", "update.local_change")
    assert "By hand" in pi.room_toml
    sign(office, configuration(office, "Newer"))
    assert once(pi).stage == "done"
    assert ("Newer" in pi.room_toml, "By hand" in before(pi)) == (True, True)


# ---- what is taken back


@pytest.mark.parametrize(
    ("how", "why"),
    [("crashes", "update.restarted"), ("breaks_codec", "update.silent"), ("no_broker", "update.no_broker")],
)
def test_one_that_does_no_good_is_taken_back_and_not_tried_again(
    office: Office, pi: SettingsPi, how: str, why: str
) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "New", how))
    said = once(pi)
    assert (said.stage, said.code, said.args[0]) == ("back", "update.settings_back", why)
    assert (pi.room_toml, pi.behaves[pi.running]) == (stood, "")
    assert (once(pi).code, len(pi.starts)) == ("update.settings_failed", len(pi.starts))
    assert once(pi, forced="Nguyễn Văn An").stage == "back", "a person may try it again"
    sign(office, configuration(office, "Newer"))
    assert once(pi).stage == "done"


def test_a_device_that_the_new_one_has_no_longer_owes_no_answer() -> None:
    stay = frozenset({"keeper", "codec", "camera.main", "climate.room"})
    found = Health(1, stay | {"ups", "climate.old"}, {}, True, 0)
    tree: dict[str, object] = {"codec": {}, "cameras": {"main": {}}, "climate": {"room": {}}}
    assert still(found, tree) == replace(found, answers=stay, broker=False)
    assert still(found, {**tree, "mqtt": {}}).broker


# ---- contacts


def test_contacts_are_not_published_and_stay(office: Office, pi: SettingsPi) -> None:
    text = configuration(office, "New")
    start = text.index("[contacts.technician]")
    sign(office, text[:start] + text[text.index("# The link to the centre") :])
    contacts = tomllib.loads(pi.room_toml)["contacts"]
    assert once(pi).stage == "done"
    assert tomllib.loads(pi.room_toml) == {**tomllib.loads(text), "contacts": contacts}
    assert once(pi).code == "update.nothing", "its own addition is no change by hand"


@pytest.mark.parametrize("own", [b"", b"[contacts\n", b"[room]\nname = 1\n"])
def test_where_the_room_has_no_contacts_none_are_added(own: bytes) -> None:
    assert with_contacts(b"[room]\n", own) == b"[room]\n"


def test_contacts_that_cannot_be_told_from_the_rest_are_not_lost() -> None:
    with pytest.raises(Refused, match="settings_contacts"):
        with_contacts(b"[room]\n", b'contacts = {a = {role = "desk"}}\n')


# ---- what a run that died has left


def cut_after(pi: SettingsPi, changes: int) -> None:
    """The updater dies when it has put a room.toml in its place so many times; no power cut."""

    class Dies(Disk):
        done = 0

        def rename(self, old: Path, new: Path) -> None:
            super().rename(old, new)
            self.done += new.name == "room.toml"
            if self.done == changes:
                raise PowerCut

    with pytest.raises(PowerCut):
        updater(pi, Dies()).once()


def test_an_updater_that_died_before_the_restart_is_followed_by_one_that_restarts(
    office: Office, pi: SettingsPi
) -> None:
    sign(office, configuration(office, "New"))
    cut_after(pi, 1)
    assert pi.starts == ["0.1.0"]
    pi.locked = "N9.in_call"
    assert (once(pi).code, pi.starts) == ("N9.in_call", ["0.1.0"])
    pi.locked = ""
    assert (once(pi).stage, pi.starts) == ("done", ["0.1.0", "0.1.0"])


def test_an_updater_that_died_while_it_took_one_back_does_not_try_it_again(office: Office, pi: SettingsPi) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "New", "breaks_codec"))
    cut_after(pi, 2)
    assert (pi.room_toml, pi.behaves[pi.running], len(pi.starts)) == (stood, "breaks_codec", 2)
    assert once(pi).code == "update.settings_failed"
    assert (pi.behaves[pi.running], len(pi.starts)) == ("", 3), "the old one has been started"


def test_a_change_by_hand_in_the_trial_ends_it(office: Office, pi: SettingsPi) -> None:
    sign(office, configuration(office, "New"))
    cut_after(pi, 1)
    write(pi, configuration(office, "By hand"))
    once(pi)
    assert "By hand" in before(pi)


# ---- the power goes before every step


@pytest.mark.parametrize("how", ["", "breaks_codec"])
@pytest.mark.parametrize("way", WAYS)
def test_a_cut_before_every_step(office: Office, tmp_path: Path, how: str, way: str) -> None:
    cut_everywhere(office, tmp_path, how, lambda at, bin_: CutDisk(at, way, bin_))


def cut_everywhere(office: Office, tmp_path: Path, how: str, cut: Callable[[int, Path], CutDisk]) -> None:
    old, new = configuration(office), configuration(office, "New", how)
    sign(office, new)
    at = 0
    while True:
        said = f"step {at}: "
        pi = room(office, tmp_path / f"room{at}", old)
        bin_ = tmp_path / f"bin{at}"
        bin_.mkdir()
        try:
            updater(pi, cut(at, bin_)).once()
        except PowerCut:
            pass
        else:
            break
        assert settings_sound(pi, (old, new)) == "", said
        pi.boot(f"boot-{at}")
        once(pi)
        assert settings_sound(pi, (old, new)) == "", said + "after recovery"
        assert pi.room_toml == (old if how else new), said
        assert pi.behaves[pi.running] == "", said + "what runs is what stands there"
        assert not (pi.root / STATE / "settings-trial.json").exists(), said
        assert once(pi).code == ("update.settings_failed" if how else "update.nothing"), said
        at += 1
    assert at > 20, "every step was cut"


class NoTwins(CutDisk):
    """A file that cannot have two names, or a room.toml that is not root's own."""

    def twin(self, path: Path, new: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("how", ["", "breaks_codec"])
@pytest.mark.parametrize("way", ["torn", "mixed"])
def test_a_cut_before_every_step_where_no_file_has_two_names(
    office: Office, tmp_path: Path, how: str, way: str
) -> None:
    cut_everywhere(office, tmp_path, how, lambda at, bin_: NoTwins(at, way, bin_))


# ---- a full card


class FullInTheTrial(Disk):
    """No byte more fits on the card once the new file is in its place."""

    full = False

    def step(self, what: str, path: Path, other: Path | None = None) -> None:
        if self.full and what == "create":
            raise OSError(errno.ENOSPC, "No space left on device")
        self.full |= what == "sync_folder" and path.name == "diemcau" and (path / "room.toml").stat().st_nlink == 1


@pytest.mark.parametrize("how", ["crashes", "breaks_codec"])
def test_a_card_that_is_full_in_the_trial_takes_back_what_is_bad(office: Office, pi: SettingsPi, how: str) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "New", how))
    disk = FullInTheTrial()
    said = updater(pi, disk).once()
    assert (said.stage, disk.full) == ("back", True)
    assert (pi.room_toml, pi.behaves[pi.running], before(pi)) == (stood, "", stood)
    assert once(pi).stage == "back", "tried again: the card could not take that it did no good"
    assert once(pi).code == "update.settings_failed"


def test_the_way_back_is_the_old_file_itself(office: Office, pi: SettingsPi) -> None:
    file = (pi.root / "etc/diemcau/room.toml").stat().st_ino
    sign(office, configuration(office, "New", "breaks_codec"))
    assert once(pi).stage == "back"
    assert (pi.root / "etc/diemcau/room.toml").stat().st_ino == file
    sign(office, configuration(office, "Newer"))
    assert once(pi).stage == "done"
    assert "Newer" not in before(pi)


class SettingsMeeting(Meeting, SettingsPi):
    """A meeting in the trial of a configuration."""


def test_nothing_goes_back_in_the_middle_of_a_meeting(office: Office, pi: SettingsPi) -> None:
    stood = pi.room_toml
    sign(office, configuration(office, "Mới", "breaks_codec"))
    (meeting := SettingsMeeting(pi.root)).start()
    assert once(meeting).stage == "back", "when it is over"
    assert (meeting.room_toml, meeting.mono >= meeting.ends) == (stood, True)
