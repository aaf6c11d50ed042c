"""Reading room.toml: what is refused and how it is said; packs under the room; the shipped example."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from controller import config
from controller.config import ConfigError
from controller.config_model import RoomConfig
from controller.config_rules import PackFile
from controller.texts import LANGUAGES, catalogue
from controller.texts import text as sentence
from tests.controller.rooms_on_paper import SMALLEST

PACK = """
[pack]
document = "1444/QĐ-SGD&ĐT"
issued = 2013-09-19
[pack.clauses]
"rules.power_up.ready_before_min" = "Điều 8 khoản 3"
"rules.modes.R9" = "Điều 9 khoản 2"
[rules.power_up]
ready_before_min = 75
[rules.modes]
R9 = "enforce"
"""


def bad(text: str) -> config.ConfigError:
    with pytest.raises(ConfigError) as caught:
        config.loads(text)
    return caught.value


def one(text: str) -> tuple[str, str, str]:
    """File, key and the English sentence of the only problem."""
    (problem,) = bad(text).problems
    return problem.file, problem.key, problem.text("en")


# The shipped example


def test_the_example_passes_every_check() -> None:
    cfg = config.loads(config.example())
    assert [row.code for row in config.check(cfg)] == ["check.not_accepted"]


def test_the_example_stands_beside_the_units() -> None:
    shown = Path(__file__).parents[2] / "systemd" / "room.example.toml"
    assert shown.read_text(encoding="utf-8") == config.example()


def test_the_smallest_room_has_every_default() -> None:
    cfg = config.loads(SMALLEST)
    assert cfg.rules.power_up.ready_before_min == 60
    assert cfg.room.timezone == "Asia/Ho_Chi_Minh"
    assert cfg.spoken is None
    assert cfg.rules.modes.R9 == "remind"
    assert cfg.rules.modes.R11 == "watch"


# Every key explains itself


def tables(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= tables(part)
    return found


def test_every_key_has_a_meaning_and_every_rule_a_source() -> None:
    for model in tables(RoomConfig) | tables(PackFile):
        for name, field in model.model_fields.items():
            code = f"meaning.{model.__name__}.{field.alias or name}"
            assert field.description, code
            assert catalogue()[code]["en"] == field.description
            if model.__module__.endswith("config_rules") and isinstance(field.json_schema_extra, dict):
                assert field.json_schema_extra["source"], f"{model.__name__}.{name}"


def test_the_schema_is_json() -> None:
    schema = config.schema()
    assert json.loads(json.dumps(schema))["properties"]["room"]
    assert schema["additionalProperties"] is False


# Errors: file, key, found, allowed, what to do


def test_an_unknown_key_is_named_with_its_likely_meaning() -> None:
    file, key, text = one(SMALLEST + "warmup = 3")
    assert (file, key) == ("room.toml", "loads.lamp.warmup")
    assert "found 3" in text
    assert "Did you mean warmup_s?" in text


def test_an_unknown_table_lists_the_known_ones() -> None:
    _, key, text = one(SMALLEST + "[zzz]\na = 1")
    assert key == "zzz"
    assert "cameras" in text
    assert "Remove this key" in text


def test_both_languages_are_in_the_text() -> None:
    error = bad(SMALLEST + "warmup = 3")
    assert "nothing was switched" in str(error)
    assert "chưa đóng, cắt gì" in str(error)
    assert "Có phải là warmup_s?" in error.text("vi")
    assert "Ý nghĩa: số GPIO (BCM)" in bad(SMALLEST.replace("17", "99")).text("vi")
    assert "'no', 'nc' hoặc 'latching'" in bad(SMALLEST + "contact = 'NO'").text("vi")
    assert isinstance(error, ValueError)


def test_all_faults_are_named_at_once() -> None:
    error = bad(
        '[room]\nslug = "Xã Nhỏ"\nlanguage = "fr"\n[loads.a]\nclass = "light"\npin = "x"\n[loads.B]\npin = 70'
    )
    keys = {problem.key for problem in error.problems}
    assert {"room.slug", "room.language", "room.name", "loads.a.pin", "loads.B", "loads.B.pin"} <= keys


@pytest.mark.parametrize(
    ("line", "key", "allowed"),
    [
        ("pin = 64", "loads.lamp.pin", "at most 63"),
        ("pin = -1", "loads.lamp.pin", "at least 0"),
        ("pin = 1.5", "loads.lamp.pin", "a whole number"),
        ("pin = true", "loads.lamp.pin", "a whole number"),
        ('warmup_s = "5"\npin = 4', "loads.lamp.warmup_s", "a number"),
        ("warmup_s = nan\npin = 4", "loads.lamp.warmup_s", "a number"),
        (f"warmup_s = 1{'0' * 400}\npin = 4", "loads.lamp.warmup_s", "a"),
        ("pin = 99999999999999999999999999", "loads.lamp.pin", "at most 63"),
        ("warmup_s = inf\npin = 4", "loads.lamp.warmup_s", "a number"),
        ("meeting = 1\npin = 4", "loads.lamp.meeting", "true or false"),
        ("label = 7\npin = 4", "loads.lamp.label", "a text in quotes"),
        (f'label = "{"x" * 61}"\npin = 4', "loads.lamp.label", "at most 60 characters"),
        ('contact = "NO"\npin = 4', "loads.lamp.contact", "one of 'no', 'nc' or 'latching'"),
        ('needs = "network"\npin = 4', "loads.lamp.needs", "a list in [ ]"),
        ("needs = [3]\npin = 4", "loads.lamp.needs.0", "a text in quotes"),
        ('chip = "A!"\npin = 4', "loads.lamp.chip", "text of the form"),
        ("pin = 4\n[keeper]\nhold_max_h = 0", "keeper.hold_max_h", "more than 0"),
        ("pin = 4\n[rules.idle]\nwarn_min = 0.5", "rules.idle.warn_min", "at least 1"),
        ("pin = 4\n[rules.idle]\nevening = '25:00'", "rules.idle.evening", "an hour from 00:00"),
        ("pin = 4\n[paths]\njournal = 'x'", "paths.journal", "a path that begins with /"),
        ("pin = 4\n[ups]\nhost = 'a b'", "ups.host", "a host name"),
        ("pin = 4\n[rules]\nidle = 3", "rules.idle", "a table"),
        ("pin = 4\n[climate]\nroom = 3", "climate.room", "a table"),
    ],
)
def test_found_and_allowed_are_said(line: str, key: str, allowed: str) -> None:
    _, found, text = one(SMALLEST.replace("pin = 17\n", "") + line)
    assert found == key
    assert f"allowed: {allowed}" in text


def test_a_missing_key_says_what_it_is_for() -> None:
    _, key, text = one(SMALLEST.replace("pin = 17", ""))
    assert key == "loads.lamp.pin"
    assert "GPIO number" in text
    assert "Add this key" in text


def test_a_room_without_loads_is_refused() -> None:
    assert "at least 1" in one('[room]\nslug = "a"\nname = "A"\n[loads]')[2]


def test_a_secret_in_the_file_is_not_repeated() -> None:
    _, key, text = one(SMALLEST + '[ups]\npassword = "hunter2"')
    assert key == "ups.password"
    assert "hunter2" not in text
    assert "Secrets never stand here" in text


def test_a_long_value_is_cut() -> None:
    assert "…" in one(SMALLEST + f'[keeper]\nlease_s = "{"z" * 500}"')[2]


def test_errors_of_the_check_are_errors_of_the_file() -> None:
    _, key, text = one(SMALLEST + 'needs = ["router"]')
    assert key == "loads.lamp.needs"
    assert "There is no load router; there are lamp" in text
    assert "['router']" in text


def test_an_error_of_a_whole_table_shows_no_value() -> None:
    _, key, text = one(SMALLEST + '[lamps.lamp]\nrole = "power"\npin = 4')
    assert key == "lamps.lamp"
    assert "found -" in text


# Files


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe", "config.not_utf8"),
        (b"[room", "config.not_toml"),
        (b"[room\nslug", "config.not_toml_line"),
        (b"a = " + b"1" * 5000, "config.not_toml"),
        (b"a = " + b"[" * 5000, "config.not_toml"),
        (b"#" * (300 * 1024), "config.too_big"),
    ],
)
def test_a_file_that_is_no_toml_is_said(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path / "room.toml", data))
    (problem,) = caught.value.problems
    assert problem.advice.code == code
    assert problem.file == str(tmp_path / "room.toml")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no such file"):
        config.load(tmp_path / "room.toml")
    with pytest.raises(ConfigError, match="There is no such file"):
        config.load(write(tmp_path / "file", "") / "room.toml")
    with pytest.raises(ConfigError, match="This is a folder"):
        config.load(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_we_may_not_read_says_who_may(tmp_path: Path) -> None:
    path = write(tmp_path / "room.toml", SMALLEST)
    path.chmod(0)
    with pytest.raises(ConfigError, match="run as root"):
        config.load(path)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fault_of_the_whole_file_names_no_key_and_one_of_toml_its_line(tmp_path: Path, lang: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "none.toml")
    said = caught.value.text(lang).splitlines()[1]
    assert said == f"{tmp_path}/none.toml: {sentence('config.absent', lang)}"
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path / "room.toml", "[room]\nname = 'a\nslug = 'b'\n"))
    line = {"vi": "Dòng 2, cột", "en": "Line 2, column"}[lang]
    assert caught.value.text(lang).splitlines()[1].startswith(f"{tmp_path}/room.toml: {line}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_keys_and_values_stay_as_they_are_written(lang: str) -> None:
    """`room`, `ups`, `codec` are also things that we have a word for: not here."""
    keys = [line.split(": ")[1] for line in bad("").text(lang).splitlines()[1:]]
    assert keys == ["room", "loads"]
    assert " ups" in bad(SMALLEST + "[upss]").text(lang)


def test_a_windows_editor_is_no_fault(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode()
    assert config.load(str(write(tmp_path / "room.toml", data))).room.slug == "xa-nho"


def test_exactly_one_room_is_needed(tmp_path: Path) -> None:
    room = write(tmp_path / "room.toml", SMALLEST)
    for paths in ([], [room, room], [write(tmp_path / "pack.toml", PACK)]):
        with pytest.raises(ConfigError, match=r"exactly one room\.toml"):
            config.load(paths)


# Rule packs


def test_a_pack_lies_under_the_room(tmp_path: Path) -> None:
    pack = write(tmp_path / "province.toml", PACK)
    room = write(tmp_path / "room.toml", SMALLEST + '[rules.modes]\nR9 = "watch"\n')
    for paths in ([room, pack], [pack, room]):
        rules = config.load(paths).rules
        assert rules.power_up.ready_before_min == 75
        assert rules.modes.R9 == "watch"
        assert rules.modes.R11 == "watch"


def test_room_toml_names_its_packs_and_later_ones_win(tmp_path: Path) -> None:
    write(tmp_path / "province.toml", PACK)
    write(tmp_path / "commune.toml", PACK.replace("= 75", "= 90"))
    packs = 'rule_packs = ["province.toml", "commune.toml"]\n[loads.lamp]'
    room = write(tmp_path / "room.toml", SMALLEST.replace("[loads.lamp]", packs))
    assert config.load(room).rules.power_up.ready_before_min == 90


def test_each_figure_knows_where_it_comes_from(tmp_path: Path) -> None:
    pack = write(tmp_path / "province.toml", PACK)
    room = write(tmp_path / "room.toml", SMALLEST + '[rules.modes]\nR9 = "watch"\n')
    rows = {row.key: row for row in config.origins([pack, room])}
    ready = rows["rules.power_up.ready_before_min"]
    assert (ready.value, ready.file) == (75, str(pack))
    assert (ready.document, ready.clause) == ("1444/QĐ-SGD&ĐT", "Điều 8 khoản 3")
    assert "Sa Thầy" in ready.source
    assert rows["rules.modes.R9"].file == str(room)
    assert rows["rules.modes.R9"].document == ""
    assert rows["rules.idle.idle_min"].file == ""


@pytest.mark.parametrize(
    ("text", "key", "word"),
    [
        (PACK + "[loads.x]\npin = 3", "loads", "the keys pack, rules"),
        (PACK.replace('"rules.modes.R9" = "Điều 9 khoản 2"', ""), "rules.modes.R9", "Name the clause"),
        (PACK.replace('R9 = "enforce"', ""), "pack.clauses.rules.modes.R9", "does not set this key"),
        (PACK.replace("document", "documents"), "pack.document", "Add this key"),
        (PACK.replace("75", "999"), "rules.power_up.ready_before_min", "at most 240"),
        (PACK.replace("2013-09-19", "2013"), "pack.issued", "a date"),
        (PACK.replace("2013-09-19", "2013-09-19T10:00:00"), "pack.issued", "date"),
    ],
)
def test_a_bad_pack_is_named_with_its_own_file(tmp_path: Path, text: str, key: str, word: str) -> None:
    pack = write(tmp_path / "province.toml", text)
    with pytest.raises(ConfigError) as caught:
        config.load([write(tmp_path / "room.toml", SMALLEST), pack])
    found = {problem.key: problem for problem in caught.value.problems}
    assert found[key].file == str(pack)
    assert word in found[key].text("en")


def test_a_contradiction_between_files_names_the_file_of_the_key(tmp_path: Path) -> None:
    pack = write(
        tmp_path / "province.toml",
        '[pack]\ndocument = "1"\n[pack.clauses]\n"rules.climate.warn_c" = "x"\n[rules.climate]\nwarn_c = 45\n',
    )
    with pytest.raises(ConfigError) as caught:
        config.load([write(tmp_path / "room.toml", SMALLEST), pack])
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == (str(pack), "rules.climate.warn_c")


def test_packs_of_a_wrong_form_are_left_to_the_check_of_the_form(tmp_path: Path) -> None:
    for line in ('rule_packs = "x"', "rule_packs = [3]"):
        room = SMALLEST.replace("[loads.lamp]", f"{line}\n[loads.lamp]")
        with pytest.raises(ConfigError, match="rule_packs"):
            config.load(write(tmp_path / "room.toml", room))
    with pytest.raises(ConfigError):
        config.load(write(tmp_path / "room.toml", "room = 3"))


VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=8)).map(json.dumps),
    lambda inner: st.lists(inner, max_size=3).map(lambda rows: f"[{', '.join(rows)}]"),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [
        "room.slug",
        "room",
        "loads.a",
        "loads",
        "loads.a.class",
        "codec",
        "codec.kind",
        "cameras.x.via",
        "seats.a.b",
        "rules",
        "rules.idle.evening",
        "rules.modes.R1",
        "mqtt.main",
        "mqtt.main.password",
        "inputs.x",
        "zzz",
        "ups.a",
    ]
)


@settings(max_examples=150)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_file_is_a_room_or_a_config_error(rows: dict[str, str]) -> None:
    text = "\n".join(f"{key} = {value}" for key, value in rows.items())
    # There is no slug and name at once among the keys: never a room.
    assert bad(text).text("vi")
