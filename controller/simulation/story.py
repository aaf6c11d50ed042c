"""A journal told in words: when, what, why. One entry, one line; the words are the catalogue's.

Pure. What a record means is the core's; here it is only said, and what has no sentence is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.texts import fill, known, text
from hardware.contract import Value

OFFSET = timedelta(hours=7)
"""Vietnam keeps one time all year; a journal does not say where it was written."""

Body = Mapping[str, Value]


def told(entry: Entry, lang: str) -> str:
    """The entry as one line of text in `lang`; a time that is not to be believed is marked with ~."""
    return f"{when(entry)}  {what(entry, lang)}"


def what(entry: Entry, lang: str) -> str:
    """What happened and why, without the time."""
    body = dict(entry.body)
    why = reason(body, lang)
    said = _WHAT.get(entry.kind, _plain)(entry, body, lang)
    return f"{said}{f' · {why}' if why else ''}"


def when(entry: Entry) -> str:
    """Date and time as Vietnam reads them, after ` ` or, where the clock was not trusted, `~`."""
    try:
        local = datetime.fromtimestamp(entry.wall_ms / 1000, UTC) + OFFSET
    except (ValueError, OverflowError, OSError):  # a number that no calendar has; read from a file
        return f"~{entry.wall_ms} ms"
    return f"{' ' if entry.trust >= Trust.RTC else '~'}{local:%Y-%m-%d %H:%M:%S}"


def reason(body: Body, lang: str) -> str:
    """The reason that the record names, with its rule."""
    code, args, rule = body.get("code"), body.get("args"), body.get("rule")
    if not code:
        return ""
    sentence = text(str(code), lang, args if isinstance(args, tuple) else ())
    return f"{sentence} ({rule})" if rule else sentence


def thing(name: object, lang: str) -> str:
    """A target by the name that people use."""
    return fill("{0}", lang, (name,))


def shown(value: Value, lang: str) -> str:
    """A value in words."""
    if isinstance(value, tuple):
        return ", ".join(shown(item, lang) for item in value)
    return text(f"value.{value}", lang) if known(f"value.{value}") else thing(value, lang)


def _kind(entry: Entry, lang: str) -> str:
    return text(f"record.{entry.kind}", lang) if known(f"record.{entry.kind}") else entry.kind


def _word(kind: str, name: Value, lang: str) -> str:
    return text(f"{kind}.{name}", lang)


def _plain(entry: Entry, body: Body, lang: str) -> str:
    """`ordered: display = on`; values that no sentence takes stand behind, by name."""
    rest = {name: value for name, value in body.items() if name not in _SAID and value not in ("", (), None)}
    said = f"{_kind(entry, lang)}: {thing(entry.subject, lang)}"
    if "value" in body:
        said += f" = {shown(body['value'], lang)}"
    return said + "".join(f", {name} {shown(value, lang)}" for name, value in rest.items())


_SAID = ("value", "rule", "code", "args", "rank", "attempt")


def _meeting(entry: Entry, _body: Body, lang: str) -> str:
    return text(entry.kind, lang, (entry.subject,))


def _phase(entry: Entry, body: Body, lang: str) -> str:
    return f"{_kind(entry, lang)}: {_word('phase', body.get('to'), lang)}"


def _proof(entry: Entry, body: Body, lang: str) -> str:
    seen = body.get("seen")
    value = f" = {shown(seen, lang)}" if seen is not None else ""
    return f"{thing(entry.subject, lang)}{value}: {_word('proof', body.get('proof'), lang)}"


def _alert(entry: Entry, body: Body, lang: str) -> str:
    return f"{_kind(entry, lang)}: {_word('alert', body.get('alert'), lang)} ({thing(entry.subject, lang)})"


def _press(entry: Entry, body: Body, lang: str) -> str:
    code = f"button.{body.get('role')}.{body.get('gesture')}"
    return text(code, lang) if known(code) else _plain(entry, body, lang)


_WHAT: Mapping[str, Callable[[Entry, Body, str], str]] = {
    "phase": _phase,
    "proof": _proof,
    "alert": _alert,
    "alert.end": _alert,
    "alert.still": _alert,
    "press": _press,
    "meeting.booked": _meeting,
    "meeting.changed": _meeting,
    "meeting.cancelled": _meeting,
    "meeting.skipped": _meeting,
}
