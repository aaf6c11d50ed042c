"""The vocabulary itself: closed word lists, kinds that a checker can read."""

from hardware.contract import FIELDS

KINDS = {"bool", "int", "float", "str", "tuple"}


def test_every_field_has_a_kind_and_a_meaning() -> None:
    for fields in FIELDS.values():
        for field in fields.values():
            assert field.kind in KINDS
            assert field.meaning
