"""`diemcau commission` itself: one question at a time, files that survive a cut, the journal, who may run it."""

from __future__ import annotations

import queue
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller import config
from controller.cli import main
from controller.cli_commission import commission, unused
from controller.cli_commission_files import BOOK, PAPER, Shelf, other_user
from controller.cli_commission_rig import Terminal, readings
from controller.commission import book as books
from controller.commission.book import Book
from controller.commission.sealed import ACCEPTED, sealed
from controller.commission.talk import passed, undone
from controller.core.instant import Instant, Trust
from controller.runtime.window import Window
from tests.controller.commission.rig import SITE
from tests.controller.commission.test_steps import whole
from tests.controller.room_file import room_file

Out = pytest.CaptureFixture[str]


class Phone:
    """A terminal whose person reads before answering: each line of `says` answers the next question."""

    def __init__(self, *says: str) -> None:
        self.seen = ""
        self._says = list(says)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def write(self, words: str) -> None:
        self.seen += words
        if re.search(r"\?\n$", words):
            self._lines.put(self._says.pop(0) + "\n" if self._says else None)

    def lines(self) -> Iterator[str]:
        while (line := self._lines.get()) is not None:
            yield line

    def terminal(self) -> Terminal:
        return Terminal(self.lines(), self.write)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    return room_file(tmp_path)


SLUG = SITE.slug
CONTACTS = ("An", "y", "Bình", "y", "Chi", "n", "Dũng", "y")


def test_one_step_by_phone_and_its_records(room: Path) -> None:
    phone = Phone("Lê Thị Kỹ", *CONTACTS)
    assert commission([room], "en", 12, phone.terminal()) == 1
    assert "Step 12 of 14: Contacts" in phone.seen
    assert "not passed: not reached: line provider (Chi)" in phone.seen
    book = Shelf(room.parent / "lib", SLUG).load()
    assert [row.good for row in book.results] == [True, True, False, True]
    assert all(row.logged for row in book.results)
    assert main(["evidence", "verify", str(room.parent / "lib" / "journal.db")]) == 0


def test_it_goes_on_where_it_was_left_up_to_the_signatures(room: Path) -> None:
    folder = room.parent / "lib"
    Shelf(folder, SLUG).save(whole()[1].again(12, 14))
    assert commission([room], "vi", 0, Phone("Kỹ", "An", "y", "q").terminal()) == 75
    phone = Phone("Kỹ", "Bình", "y", "Chi", "y", "Dũng", "y", "Kỹ", "Lãnh", "Chính", "1")
    assert not config.load(room).room.accepted
    assert commission([room], "vi", 0, phone.terminal()) == 0
    assert "Bước 14/14" in phone.seen
    assert phone.seen.count("Bước 12/14") == 3  # the first was made before
    assert config.load(room).room.accepted
    assert (folder / PAPER).read_bytes().startswith(b"%PDF")
    assert main(["config", "check", str(room)]) == 0


def test_a_refusal_is_a_record_and_a_paper_too(room: Path) -> None:
    folder = room.parent / "lib"
    Shelf(folder, SLUG).save(whole()[1].again(14).enter(8, "microphones", undone("-"), "x", 0, "b"))
    phone = Phone("Kỹ", "Kỹ", "Lãnh", "Chính", "1", "thiếu micro, hạn 5/12")
    assert commission([room], "vi", 0, phone.terminal()) == 1
    assert not config.load(room).room.accepted
    assert "thiếu micro, hạn 5/12" in (folder / ACCEPTED).read_text(encoding="utf-8")
    assert (folder / PAPER).exists()


def test_a_step_made_again_withdraws_the_acceptance(room: Path) -> None:
    record = room.parent / "lib" / ACCEPTED
    record.write_text(sealed({"room": SLUG, "accepted": True}, b""), encoding="utf-8")
    assert config.load(room).room.accepted
    assert commission([room], "vi", 12, Phone("Kỹ", "q").terminal()) == 75
    assert not config.load(room).room.accepted


def test_a_step_that_was_cut_in_the_middle_goes_on_and_a_whole_one_begins_anew(room: Path) -> None:
    assert commission([room], "vi", 12, Phone("Kỹ", "An", "y", "q").terminal()) == 75
    phone = Phone("Kỹ", "Bình", "y", "Chi", "y", "Dũng", "y")
    assert commission([room], "vi", 12, phone.terminal()) == 0
    assert commission([room], "vi", 12, Phone("Kỹ", "q").terminal()) == 75
    assert Shelf(room.parent / "lib", SLUG).load().step(12) == ()


def test_it_is_refused_while_the_controller_runs(room: Path) -> None:
    now = Instant(time.monotonic_ns() // 1_000_000, 0, Trust.NTP)
    Window(room.parent / "run", print).show({}, {}, now)
    phone = Phone()
    assert commission([room], "en", 0, phone.terminal()) == 75
    assert "systemctl stop diemcau" in phone.seen


def test_a_running_controllers_view_as_readings() -> None:
    view = {"detail": {"ups": {"source": "mains"}, "loads": {"network": {"seen": "on"}, "fan": {}}}}
    found = {f"{row.source}.{name}": value for row in readings(view, 7) for name, value in row.values}
    assert found == {"ups.source": "mains", "relay.network": "on", "relay.fan": None}


def test_a_wrong_step_or_room_is_one_sentence(tmp_path: Path, capsys: Out) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["commission", "--step", "15"])
    assert ended.value.code == 64
    assert main(["commission", "--config", str(tmp_path / "absent"), "--lang", "en"]) == 78
    assert "absent" in capsys.readouterr().err


class TestShelf:
    def test_two_cannot_sit_at_once(self, tmp_path: Path, room: Path, capsys: Out) -> None:
        shelf = Shelf(tmp_path / "lib", "x")
        assert shelf.lock()
        assert commission([room], "en", 12, Phone().terminal()) == 75
        assert "Somebody else" in capsys.readouterr().err
        shelf.close()
        again = Shelf(tmp_path / "lib", "x")
        assert again.lock()
        again.close()

    def test_a_book_survives(self, tmp_path: Path) -> None:
        book = Book("x").enter(1, "keeper", passed(identity="k"), "An", 1, "b")
        Shelf(tmp_path, "x").save(book)
        assert Shelf(tmp_path, "x").load() == book
        assert [path.name for path in tmp_path.iterdir()] == [BOOK]

    @pytest.mark.parametrize("text", ["", "half {", books.dumps(Book("another"))])
    def test_what_is_no_book_of_this_room_is_put_aside(self, tmp_path: Path, text: str) -> None:
        (tmp_path / BOOK).write_text(text, encoding="utf-8")
        shelf = Shelf(tmp_path, "x")
        assert shelf.load() == Book("x")
        assert Path(shelf.lost).read_text(encoding="utf-8") == text

    def test_a_cut_between_writing_and_renaming_leaves_the_old_one(self, tmp_path: Path) -> None:
        book = Book("x").enter(1, "keeper", passed(), "An", 1, "b")
        Shelf(tmp_path, "x").save(book)
        (tmp_path / f"{BOOK}.new").write_text('{"v": 1, "ro', encoding="utf-8")
        assert Shelf(tmp_path, "x").load() == book

    def test_nobody_is_another_user_in_a_folder_of_their_own(self, tmp_path: Path) -> None:
        assert other_user(tmp_path) == ""
        assert other_user(tmp_path / "absent") == ""


def test_ports_that_room_toml_does_not_name(room: Path, tmp_path: Path) -> None:
    ports = tmp_path / "by-path"
    ports.mkdir()
    (tmp_path / "codec").touch()
    (tmp_path / "spare").touch()
    (ports / "usb-1").symlink_to(tmp_path / "codec")
    (ports / "usb-2").symlink_to(tmp_path / "spare")
    assert unused(config.load(room), ports) == (str(ports / "usb-2"),)
    assert unused(config.load(room), tmp_path / "absent") == ()
