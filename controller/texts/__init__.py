"""Every sentence that a person reads, in Vietnamese and English: catalogue.toml beside this file, and how to say
one.

Nothing but look-up and filling in lives here. A code is said where it arises (`R2.idle`, `config.unknown_key`);
its words live only in the catalogue, so that an office may correct a word without touching a rule. An unknown
code is shown as it is: a missing sentence must never hide what happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"

Args = Sequence[object] | Mapping[str, object]
Find = Callable[[str], str | None]

_PLACE = re.compile(r"\{(\w+)\}")
_WORDS: Mapping[str, Mapping[bool, str]] = {
    "vi": {True: "có", False: "không"},
    "en": {True: "yes", False: "no"},
}


class ReadableError(Exception):
    """An error that a person has to act on; its sentence, named by `code`, says what to do."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code, *args)
        self.code = code
        self.told = args

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """The sentence in `lang` ('vi' or 'en')."""
        return text(self.code, lang, self.told)

    def __str__(self) -> str:
        return "\n".join(self.text(lang) for lang in LANGUAGES)


class TypedError(ReadableError):
    """What a person has typed is shown as it was: `mains` is their word here, and not the thing of that name."""

    def text(self, lang: str = DEFAULT_LANGUAGE) -> str:
        return verbatim(self.code, lang, self.told)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Code → language → sentence, as shipped."""
    import tomllib  # the process that rules a room has its few sentences from its plan

    raw = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(raw))


def known(code: str) -> bool:
    """Whether the catalogue has a sentence for `code`."""
    return code in catalogue()


def text(code: str, lang: str = DEFAULT_LANGUAGE, args: Args = ()) -> str:
    """The sentence of `code` in `lang`, with `{0}`, `{name}` filled from `args`; '?' where nothing was given.

    Never raises: an unknown code gives the code, an unknown language Vietnamese.
    """
    sentence = _found(lang, code)
    return code if sentence is None else fill(sentence, lang, args)


def fill(sentence: str, lang: str, args: Args, find: Find | None = None) -> str:
    """`sentence` with its places filled once: braces inside an argument stay as they are. `find` gives the sentence
    of a code where that is not the catalogue's business."""
    named = args if isinstance(args, Mapping) else {str(n): value for n, value in enumerate(args)}
    known_as = find or partial(_found, lang)
    return _PLACE.sub(lambda place: _word(named.get(place[1]), lang, known_as), sentence)


def verbatim(code: str, lang: str = DEFAULT_LANGUAGE, args: Args = ()) -> str:
    """As `text`, with every argument as it was written: the key `ups` of a file is not the thing of that name."""
    sentence = _found(lang, code)
    return code if sentence is None else fill(sentence, lang, args, lambda _code: None)


def sentences(lang: str, kinds: Sequence[str]) -> dict[str, str]:
    """Every sentence in `lang` whose code begins with one of `kinds`: for a process that says little and lives for
    months, and need not carry all the others. `said` speaks from it."""
    rows = ((code, _found(lang, code)) for code in catalogue() if code.startswith(tuple(kinds)))
    return {code: sentence for code, sentence in rows if sentence is not None}


def said(sentences: Mapping[str, str], code: str, lang: str, args: Args = ()) -> str:
    """As `text`, from these sentences alone."""
    sentence = sentences.get(code)
    return code if sentence is None else fill(sentence, lang, args, sentences.get)


def _found(lang: str, code: str) -> str | None:
    row = catalogue().get(code)
    return None if row is None else row.get(lang, row[DEFAULT_LANGUAGE])


def _word(value: object, lang: str, find: Find) -> str:
    if value is None:
        return "?"
    if isinstance(value, bool):
        return _WORDS.get(lang, _WORDS[DEFAULT_LANGUAGE])[value]
    if isinstance(value, float) and lang == "vi":
        return f"{value:g}".replace(".", ",")
    return f"{value:g}" if isinstance(value, float) else _thing(str(value), find)


def _thing(name: str, find: Find) -> str:
    """A target by the name that people use; `load.codec` is the load called codec."""
    reason = find(name) if name.startswith(_REASONS) else None
    return reason or find(f"thing.{name}") or _part(name, find) or name.removeprefix("load.")


_REASONS = ("errno.", "foreign.")
"""Codes that an argument may be: what the system said, in words of whoever reads it."""


def _part(name: str, find: Find) -> str:
    """`camera.main.park` is that of the camera called main: `thing.camera.*.park`, with its name filled in."""
    head, _, rest = name.partition(".")
    middle, _, last = rest.rpartition(".")
    kinds = ((f"thing.{head}.*.{last}", middle), (f"thing.{head}.{middle}.*", last), (f"thing.{head}.*", rest))
    found = ((find(code), of) for code, of in kinds if of)
    return next((said.replace("{0}", find(f"thing.{of}") or of) for said, of in found if said), "")


def result(code: str, target: str = "", lang: str = DEFAULT_LANGUAGE) -> str:
    """Why an order to `target` came to nothing, from the short word that its driver gave (`Result.code`): the words
    of its own kind of device first. What a device said itself (`error: …`) follows as it was."""
    word, _, told = code.partition(":")
    device = target.partition(".")[0]
    kind = _KEEPER if device == "load" else device
    known_as = next((row for row in (f"{kind}.{word}", f"device.{word}") if known(row)), "")
    said = text(known_as, lang, (target if kind == _KEEPER else device,)) if known_as else word
    return f"{said} ({told.strip()})" if told.strip() else said


_KEEPER = "keeper"
"""Loads are switched by the keeper; other targets begin with the kind of device that takes them."""
