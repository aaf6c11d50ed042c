"""A Pi adopts a bundle: hostile files first, then another room's, then what a power cut leaves, then the good
case."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller import adopt_tar, bundle, identity
from controller.adopt import adopt, room_of
from controller.before import NAME, Before
from controller.core.chain import Head
from controller.provision.bundles import pack
from controller.texts import ReadableError
from tests.controller.provision.kit import SLUG, Pi, made, members, sample

HOSTILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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


def tar(*rows: tuple[str, bytes, dict[str, object]], form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as out:
        for name, data, more in rows:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for key, value in more.items():
                setattr(member, key, value)
            out.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
NAMES = ["../x", "/etc/passwd", "a/b", "..", ".", "", "A", "x" * 65, ".hidden", "room.toml\n", "ă"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_that_is_no_file_is_refused(kind: bytes) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar(("room.toml", b"", {"type": kind, "linkname": "/etc/shadow"})))


@pytest.mark.parametrize("name", NAMES)
def test_a_member_with_a_path_or_a_strange_name_is_refused(name: str) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar((name, b"x", {})))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_extensions_of_tar_are_refused(form: int) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar(("x" * 200, b"x", {}), form=form))


def test_bombs_are_refused() -> None:
    many = tar(*((f"f{n}", b"", {}) for n in range(adopt_tar.FILES_MOST + 1)))
    big = tar(("a", b"\0" * (adopt_tar.FILE_MOST + 1), {}))
    twice = tar(("a", b"1", {}), ("a", b"2", {}))
    huge = b"\0" * (adopt_tar.BUNDLE_MOST + 512)
    for data in (many, big, twice, huge):
        with pytest.raises(ReadableError):
            adopt_tar.members(data)


@HOSTILE
@given(st.dictionaries(st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z"), st.binary(max_size=1500), max_size=8))
def test_what_an_honest_tar_holds_is_read_as_it_was_written(files: dict[str, bytes]) -> None:
    assert adopt_tar.members(tar(*((name, data, {}) for name, data in files.items()))) == files


@HOSTILE
@given(st.data())
def test_no_damage_does_more_than_be_refused(good: bytes, data: st.DataObject) -> None:
    """Bytes changed, cut out, put in, repeated: it is refused in a sentence, or the bytes were of no meaning."""
    spoiled = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoiled) - 1))
        match data.draw(st.sampled_from(["set", "cut", "put", "swap", "end"])):
            case "set":
                spoiled[at] = data.draw(st.integers(0, 255))
            case "cut":
                del spoiled[at : at + data.draw(st.sampled_from([1, 512, 1024]))]
            case "put":
                spoiled[at:at] = data.draw(st.binary(min_size=1, max_size=600))
            case "swap":
                block, other = at // 512 * 512, data.draw(st.integers(0, len(good) // 512 - 1)) * 512
                spoiled[block : block + 512] = good[other : other + 512]
            case "end":
                del spoiled[at:]
        if not spoiled:
            break
    try:
        found = bundle.read(bytes(spoiled))
    except ReadableError:
        return
    assert dict(found.files) == members(good)


@HOSTILE
@given(st.binary(max_size=2048))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    if len(data) % 512 == 0 and len(data) and not any(data):
        assert adopt_tar.members(data) == {}
        return
    with pytest.raises(ReadableError) as error:
        adopt_tar.members(data)
    assert error.value.code == "adopt.tar"


@HOSTILE
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["v", "room", "files", "seq", "hash"]), x), max_leaves=12))  # fmt: skip
def test_any_manifest_and_any_head_is_judged_without_a_fall(plain: object) -> None:
    data = json.dumps(plain).encode()
    with pytest.raises(ReadableError):
        bundle.read(tar((bundle.MANIFEST, data, {})))
    with pytest.raises(ReadableError):
        bundle.head(data, SLUG)


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
    assert len(list(pi.etc.glob(".identity-*"))) == 1, "a key that is not used any more lies about"


def test_a_folder_of_certificates_made_by_hand_is_kept(good: bytes, pi: Pi) -> None:
    (pi.etc / "identity").mkdir(parents=True)
    (pi.etc / "identity" / "mine").write_text("x")
    adopt(good, pi.root)
    assert (pi.etc / "identity.old" / "mine").read_text() == "x"
    assert (pi.etc / "identity").is_symlink()


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
