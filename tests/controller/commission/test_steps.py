"""All fourteen steps in the simulated room: what is good passes, what is wrong is found and named, and nothing but
a whole book is accepted."""

from __future__ import annotations

from functools import cache

import pytest

from controller.commission.book import Book, Result, dumps, loads
from controller.commission.driver import Left
from controller.commission.papers import defects
from controller.commission.steps import ACCEPTANCE, STEPS, accepted, following, items_before, reopened
from controller.commission.talk import FAILED, OPEN
from tests.controller.commission.rig import SITE, Died, Person, SimRig, sit

EMPTY = Book(SITE.slug)
HELD = ("network", "camera", "codec")


def dead_and_back(rig: SimRig) -> None:
    """The UPS is empty; the mains returns, the UPS after it, and the Pi boots."""
    rig.mains(True)
    while not rig.bench.ups.output:
        rig.world.run_until(rig.world.now_ms + 1_000)
    rig.boot_pi()


@cache
def whole() -> tuple[SimRig, Book]:
    """One room from the first question to the last signature, through two power cuts."""
    rig = SimRig()
    rig.latched = HELD
    book = sit(rig, EMPTY, until=5)
    book = _pulled(rig, book)
    book = sit(rig, book, until=6)
    book = _one(rig, book, "pull")
    rig.boot_pi()
    return rig, sit(rig, book)


def _pulled(rig: SimRig, book: Book) -> Book:
    """Step 5: the item before the cut is in the book, the one after it is cut off."""
    book = _one(rig, book, "pull")
    with pytest.raises(Died):
        sit(rig, book)
    dead_and_back(rig)
    return loads(dumps(book))


def _one(rig: SimRig, book: Book, item: str) -> Book:
    left = following(SITE, book)
    assert left is not None
    assert left[1] == item
    return sit(rig, book, items=1)


def bad(book: Book) -> list[tuple[int, str, str]]:
    return [(row.step, row.item, row.defect) for row in book.results if not row.good]


def result(book: Book, step: int, item: str) -> Result:
    row = book.of(step, item)
    assert row is not None
    return row


def test_a_good_room_passes_every_step_and_is_accepted() -> None:
    _, book = whole()
    assert bad(book) == []
    assert {row.step for row in book.results} == {step.n for step in STEPS}
    assert accepted(SITE, book)
    assert following(SITE, book) is None


def test_what_the_cold_starts_and_the_ups_have_shown_is_learnt() -> None:
    _, book = whole()
    codec = result(book, 4, "codec")
    assert 90 < float(str(codec.figure("warmup_s"))) < 180  # the codec boots 60–120 s, and a third more
    assert codec.figure("after_mains") == "on"
    assert result(book, 2, "codec").figure("ups_pct") == 6.0  # 60 W of 1000
    assert result(book, 9, "in").figure("direction") == "in"


def test_every_result_carries_a_name_and_the_life_it_was_made_in() -> None:
    rig, book = whole()
    assert {row.by for row in book.results} == {"Lê Thị Kỹ"}
    assert result(book, 5, "pull").boot == "boot1"
    assert result(book, 5, "back").boot == "boot2"
    assert result(book, 6, "back").boot == rig.boot == "boot3"


def test_a_swapped_pair_is_found_and_named() -> None:
    rig = SimRig()
    rig.keeper.crossed = {"mixer": "amplifier", "amplifier": "mixer"}
    book = sit(rig, EMPTY, only=2)
    assert bad(book) == [
        (2, "mixer", "commission.defect.swapped"),
        (2, "amplifier", "commission.defect.swapped"),
    ]
    assert result(book, 2, "mixer").figure("swapped") == "amplifier"


@pytest.mark.parametrize("load", ["codec", "camera", "mixer"])
def test_a_welded_relay_is_found_by_its_device_by_the_ups_or_by_eye(load: str) -> None:
    rig = SimRig()
    rig.later(1, lambda: rig.keeper.weld(load))
    book = sit(rig, EMPTY, only=2)
    assert (2, load, "commission.defect.welded") in bad(book)
    assert len(bad(book)) == 1


def test_a_relay_that_does_nothing_is_no_relay() -> None:
    rig = SimRig()
    rig.keeper.stick("mixer", False)
    row = sit(rig, EMPTY, only=2).of(2, "mixer")
    assert row is not None
    assert row.outcome == FAILED


def test_swapped_buttons_and_a_dead_one_are_found() -> None:
    rig = SimRig()
    book = sit(rig, EMPTY, only=3, person=Person(rig, {"press": "help"}))
    assert result(book, 3, "input.help").good
    assert result(book, 3, "input.check").figure("swapped") == "help"
    assert bad(book)[0] == (3, "input.bypass", "commission.defect.other_edge")


def test_a_dark_lamp_is_a_defect() -> None:
    assert bad(sit(SimRig(), EMPTY, only=3)) == []
    rig = SimRig()
    book = sit(rig, EMPTY, only=3, person=Person(rig, {"lamp": "n"}))
    assert {row[2] for row in bad(book)} == {"commission.defect.lamp"}


def test_a_codec_that_falls_with_the_pi_is_a_defect() -> None:
    rig = SimRig()
    rig.keeper.keeps = False  # nothing is known of before, and nothing latches here
    rig.latched = ("network", "camera")
    book = sit(rig, EMPTY, only=6, items=1)
    rig.boot_pi()
    book = sit(rig, book, only=6, person=Person(rig, {"fell": "y"}))
    assert result(book, 6, "back").args == ("network, camera, codec, call",)


def test_a_mains_that_the_ups_does_not_notice() -> None:
    rig = SimRig()
    book = sit(rig, EMPTY, only=5, person=Person(rig, {"pull_mains": "n"}))
    assert [row.outcome for row in book.results] == [OPEN, OPEN]
    assert not accepted(SITE, book)


def test_a_microphone_that_is_heard_when_muted() -> None:
    rig = SimRig()
    book = sit(rig, EMPTY, only=8, person=Person(rig, {"silent": "n"}))
    assert bad(book) == [(8, "microphones", "commission.defect.mic_muted")]


def test_a_room_without_microphones_has_not_passed() -> None:
    rig = SimRig()
    assert bad(sit(rig, EMPTY, only=8, person=Person(rig, {"mics": "0"})))


def test_a_picture_that_is_not_the_seats() -> None:
    rig = SimRig()
    book = sit(rig, EMPTY, only=10, person=Person(rig, {"right": "n"}))
    assert {row[2] for row in bad(book)} == {"commission.defect.picture"}
    stored = [value for target, value in rig.orders if target == "camera.main.store"]
    recalled = [value for target, value in rig.orders if target == "camera.main.preset"]
    assert stored == [0, 1]
    assert recalled == [0, 0, 1, 1]


class TestAcceptance:
    def test_with_a_defect_only_refusing_is_offered(self) -> None:
        _, good = whole()
        book = good.again(12, ACCEPTANCE)
        rig = SimRig()
        book = sit(rig, book, person=Person(rig, {"reached": "n"}))
        row = result(book, ACCEPTANCE, "acceptance")
        assert row.outcome == FAILED
        assert row.defect == "commission.defect.refused"
        assert str(row.args[1]) == "12: technician, 12: desk, 12: provider, 12: power"
        assert not accepted(SITE, book)

    def test_a_good_room_may_be_refused_too(self) -> None:
        _, good = whole()
        rig = SimRig()
        book = sit(rig, good.again(ACCEPTANCE), person=Person(rig, {"accept": "2"}))
        assert result(book, ACCEPTANCE, "acceptance").args[1] == ""
        assert not accepted(SITE, book)

    def test_an_item_left_out_is_not_passed(self) -> None:
        _, good = whole()
        rig = SimRig()
        book = sit(rig, good.again(7, ACCEPTANCE), person=Person(rig, {"pull_net": "s no cable"}))
        assert defects(book, items_before(SITE)) == ((7, "network"),)
        assert result(book, 7, "network").args == ("no cable",)
        assert not accepted(SITE, book)

    @pytest.mark.parametrize("step", [step.n for step in STEPS])
    def test_any_step_made_again_reopens_it(self, step: int) -> None:
        _, good = whole()
        assert not accepted(SITE, reopened(good, step))

    @pytest.mark.parametrize("step", [step.n for step in STEPS])
    def test_a_signature_over_a_book_with_a_hole_is_worth_nothing(self, step: int) -> None:
        _, good = whole()
        assert not accepted(SITE, good.again(step))


def test_who_goes_away_loses_the_item_and_nothing_else() -> None:
    rig = SimRig()
    book = sit(rig, EMPTY, until=2)
    with pytest.raises(Left):
        sit(rig, book, person=Person(rig, {"ups_w": "q"}))
    left = following(SITE, book)
    assert left is not None
    assert (left[0].n, left[1]) == (2, "automatic")


def test_a_power_cut_in_the_middle_of_an_item_costs_that_item() -> None:
    """The second of two loads is in its cold starts when the battery is empty: the first is not made again."""
    rig = SimRig()
    book = sit(rig, EMPTY, only=4, items=1)
    rig.bench.ups.spec.capacity_wh = 1.0
    rig.mains(False)
    with pytest.raises(Died):
        sit(rig, loads(dumps(book)), only=4)
    rig.mains(True)
    dead_and_back(rig)
    rig.orders.clear()
    book = sit(rig, loads(dumps(book)), only=4)
    assert bad(book) == []
    assert [row.item for row in book.results] == ["camera", "codec"]
    assert ("load.camera", "on") not in rig.orders
    assert rig.orders.count(("load.codec", "on")) >= 3


def test_nobody_is_waited_for_for_ever() -> None:
    rig = SimRig()
    with pytest.raises(Left):
        sit(rig, EMPTY, person=Person(rig, {"by_hand": None}))


def test_two_buttons_are_enough_for_yes_and_no_and_for_choosing() -> None:
    rig = SimRig()
    person = Person(rig, {"by_hand": None, "automatic": None, "which": None, "dark": None})
    person.fingers = {"by_hand": "power", "automatic": "duty", "which": "power", "dark": "power"}
    book = sit(rig, EMPTY, only=2, items=4, person=person)
    assert result(book, 2, "automatic").outcome == FAILED
    assert result(book, 2, "display").defect == "commission.defect.swapped"  # BẬT takes the first of the list


def test_no_relay_moves_without_an_order() -> None:
    rig = SimRig()
    before = {load.name: rig.keeper.contact(load.name) for load in rig.bench.room.loads}
    sit(rig, EMPTY, only=1)
    sit(rig, EMPTY, only=12)
    assert rig.orders == []
    assert {load.name: rig.keeper.contact(load.name) for load in rig.bench.room.loads} == before
