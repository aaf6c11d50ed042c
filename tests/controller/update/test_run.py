"""A room takes a release, tries it and keeps it or goes back: over a real signed repository and a real card
folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from controller.update.kept import STATE
from controller.update.selector import BOOT_ID
from tests.controller.update.kit import FakePi, Office, add_release, bundle, card, once, served, sound, updater


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    return card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])


def progress(pi: FakePi) -> dict[str, object]:
    tree: dict[str, object] = json.loads((pi.root / STATE / "progress.json").read_text())
    return tree


def test_nothing_is_offered(pi: FakePi) -> None:
    assert once(pi).code == "update.nothing"


def test_a_release_is_taken_tried_and_kept(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    said = once(pi)
    assert (said.stage, said.code, said.args) == ("done", "update.done", ("0.1.0", "0.2.0"))
    assert pi.starts == ["0.1.0", "0.2.0"]
    assert pi.mono >= 1000 + 300, "five quiet minutes"
    assert pi.keeper_starts == 1, "the room is off: the keeper follows"
    assert progress(pi)["stage"] == "done"
    assert once(pi).code == "update.newest"
    assert sound(pi.root) == ""


def test_the_keeper_need_not_compile_first(office: Office, pi: FakePi) -> None:
    text = b"def name():\n    return __name__, name.__code__.co_filename\n"
    members = {"site/common/hardware/__init__.py": b"", "site/common/hardware/sim/__init__.py": b""}
    odd = {"site/common/hardware/keeper.py": text, "site/common/hardware/odd.py": b"def ("}
    office.release("0.2.0", data=bundle("0.2.0", {**members, **odd}))
    assert once(pi).stage == "done"
    site = pi.root / "opt/diemcau/releases/0.2.0/site/common"
    assert len([*site.rglob("*.pyc")]) == 3
    # Python itself takes what lies there for the source's own: it would say so when it wrote another.
    program = "import sys; sys.path.insert(0, sys.argv[1]); import hardware.keeper as k; print(k.name()[1])"
    done = subprocess.run(
        [sys.executable, "-I", "-v", "-c", program, str(site)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(site / "hardware/keeper.py")
    assert f"matches {site / 'hardware/keeper.py'}" in done.stderr
    assert "# wrote" not in done.stderr


def test_over_http_too(office: Office, tmp_path: Path) -> None:
    office.release("0.2.0")
    with served(office.folder / "www") as url:
        pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), ["http://127.0.0.1:9", url])
        assert once(pi).stage == "done", "a source that is away is passed over"


def test_the_keeper_waits_until_the_room_is_off(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.phase = "ready"
    assert once(pi).stage == "done"
    assert pi.keeper_starts == 0
    pi.phase = "off"
    assert once(pi).code == "update.newest"
    assert pi.keeper_starts == 1


def test_two_releases_are_kept(office: Office, pi: FakePi) -> None:
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        office.release(version)
        assert once(pi).stage == "done"
    assert sorted(updater_names(pi)) == ["0.3.0", "0.4.0"]


def updater_names(pi: FakePi) -> list[str]:
    return [path.name for path in (pi.root / "opt/diemcau/releases").iterdir()]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("crashes", "update.restarted"),
        ("hangs_before_ready", "update.restarted"),
        ("hangs_after_ready", "update.restarted"),
        ("breaks_codec", "update.silent"),
        ("moves_relays", "update.relays"),
        ("no_broker", "update.no_broker"),
    ],
)
def test_a_bad_release_is_taken_back_and_not_tried_again(office: Office, pi: FakePi, how: str, why: str) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = how
    said = once(pi)
    assert (said.stage, said.args[:3]) == ("back", ("0.2.0", "0.1.0", why))
    assert pi.running == "0.1.0"
    assert sound(pi.root) == ""
    starts = len(pi.starts)
    assert once(pi).code == "update.failed_here"
    assert len(pi.starts) == starts
    office.release("0.2.1")
    assert once(pi).stage == "done", "a newer one is tried"


def test_a_broker_that_was_away_before_is_no_reason_to_go_back(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.before = replace(pi.before, broker=False)
    pi.broker_up = False
    assert once(pi).stage == "done"


def test_what_fails_its_self_test_is_never_started(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "fails_self_test"
    assert once(pi).code == "update.self_test"
    assert pi.starts == ["0.1.0"]


def test_a_self_test_that_could_not_be_made_says_nothing_against_the_release(office: Office, pi: FakePi) -> None:
    """Too slow, no memory, systemd would not begin it: tried again after an hour, then two, up to a day."""
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "cannot_be_tested"
    for wait_m in (60, 120, 240, 480, 960, 1440, 1440):
        said = once(pi)
        assert (said.stage, said.code, said.args[0]) == ("waiting", "update.test_not_made", "0.2.0")
        tests = pi.tests
        pi.mono += wait_m * 60 - 1
        assert (once(pi).code, pi.tests) == ("update.test_later", tests), wait_m
        pi.mono += 1
    assert pi.starts == ["0.1.0"]
    pi.behaves["0.2.0"] = "well"
    assert once(pi).stage == "done"


def test_a_person_or_a_boot_ends_the_wait_for_a_self_test(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "cannot_be_tested"
    assert once(pi).code == "update.test_not_made"
    assert once(pi, forced="Nguyễn Văn An").code == "update.test_not_made"
    assert once(pi).code == "update.test_later"
    (pi.root / BOOT_ID).write_text("boot-2\n")
    pi.behaves["0.2.0"] = "well"
    assert once(pi).stage == "done"


def test_another_release_does_not_wait_for_the_one_that_could_not_be_tested(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.behaves["0.2.0"] = "cannot_be_tested"
    assert once(pi).code == "update.test_not_made"
    office.release("0.3.0")
    assert once(pi).stage == "done"


def test_a_room_in_use_is_left_alone_and_takes_it_later(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.locked = "N9.in_call"
    said = once(pi)
    assert (said.stage, said.code) == ("waiting", "N9.in_call")
    assert pi.starts == ["0.1.0"]
    next((office.folder / "www/targets/ring-0").iterdir()).unlink()
    pi.locked = ""
    assert once(pi).stage == "done", "without downloading again"


def test_a_clock_that_cannot_be_believed_refuses_unless_a_person_forces_it(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.wall = None
    assert once(pi).code == "update.clock"
    assert once(pi, forced="Nguyễn Văn An").stage == "done"


def test_the_clock_never_goes_behind_what_was_signed(office: Office, pi: FakePi) -> None:
    pi.wall = 1_000_000_000.0
    office.release("0.2.0")
    assert once(pi).code == "update.clock", "before the build time of the release that runs"


def test_no_space_is_said_with_figures(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    pi.free = 10 << 20
    said = once(pi)
    assert said.code == "update.space"
    assert said.args == (65, 10)


def test_a_room_dot_toml_that_is_broken_does_not_stop_the_update_that_mends_it(office: Office, pi: FakePi) -> None:
    assert once(pi).code == "update.nothing"
    (pi.root / "etc/diemcau/room.toml").write_text("[room\n")
    office.release("0.2.0")
    assert once(pi).stage == "done"


def test_two_updaters_at_once_are_one(office: Office, pi: FakePi) -> None:
    import fcntl

    with open(pi.root / STATE / "lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert once(pi).code == "update.busy"


def test_an_updater_that_died_in_the_trial_is_followed_by_one_that_judges(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    add_release(pi.root, "0.2.0")
    from controller.update.disk import Disk
    from controller.update.slots import Slots

    Slots(pi.root, Disk()).begin("0.2.0")
    pi.restart("diemcau.service")
    assert pi.running == "0.2.0"
    assert once(pi).stage == "done"


def test_three_starts_without_an_updater_end_at_the_old_release(office: Office, pi: FakePi) -> None:
    add_release(pi.root, "0.2.0")
    from controller.update.disk import Disk
    from controller.update.slots import Slots

    Slots(pi.root, Disk()).begin("0.2.0")
    for _ in range(5):
        pi.start()
    assert pi.starts[1:] == ["0.2.0", "0.2.0", "0.2.0", "0.1.0", "0.1.0"]
    said = once(pi)
    assert (said.stage, said.args[2]) == ("back", "update.gave_up_starts")
    assert pi.running == "0.1.0"


def test_a_bundle_that_names_another_version_is_refused(office: Office, pi: FakePi) -> None:
    office.release("0.2.0", data=bundle("0.3.0"))
    assert once(pi).code == "update.bundle_name"
    assert updater_names(pi) == ["0.1.0"]


@pytest.mark.parametrize(
    "text", ['[room]\nslug = "kim-son"\n', '[room]\nslug = "kim-son"\n[firmware]\nsources = []\n']
)
def test_a_room_without_a_source_is_updated_from_a_stick_only(office: Office, pi: FakePi, text: str) -> None:
    office.release("0.2.0")
    (pi.root / "etc/diemcau/room.toml").write_text(text)
    assert (once(pi).stage, once(pi).code) == ("idle", "update.nothing")
    assert updater(pi).once([office.url]).stage == "done"


@pytest.mark.parametrize(
    "text", ["firmware = 3\n[room]\nslug = 'kim-son'\n", "[firmware]\nsources = 3\n[room]\nslug = 'kim-son'\n"]
)
def test_a_source_of_another_form_is_as_no_room_toml(office: Office, pi: FakePi, text: str) -> None:
    assert once(pi).code == "update.nothing"
    (pi.root / "etc/diemcau/room.toml").write_text(text)
    office.release("0.2.0")
    assert once(pi).stage == "done", "by what was known before"
