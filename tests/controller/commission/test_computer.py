"""Commissioning of a room whose meetings run on a computer: what needs a codec is not applicable, and no relay
moves under a computer that runs."""

from __future__ import annotations

import pytest

from controller.cli_commission_site import site_of
from controller.commission import loads
from controller.commission.book import Book
from controller.commission.place import Place
from controller.commission.steps import STEPS
from controller.commission.talk import Ask, failed
from tests.controller.pc_kit import METER, on_paper

SITE = site_of(on_paper(meter=METER))


def items(n: int, site: object = SITE) -> tuple[str, ...]:
    return next(step for step in STEPS if step.n == n).items(site)  # type: ignore[arg-type]


def test_the_microphones_are_tried_by_the_relay_and_no_call_is_made() -> None:
    assert items(8) == ("microphones",)
    assert items(9) == ()
    assert items(8, site_of(on_paper(mute=None))) == ()


def test_it_must_answer_where_it_can_be_asked() -> None:
    assert ("codec", "codec.answers", True) in SITE.sources
    assert not site_of(on_paper(host=None, meter=METER)).has("codec")


def test_it_is_not_started_and_cut_three_times() -> None:
    assert "codec" not in items(4)
    assert "camera" in items(4)


def test_its_relay_moves_only_when_the_computer_is_unplugged() -> None:
    assert [row.name for row in SITE.outlets if row.computer] == ["codec"]
    talk = loads.relay(Place(SITE, Book(SITE.slug), "codec", "b"))
    question = next(talk)
    assert isinstance(question, Ask)
    assert question.code == "commission.q.computer"
    with pytest.raises(StopIteration) as end:
        talk.send("n")
    assert end.value.value == failed("commission.defect.computer", "codec")
