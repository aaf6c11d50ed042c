"""Which adaptor stands at which serial port: on trees as the kernel and udev make them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.contract import Value
from hardware.ports import FIXED, SerialPorts


class Machine:
    """`dev`, `by_path` and `tty` of a Pi under a folder."""

    def __init__(self, root: Path) -> None:
        self.dev, self.by_path, self.tty = root / "dev", root / "by-path", root / "class"
        self.usb = root / "devices"
        for folder in (self.dev, self.by_path, self.tty, self.usb):
            folder.mkdir()

    def adaptor(self, tty: str, place: str, vendor: str = "0403", serial: str | None = "A1") -> Path:
        """A USB adaptor that udev has linked."""
        device = self.usb / place
        port = device / "1.0" / tty
        port.mkdir(parents=True)
        (device / "idVendor").write_text(vendor + "\n")
        (device / "idProduct").write_text("6001\n")
        if serial is not None:
            (device / "serial").write_text(serial + "\n")
        return self.link(tty, place, port)

    def link(self, tty: str, place: str, port: Path) -> Path:
        (self.dev / tty).touch()
        (self.tty / tty).mkdir()
        (self.tty / tty / "device").symlink_to(port)
        path = self.by_path / place
        path.symlink_to(self.dev / tty)
        return path

    def read(self, **ports: Path | str) -> dict[str, Value]:
        names = {name: str(path) for name, path in ports.items()}
        (reading,) = SerialPorts(names, lambda: 7, self.by_path, self.tty).read()
        assert (reading.source, reading.at_ms) == ("serial", 7)
        return dict(reading.values)


def test_an_adaptor_says_maker_product_and_serial_number(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    codec = machine.adaptor("ttyUSB0", "usb-0:1.1")
    assert machine.read(codec=codec) == {"at": (("codec", "0403:6001:A1"),), "others": ()}


def test_many_have_no_serial_number(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    codec = machine.adaptor("ttyUSB0", "usb-0:1.1", "1a86", None)
    assert machine.read(codec=codec)["at"] == (("codec", "1a86:6001:"),)


def test_a_port_of_the_pi_itself_and_a_pty_are_fixed(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.usb / "fe201000.serial").mkdir()
    board = machine.link("ttyAMA0", "platform-fe201000", machine.usb / "fe201000.serial")
    pty = tmp_path / "pty"
    pty.touch()
    assert machine.read(board=board, pty=pty)["at"] == (("board", FIXED), ("pty", FIXED))
    assert machine.read(pty=pty)["others"] == ()  # no adaptor


def test_where_nothing_is_the_word_is_empty(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.by_path.rmdir()  # as udev does with its last link
    assert machine.read(codec="/nowhere/at/all") == {"at": (("codec", ""),), "others": ()}


def test_a_link_that_udev_left_behind_is_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    codec = machine.adaptor("ttyUSB0", "usb-0:1.1")
    (machine.dev / "ttyUSB0").unlink()
    assert machine.read(codec=codec) == {"at": (("codec", ""),), "others": ()}


def test_an_adaptor_elsewhere_is_told_once_with_its_place(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    codec = machine.adaptor("ttyUSB0", "usb-0:1.1")
    machine.adaptor("ttyUSB1", "usb-0:1.4", serial="B2")
    (machine.by_path / "usbv2-0:1.4").symlink_to(machine.dev / "ttyUSB1")  # newer udevs give two names
    assert machine.read(codec=codec)["others"] == (("usb-0:1.4", "0403:6001:B2"),)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary(max_size=80))
def test_whatever_a_device_calls_itself_is_a_plain_word(tmp_path: Path, serial: bytes) -> None:
    root = tmp_path / str(len(list(tmp_path.iterdir())))
    root.mkdir()
    machine = Machine(root)
    codec = machine.adaptor("ttyUSB0", "usb-0:1.1")
    (machine.usb / "usb-0:1.1" / "serial").write_bytes(serial)
    word = str(machine.read(codec=codec)["at"])
    assert word.startswith("(('codec', '0403:6001:")
    assert word.isascii()
    assert word.isprintable()
    assert "\\" not in word
    assert len(word) <= 70
