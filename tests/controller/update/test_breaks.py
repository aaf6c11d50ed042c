"""What an updater must not do to a room when its card, its power or its people are against it."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from controller.update.disk import Disk
from controller.update.kept import STATE
from controller.update.selector import BOOT_ID, TRIES, read_tries
from controller.update.slots import Slots
from tests.controller.update.cut import WAYS, CutDisk, PowerCut
from tests.controller.update.kit import (
    MEMBERS,
    FakePi,
    Meeting,
    Office,
    add_release,
    bundle,
    card,
    once,
    sound,
    updater,
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    return card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])


class Killed(BaseException):
    """systemd or the kernel's memory killer has ended the updater: no reboot follows."""


class Dies(Disk):
    """The updater dies before it does this to that file."""

    def __init__(self, what: str, name: str, error: BaseException) -> None:
        self._what, self._name, self._error = what, name, error

    def step(self, what: str, path: Path, other: Path | None = None) -> None:
        if what == self._what and self._name in (path.name, other.name if other is not None else ""):
            raise self._error


class KilledPi(FakePi):
    """The updater is killed when it is about to restart the controller."""

    def restart(self, unit: str) -> None:
        raise Killed


def full(name: str) -> Dies:
    return Dies("create", name, OSError(errno.ENOSPC, "No space left on device"))


# ---- a release that was never run is never kept


def test_an_updater_killed_before_the_restart_keeps_nothing_that_never_ran(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    killed = KilledPi(pi.root, running="0.1.0")
    with pytest.raises(Killed):
        once(killed)
    assert Slots(pi.root, Disk()).current == "0.2.0", "it is current, and the old one runs"
    pi.locked = "N9.in_call"
    assert once(pi).code == "N9.in_call", "the trial begins anew, and asks whether it may"
    assert (Slots(pi.root, Disk()).current, pi.starts) == ("0.1.0", ["0.1.0"])
    pi.locked = ""
    pi.behaves["0.2.0"] = "crashes"
    assert once(pi).stage == "back"
    assert pi.running == "0.1.0"


def test_a_start_that_the_selector_could_not_count_is_no_trial(office: Office, pi: FakePi) -> None:
    """A card that is full for the room's user, and not yet for root."""
    office.release("0.2.0")
    (pi.root / TRIES).with_suffix(".new").mkdir()
    said = once(pi)
    assert (said.stage, said.args[2]) == ("back", "update.not_started")
    assert pi.starts == ["0.1.0", "0.1.0", "0.1.0"], "the selector never ran it"
    assert Slots(pi.root, Disk()).current == "0.1.0"


def test_a_boot_that_could_not_be_counted_is_no_trial_either(office: Office, pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    Slots(pi.root, Disk()).begin("0.2.0")
    pi.start()
    (pi.root / TRIES).with_suffix(".new").mkdir()
    (pi.root / "proc/sys/kernel/random/boot_id").write_text("boot-2\n")
    pi.start()
    assert pi.running == "0.1.0"
    assert once(pi).code == "update.nothing"
    assert (Slots(pi.root, Disk()).current, Slots(pi.root, Disk()).trial) == ("0.1.0", None)


# ---- a number that was signed twice


def other(version: str) -> bytes:
    return bundle(version, {**MEMBERS, "site/common/other.py": b"#"})


def has_other(pi: FakePi, version: str) -> bool:
    return (pi.root / "opt/diemcau/releases" / version / "site/common/other.py").exists()


def test_what_lies_there_is_tried_only_if_it_is_what_is_signed_now(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.locked = "N9.in_call"
    assert once(pi).code == "N9.in_call", "it is unpacked and waits"
    office.release("0.2.0", data=other("0.2.0"))
    pi.locked = ""
    assert (once(pi).stage, has_other(pi, "0.2.0"), sound(pi.root)) == ("done", True, "")


def test_what_lies_there_and_is_bound_to_no_signature_is_loaded_again(office: Office, pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    office.release("0.2.0", data=other("0.2.0"))
    assert (once(pi).stage, has_other(pi, "0.2.0")) == ("done", True)


def test_what_runs_is_not_replaced_under_its_own_number(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    assert once(pi).stage == "done"
    assert once(pi).code == "update.newest"
    office.release("0.2.0", data=other("0.2.0"))
    said = once(pi)
    assert (said.stage, said.code, has_other(pi, "0.2.0")) == ("idle", "update.same_version", False)
    assert once(pi, forced="Nguyễn Văn An").code == "update.same_version"
    office.release("0.2.1", data=other("0.2.1"))
    assert once(pi).stage == "done"


def test_what_the_keeper_runs_is_not_replaced_either(office: Office, pi: FakePi) -> None:
    """An older controller under a newer keeper: nothing brings this about but a hand."""
    add_release(pi.root, "0.2.0")
    Slots(pi.root, Disk()).begin_keeper("0.2.0")
    Slots(pi.root, Disk()).end_keeper()
    pi.phase = "ready"
    office.release("0.2.0", data=other("0.2.0"))
    assert once(pi).code == "update.same_version"
    assert (pi.starts, has_other(pi, "0.2.0")) == (["0.1.0"], False)
    with pytest.raises(ValueError, match="in use"):
        Slots(pi.root, Disk()).add("0.2.0", "ab" * 32, Path.mkdir)


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_while_one_content_gives_way_to_another(office: Office, tmp_path: Path, way: str) -> None:
    office.release("0.2.0", data=other("0.2.0"))
    at = 0
    while True:
        pi = card(tmp_path / f"room{at}", "0.1.0", office.repository.root_file(), [office.url])
        add_release(pi.root, "0.2.0")
        (bin_ := tmp_path / f"bin{at}").mkdir()
        disk = CutDisk(at, way, bin_)
        try:
            updater(pi, disk).once()
        except PowerCut:
            pass
        else:
            break
        assert sound(pi.root) == "", at
        (pi.root / BOOT_ID).write_text(f"boot-{at}\n")
        pi.start()
        assert pi.running == "0.1.0" or has_other(pi, "0.2.0"), at
        once(pi)
        assert (pi.running, has_other(pi, "0.2.0"), sound(pi.root)) == ("0.2.0", True, ""), at
        at += 1
    assert at > 40, "every step was cut"


# ---- a full card keeps no bad release


@pytest.mark.parametrize("name", ["progress.json.new", "failed.json.new"])
def test_a_card_that_is_full_in_the_trial_takes_back_what_is_bad(office: Office, pi: FakePi, name: str) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "breaks_codec"
    assert updater(pi, full(name)).once().stage == "back"
    assert (pi.running, Slots(pi.root, Disk()).trial) == ("0.1.0", None)


def test_rubbish_that_cannot_be_removed_does_not_keep_a_trial(office: Office, pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    Slots(pi.root, Disk()).begin("0.2.0")
    pi.start()
    (pi.root / "opt/diemcau/releases/0.3.0.tmp").mkdir()
    stuck = Dies("remove", "0.3.0.tmp", OSError(errno.EIO, "Input/output error"))
    assert updater(pi, stuck).once().stage == "done"


def test_a_current_release_that_has_lost_its_mark_is_replaced(office: Office, pi: FakePi) -> None:
    """The selector runs another one; the updater knew only the name and said `newest` for ever."""
    office.release("0.2.0")
    assert once(pi).stage == "done"
    (pi.root / "opt/diemcau/releases/0.2.0/.complete").unlink()
    pi.start()
    assert pi.running == "0.1.0"
    assert once(pi).stage == "done"
    assert (pi.running, sound(pi.root)) == ("0.2.0", "")


# ---- a meeting is not disturbed


def test_nothing_goes_back_in_the_middle_of_a_meeting(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    room = Meeting(pi.root, {"0.2.0": "breaks_codec"}, running="0.1.0")
    assert once(room).stage == "back", "when it is over"
    assert (room.running, room.mono >= room.ends) == ("0.1.0", True)


def test_what_the_selector_has_given_up_needs_no_restart(office: Office, pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    Slots(pi.root, Disk()).begin("0.2.0")
    for _ in range(4):
        pi.start()
    assert pi.running == "0.1.0"
    starts, pi.locked = len(pi.starts), "N9.in_call"
    assert once(pi).stage == "back", "the meeting goes on meanwhile"
    assert len(pi.starts) == starts
    assert once(pi).code == "update.nothing"


# ---- the keeper has a way back


def test_a_keeper_that_does_not_come_up_is_taken_back_once(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.bad_keepers = frozenset({"0.2.0"})
    assert once(pi).stage == "done"
    slots = Slots(pi.root, Disk())
    assert (slots.current, slots.keeper, pi.keeper_starts) == ("0.2.0", "0.1.0", 2)
    assert once(pi).code == "update.newest"
    assert pi.keeper_starts == 2, "not tried again"


# ---- nothing is tried for ever


def test_the_latest_failure_is_remembered_whatever_its_name(office: Office, pi: FakePi) -> None:
    failed = [f"0.{n}.0" for n in range(2, 10)] + [f"0.9.{n}" for n in range(1, 9)]
    (pi.root / STATE / "failed.json").write_text(json.dumps({"versions": failed}))
    office.release("0.10.0")
    pi.behaves["0.10.0"] = "crashes"
    assert once(pi).stage == "back"
    assert once(pi).code == "update.failed_here"


def test_a_count_of_any_bytes_is_no_count(pi: FakePi) -> None:
    path = pi.root / TRIES
    path.write_text("[" * 200_000)
    assert read_tries(path).starts == 0


def test_a_room_that_is_switched_off_in_the_trial_is_no_fault_of_the_release(office: Office, pi: FakePi) -> None:
    """Its rules do so some minutes after each meeting; the codec without power is silent then."""
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "goes_off"
    assert once(pi).stage == "done"


def test_what_has_power_must_answer_in_a_room_that_is_off(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "goes_off_without_ups"
    said = once(pi)
    assert (said.stage, said.args[2:]) == ("back", ("update.silent", "ups"))


# ---- a controller that is not there this moment


class Away(FakePi):
    """systemd restarts the controller in a meeting, while the updater looks: its first looks find none."""

    looks: int = 0

    def view(self) -> Mapping[str, object] | None:
        self.looks += 1
        return None if self.looks <= 3 else super().view()


def test_a_controller_that_is_away_for_some_seconds_is_waited_for(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    room = Away(pi.root, running="0.1.0", locked="N9.in_call")
    assert once(room).code == "N9.in_call"
    assert room.starts == []


class Dead(FakePi):
    """A controller that never comes up, until 0.2.0 is there."""

    def view(self) -> Mapping[str, object] | None:
        return super().view() if self.running == "0.2.0" else None


def test_a_dead_controller_is_given_the_release_that_mends_it(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    assert once(Dead(pi.root, running="0.1.0")).stage == "done"


# ---- what ended a run is told


def test_a_card_that_fails_is_told_to_the_centre(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    said = updater(pi, full("big.py")).once()
    assert (said.stage, said.code) == ("failed", "update.card")
    told = json.loads((pi.root / STATE / "progress.json").read_text())
    assert (told["stage"], told["code"], told["args"]) == ("failed", "update.card", ["errno.ENOSPC"])
    assert once(pi).stage == "done"
