"""What the system, the TOML parser and the readers of our own files say in English, said in the catalogue's words.

They are told apart by their text, for they have no codes; what is not known here is shown as it is: a foreign
sentence helps more than none. Sources: Python's tomllib, errno, codecs and ssl; SQLite; controller/core/chain.py.
Must not live here: what a person should do about it, which is said by whoever was reading.
"""

from __future__ import annotations

import errno
import re
from typing import NamedTuple

from controller.texts import known, verbatim

_ERRNO = re.compile(r"\[Errno (\d+)\]")
_KEY = re.compile(r"'([^']*)'")
_WORDS = (
    (r"Invalid statement|Invalid initial character for a key part", "foreign.statement"),
    (r"Expected newline or end of document after a statement", "foreign.end_of_line"),
    (r"Expected '=' after a key in a key/value pair", "foreign.equals"),
    (r"Expected (.+?)(?: at the end of an? (?:table|array) declaration)?", "foreign.expected"),
    (r"(?:Illegal|Found invalid) character (.+)", "foreign.character"),
    (
        r"(?:Cannot declare|Cannot redefine namespace|Duplicate inline table key) (.+?)(?: twice)?",
        "foreign.twice",
    ),
    (r"Cannot overwrite a value", "foreign.overwrite"),
    (r"Cannot mutate immutable namespace (.+)", "foreign.closed"),
    (r"Unclosed array|Unclosed inline table", "foreign.unclosed"),
    (r"Unterminated string", "foreign.quotes"),
    (r"Unescaped '\\' in a string|Invalid hex value|Escaped character .+", "foreign.escape"),
    (r"Invalid date or datetime", "foreign.date"),
    (r"Invalid value", "foreign.value"),
    (r"Exceeds the limit .+ for integer string conversion.*", "foreign.digits"),
    (r"maximum recursion depth exceeded.*|.*nested too deep.*", "foreign.nested"),
    (r"not JSON|not an object with exactly .+|not the canonical text of its entry", "foreign.no_entry"),
    (r"a value is neither text, number, truth, list nor null|body is not an object", "foreign.no_entry"),
    (
        r"(\w+) is (?:not text|not a whole number|none of the words it may be|not 64 hex digits)",
        "foreign.field",
    ),
    (r"entry (\d+): .+", "foreign.entry"),
    (r"'utf-?8' codec can't decode byte .+ in position (\d+).*", "foreign.not_utf8"),
    (r"No module named .+", "foreign.module"),
    (r"(?:gpiozero: )?.*can ?not open gpiochip.*|.*Unable to load any default pin factory.*", "foreign.gpio"),
    (r".*(?:CERTIFICATE_VERIFY_FAILED|certificate verify failed).*", "foreign.certificate"),
    (r".*(?:SSLError|\[SSL: ).*", "foreign.tls"),
    (r".*(?:Failed to resolve|Name or service not known|name resolution).*", "foreign.no_name"),
    (r".*file is not a database.*|.*database disk image is malformed.*", "foreign.database"),
)


class Foreign(NamedTuple):
    """A sentence of the catalogue; without a code the words as they came."""

    code: str
    args: tuple[str, ...]

    def text(self, lang: str) -> str:
        return verbatim(self.code, lang, self.args) if self.code else self.args[0]


def foreign(words: str) -> Foreign:
    """What a parser or a reader said."""
    for pattern, code in _WORDS:
        match = re.fullmatch(pattern, words.removesuffix(" (at end of document)"), re.DOTALL)
        if match is not None:
            return Foreign(code, tuple(_key(said) for said in match.groups()))
    return Foreign("", (words,))


def _key(said: str) -> str:
    """tomllib names a key as a tuple: `('line', 'gateway')`."""
    return ".".join(_KEY.findall(said)) if said.startswith("(") else said


def named(error: Exception) -> str:
    """For an argument of a sentence whose reader is not known yet: the code of what was said; where there is none,
    the words as they came."""
    if isinstance(error, UnicodeDecodeError):
        return "foreign.not_text"
    number = _ERRNO.search(str(error))
    known_as = system(OSError(int(number[1]), str(error))) if number else foreign(str(error))
    return known_as.code if known_as.code and not known_as.args else str(error) or type(error).__name__


def system(error: OSError) -> Foreign:
    """Why the system refused, by its number."""
    code = f"errno.{errno.errorcode.get(error.errno or 0, '')}"
    return (
        Foreign(code, ()) if known(code) else Foreign("", (error.strerror or str(error) or type(error).__name__,))
    )
