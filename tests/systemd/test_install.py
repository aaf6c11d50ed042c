"""install.sh in a machine without a network: what it refuses, what it leaves alone, what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.demo import binaries, trees
from tests.systemd import release, room
from tests.systemd.machine import WHY_NOT, Machine
from tests.systemd.room import INSTALL, STICK

pytestmark = pytest.mark.services
SHELLCHECK, UDEVADM = binaries.find("shellcheck"), "udevadm"
real = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")

JOURNALD = "/etc/systemd/journald.conf.d/50-diemcau.conf"
BOOT = "/boot/firmware/config.txt"
FIRMWARE = "# the clerk's own\ndtparam=audio=on\n[cm4]\notg_mode=1\n"
# What a running Debian writes by itself, and groups that belong to devices, not to us.
OF_THE_SYSTEM = ("var/log", "var/cache", "var/lib/systemd", "var/tmp", "tmp", "run", "root", "mnt", "dev", "proc")
ACCOUNTS = ("passwd", "shadow", "group", "gshadow")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.build(tmp_path_factory.mktemp("b"))


@pytest.fixture
def boot(tmp_path: Path, built: Path) -> Iterator[Callable[[str], Machine]]:
    made: list[Machine] = []

    def start(suite: str = "bookworm") -> Machine:
        machine = Machine(suite, tmp_path)
        made.append(machine)
        room.carry(machine, built)
        machine.boot()
        return machine

    yield start
    for machine in made:
        machine.remove()


def picture(machine: Machine, when: bool = True) -> dict[str, tuple[object, ...]]:
    """Every file: kind, mode, owner and content; with `when` also its time."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, names, files in os.walk(machine.root):
        inside = Path(folder).relative_to(machine.root)
        names[:] = [name for name in names if str(inside / name) not in OF_THE_SYSTEM]
        for name in (*names, *files):
            path = Path(folder, name)
            told = path.lstat()
            content = str(path.readlink()) if path.is_symlink() else ""
            if path.is_file() and not path.is_symlink():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            time_ns = told.st_mtime_ns if when and path.is_file() else 0
            found[str(inside / name)] = (told.st_mode, told.st_uid, told.st_gid, content, time_ns)
    return found


def changed(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> list[str]:
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def refused(machine: Machine, *words: str, env: str = "A=1") -> tuple[int, str]:
    running = machine.start("env", env, INSTALL, *words)
    out, err = running.communicate(timeout=60)
    return running.returncode, out + err


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not on this machine; `make setup-tests` gets it")
def test_the_script_is_what_every_posix_shell_reads_the_same() -> None:
    names = [str(room.UNITS / name) for name in ("install.sh", "install-system.sh")]
    done = subprocess.run(
        [str(SHELLCHECK), "-x", *names], cwd=room.UNITS, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@real
def test_it_says_why_it_does_not_install(boot: Callable[[], Machine], tmp_path: Path) -> None:
    machine = boot()
    before = picture(machine)
    fake = machine.write("/mnt/old/dpkg", "#!/bin/sh\necho armhf\n", 0o755).parent
    code, said = refused(machine, env=f"PATH=/{fake.relative_to(machine.root)}:/usr/sbin:/usr/bin:/sbin:/bin")
    assert (code, "lgpio" in said, "64-bit" in said) == (69, True, True)
    assert refused(machine, "--form", "x")[0] == 64
    assert refused(machine, "--from")[0] == 64
    assert refused(machine, "--from", "/nowhere")[0] == 64
    assert refused(machine, "--from", "/etc/systemd")[0] == 1
    assert "root" in machine.fails("runuser", "-u", "nobody", "--", INSTALL)
    assert changed(before, picture(machine)) == ["opt/diemcau", "opt/diemcau/releases"]
    machine.write(f"{STICK}/0.2.0/release.json", '{"v": 1, "version": "0.2.0", "os": ["debian-11"]}')
    assert refused(machine)[0] == 69
    machine.write(f"{STICK}/0.2.0/release.json", '{"v": 1, "version": "../../etc", "os": ["debian-12"]}')
    assert refused(machine)[0] == 1
    machine.write(f"{STICK}/0.2.0/release.json", '{"v": 1, "version": "0.2.0", "os": ["debian-12"]}')
    (machine.root / STICK.lstrip("/") / "0.2.0/site/common/link").symlink_to("/etc/shadow")
    code, said = refused(machine)
    assert (code, "links" in said) == (1, True)
    assert not (machine.root / "opt/diemcau/current").is_symlink()
    machine.write("/etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\n")
    assert refused(machine)[0] == 69


@real
@pytest.mark.parametrize("suite", list(trees.SUITES))
def test_twice_is_as_once_and_nothing_stays_behind(boot: Callable[[str], Machine], suite: str) -> None:
    machine = boot(suite)
    machine.write(BOOT, FIRMWARE)
    before = picture(machine, when=False)
    machine.tell(INSTALL)
    once = picture(machine)
    said = machine.tell(INSTALL)
    assert changed(once, picture(machine)) == []
    assert "dtparam=watchdog=on" in said  # nobody could be asked: it is said again, and nothing is written
    assert machine.inside(BOOT).read_text(encoding="utf-8") == FIRMWARE
    assert machine.show("diemcau.service", "UnitFileState") == "enabled"
    assert "diemcau" in machine.tell("diemcau", "--lang", "en", "--help")
    assert machine.tell("journalctl", "--header").count("/run/log/journal") > 0
    machine.fails(INSTALL, "--uninstall")  # nobody said yes
    assert changed(once, picture(machine)) == []
    machine.tell(INSTALL, "--uninstall", "--purge", "--yes")
    after = picture(machine, when=False)
    accounts = {f"etc/{name}{tail}" for name in ACCOUNTS for tail in ("", "-")}
    assert set(changed(before, after)) - accounts == set()
    for name in ACCOUNTS:
        assert "diemcau" not in machine.inside(f"/etc/{name}").read_text(encoding="utf-8")
    assert machine.tell("systemctl", "list-units", "--all", "--plain", "--no-legend", "diemcau*").strip() == ""


@real
def test_what_is_somebodys_is_kept_unless_he_says_yes(boot: Callable[[], Machine]) -> None:
    machine = boot()
    machine.write(JOURNALD, "[Journal]\nStorage=persistent\n")
    assert f"{JOURNALD} is left as it is." in machine.tell(INSTALL)
    assert "persistent" in machine.inside(JOURNALD).read_text(encoding="utf-8")
    machine.tell(INSTALL, "--yes")
    assert "volatile" in machine.inside(JOURNALD).read_text(encoding="utf-8")
    machine.write("/etc/sysctl.d/diemcau.conf", "# changed by the clerk\n")
    machine.tell(INSTALL, "--uninstall", "--yes")
    assert "persistent" in machine.inside(JOURNALD).read_text(encoding="utf-8")
    assert machine.inside("/etc/sysctl.d/diemcau.conf").is_file()


@real
def test_at_a_terminal_every_change_is_asked_for(boot: Callable[[], Machine]) -> None:
    machine = boot()
    mine = "[Journal]\nStorage=persistent\n"
    machine.write(JOURNALD, mine)
    machine.write(BOOT, FIRMWARE)
    said = machine.asked("n\nn\n", INSTALL)
    assert said.count("[c/k, y/n]") == 2
    assert machine.inside(JOURNALD).read_text(encoding="utf-8") == mine
    assert machine.inside(BOOT).read_text(encoding="utf-8") == FIRMWARE
    machine.asked("c\nk\n", INSTALL)
    assert "volatile" in machine.inside(JOURNALD).read_text(encoding="utf-8")
    assert machine.inside(BOOT).read_text(encoding="utf-8") == FIRMWARE
    machine.asked("y\n", INSTALL)
    assert "dtparam=watchdog=on" in machine.inside(BOOT).read_text(encoding="utf-8")


@real
def test_the_systems_own_gpio_library_is_lent_to_every_release(boot: Callable[[str], Machine]) -> None:
    """Raspberry Pi OS 13 has it as a package, where no wheel exists; Debian on a PC has none."""
    machine = boot("trixie")
    assert "python3-lgpio" in machine.tell(INSTALL)
    packages = "/usr/lib/python3/dist-packages"
    machine.write(f"{packages}/lgpio.py", "WHOSE = 'the system'\n")
    machine.write(f"{packages}/_lgpio.cpython-313-x86_64-linux-gnu.so", "")
    machine.write(f"{packages}/unrelated.py", "")
    assert "python3-lgpio" not in machine.tell(INSTALL)
    assert sorted(path.name for path in machine.inside("/opt/diemcau/system").iterdir()) == [
        "_lgpio.cpython-313-x86_64-linux-gnu.so",
        "lgpio.py",
    ]


@real
def test_the_rooms_data_outlive_an_uninstall_and_are_found_again(
    boot: Callable[[], Machine], tmp_path: Path
) -> None:
    machine = boot()
    machine.tell(INSTALL)
    room.furnish(machine, tmp_path)
    machine.tell("systemctl", "daemon-reload")
    machine.tell("systemctl", "start", room.KEEPER, room.CONTROLLER)
    machine.active(room.KEEPER, room.CONTROLLER)
    journal = machine.inside("/var/lib/diemcau/journal.db")
    assert journal.is_file()
    machine.tell(INSTALL, "--uninstall", "--yes")
    assert machine.pid(room.KEEPER) == machine.pid(room.CONTROLLER) == 0
    assert journal.is_file()
    owner = machine.tell("stat", "-c", "%U", "/var/lib/diemcau/journal.db").strip()
    assert owner == "diemcau"
    assert machine.inside("/etc/diemcau/identity/room.key").is_file()
    machine.tell(INSTALL)
    machine.active(room.KEEPER, room.CONTROLLER)


@real
def test_the_keepers_table_is_made_and_the_firmware_shall_hold_what_it_says(boot: Callable[[], Machine]) -> None:
    machine = boot()
    machine.write(BOOT, FIRMWARE)
    machine.write("/etc/diemcau/room.toml", room.ROOM)
    machine.tell(INSTALL, "--yes")
    assert machine.inside("/etc/diemcau/keeper.json").is_file()
    text = machine.inside(BOOT).read_text(encoding="utf-8")
    assert text.startswith(FIRMWARE)
    block = text[len(FIRMWARE) :].splitlines()
    assert (block[0], block[1], block[-1]) == ("# BEGIN diemcau", "[all]", "# END diemcau")
    assert {"gpio=27=op,dl", "gpio=25=op,dh", "dtparam=watchdog=on", "dtparam=i2c_arm=on"} <= set(block)
    machine.tell(INSTALL, "--yes")
    assert machine.inside(BOOT).read_text(encoding="utf-8") == text
    machine.tell(INSTALL, "--uninstall", "--yes")
    assert machine.inside(BOOT).read_text(encoding="utf-8") == FIRMWARE


@real
def test_a_tar_will_do_a_cut_is_mended_and_only_the_updater_changes_what_runs(
    boot: Callable[[], Machine], built: Path, tmp_path: Path
) -> None:
    machine = boot()
    newer = release.another(built, "0.3.0")
    tar = machine.root / STICK.lstrip("/") / "diemcau-0.3.0.tar.gz"
    subprocess.run(["tar", "-czf", str(tar), "-C", str(newer.parent), "0.3.0"], check=True)
    # The card lost power while it was laid before: the mark is missing.
    (machine.root / "opt/diemcau/releases/0.3.0/site").mkdir(parents=True)
    machine.tell(INSTALL, "--from", f"{STICK}/diemcau-0.3.0.tar.gz")
    releases = machine.inside("/opt/diemcau/releases")
    assert (releases / "0.3.0/.complete").is_file()
    assert (releases / "0.3.0/site/common/controller").is_dir()
    said = machine.tell(INSTALL)
    assert "The room runs 0.3.0; only the updater changes that, 0.2.0 is not copied." in said
    assert [path.name for path in releases.iterdir()] == ["0.3.0"]
    assert [str(machine.inside(f"/opt/diemcau/{link}").readlink()) for link in ("current", "keeper")] == [
        "releases/0.3.0",
        "releases/0.3.0",
    ]


@real
def test_the_names_of_devices_are_rules_that_udev_reads(boot: Callable[[str], Machine]) -> None:
    machine = boot("trixie")  # bookworm's udev cannot verify
    machine.tell(UDEVADM, "verify", "--resolve-names=never", f"{STICK}/systemd/udev/rules.d/60-diemcau.rules")
