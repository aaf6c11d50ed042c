"""The keeper follows the controller that was kept: tried, kept or taken back, over power cuts too."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.update.disk import Disk
from controller.update.selector import BOOT_ID, KEEPER_TRIES, linked, pick
from controller.update.slots import Slots
from tests.controller.update.cut import WAYS, CutDisk, PowerCut
from tests.controller.update.kit import FakePi, Office, add_release, card, once, sound, updater

BAD = frozenset({"0.2.0"})


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "office")
    made.release("0.2.0")
    return made


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    return card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])


class Before(FakePi):
    """A Pi with the selector of an older Diemcau, which counts no keeper."""

    def start_keeper(self) -> None:
        self.keeper_starts += 1
        self.keeper = linked(self.root / "opt/diemcau/keeper")


def old(pi: FakePi) -> Before:
    (pi.root / "opt/diemcau/selector.py").write_text("# counts the controller's starts only")
    return Before(pi.root, running=pi.running, keeper=pi.keeper)


def ends(pi: FakePi) -> tuple[str, str, bool]:
    """The keeper that runs, the one that the next start brings, and whether a trial is left."""
    slots = Slots(pi.root, Disk())
    return pi.keeper, slots.keeper, slots.keeper_trial is not None


# ---- what is taken back


@pytest.mark.parametrize("kind", [FakePi, Before])
def test_one_that_does_not_come_up(office: Office, pi: FakePi, kind: type[FakePi]) -> None:
    pi = old(pi) if kind is Before else pi
    pi.bad_keepers = BAD
    assert once(pi).stage == "done"
    assert ends(pi) == ("0.1.0", "0.1.0", False)
    starts = pi.keeper_starts
    assert (once(pi).code, pi.keeper_starts) == ("update.newest", starts), "not tried again"


class Mute(FakePi):
    """Its new keeper says that it is ready, and the controller cannot speak to it."""

    def restart(self, unit: str) -> None:
        super().restart(unit)
        if "relays" in unit and self.keeper == "0.2.0":
            self.before = self.before.__class__(1, frozenset({"codec", "ups"}), self.before.relays, True, 0)


def test_one_that_does_not_answer_the_controller(office: Office, pi: FakePi) -> None:
    mute = Mute(pi.root, running="0.1.0", keeper="0.1.0")
    assert once(mute).stage == "done"
    assert ends(mute) == ("0.1.0", "0.1.0", False)


def test_one_that_moves_a_line(office: Office, pi: FakePi) -> None:
    pi.moving_keepers = BAD
    assert once(pi).stage == "done"
    assert ends(pi) == ("0.1.0", "0.1.0", False)


def test_one_whose_start_could_not_be_counted_has_not_been_tried(office: Office, pi: FakePi) -> None:
    (pi.root / KEEPER_TRIES).with_suffix(".new").mkdir()
    assert once(pi).stage == "done"
    assert ends(pi) == ("0.1.0", "0.1.0", False)


def test_three_starts_without_an_updater_end_at_the_old_keeper(pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    slots = Slots(pi.root, Disk())
    slots.begin_keeper("0.2.0")
    assert [pick(pi.root, "keeper", 5) for _ in range(5)] == ["0.2.0"] * 3 + ["0.1.0"] * 2
    pi.keeper = "0.1.0"
    starts = pi.keeper_starts
    once(pi)
    assert (ends(pi), pi.keeper_starts) == (("0.1.0", "0.1.0", False), starts), "it runs already"


def test_a_way_back_that_is_gone_is_none(office: Office, pi: FakePi) -> None:
    """Then a keeper that answers badly is still better than a link to nothing."""
    add_release(pi.root, "0.2.0")
    slots = Slots(pi.root, Disk())
    slots.begin_keeper("0.2.0")
    (pi.root / "opt/diemcau/releases/0.1.0/.complete").unlink()
    assert slots.keeper_back() is False
    assert (slots.keeper, slots.keeper_trial) == ("0.2.0", None)


# ---- what is kept


@pytest.mark.parametrize("kind", [FakePi, Before])
def test_one_that_answers_is_kept(office: Office, pi: FakePi, kind: type[FakePi]) -> None:
    pi = old(pi) if kind is Before else pi
    assert once(pi).stage == "done"
    assert ends(pi) == ("0.2.0", "0.2.0", False)


# ---- the power goes before every step


@pytest.mark.parametrize("kind", [FakePi, Before])
@pytest.mark.parametrize("bad", [BAD, frozenset[str]()])
@pytest.mark.parametrize("way", WAYS)
def test_a_cut_before_every_step(
    office: Office, tmp_path: Path, way: str, bad: frozenset[str], kind: type[FakePi]
) -> None:
    """Of the swap only: what comes before it is cut in `test_power_cut`."""
    at, cuts = 0, 0
    while True:
        pi = card(tmp_path / f"room{at}", "0.2.0", office.repository.root_file(), [office.url])
        add_release(pi.root, "0.1.0")
        (pi.root / "opt/diemcau/keeper").unlink()
        (pi.root / "opt/diemcau/keeper").symlink_to("releases/0.1.0")
        pi = old(pi) if kind is Before else pi
        pi.keeper, pi.bad_keepers = "0.1.0", bad
        (bin_ := tmp_path / f"bin{at}").mkdir()
        try:
            updater(pi, CutDisk(at, way, bin_)).once()
        except PowerCut:
            cuts += 1
        else:
            break
        assert sound(pi.root) == "", at
        pi.boot(f"boot-{at}")
        if kind is FakePi:
            assert pi.keeper not in bad, f"step {at}: the selector brings the old one back by itself"
        once(pi)
        assert sound(pi.root) == "", at
        want = "0.1.0" if bad else "0.2.0"
        assert ends(pi) == (want, want, False), f"step {at}"
        assert (pi.root / BOOT_ID).read_text() == f"boot-{at}\n"
        at += 1
    assert cuts > 15, "every step was cut"
