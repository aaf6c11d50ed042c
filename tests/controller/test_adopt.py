"""A Pi adopts a bundle: what is no bundle first, then another room's, then what a power cut leaves, then the good
case."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controller import adopt as adopting
from controller import bundle, durable, identity
from controller.adopt import adopt, room_of
from controller.before import NAME, Before
from controller.commission.sealed import ACCEPTED, sealed
from controller.core.chain import Head
from controller.provision.bundles import pack
from controller.texts import ReadableError
from tests.controller.provision.kit import SLUG, Pi, made, members, sample


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sample(tmp_path_factory.mktemp("good"))


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    return Pi(tmp_path / "pi").installed()


def code(data: bytes, pi: Pi, replace: bool = False) -> str:
    """Why it was refused; and that nothing was written."""
    before = pi.files()
    with pytest.raises(ReadableError) as error:
        adopt(data, pi.root, replace)
    assert pi.files() == before
    assert error.value.text("vi") != error.value.code
    return error.value.code


def changed(good: bytes, change: Callable[[dict[str, bytes]], object], room: str = SLUG) -> bytes:
    """A bundle with the right sums and something wrong in it."""
    files = members(good)
    change(files)
    return pack(room, "now", files)


@pytest.mark.parametrize("name", sorted(bundle.NEEDED))
def test_a_missing_member_is_named(good: bytes, pi: Pi, name: str) -> None:
    assert code(changed(good, lambda files: files.pop(name)), pi) in {"adopt.file", "identity.broken"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sshd.toml", b""),
        ("diemcau.service", b"[Service]"),
        (bundle.ROOM, b"\xff"),
        (bundle.ROOM, b"[room"),
        (bundle.KEEPER, b"[]"),
        (bundle.ROOT, b"no"),
        (bundle.HEAD, b"{}"),
        (bundle.HEAD, json.dumps({"v": 1, "room": "other", "seq": 1, "hash": "0" * 64}).encode()),
        (bundle.HEAD, json.dumps({"v": 1, "room": SLUG, "seq": 0, "hash": "0" * 64}).encode()),
        (bundle.HEAD, json.dumps({"v": 1, "room": SLUG, "seq": True, "hash": "0" * 64}).encode()),
    ],
)
def test_a_member_that_is_not_what_it_should_be_is_named(good: bytes, pi: Pi, name: str, data: bytes) -> None:
    assert code(changed(good, lambda files: files.update({name: data})), pi) == "adopt.file"


@pytest.mark.parametrize("said", ['"../../root"', '"/x/../../etc"', "7", '"relative"'])
def test_a_journal_outside_is_refused(good: bytes, pi: Pi, said: str) -> None:
    def elsewhere(files: dict[str, bytes]) -> None:
        text = files[bundle.ROOM].decode()
        files[bundle.ROOM] = text.replace('"/var/lib/diemcau/journal.db"', said).encode()

    assert code(changed(good, elsewhere), pi) == "adopt.file"


def test_parts_of_two_rooms_are_no_bundle(good: bytes, pi: Pi, tmp_path: Path) -> None:
    other = members(made(tmp_path, "other").read_bytes())

    def mixed(*names: str) -> str:
        return code(changed(good, lambda files: files.update({name: other[name] for name in names})), pi)

    assert mixed(bundle.KEY) == "identity.broken"
    assert mixed(bundle.AUTHORITY) == "identity.broken"
    assert mixed(bundle.ROOM) == "adopt.mixed"
    assert mixed(*bundle.IDENTITY) == "adopt.mixed"


def test_without_the_group_nothing_is_done(good: bytes, pi: Pi) -> None:
    (pi.root / "etc/group").write_text("root:x:0:\n")
    assert code(good, pi) == "adopt.group"


def test_another_room_is_not_overwritten_unasked(good: bytes, pi: Pi, tmp_path: Path) -> None:
    adopt(good, pi.root)
    assert code(made(tmp_path, "other").read_bytes(), pi) == "adopt.other"


def test_another_room_is_not_taken_away_from_a_running_controller(good: bytes, pi: Pi, tmp_path: Path) -> None:
    adopt(good, pi.root)
    (pi.state / "journal.db").write_bytes(b"evidence")
    (pi.root / "run/diemcau").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as door:
        here = os.getcwd()
        os.chdir(pi.root)  # a socket's name has 107 letters
        door.bind("run/diemcau/door.sock")
        os.chdir(here)
        door.listen(1)
        other = made(tmp_path, "other").read_bytes()
        with pytest.raises(ReadableError) as error:
            adopt(other, pi.root, replace=True)
    assert error.value.code == "adopt.running"
    assert (pi.state / "journal.db").read_bytes() == b"evidence"


def test_a_pi_becomes_the_room(good: bytes, pi: Pi) -> None:
    done = adopt(good, pi.root)
    assert (done.room, done.was, done.carried, done.moved) == (SLUG, "", 0, None)
    files = members(good)
    assert {name: (pi.etc / name).read_bytes() for name in (bundle.ROOM, bundle.KEEPER)} == {
        name: files[name] for name in (bundle.ROOM, bundle.KEEPER)
    }
    place = pi.etc / "identity"
    parts = (place / name for name in (bundle.AUTHORITY, bundle.CERTIFICATE, bundle.KEY))
    assert identity.check(*(part.read_bytes() for part in parts)).name == SLUG
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not [name for name in pi.files() if name.endswith(".new")]


def test_passwords_are_laid_where_the_room_looks_and_others_stay(good: bytes, pi: Pi) -> None:
    (pi.etc / "secrets").mkdir(parents=True, mode=0o700)
    for name in ("ups.password", "codec.password"):
        (pi.etc / "secrets" / name).write_text("old")
    adopt(changed(good, lambda files: files.update({"secret.ups.password": b"new"})), pi.root)
    assert {p.name: p.read_text() for p in (pi.etc / "secrets").iterdir()} == {
        "ups.password": "new",
        "codec.password": "old",
    }
    assert stat.S_IMODE((pi.etc / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((pi.etc / "secrets/ups.password").stat().st_mode) == 0o600


def test_again_with_the_same_bundle_changes_nothing(good: bytes, pi: Pi) -> None:
    adopt(good, pi.root)
    before = pi.files()
    assert adopt(good, pi.root).was == SLUG
    assert pi.files() == before


def test_a_new_bundle_keeps_the_old_configuration_beside_it(good: bytes, pi: Pi, tmp_path: Path) -> None:
    adopt(good, pi.root)
    (pi.etc / bundle.ROOM).write_text(members(good)[bundle.ROOM].decode() + "# a clerk's note\n")
    adopt(made(tmp_path).read_bytes(), pi.root)
    assert (pi.etc / "room.toml.old").read_text().endswith("# a clerk's note\n")
    assert [path.name for path in pi.etc.glob("*identity*")] == ["identity"], "an old key lies about"


# ---- a file system that exchanges no names (renameat2)


def test_two_folders_change_places_one_by_one(tmp_path: Path) -> None:
    new, place = tmp_path / ".identity.new", tmp_path / "identity"
    for path in (new, place):
        path.mkdir()
        (path / "name").write_text(path.name)
    adopting._one_by_one(new, place)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".identity.new", "identity"]
    assert ((place / "name").read_text(), (new / "name").read_text()) == (".identity.new", "identity")


@pytest.mark.parametrize("cut", [1, 2])
def test_a_cut_while_they_change_places_is_finished_by_the_same_command(
    good: bytes, pi: Pi, tmp_path: Path, cut: int
) -> None:
    adopt(made(tmp_path).read_bytes(), pi.root)
    place = pi.etc / "identity"
    new, aside = pi.etc / f".identity{durable.NEW}", pi.etc / f".identity{durable.NEW}.aside"
    new.mkdir()
    for name in bundle.IDENTITY:
        (new / name).write_bytes(members(good)[name])
    place.rename(aside)
    if cut == 2:
        new.rename(place)
    adopt(good, pi.root)
    assert (place / bundle.KEY).read_bytes() == members(good)[bundle.KEY]
    assert [path.name for path in pi.etc.glob("*identity*")] == ["identity"], "an old key lies about"


def test_the_old_identity_is_back_before_anything_else_is_tried(good: bytes, pi: Pi) -> None:
    """What was put aside may be the only one that the room has."""
    adopt(good, pi.root)
    place, aside = pi.etc / "identity", pi.etc / f".identity{durable.NEW}.aside"
    (place / "mine").write_text("by hand")
    place.rename(aside)
    adopt(good, pi.root)
    assert (pi.etc / "identity.old.1" / "mine").read_text() == "by hand"


def test_a_folder_of_certificates_made_by_hand_is_kept(good: bytes, pi: Pi) -> None:
    for n in (1, 2):
        (pi.etc / "identity").mkdir(parents=True, exist_ok=True)
        (pi.etc / "identity" / "mine").write_text(str(n))
        adopt(good, pi.root)
        assert (pi.etc / f"identity.old.{n}" / "mine").read_text() == str(n)
        assert not (pi.etc / "identity" / "mine").exists()


def test_a_folder_that_others_could_read_is_roots_alone_afterwards(good: bytes, pi: Pi) -> None:
    (pi.etc / "identity").mkdir(parents=True, mode=0o755)
    adopt(good, pi.root)
    assert stat.S_IMODE((pi.etc / "identity").stat().st_mode) == 0o700


def test_replacing_another_room_keeps_its_evidence(good: bytes, pi: Pi, tmp_path: Path) -> None:
    adopt(good, pi.root)
    (pi.state / "journal.db").write_bytes(b"evidence")
    pi.state.chmod(0o750)
    done = adopt(made(tmp_path, "other").read_bytes(), pi.root, replace=True)
    assert (done.room, done.was) == ("other", SLUG)
    assert done.moved is not None
    assert (done.moved / "journal.db").read_bytes() == b"evidence"
    assert list(pi.state.iterdir()) == []
    assert stat.S_IMODE(pi.state.stat().st_mode) == 0o750
    assert room_of(pi.etc) == "other"


def test_a_new_key_ends_the_acceptance_and_the_old_one_keeps_it(good: bytes, pi: Pi, tmp_path: Path) -> None:
    """Whoever replaces a Pi plugs every cable in anew: until somebody has looked, the room only watches (N27)."""
    assert not adopt(good, pi.root).accepted
    record = sealed({"room": SLUG, "accepted": True}, members(good)[bundle.KEY])
    (pi.state / ACCEPTED).write_text(record, encoding="utf-8")
    assert adopt(good, pi.root).accepted
    assert not adopt(made(tmp_path).read_bytes(), pi.root).accepted
    assert (pi.state / ACCEPTED).read_text(encoding="utf-8") == record, "it is evidence all the same"
    adopt(good, pi.root)
    (tmp_path / "other").mkdir()
    other = adopt(made(tmp_path / "other", "other").read_bytes(), pi.root, replace=True)
    assert (other.accepted, (pi.state / ACCEPTED).exists()) == (False, False)
    assert other.moved is not None
    assert (other.moved / ACCEPTED).read_text(encoding="utf-8") == record
    again = adopt(good, pi.root, replace=True)
    assert not again.accepted, "the room's own old record lies aside: this Pi has been elsewhere since"


def test_the_old_head_is_laid_beside_the_journal(pi: Pi, tmp_path: Path) -> None:
    done = adopt(made(tmp_path, head=Head(812, "cd" * 32)).read_bytes(), pi.root)
    assert done.carried == 812
    assert bundle.head((pi.state / NAME).read_bytes(), SLUG) == Before(SLUG, 812, "cd" * 32)
    assert stat.S_IMODE((pi.state / NAME).stat().st_mode) == 0o640


def test_a_cut_at_any_moment_leaves_one_room_and_is_finished_by_the_same_command(
    good: bytes, pi: Pi, tmp_path: Path
) -> None:
    """The hardest case: another room's Pi, with evidence, becomes this one."""
    adopt(made(tmp_path, "other").read_bytes(), pi.root)
    (pi.state / "journal.db").write_bytes(b"evidence")
    (tmp_path / "bundle").write_bytes(good)
    (tmp_path / "work").mkdir()
    places = map(str, (pi.root, tmp_path / "bundle", tmp_path / "work"))
    words = [sys.executable, "-m", "tests.controller.adopt_cuts", *places]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
