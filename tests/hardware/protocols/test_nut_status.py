"""Variables into fields: every token, every missing and every silly number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import FIELDS
from hardware.protocols.nut_status import clean, known, number, source, tokens, unknown, waits

FULL = {
    "battery.charge": "87",
    "battery.runtime": "1320",
    "battery.voltage": "26.7",
    "input.voltage": "229.4",
    "ups.load": "21",
    "ups.temperature": "31.5",
    "ups.mfr": "Santak",
    "ups.model": "MT1000",
    "ups.status": "OL CHRG",
    "ups.test.result": "Done and passed",
}


def test_a_full_list() -> None:
    assert dict(known(FULL, testing=False)) == {
        "link": "ok",
        "source": "mains",
        "status": "CHRG OL",
        "low": False,
        "testing": False,
        "charge_pct": 87.0,
        "estimated": False,
        "runtime_s": 1320,
        "load_pct": 21.0,
        "input_v": 229.4,
        "battery_v": 26.7,
        "temp_c": 31.5,
        "replace": False,
        "overload": False,
        "bypassed": False,
        "regulating": False,
        "alarm": "",
        "beeper": None,
        "test_result": "Done and passed",
        "model": "Santak MT1000",
    }


def test_every_reading_has_the_fields_of_the_contract_in_one_order() -> None:
    assert [name for name, _ in known(FULL, testing=True)] == list(FIELDS["ups"])
    assert [name for name, _ in unknown("down")] == list(FIELDS["ups"])


def test_what_a_ups_does_not_say_is_unknown_and_not_zero() -> None:
    values = dict(known({"ups.status": "OL"}, testing=False))
    for name in ("charge_pct", "runtime_s", "load_pct", "input_v", "battery_v", "temp_c", "test_result", "model"):
        assert values[name] is None
    assert values["alarm"] == ""


@pytest.mark.parametrize(
    ("status", "field", "value"),
    [
        ("OB DISCHRG", "source", "battery"),
        ("OL", "source", "mains"),
        ("OL OB", "source", None),
        ("OFF", "source", None),
        ("BYPASS", "source", None),
        ("OB LB", "low", True),
        ("FSD OL", "low", True),
        ("OL RB", "replace", True),
        ("OL OVER", "overload", True),
        ("OL BYPASS", "bypassed", True),
        ("OL TRIM", "regulating", True),
        ("OL BOOST", "regulating", True),
        ("OL ECO NEWTOKEN", "source", "mains"),
        ("OL ECO NEWTOKEN", "status", "ECO NEWTOKEN OL"),
    ],
)
def test_tokens(status: str, field: str, value: object) -> None:
    assert dict(known({"ups.status": status}, testing=False))[field] == value


def test_a_status_that_waits() -> None:
    assert waits(tokens({"ups.status": "WAIT"}))
    assert waits(tokens({"device.model": "x"}))
    assert not waits(tokens({"ups.status": "OL"}))


def test_an_unknown_reading_claims_nothing() -> None:
    values = dict(unknown("wait", frozenset({"WAIT"})))
    assert values.pop("link") == "wait"
    assert values.pop("status") == "WAIT"
    assert set(values.values()) == {None}


@pytest.mark.parametrize(
    "text",
    ["", " ", "---.-", "nan", "inf", "1e3", "0x10", "1,5", "١٢", "--1", "101", "-1", "9" * 40],
)
def test_no_numbers(text: str) -> None:
    assert number(text, 0, 100) is None


def test_numbers() -> None:
    assert number("100", 0, 100) == 100.0
    assert number(" 012.50 ", 0, 100) == 12.5
    assert number("0.", 0, 100) == 0.0
    assert number(None, 0, 100) is None


def test_device_names_stand_in() -> None:
    values = dict(known({"ups.status": "OL", "device.mfr": "APC", "ups.model": " "}, testing=False))
    assert values["model"] == "APC"


def test_source_of_nothing() -> None:
    assert source(frozenset()) is None


@given(st.text(max_size=300))
def test_words_of_a_device_are_printable_and_bounded(text: str) -> None:
    said = clean(text)
    assert len(said) <= 120
    assert said.isprintable()


@pytest.mark.parametrize(
    ("driver", "estimated"), [("usbhid-ups", False), ("blazer_ser", True), ("nutdrv_qx", True)]
)
def test_a_charge_that_the_driver_reckoned_is_marked(driver: str, estimated: bool) -> None:
    assert dict(known({**FULL, "driver.name": driver}, testing=False))["estimated"] is estimated
    without = {name: value for name, value in FULL.items() if name != "battery.charge"}
    assert dict(known({**without, "driver.name": driver}, testing=False))["estimated"] is None


@pytest.mark.parametrize(
    ("said", "beeper"), [("enabled", "on"), ("disabled", "off"), ("muted", "off"), ("?", None)]
)
def test_the_beeper(said: str, beeper: str | None) -> None:
    assert dict(known({**FULL, "ups.beeper.status": said}, testing=False))["beeper"] == beeper
