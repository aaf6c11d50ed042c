"""The catalogue: whole in both languages, sorted, in the network's words; and saying a sentence never fails."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import controller.dashboard
import controller.texts
from controller.texts import LANGUAGES, ReadableError, catalogue, fill, known, text

PLACE = re.compile(r"\{(\w+)\}")
SOURCE = Path(controller.texts.__file__).with_name("catalogue.toml").read_text(encoding="utf-8")


def test_every_code_has_both_languages_with_the_same_places() -> None:
    for code, row in catalogue().items():
        assert sorted(row) == sorted(LANGUAGES), code
        assert all(row[lang].strip() for lang in LANGUAGES), code
        assert set(PLACE.findall(row["vi"])) == set(PLACE.findall(row["en"])), code


def test_the_file_is_sorted_so_that_two_hands_can_add_to_it() -> None:
    codes = re.findall(r'^\["(.+)"\]$', SOURCE, re.MULTILINE)
    assert codes == sorted(codes)
    assert len(codes) == len(catalogue())


def test_vietnamese_is_composed_so_that_search_finds_it() -> None:
    assert unicodedata.is_normalized("NFC", SOURCE)


@pytest.mark.parametrize(("lang", "word"), [("vi", "vi phạm"), ("vi", "bỏ họp"), ("en", "violat")])
def test_nobody_is_accused(lang: str, word: str) -> None:
    assert [code for code, row in catalogue().items() if word in row[lang].lower()] == []


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        ("rơ le", "rơ-le"),
        ("bộ giữ rơ-le", "chương trình giữ rơ-le"),
        ("kỹ thuật viên", "cán bộ kỹ thuật"),
        ("bằng chứng", "chứng cứ"),
        ("chứng chỉ", "chứng thư"),
        ("microphone", "micro"),
    ],
)
def test_one_thing_has_one_word(other: str, ours: str) -> None:
    """Of the room's sentences and of the centre's pages."""
    pages = Path(controller.dashboard.__file__).with_name("texts").glob("*.toml")
    texts = [tomllib.loads(path.read_text(encoding="utf-8")) for path in pages]
    said = {code: row["vi"].lower() for part in (catalogue(), *texts) for code, row in part.items()}
    assert [code for code, sentence in said.items() if other in sentence] == []
    assert any(ours in sentence for sentence in said.values())


def test_an_alert_begins_with_a_capital_in_every_list() -> None:
    rows = [row for code, row in catalogue().items() if code.startswith("alert.")]
    assert [row for row in rows for lang in LANGUAGES if row[lang][0].islower()] == []


def test_places_are_filled_by_number_and_by_name() -> None:
    assert text("R3.out_of_order", "en", ("mixer", "amplifier")).startswith("mixer was switched")
    said = {"file": "room.toml", "key": "a", "found": "1", "allowed": "2", "advice": "."}
    assert text("config.problem", "en", said) == "room.toml: a: found 1; allowed: 2. ."


def test_what_was_not_given_is_a_question_mark() -> None:
    assert text("R3.sequence", "en") == "Waits for ?: the order of switching"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert text("no.such_code", "vi", ("x",)) == "no.such_code"
    assert not known("no.such_code")
    assert known("bypass")


def test_an_unknown_language_is_vietnamese() -> None:
    assert text("phase.ready", "fr") == "Sẵn sàng"


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (True, "có", "yes"),
        (False, "không", "no"),
        (2.5, "2,5", "2.5"),
        (60.0, "60", "60"),
        (None, "?", "?"),
        ("load.codec", "codec", "codec"),
        ("codec.power", "thiết bị họp", "codec"),
    ],
)
def test_values_are_said_in_the_language(value: object, vi: str, en: str) -> None:
    assert fill("{0}", "vi", (value,)) == vi
    assert fill("{0}", "en", (value,)) == en


def test_braces_in_an_argument_are_not_places() -> None:
    assert fill("{0} {1}", "en", ("{1}", "x")) == "{1} x"


@given(st.text(), st.text(), st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())))
def test_saying_never_fails(code: str, lang: str, args: list[object]) -> None:
    assert isinstance(text(code, lang, args), str)
    assert isinstance(fill(code, lang, args), str)


def test_a_readable_error_speaks_both_languages() -> None:
    error = ReadableError("hold.command", "trực ban")
    assert error.text("en") == "Held by order of trực ban"
    assert str(error) == "Giữ theo lệnh của trực ban\nHeld by order of trực ban"
