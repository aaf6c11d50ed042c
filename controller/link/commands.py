"""The table of commands: names, shapes of their arguments, and the reader of `args`.

Pure. What the room cannot do yet stands here too, so that it is refused as `unsupported` and not as
unknown. Set-points only, never toggles: a repeated command changes nothing.

In `args` the set-point is always the key `value`. What comes out is a tuple in the order of the shape:

    power     on|off|auto                                     ("on",)
    load      name, on|off|auto|cycle                         ("projector", "on")
    mute      muted|open|auto                                 ("muted",)
    floor     grant|deny|end|next, seat? | request, seat, channel  ("grant", "seat1")
    call      dial, address, protocol?, kbps? | hangup, id? | accept
    seat      recall, preset | show|store, seat | assign, seat, preset | confirm  ("recall", 3)
    duty      on|off
    check     -
    incident  note, alert, subject, text | expect, alert, subject, minutes | close, alert, subject, text? | common
    rehearse  off|auto|now
    acknowledge   what?
    meeting   extend, uid, minutes | end, uid
    rule      name, off|watch|remind|enforce
    volume    0-50                                            (25,)
    rollcall  item, ok|bad                                    ("sound_out", "ok")
    maintenance   begin, reason, minutes | end | done, what
    heal      name
    storm     on, minutes | off
    lightning on, minutes | off
    rebirth   -
    update    -
    restart   -
    message   text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from controller.core.operating import ITEMS
from hardware.contract import Value

HOLD = "hold_min"
"""An argument of set-points that becomes `Command.hold_ms` and not one of `args`."""
MAINTENANCE_MOST_MIN = 720
"""N19: a mode that somebody forgot ends with the working day. The centre's windows have the same bound."""
TEXT_MAX = 500
"""A message must fit a screen; names and addresses are far shorter."""


class BadCommand(ValueError):
    """The command cannot be carried out as written; `code` and `args` say why. Never leaves this package."""

    def __init__(self, code: str, *args: Value) -> None:
        super().__init__(code, *args)
        self.code = code
        self.reason: tuple[Value, ...] = args


@dataclass(frozen=True, slots=True)
class Word:
    """One of a closed list."""

    name: str
    words: tuple[str, ...]
    default: str | None = None

    def read(self, found: object) -> Value:
        if isinstance(found, str) and found in self.words:
            return found
        raise BadCommand("bad_args", self.name, "|".join(self.words))


@dataclass(frozen=True, slots=True)
class Text:
    """Free text of `least` … `most` characters, without control characters."""

    name: str
    default: str | None = None
    least: int = 1
    most: int = 100

    def read(self, found: object) -> Value:
        if isinstance(found, str) and self.least <= len(found) <= self.most and is_clean(found):
            return found
        raise BadCommand("bad_args", self.name, f"{self.least}-{self.most} characters")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    name: str
    low: int
    high: int
    default: int | None = None

    def read(self, found: object) -> Value:
        if isinstance(found, int) and not isinstance(found, bool) and self.low <= found <= self.high:
            return found
        raise BadCommand("bad_args", self.name, f"{self.low}-{self.high}")


Shape = tuple[Word | Text | Whole, ...]

_ON_OFF_AUTO = Word("value", ("on", "off", "auto"))
# A hold longer than a day is a fault that someone forgot, not a wish.
_HOLD = Whole(HOLD, 0, 1440, default=0)
_SHAPES: dict[str, tuple[Shape, ...]] = {
    "power": ((_ON_OFF_AUTO, _HOLD),),
    "load": ((Text("name"), Word("value", ("on", "off", "auto", "cycle")), _HOLD),),
    "mute": ((Word("value", ("muted", "open", "auto")), _HOLD),),
    "floor": (
        (Word("value", ("grant", "deny", "end", "next")), Text("seat", default="")),
        (Word("value", ("request",)), Text("seat"), Word("channel", ("phone", "chat"), default="phone")),
    ),
    "call": (
        (
            Word("value", ("dial",)),
            Text("address"),
            Word("protocol", ("auto", "h323", "sip"), default="auto"),
            # 0: the codec's own default rate.
            Whole("kbps", 0, 20_000, default=0),
        ),
        (Word("value", ("hangup",)), Text("id", default="all")),
        (Word("value", ("accept",)),),
    ),
    "seat": (
        (Word("value", ("recall",)), Whole("preset", 0, 254)),
        (Word("value", ("show", "store")), Text("seat")),
        (Word("value", ("assign",)), Text("seat"), Whole("preset", 0, 254)),
        (Word("value", ("confirm",)),),
    ),
    "duty": ((Word("value", ("on", "off")),),),
    "check": ((),),
    "incident": (
        (Word("value", ("note",)), Text("alert", most=40), Text("subject", most=80), Text("text", most=TEXT_MAX)),
        # A line that is promised for next week is the longest that was ever heard of.
        (Word("value", ("expect",)), Text("alert", most=40), Text("subject", most=80), Whole("minutes", 1, 10_080)),
        (
            Word("value", ("close",)),
            Text("alert", most=40),
            Text("subject", most=80),
            Text("text", default="", most=TEXT_MAX),
        ),
        # Many rooms fell together: nobody calls again by itself for so long (R12).
        (Word("value", ("common",)), Whole("minutes", 0, 240, default=15)),
    ),
    "rehearse": ((Word("value", ("off", "auto", "now")), _HOLD),),
    "acknowledge": ((Text("what", default=""),),),
    "meeting": (
        # Past midnight is a new meeting; 8 h is a working day.
        (Word("value", ("extend",)), Text("uid", most=255), Whole("minutes", 1, 480)),
        (Word("value", ("end",)), Text("uid", most=255)),
    ),
    "rule": ((Text("name", most=10), Word("value", ("off", "watch", "remind", "enforce"))),),
    "volume": ((Whole("value", 0, 50),),),
    "rollcall": ((Word("value", ITEMS), Word("result", ("ok", "bad"), default="ok")),),
    "maintenance": (
        (
            Word("value", ("begin",)),
            Text("reason", most=200),
            Whole("minutes", 1, MAINTENANCE_MOST_MIN, default=120),
        ),
        (Word("value", ("end",)),),
        (Word("value", ("done",)), Text("what")),
    ),
    "heal": ((Text("name"),),),
    "storm": (
        # A week: longer than any storm; the room itself allows less ([storm] max_h).
        (Word("value", ("on",)), Whole("minutes", 1, 10_080)),
        (Word("value", ("off",)),),
    ),
    "lightning": (
        # Plugs that are pulled in the evening are back before the next evening, or somebody says so again.
        (Word("value", ("on",)), Whole("minutes", 1, 1440, default=720)),
        (Word("value", ("off",)),),
    ),
    "rebirth": ((),),
    "update": ((),),
    "restart": ((),),
    "message": ((Text("text", most=TEXT_MAX),),),
}
SHAPES: Mapping[str, tuple[Shape, ...]] = MappingProxyType(_SHAPES)
LATER_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType({"meeting": ("postpone",)})
LATER = frozenset({"report"})
"""In the contract, not in the room yet."""


def is_clean(text: str) -> bool:
    """Whether `text` can be journalled and shown: no control characters but a line's end, no half of a
    surrogate pair (JSON lets one through, UTF-8 does not)."""
    return all(c == "\n" or (c >= " " and c != "\x7f" and not "\ud800" <= c <= "\udfff") for c in text)


def read(verb: str, args: Mapping[str, object]) -> tuple[tuple[Value, ...], int]:
    """The values of `args` in the order of the verb's shape, and the hold in minutes. Unknown keys are
    ignored. Raises BadCommand: unknown_command, unsupported, bad_args."""
    if verb in LATER:
        raise BadCommand("unsupported", verb)
    if verb not in SHAPES:
        raise BadCommand("unknown_command", verb[:40])
    shape = _choose(verb, args.get("value"))
    values = {arg.name: _value(arg, args) for arg in shape}
    hold = values.pop(HOLD, 0)
    return tuple(values.values()), hold if isinstance(hold, int) else 0


def _choose(verb: str, value: object) -> Shape:
    shapes = SHAPES[verb]
    if isinstance(value, str) and value in LATER_VALUES.get(verb, ()):
        raise BadCommand("unsupported", verb, value)
    if len(shapes) == 1:
        return shapes[0]
    words = {word: shape for shape in shapes for word in _words(shape)}
    if isinstance(value, str) and value in words:
        return words[value]
    raise BadCommand("bad_args", "value", "|".join(words))


def _words(shape: Shape) -> tuple[str, ...]:
    return next((arg.words for arg in shape if isinstance(arg, Word) and arg.name == "value"), ())


def _value(arg: Word | Text | Whole, args: Mapping[str, object]) -> Value:
    found = args.get(arg.name)
    if found is None and arg.default is not None:
        return arg.default
    return arg.read(found)
