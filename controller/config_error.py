"""What is wrong with a configuration, said so that its reader can mend it: file, key, found, allowed, what to do.

Turns pydantic's findings into such sentences. A value under a key that smells of a secret is never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from controller.config_base import FORMS
from controller.texts import LANGUAGES, ReadableError, known, text, verbatim
from controller.texts.foreign import Foreign

Key = tuple[str, ...]

FOUND_MAX_CHARS = 60
"""Enough to recognise a value; a table pasted in the wrong place would fill the screen."""
_SECRET = ("password", "secret", "token", "passwd", "credential")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the catalogue, not yet in a language."""

    code: str
    args: tuple[object, ...] = ()

    def text(self, lang: str) -> str:
        return verbatim(
            self.code, lang, tuple(a.text(lang) if isinstance(a, Said | Foreign) else a for a in self.args)
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `found` is as written in the file; `allowed` and `advice` are sentences."""

    file: str
    key: str
    found: str
    allowed: Said
    advice: Said

    def text(self, lang: str) -> str:
        args = {
            "file": self.file,
            "key": self.key,
            "found": self.found,
            "allowed": self.allowed.text(lang),
            "advice": self.advice.text(lang),
        }
        return verbatim(self._form, lang, args)

    @property
    def _form(self) -> str:
        """A file that cannot be read has no key to name, a key that is not there no value."""
        if self.key == self.found == "-":
            return "config.problem_file"
        return "config.problem_missing" if self.advice.code == "config.add_key" else "config.problem"


class ConfigError(ReadableError, ValueError):
    """The configuration cannot be used; nothing was switched. `problems` names every fault at once."""

    def __init__(self, problems: tuple[Problem, ...], code: str = "config.bad") -> None:
        super().__init__(code, len(problems))
        self.problems = problems

    def text(self, lang: str = LANGUAGES[0]) -> str:
        return "\n".join([text(self.code, lang, self.told), *(problem.text(lang) for problem in self.problems)])


def problems(error: ValidationError, model: type[BaseModel], file_of: Callable[[Key], str]) -> tuple[Problem, ...]:
    """Every fault that pydantic found in a `model`, with the file that each key came from."""
    return tuple(_problem(row, model, file_of) for row in error.errors())


def dotted(key: Key) -> str:
    """A key as people write it: `loads.codec.pin`."""
    return ".".join(key) or "-"


def shown(key: Key, value: object) -> str:
    """A value as found, short; never that of a key that may hold a secret."""
    if any(word in part.lower() for part in key for word in _SECRET) and not key[-1].endswith("_file"):
        return "***"
    words = "true" if value is True else "false" if value is False else str(value)
    return words if len(words) <= FOUND_MAX_CHARS else f"{words[:FOUND_MAX_CHARS]}…"


def _problem(row: ErrorDetails, model: type[BaseModel], file_of: Callable[[Key], str]) -> Problem:
    key = tuple(str(part) for part in row["loc"] if part != "[key]")
    found = shown(key, row["input"])
    if row["type"] == "missing":
        return Problem(file_of(key), dotted(key), "-", _meaning(model, key), Said("config.add_key"))
    if row["type"] == "extra_forbidden":
        return _unknown(key, found, model, file_of)
    meaning = _meaning(model, key)
    advice = Said("config.change", (meaning,)) if known(meaning.code) else Said("config.change_only")
    return Problem(file_of(key), dotted(key), found, _allowed(row), advice)


def _unknown(key: Key, found: str, model: type[BaseModel], file_of: Callable[[Key], str]) -> Problem:
    there = sorted(_keys(model, key[:-1]))
    near = get_close_matches(key[-1], there, n=1)
    advice = Said("config.did_you_mean", (near[0],)) if near else Said("config.remove_key")
    if found == "***":
        advice = Said("config.secret_in_file")
    return Problem(file_of(key), dotted(key), found, Said("form.keys", (", ".join(there),)), advice)


_FORM_OF_TYPE: Mapping[str, str] = {
    "address": "form.address",
    "string_type": "form.text",
    "int_type": "form.whole",
    "int_from_float": "form.whole",
    "float_type": "form.number",
    "finite_number": "form.number",
    "bool_type": "form.bool",
    "date_type": "form.date",
    "tuple_type": "form.list",
    "dict_type": "form.table",
    "model_type": "form.table",
    "model_attributes_type": "form.table",
}
_BOUND: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "form.above"),
    "greater_than_equal": ("ge", "form.at_least"),
    "less_than": ("lt", "form.below"),
    "less_than_equal": ("le", "form.at_most"),
    "too_short": ("min_length", "form.at_least"),
    "too_long": ("max_length", "form.at_most"),
    "string_too_short": ("min_length", "form.chars_least"),
    "string_too_long": ("max_length", "form.chars_most"),
}


def _allowed(row: ErrorDetails) -> Said:
    kind, context = row["type"], row.get("ctx", {})
    if kind in _FORM_OF_TYPE:
        return Said(_FORM_OF_TYPE[kind])
    if kind in _BOUND:
        name, code = _BOUND[kind]
        return Said(code, (context[name],))
    if kind == "literal_error":
        return Said("form.words", (_either(str(context["expected"])),))
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return Said(FORMS[pattern]) if pattern in FORMS else Said("form.pattern", (pattern,))
    return Said("form.other", (row["msg"],))


def _either(expected: str) -> Said | str:
    """pydantic's `'a', 'b' or 'c'`, in the reader's language."""
    words, _, last = expected.rpartition(" or ")
    return Said("form.either", (words, last)) if words else last


def _meaning(model: type[BaseModel], key: Key) -> Said:
    """What the key is for; of its nearest table when the key is unknown."""
    codes = [code for _, code in _walk(model, key) if code]
    return Said(codes[-1]) if codes else Said("form.other", (dotted(key),))


def _keys(model: type[BaseModel], key: Key) -> list[str]:
    """The keys that the table at `key` may have."""
    table = [model, *(below for below, _ in _walk(model, key))][-1]
    return [info.alias or name for name, info in table.model_fields.items()] if table else []


def _walk(model: type[BaseModel], key: Key) -> Iterator[tuple[type[BaseModel] | None, str]]:
    """The tables on the way to `key`, each with the text code of the key that led there."""
    table: type[BaseModel] | None = model
    in_named = False
    for part in key:
        if in_named:
            in_named = False
            yield table, ""
            continue
        fields = {f.alias or name: f for name, f in table.model_fields.items()} if table is not None else {}
        if table is None or part not in fields:
            return
        code = f"meaning.{table.__name__}.{part}"
        table, in_named = _table_of(fields[part].annotation)
        yield table, code


def _table_of(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside an annotation, and whether it is a table of named tables."""
    inner = getattr(annotation, "__args__", ())
    for candidate in (annotation, *inner):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate, getattr(annotation, "__origin__", None) is dict
    return None, False
