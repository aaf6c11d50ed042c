"""What a Pi's firmware is told about relay pins: only levels that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.boot_levels import levels, main
from hardware.keeper_table import HOLD, LAMP, LAST, OFF, ON, Line, Table, dumps


def test_a_file_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "keeper.json"
    broken.write_text("{", encoding="utf-8")
    for words in ([], [str(tmp_path / "none.json")], [str(broken)]):
        assert main(words) == 78
    out, err = capsys.readouterr()
    assert (out, str(broken) in err) == ("", True)


@pytest.mark.parametrize(
    ("boot", "active_high", "drive"), [(OFF, True, "dl"), (OFF, False, "dh"), (ON, True, "dh"), (ON, False, "dl")]
)
def test_a_known_value_is_driven_as_the_load_feels_it(boot: str, active_high: bool, drive: str) -> None:
    assert levels(Table((Line("x", 17, active_high, boot=boot),))) == [f"gpio=17=op,{drive}"]


def test_what_nobody_knows_yet_and_what_is_not_on_the_header_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (
        Line("stands", 17, boot=LAST),
        Line("lamp", 18, kind=LAMP),
        Line("chip", 3, chip="pcf8574"),
        Line("board", 0, port="/dev/ttyS0", unit=1, boot=HOLD),
        Line("mixer", 24),
    )
    file = tmp_path / "keeper.json"
    file.write_text(dumps(Table(lines)), encoding="utf-8")
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == "gpio=24=op,dl\n"
