"""R29: what hangs on the wall. The blocks say it, the PDF carries it, in both languages, on one page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from controller import config
from controller.cli import main
from controller.paper import poster as words
from controller.paper.fonts import NoFont, register
from controller.paper.poster import FAULTS, Phone, Wall, poster
from controller.paper.sheet import SIZES, Code, Grid, Line, Size, Title, render
from controller.texts import known

Out = pytest.CaptureFixture[str]
WALL = Wall(
    "Xã Kim Sơn",
    ("ready", "power", "mic"),
    phones=(Phone("Kỹ thuật", "Nguyễn Văn Ấn", "0912 345 678"),),
    provider="VNPT",
    circuit="MK-0042",
    page="https://centre.example/p/kim-son",
)


def read(sheet: bytes) -> tuple[int, str]:
    pages = PdfReader(io.BytesIO(sheet)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_sheet_is_one_page_and_says_everything(size: Size, lang: str) -> None:
    count, said = read(render(poster(WALL, lang), size, "x"))
    assert count == 1
    for part in (
        "Xã Kim Sơn",
        "Nguyễn Văn Ấn",
        "0912 345 678",
        "VNPT",
        "MK-0042",
        "https://centre.example/p/kim-son",
    ):
        assert part in said


def test_only_wired_lamps_stand_there_and_all_their_patterns() -> None:
    grid = next(block for block in poster(WALL, "vi") if isinstance(block, Grid))
    assert [row[0] for row in grid.rows[1:]] == ["SẴN SÀNG", "NGUỒN", "MICRO MỞ"]
    assert grid.rows[2][1] == "bộ điều khiển hỏng: xoay khóa sang BẰNG TAY"


def test_a_province_has_its_own_rules() -> None:
    own = Wall("x", (), rules=("Đóng cửa <sổ> & tắt quạt",))
    lines = [block.text for block in poster(own, "vi") if isinstance(block, Line) and block.mark]
    assert lines == ["Đóng cửa <sổ> & tắt quạt"]
    assert "Đóng cửa <sổ> & tắt quạt" in read(render(poster(own, "vi"), "A4", "x"))[1]


def test_without_a_page_there_is_no_code_and_without_phones_room_to_write() -> None:
    blocks = poster(Wall("x", ()), "vi")
    assert not [block for block in blocks if isinstance(block, Code)]
    phones = [block for block in blocks if isinstance(block, Grid)][-1]
    assert len(phones.rows) == 4


def test_the_same_room_gives_the_same_sheet() -> None:
    assert render(poster(WALL, "vi"), "A4", "x") == render(poster(WALL, "vi"), "A4", "x")


def test_a_hundred_rules_still_fit_on_one_page() -> None:
    many = Wall("x" * 120, ("ready",), rules=("Một quy định rất dài. " * 12,) * 20)
    assert read(render(poster(many, "vi"), "A4", "x"))[0] == 1


def test_every_row_has_its_words() -> None:
    codes = [f"poster.{word}.{fault}" for fault in FAULTS for word in ("fault", "do")]
    codes += [f"poster.rule.{n}" for n in range(1, words.RULES + 1)]
    assert [code for code in codes if not known(code)] == []


def test_a_machine_without_vietnamese_letters_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "DejaVuSans.ttf").write_bytes(b"no font")
    (tmp_path / "DejaVuSans-Bold.ttf").write_bytes(b"no font")
    with pytest.raises(NoFont, match="fonts-dejavu-core"):
        register((tmp_path, tmp_path / "absent"))


def test_the_command_writes_the_room_of_a_file(tmp_path: Path, capsys: Out) -> None:
    room, out = tmp_path / "room.toml", tmp_path / "p.pdf"
    room.write_text(config.example() + '\n[poster]\npage = "https://x.example/1"\n', encoding="utf-8")
    assert main(["poster", str(room), "--out", str(out), "--size", "A3"]) == 0
    assert str(out) in capsys.readouterr().out
    count, said = read(out.read_bytes())
    assert count == 1
    assert "Trung tâm GDTX huyện Lạc Thủy" in said
    assert "https://x.example/1" in said


def test_what_cannot_be_read_or_written_is_one_sentence(tmp_path: Path, capsys: Out) -> None:
    assert main(["poster", str(tmp_path / "absent"), "--lang", "en"]) == 78
    assert "absent" in capsys.readouterr().err
    room = tmp_path / "room.toml"
    room.write_text(config.example(), encoding="utf-8")
    assert main(["poster", str(room), "--out", str(tmp_path / "no" / "p.pdf"), "--lang", "en"]) == 78
    assert capsys.readouterr().err.count("\n") == 1


def test_a_title_is_on_every_sheet() -> None:
    titles = [block.text for block in poster(WALL, "en") if isinstance(block, Title)]
    assert titles == ["HOUSE RULES OF THE CONFERENCE ROOM", "Xã Kim Sơn"]
