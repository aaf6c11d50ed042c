"""What commissioning leaves behind: learnt.toml under room.toml, and the one record that makes a room accepted."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from controller import config
from controller.commission import learn
from controller.commission.book import Book, Unreadable, dumps, loads
from controller.commission.sealed import ACCEPTED, LEARNT, genuine, seal, sealed, unlocks
from controller.commission.steps import ACCEPTANCE
from controller.commission.talk import failed, passed
from controller.config_compile import compile_room
from controller.config_learnt import identity
from tests.controller.commission.rig import SITE
from tests.controller.commission.test_steps import whole
from tests.controller.room_file import room_file

SLUG = SITE.slug


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    return room_file(tmp_path, **{"warmup_s = 120": "", "warmup_s = 60": "warmup_s = 55"})


def put(room: Path, name: str, text: str) -> None:
    (room.parent / "lib" / name).write_text(text, encoding="utf-8")


def said(room: Path) -> dict[str, str]:
    return {finding.key: finding.code for finding in config.learnt(room)}


class TestAccepted:
    def test_only_by_the_record_of_a_whole_book(self, room: Path) -> None:
        _, book = whole()
        assert not config.load(room).room.accepted
        put(room, ACCEPTED, learn.acceptance(SITE, book, b""))
        assert config.load(room).room.accepted

    def test_not_by_a_word_in_room_toml(self, room: Path) -> None:
        text = room.read_text(encoding="utf-8").replace("# accepted = false", "accepted = true #")
        room.write_text(text, encoding="utf-8")
        assert not config.load(room).room.accepted
        assert said(room) == {"room.accepted": "check.accepted_unsigned"}
        assert not config.loads(text).room.accepted

    def test_not_by_a_refusal_nor_by_a_book_with_a_hole(self, room: Path) -> None:
        _, book = whole()
        refused = book.enter(ACCEPTANCE, "acceptance", failed("commission.defect.refused"), "x", 0, "b")
        for poor in (refused, book.again(3), Book(SLUG)):
            put(room, ACCEPTED, learn.acceptance(SITE, poor, b""))
            assert not config.load(room).room.accepted

    def test_not_by_an_edited_record_nor_by_that_of_another_room(self, room: Path) -> None:
        _, book = whole()
        refused = book.enter(ACCEPTANCE, "acceptance", failed("commission.defect.refused"), "x", 0, "b")
        edited = learn.acceptance(SITE, refused, b"").replace('accepted\\": false', 'accepted\\": true')
        for text in (edited, sealed({"room": "other", "accepted": True}, b""), "", "[]", "{}", '{"record": "1"}'):
            put(room, ACCEPTED, text)
            assert not config.load(room).room.accepted

    def test_a_renewed_key_is_told_and_wants_a_new_signature(self, room: Path) -> None:
        put(room, ACCEPTED, sealed({"room": SLUG, "accepted": True}, b"the old key"))
        assert not config.load(room).room.accepted
        assert said(room) == {"room.accepted": "check.accepted_seal"}

    def test_the_rooms_key_is_in_the_seal(self, room: Path) -> None:
        _, book = whole()
        text = learn.acceptance(SITE, book, b"private")
        assert unlocks(text, SLUG, b"private")
        assert not unlocks(text, SLUG, b"")
        assert not unlocks(text, SLUG, b"another")
        assert json.loads(text)["seal"].startswith("hmac-sha256:")

    def test_room_toml_may_withhold_it(self, room: Path) -> None:
        put(room, ACCEPTED, sealed({"room": SLUG, "accepted": True}, b""))
        room.write_text(room.read_text(encoding="utf-8").replace("# accepted", "accepted"), encoding="utf-8")
        assert not config.load(room).room.accepted
        assert said(room) == {"room.accepted": "check.accepted_withheld"}

    def test_a_wrong_type_is_still_told(self, room: Path) -> None:
        room.write_text(
            room.read_text(encoding="utf-8").replace("# accepted = false", "accepted = 1 #"), encoding="utf-8"
        )
        with pytest.raises(config.ConfigError, match=r"room\.accepted"):
            config.load(room)


class TestLearnt:
    def test_it_lies_under_room_toml(self, room: Path) -> None:
        _, book = whole()
        put(room, LEARNT, learn.toml(learn.learnt(SITE, book, "2026-11-28")))
        cfg = config.load(room)
        assert cfg.loads["codec"].warmup_s == book.figures(4, "warmup_s")["codec"]
        assert cfg.loads["camera"].warmup_s == 55  # room.toml says so
        assert cfg.rules.mains.start_load_factor == learn.start_factor(SITE, book) != 3
        told = said(room)
        assert told["loads.codec.warmup_s"] == "check.learnt"
        assert told["loads.camera.warmup_s"] == "check.learnt_hidden"
        assert told["loads.codec.min_off_s"] == "check.learnt"

    def test_what_it_says(self) -> None:
        _, book = whole()
        tree = tomllib.loads(learn.toml(learn.learnt(SITE, book, "2026-11-28")))
        assert tree["learnt"]["room"] == SLUG
        assert tree["learnt"]["ups_w"] == {"camera": 10, "codec": 60}  # the UPS tells whole percents of 1000 W
        assert tree["learnt"]["after_mains"] == {"camera": "on", "codec": "on"}
        assert tree["learnt"]["approved"]["codec.software"] == "6.2.1"
        assert tree["learnt"]["approved"]["setting.sleep"] == "3"
        assert tree["learnt"]["approved"]["frame.main.1"] == "0 0 0"  # where the camera stood when it was stored
        assert tree["loads"]["codec"]["min_off_s"] >= 15  # never less than N11 asks

    def test_what_was_approved_is_what_the_core_compares_with(self, room: Path) -> None:
        _, book = whole()
        put(room, LEARNT, learn.toml(learn.learnt(SITE, book, "2026-11-28")))
        drift = compile_room(config.load(room)).drift
        approved = dict(drift.approved)
        assert [row.name for row in drift.settings] == ["sleep"]
        assert (approved["setting.sleep"], approved["frame.main.1"]) == ("3", "0 0 0")
        assert str(approved["codec.identity"]).startswith("RealPresence")
        assert said(room)["learnt.approved.setting.sleep"] == "check.learnt"

    def test_what_no_plain_value_is_is_left_out(self, room: Path) -> None:
        text = (
            f'[learnt]\nroom = "{SLUG}"\n[learnt.approved]\n"setting.sleep" = "3"\n"x" = [1]\n[learnt.approved.y]\n'
        )
        put(room, LEARNT, text)
        assert config.load(room).learnt.approved == {"setting.sleep": "3"}
        put(room, LEARNT, f'approved = 1\n[learnt]\nroom = "{SLUG}"\napproved = 3\n')
        assert config.load(room).learnt.approved == {}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "not toml [",
            '[learnt]\nroom = "another"\n[loads.codec]\nwarmup_s = 1.0',
            f'[learnt]\nroom = "{SLUG}"\n[loads.absent]\nwarmup_s = 1.0\n[loads.codec]\npin = 4\nwarmup_s = "x"',
            f'[learnt]\nroom = "{SLUG}"\n[rules]\nmains = 3',
        ],
    )
    def test_what_is_not_ours_is_not_believed(self, room: Path, text: str) -> None:
        before = config.load(room)
        put(room, LEARNT, text)
        assert config.load(room) == before

    def test_a_room_of_which_nothing_is_known(self) -> None:
        assert learn.learnt(SITE, Book(SLUG), "2026-11-28") == {"learnt": {"room": SLUG, "day": "2026-11-28"}}
        assert learn.start_factor(SITE, Book(SLUG)) is None


def test_how_much_longer_the_battery_lasts_without_codec_and_camera() -> None:
    book = Book(SLUG).enter(2, "nominal", passed(nominal_w=1000), "x", 0, "b")
    book = book.enter(2, "camera", passed(ups_pct=1.5, base_pct=3.0), "x", 0, "b")
    book = book.enter(2, "codec", passed(ups_pct=6.0, base_pct=3.0), "x", 0, "b")
    assert learn.start_factor(SITE, book) == 3.5
    assert learn.watts(book) == {"codec": 60, "camera": 15}


def test_swapped_pins_are_exchanged_in_the_proposal() -> None:
    book = Book(SLUG)
    for one, other in (("mixer", "amplifier"), ("amplifier", "mixer")):
        book = book.enter(2, one, failed("commission.defect.swapped", one, other, swapped=other), "x", 0, "b")
    better = learn.swapped(config.example(), book)
    assert better is not None
    was, now = tomllib.loads(config.example())["loads"], tomllib.loads(better)["loads"]
    assert (now["mixer"]["pin"], now["amplifier"]["pin"]) == (was["amplifier"]["pin"], was["mixer"]["pin"])
    assert {n: row for n, row in now.items() if n not in ("mixer", "amplifier")} == {
        n: row for n, row in was.items() if n not in ("mixer", "amplifier")
    }
    assert learn.swapped(config.example(), Book(SLUG)) is None


def test_a_record_carries_name_figures_and_seal() -> None:
    _, book = whole()
    row = book.of(4, "codec")
    assert row is not None
    body = dict(learn.record(row, b"private").body)
    assert body["by"] == "Lê Thị Kỹ"
    assert body["figure.after_mains"] == "on"
    assert str(body["seal"]).startswith("hmac-sha256:")
    assert learn.record(row, b"private") == learn.record(row, b"private")
    assert dict(learn.record(row, b"other").body)["seal"] != body["seal"]


def test_a_seal_is_of_exactly_these_bytes() -> None:
    assert genuine(b"a", seal(b"a", b"k"), b"k")
    assert not genuine(b"b", seal(b"a", b"k"), b"k")


def test_a_book_is_read_back_as_it_was_and_rubbish_is_not() -> None:
    _, book = whole()
    assert loads(dumps(book)) == book
    for text in ("", "[]", "{}", '{"v": 2, "room": "x", "results": []}', '{"v": 1, "room": "x", "results": [{}]}'):
        with pytest.raises(Unreadable):
            loads(text)


def test_the_key_of_a_room(tmp_path: Path) -> None:
    (tmp_path / "room.key").write_bytes(b"k")
    assert identity({"mqtt": {"main": {"key_file": str(tmp_path / "room.key")}}}) == b"k"
    assert identity({"mqtt": {"main": {"key_file": str(tmp_path / "absent")}}}) == b""
    assert identity({"mqtt": None}) == b""
