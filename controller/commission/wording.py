"""Items, outcomes and figures of commissioning in the room's own words. Pure; sentences stand in the catalogue."""

from __future__ import annotations

from controller.commission.book import Result
from controller.commission.site import Site
from controller.texts import known, text
from hardware.contract import Value


def called(name: str, site: Site, lang: str) -> str:
    """What people call a load, seat, input or lamp; a word of commissioning; or the name as it is."""
    kind, _, rest = name.partition(".")
    if kind in ("input", "lamp") and rest:
        return text(f"commission.say.{kind}", lang, (called(rest, site, lang),))
    labels = {row.name: row.label for row in site.outlets} | {row.name: row.label for row in site.seats}
    if name in labels:
        return labels[name]
    role = site.inputs.get(name) or site.lamps.get(name) or ""
    code = f"button.{role}" if name in site.inputs else f"lamp.{role}"
    codes = (code, f"commission.word.{role}", f"commission.word.{name}", f"thing.{name}")
    return next((text(row, lang) for row in codes if known(row)), name)


def item(row_step: int, name: str, site: Site, lang: str) -> str:
    """An item's name; those of steps that have their own words are not taken for a load of the same name."""
    own = f"commission.word.{name}"
    if row_step not in (1, 2, 3, 4, 10) and known(own):
        return text(own, lang)
    return called(name, site, lang)


def outcome(row: Result, site: Site, lang: str) -> str:
    """Passed, or what is wrong, in one line."""
    said = text(f"commission.outcome.{row.outcome}", lang)
    if not row.defect:
        return said
    args = tuple(called(a, site, lang) if isinstance(a, str) else a for a in row.args)
    return f"{said}: {text(row.defect, lang, args)}"


def figures(row: Result, lang: str) -> str:
    """The figures of a result: `warm-up s 87.1, off after s 3.4`."""
    return ", ".join(
        f"{_figure(name, lang)} {shown(name, value, lang)}" for name, value in row.figures if value != ""
    )


def _figure(name: str, lang: str) -> str:
    code = f"commission.figure.{name}"
    return text(code, lang) if known(code) else f"{name} ="


def shown(name: str, value: Value, lang: str) -> str:
    """A figure's value; those that are words, in words."""
    if name in _WORDS:
        return text(f"commission.word.{value}", lang)
    return text("commission.say.value", lang, (value,))


_WORDS = ("after_mains", "direction")
