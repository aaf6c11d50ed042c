"""A release whose units are not those of the card is told; what a person has changed is theirs."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from controller.texts import LANGUAGES
from controller.update import units
from controller.update.__main__ import sentence
from controller.update.units import differing
from tests.controller.update.kit import FakePi, Office, card, once

PLACES = """files() {
    cat <<LIST
diemcau.service /etc/systemd/system/diemcau.service 644
udev/rules.d/60-diemcau.rules /etc/udev/rules.d/60-diemcau.rules 644
LIST
}
"""
UNIT, RULES = "etc/systemd/system/diemcau.service", "etc/udev/rules.d/60-diemcau.rules"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    """Installed with files of the first form, and running a release that has the second."""
    pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])
    release = pi.root / "opt/diemcau/releases/0.1.0/systemd"
    write(release / "install-system.sh", PLACES)
    rows = ""
    for what, where in (("diemcau.service", UNIT), ("udev/rules.d/60-diemcau.rules", RULES)):
        write(release / what, "second")
        write(pi.root / where, "first")
        rows += f"{sha256(b'first').hexdigest()}  /{where}\n"
    write(pi.root / "opt/diemcau/installed", "folder  /etc/x\n" + rows)
    return pi


def found(pi: FakePi) -> list[str]:
    return differing(pi.root, pi.root / "opt/diemcau/releases/0.1.0")


def test_it_is_told_with_the_command(pi: FakePi) -> None:
    said = once(pi)
    assert (said.stage, said.code) == ("idle", "update.units_differ")
    for lang in LANGUAGES:
        words = sentence(said, lang)
        assert all(one in words for one in ("diemcau.service", "60-diemcau.rules", units.COMMAND))


def test_it_hides_nothing_else_that_is_to_be_told(office: Office, pi: FakePi) -> None:
    office.release("0.2.0", percent=0)
    assert once(pi).code == "update.not_yet"
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "fails_self_test"
    assert once(pi).code == "update.self_test"


def test_what_is_the_same_or_changed_by_hand_or_taken_away_is_no_difference(pi: FakePi) -> None:
    write(pi.root / UNIT, "second")
    (pi.root / RULES).unlink()
    assert (found(pi), once(pi).code) == ([], "update.nothing")
    write(pi.root / RULES, "by hand")
    assert found(pi) == []


def test_a_file_that_no_installer_has_put_yet_is_one(pi: FakePi) -> None:
    write(pi.root / "opt/diemcau/releases/0.1.0/systemd/new.path", "x")
    rows = PLACES.replace("LIST\n}", "new.path /etc/systemd/system/new.path 644\nLIST\n}")
    write(pi.root / "opt/diemcau/releases/0.1.0/systemd/install-system.sh", rows)
    assert "new.path" in found(pi)


def test_the_selector_is_one_of_them(pi: FakePi) -> None:
    ours = pi.root / "opt/diemcau/releases/0.1.0/site/common/controller/update/selector.py"
    write(ours, "newer")
    assert found(pi)[-1] == "selector.py"
    ours.write_bytes((pi.root / "opt/diemcau/selector.py").read_bytes())
    assert "selector.py" not in found(pi)


@pytest.mark.parametrize("name", ["installed", "releases/0.1.0/systemd/install-system.sh"])
def test_without_a_list_nothing_is_said(pi: FakePi, name: str) -> None:
    (pi.root / "opt/diemcau" / name).write_bytes(b"\xff\xfe")
    assert found(pi) == []


def test_the_installers_own_list_is_understood() -> None:
    """And names only files that are there."""
    folder = Path(__file__).parents[3] / "systemd"
    places = units._PLACE.findall((folder / "install-system.sh").read_text(encoding="utf-8"))
    assert len(places) > 10
    assert all((folder / what).is_file() for what, _ in places)
