"""The office's command line, from the first key to a room that takes what was signed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.cli_table import parser
from controller.update.build import Kind, build, pack
from controller.update.release import release
from tests.controller.update.kit import BUILT_S, OS, bundle, card, once

WORDS = "một cụm từ dài để nhớ"


def asked(prompt: str) -> str:
    assert "khóa" in prompt
    return WORDS


def run(*words: str, ask: Callable[[str], str] = asked) -> int:
    return release(parser().parse_args(["release", *words]), ask)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    assert run("keys", str(tmp_path / "keys")) == 0
    assert run("init", "--keys", str(tmp_path / "keys"), "--to", str(tmp_path / "www")) == 0
    (tmp_path / "rings.json").write_text(json.dumps([{"name": "ring-0", "rooms": ["kim-son"]}, {"name": "ring-1"}]))
    assert run("rings", str(tmp_path / "rings.json"), *where(tmp_path)) == 0
    return tmp_path


def where(folder: Path) -> tuple[str, ...]:
    return "--keys", str(folder / "keys"), "--to", str(folder / "www")


def built(folder: Path, version: str) -> Path:
    out = folder / version
    out.mkdir()
    (out / "diemcau.tar.zst").write_bytes(bundle(version))
    told = {"version": version, "os": [OS], "built_s": BUILT_S, "schema_back": 1, "unpacked_b": 1 << 20}
    (out / "offer.json").write_text(json.dumps(told))
    return out


def test_from_keys_to_a_room(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = {path.name: path.read_bytes() for path in (office / "keys").glob("*.pem")}
    assert sorted(keys) == [f"{n}.pem" for n in ("online", "root-1", "root-2", "root-3", "targets-1", "targets-2")]
    assert [name for name, data in keys.items() if b"ENCRYPTED" not in data] == ["online.pem"]
    assert all((office / "keys" / name).stat().st_mode & 0o077 == 0 for name in keys)
    for name in ("root-1", "root-2", "root-3"):
        (office / "keys" / f"{name}.pem").unlink()  # in their safes: no release needs them
    made = built(office, "0.2.0")
    assert run("offer", "ring-0", str(made), "--minimum", "0.1.0", *where(office)) == 0
    root = (office / "www/metadata/1.root.json").read_bytes()
    pi = card(office / "room", "0.1.0", root, [(office / "www").as_uri()])
    assert once(pi).stage == "done"
    capsys.readouterr()
    assert run("show", *where(office)) == 0
    assert capsys.readouterr().out.splitlines()[0] == "ring-0: 0.2.0, 100 % số phòng, từ bản 0.1.0 trở lên"
    assert run("withdraw", "ring-0", *where(office)) == 0
    assert run("show", *where(office)) == 0
    assert "ring-0: không có gì" in capsys.readouterr().out


def test_new_keys_in_place_of_a_lost_one(office: Path) -> None:
    root = (office / "www/metadata/1.root.json").read_bytes()
    shape = json.loads((office / "keys/shape.json").read_text())
    shape["keys"]["targets"] = ["targets-2", "targets-3"]
    (office / "keys/shape.json").write_text(json.dumps(shape))
    assert run("keys", str(office / "keys")) == 0, "only what is missing is made"
    old = office / "old.json"
    old.write_text(json.dumps({**shape, "keys": {**shape["keys"], "targets": ["targets-1", "targets-2"]}}))
    assert run("rotate", str(office / "keys/shape.json"), *where(office)) == 0
    made = built(office, "0.2.0")
    assert run("offer", "ring-0", str(made), "--minimum", "0.1.0", *where(office)) == 0
    pi = card(office / "room", "0.1.0", root, [(office / "www").as_uri()])
    assert once(pi).stage == "done"


PACK = """[pack]
document = "QĐ 1"
[pack.clauses]
"rules.power_up.press_hold_min" = "Điều 6"
[rules.power_up]
press_hold_min = 60
"""


def test_a_rule_pack_is_read_before_it_is_signed(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = office / "quy-che.toml"
    file.write_text(PACK.replace('"Điều 6"', "6"), encoding="utf-8")
    assert run("pack", str(file), "--ring", "ring-0", *where(office), ask=never) == 78
    assert "quy-che.toml" in capsys.readouterr().err
    file.write_text(PACK, encoding="utf-8")
    assert run("pack", str(file), "--ring", "ring-9", *where(office), ask=never) == 78
    assert "ring-0, ring-1, ring-2" in capsys.readouterr().err
    (wrong := office / "Quy chế.toml").write_text(PACK, encoding="utf-8")
    assert run("pack", str(wrong), "--ring", "ring-0", *where(office), ask=never) == 78
    assert "Quy chế.toml" in capsys.readouterr().err
    for whose in ((), ("--ring", "ring-0", "--room", "kim-son")):
        with pytest.raises(SystemExit):
            run("pack", str(file), *whose, *where(office), ask=never)
    assert not (office / "www/targets/packs").exists()


def test_a_rule_pack_reaches_the_ring_and_the_room_that_it_is_signed_for(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := office / "quy-che.toml").write_text(PACK, encoding="utf-8")
    assert run("pack", str(file), "--ring", "ring-0", *where(office)) == 0
    assert run("pack", str(file), "--room", "lac-son", *where(office)) == 0
    assert "ring-0" in capsys.readouterr().out
    assert run("show", *where(office)) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[-2:] == ["ring-0: gói quy tắc quy-che.toml", "lac-son: gói quy tắc quy-che.toml"]
    root = (office / "www/metadata/1.root.json").read_bytes()
    for room, there in (("kim-son", True), ("lac-son", True), ("tam-diep", False)):
        pi = card(office / room, "0.1.0", root, [(office / "www").as_uri()], room)
        toml = pi.root / "etc/diemcau/room.toml"
        text = toml.read_text().replace("[room]\n", '[room]\nrule_packs = ["quy-che.toml"]\n')
        toml.write_text(text)
        once(pi)
        # Its test says no, for this room.toml is no whole one; but it was loaded, and by nobody else.
        told = json.loads((pi.root / "var/lib/diemcau-update/progress.json").read_text())["code"]
        assert told == ("update.pack_wrong" if there else "update.nothing"), room


def test_what_cannot_be_done_is_said(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = built(office, "0.2.0")
    assert run("offer", "ring-9", str(made), "--minimum", "0.1.0", *where(office)) == 78
    assert run("offer", "ring-0", str(made), "--minimum", "soon", *where(office)) == 78
    assert run("offer", "ring-0", str(made), "--minimum", "0.1.0", *where(office), ask=lambda _: "wrong") == 78
    assert run("init", *where(office)) == 78, "a tree is not made twice"
    said = capsys.readouterr().err.splitlines()
    assert "ring-0, ring-1, ring-2" in said[0]
    assert said[1] == "Số phiên bản không đúng mẫu: soon"
    assert len(said) == 4
    nothing = ("--keys", str(office / "none"), "--to", str(office / "www"))
    assert run("offer", "ring-0", str(made), "--minimum", "0.1.0", *nothing) == 78
    assert "targets-1" in capsys.readouterr().err


def never(_prompt: str) -> str:
    raise AssertionError("nothing to ask for")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "--to", "{tmp}/none"], "{tmp}/none chưa có kho cập nhật: "),
        (["publish", "--to", "{tmp}/none"], "{tmp}/none chưa có kho cập nhật: "),
        (["withdraw", "ring-0", "--to", "{tmp}/none"], "{tmp}/none chưa có kho cập nhật: "),
        (["init", "--to", "{tmp}/none"], "Thiếu phần công khai của các khóa: root-1, root-2, root-3, "),
        (["rings", "{tmp}/none.json", "--to", "{tmp}/www"], "Không có {tmp}/none.json."),
        (["rings", "{tmp}/odd.json", "--to", "{tmp}/www"], "{tmp}/odd.json không đúng dạng JSON: "),
        (["rotate", "{tmp}/odd.json", "--to", "{tmp}/www"], "{tmp}/odd.json không đúng dạng JSON: "),
        (["offer", "ring-0", "{tmp}/none", "--minimum", "0.1.0", "--to", "{tmp}/www"], "Không có {tmp}/none/offer"),
        (["build", "{tmp}/none", "--to", "{tmp}/out"], "Không có {tmp}/none/pyproject.toml."),
    ],
)
def test_what_is_not_there_is_one_sentence(
    office: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (office / "odd.json").write_text("{")
    capsys.readouterr()
    assert run(*(word.format(tmp=office) for word in words), ask=never) == 78
    told = capsys.readouterr().err
    assert told.startswith(said.format(tmp=office))
    assert told.count("\n") == 1
    assert not (office / "none").exists()


def test_a_tree_with_a_hole_is_one_sentence(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (office / "www/metadata").glob("*.ring-1.json"):
        path.unlink()
    capsys.readouterr()
    assert run("show", *where(office)) == 78
    told = capsys.readouterr().err
    assert told.startswith("Không làm được: ")
    assert "ring-1" in told


def test_too_few_keys_say_which_are_wanted(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("withdraw", "ring-0", "--to", str(office / "www")) == 78
    told = capsys.readouterr().err
    assert told.startswith("ring-0 phải có chữ ký của 1 trong các khóa targets-1, targets-2: ")


def test_without_a_terminal_no_passphrase_can_be_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def nobody(_prompt: str) -> str:
        raise EOFError

    assert run("keys", str(tmp_path / "keys"), ask=nobody) == 78
    assert capsys.readouterr().err == "Không nhập được mật khẩu ở đây: chạy trong cửa sổ dòng lệnh.\n"


def test_a_passphrase_is_long_and_typed_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(["short", WORDS, "other", *[WORDS] * 10])
    assert run("keys", str(tmp_path / "k"), ask=lambda _: next(answers)) == 0
    said = capsys.readouterr().out
    assert "ít nhất 12 ký tự" in said
    assert "khác nhau" in said


def test_a_library_that_two_pythons_share_on_the_builders_disk_is_two_files_in_the_bundle(tmp_path: Path) -> None:
    """uv links a wheel out of its cache into each place: a link in a bundle is refused by every room."""
    from controller.update.disk import Disk
    from controller.update.unpack import unpack

    tree, there = tmp_path / "tree", tmp_path / "there"
    for abi in ("cp311-aarch64", "cp313-aarch64"):
        (tree / abi).mkdir(parents=True)
    (tree / "cp311-aarch64" / "one.py").write_bytes(b"1 + 1")
    (tree / "cp313-aarch64" / "one.py").hardlink_to(tree / "cp311-aarch64" / "one.py")
    size = pack(tree, tmp_path / "bundle", BUILT_S)
    unpack(tmp_path / "bundle", there, Disk(), size)
    for abi in ("cp311-aarch64", "cp313-aarch64"):
        assert (there / abi / "one.py").read_bytes() == b"1 + 1"


def test_a_bundle_is_built_from_this_checkout(tmp_path: Path) -> None:
    """With the wheels of the package index, for one Python and machine: the others differ in nothing but the
    time."""
    from controller.update.disk import Disk
    from controller.update.unpack import unpack

    made = build(Path(__file__).parents[3], tmp_path, BUILT_S, Kind(("3.11",), ("aarch64",)), "0.2.0-rc1")
    assert (made.version, made.custom["os"]) == ("0.2.0-rc1", ["debian-12"])
    unpack(made.path, tmp_path / "tree", Disk(), int(str(made.custom["unpacked_b"])))
    site = tmp_path / "tree" / "site"
    common = {one.name for one in (site / "common").iterdir()} | {
        one.name for one in (site / "cp311-aarch64").iterdir()
    }
    assert {"controller", "hardware", "gpiozero", "serial", "paho", "pydantic", "psutil", "icalendar"} <= common
    assert not common & {"tuf", "cryptography", "fastapi", "pytest", "uv"}, "the updater's own stand apart"
    assert not common & {"setuptools", "pkg_resources", "_distutils_hack", "gpiozerocli"}, "nobody imports them"
    update = {one.name for one in (site / "update").rglob("*") if one.parent.parent == site / "update"}
    assert {"tuf", "cryptography", "zstandard", "urllib3"} <= update
    assert "pydantic" not in update, "once is enough"
    assert any(one.suffix == ".so" and "aarch64" in one.name for one in (site / "cp311-aarch64").rglob("*"))
    # What install.sh needs of its own folder: it is run from the release, after an update.
    places = (tmp_path / "tree/systemd/install-system.sh").read_text(encoding="utf-8")
    files = re.findall(r"^(\S+) /\S+ [0-7]{3}$", places, re.MULTILINE)
    assert len(files) > 10
    assert all((tmp_path / "tree/systemd" / one).is_file() for one in ("install.sh", *files))
    about = json.loads((tmp_path / "tree/release.json").read_text())
    assert (about["version"], about["built_s"]) == ("0.2.0-rc1", BUILT_S)
