"""The power goes before every single step that an update does on the card, in three ways; each time the next start
finds a release that runs, and the next run of the updater brings the update to an end.
"""

from __future__ import annotations

import marshal
import shutil
from pathlib import Path

import pytest

from controller.update.disk import Disk
from controller.update.slots import Slots
from tests.controller.update.cut import WAYS, CutDisk, PowerCut
from tests.controller.update.kit import MEMBERS, FakePi, Office, bundle, card, once, sound, updater

ENDS = {"well": "0.2.0", "breaks_codec": "0.1.0"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Office(tmp_path_factory.mktemp("office") / "o")
    # With a keeper, which is compiled.
    made.release("0.2.0", data=bundle("0.2.0", {**MEMBERS, "site/common/hardware/keeper.py": b"x = 1\n"}))
    return made


def room(office: Office, folder: Path, how: str) -> FakePi:
    pi = card(folder, "0.1.0", office.repository.root_file(), [office.url])
    pi.behaves["0.2.0"] = how
    return pi


class Hasty(CutDisk):
    """A card that an updater without fsync writes."""

    def sync_folder(self, path: Path) -> None:
        return


def test_the_cuts_find_an_updater_that_does_not_sync(office: Office, tmp_path: Path) -> None:
    found = 0
    for at in range(60):
        bin_ = tmp_path / f"bin{at}"
        bin_.mkdir()
        pi = room(office, tmp_path / f"room{at}", "well")
        try:
            updater(pi, Hasty(at, "mixed", bin_)).once()
        except PowerCut:
            found += sound(pi.root) != ""
    assert found > 0


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_cut_before_every_step(office: Office, tmp_path: Path, how: str, way: str) -> None:
    steps, at = 0, 0
    while True:
        folder, bin_ = tmp_path / "room", tmp_path / "bin"
        bin_.mkdir()
        pi = room(office, folder, how)
        disk = CutDisk(at, way, bin_)
        try:
            updater(pi, disk).once()
        except PowerCut:
            pass
        else:
            steps = disk.steps
            break
        said = f"step {at}, {way}: "
        assert sound(folder) == "", said + sound(folder)
        pi.restarts = 0  # a new boot
        (folder / "proc/sys/kernel/random/boot_id").write_text(f"boot-{at}\n")
        pi.start()
        assert pi.running in ("0.1.0", "0.2.0"), said
        assert (folder / "opt/diemcau/releases" / pi.running / ".complete").is_file(), said
        once(pi)
        for compiled in (folder / "opt/diemcau/releases").rglob("*.pyc"):
            marshal.loads(compiled.read_bytes()[16:])  # whole
        assert sound(folder) == "", said + "after recovery: " + sound(folder)
        assert pi.running == ENDS[how], said
        assert Slots(folder, Disk()).trial is None, said
        shutil.rmtree(folder)
        shutil.rmtree(bin_)
        at += 1
    assert at == steps > 40, "every step was cut"
