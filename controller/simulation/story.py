"""A journal told in words: when, what, why. One entry, one line; the words are the catalogue's.

Pure. What a record means is the core's; here it is only said, and what has no sentence is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.texts import fill, known, text
from controller.texts.meetings import clock_of, local
from hardware.contract import Value

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
        at = local(entry.wall_ms)
    except (ValueError, OverflowError, OSError):  # a number that no calendar has; read from a file
        return f"~{entry.wall_ms} ms"
    return f"{' ' if entry.trust >= Trust.RTC else '~'}{at:%Y-%m-%d %H:%M:%S}"


def reason(body: Body, lang: str) -> str:
    """The reason that the record names, with its rule."""
    code, args, rule = body.get("code"), body.get("told", body.get("args")), body.get("rule")
    if not code:
        return ""
    named = f"reply.{code}" if known(f"reply.{code}") else str(code)
    sentence = text(named, lang, args if isinstance(args, tuple) else ())
    # A hold's and the key's own sentences have no clause behind them.
    return f"{sentence} ({rule})" if str(rule)[1:].isdigit() else sentence


def thing(name: object, lang: str) -> str:
    """A target by the name that people use."""
    return fill("{0}", lang, (name,))


def shown(value: Value, lang: str) -> str:
    """A value in words."""
    if isinstance(value, tuple):
        return ", ".join(shown(item, lang) for item in value if item not in ("", None, ()))
    if isinstance(value, int) and value >= _TIME_MS:
        return clock_of(value)
    code = next((code for code in (f"value.{value}", str(value)) if known(code)), "")
    return text(code, lang) if code and not isinstance(value, bool) else thing(value, lang)


def _kind(entry: Entry, lang: str) -> str:
    return text(f"record.{entry.kind}", lang) if known(f"record.{entry.kind}") else entry.kind


def _word(kind: str, name: Value, lang: str) -> str:
    return text(f"{kind}.{name}", lang)


def _plain(entry: Entry, body: Body, lang: str) -> str:
    """`ordered: display = on`; values that no sentence takes stand behind, by name."""
    rest = {name: value for name, value in body.items() if name not in _SAID and value not in ("", (), None)}
    own = f"{entry.kind}.{entry.subject}"  # `closed` is a record here, and elsewhere a word for a microphone
    said = f"{_kind(entry, lang)}: {text(own, lang) if known(own) else thing(entry.subject, lang)}"
    if "value" in body:
        said += f" = {shown(body['value'], lang)}"
    return said + "".join(f", {_field(name, value, lang)}" for name, value in rest.items())


_TIME_MS = 946_684_800_000
"""2000: a whole number from here on is a moment."""
_SAID = ("value", "rule", "code", "args", "told", "rank", "attempt", "id", "role")
"""Said otherwise, or no word for a person, as a command's number."""


def _field(name: str, value: Value, lang: str) -> str:
    code = f"field.{name}"
    measure = value / 1000 if name.endswith("_ms") and isinstance(value, int) else shown(value, lang)
    return text(code, lang, (measure,)) if known(code) else f"{name} {shown(value, lang)}"


def _command(_entry: Entry, body: Body, lang: str) -> str:
    """Who ordered what, and what was answered; its number means nothing to a person."""
    args, verb = body.get("args"), str(body.get("verb"))
    rest = args if isinstance(args, tuple) else ()
    key = next((arg for arg in rest if known(f"room.do.{verb}.{arg}")), None)
    do = text(f"room.do.{verb}" if key is None else f"room.do.{verb}.{key}", lang)
    what = ", ".join((do.removeprefix("room.do."), *(shown(arg, lang) for arg in rest if arg != key)))
    by, stage = str(body.get("by")), shown(body.get("stage"), lang)
    return text("told.command", lang, {"by": by, "do": what, "stage": stage})


def _rejected(entry: Entry, body: Body, lang: str) -> str:
    """What was refused, of whom; `more`: so many of its kind have no line of their own."""
    topic, _, _ = str(body.get("topic") or "any").partition("/")
    of = {"topic": text(f"topic.{topic}", lang), "by": str(body.get("by") or "")}
    said = text("told.rejected" if of["by"] else "told.rejected.of_nobody", lang, of)
    return said if entry.kind == "command.rejected" else f"{said}: {text('told.more', lang, (body.get('count'),))}"


def _noted(entry: Entry, body: Body, lang: str) -> str:
    """Of a whole check its result and what was not in order: the figures of each item stand in form A."""
    value = body.get("value")
    if not isinstance(value, tuple):
        return _plain(entry, body, lang)
    rows = _ROWS if entry.subject.partition(".")[0] in _CHECKS else len(value)
    return _plain(entry, {"value": tuple(item for item in value[:rows] if item != entry.boot)}, lang)


_CHECKS = ("check", "check60", "checked")
_ROWS = 4
"""Place of the rows behind result, time, what failed and what could not be made (rules/checks.py)."""


def _would(entry: Entry, _body: Body, lang: str) -> str:
    target, _, value = entry.subject.partition("=")
    return f"{_kind(entry, lang)}: {thing(target, lang)}{f' = {shown(value, lang)}' if value else ''}"


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
    "command": _command,
    "command.rejected": _rejected,
    "command.rejected.more": _rejected,
    "noted": _noted,
    "would": _would,
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
