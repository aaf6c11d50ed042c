"""How a simulated Cisco codec prints: terminal lines or JSON objects; late, cut, with garbage, if so wished.

Law: the far end of a wire; shares no code with our side. Pieces of a line stay in order.
Source: Cisco API reference guides, output modes; the guide of the xAPI over WebSocket, which shows both forms.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence

from hardware.sim.cisco_memory import Faults, Path
from hardware.sim.cisco_tree import Row

PIECE_MS = 30
Tree = dict[str, object]


def terminal(kind: str, told: Sequence[Row]) -> list[str]:
    """`*s Audio Volume: 70`."""
    return [f"*{kind} {' '.join(row.path)}: " + (f'"{row.value}"' if row.quoted else row.value) for row in told]


def result(name: str, status: str, fields: Mapping[str, str]) -> list[str]:
    """`*r DialResult (status=OK):` and its fields; without any, some releases leave the colon out."""
    head = f"*r {name} (status={status})" + (":" if fields else "")
    return [head, *(f"*r {name} {key}: " + _shown(value) for key, value in fields.items())]


def _shown(value: str) -> str:
    return value if value.isdecimal() else f'"{value}"'


def tree(told: Sequence[Row]) -> Tree:
    """Rows as nested objects; an instance's number makes an element of a list, with `id`."""
    root: Tree = {}
    for row in told:
        node = root
        for word, after in zip(row.path, (*row.path[1:], ""), strict=True):
            if word.isdecimal():
                continue
            node = _element(node, word, after) if after.isdecimal() else _child(node, word)
        node["Value"] = row.value
    return root


def _child(node: Tree, word: str) -> Tree:
    found = node.setdefault(word, {})
    assert isinstance(found, dict)
    return found


def _element(node: Tree, word: str, number: str) -> Tree:
    items = node.setdefault(word, [])
    assert isinstance(items, list)
    if not any(item["id"] == number for item in items):
        items.append({"id": number})
    found: Tree = next(item for item in items if item["id"] == number)
    return found


def ghost(path: Path) -> Tree:
    """The element is gone."""
    return {path[0]: [{"id": path[1], "ghost": "True"}]}


def pretty(whole: Tree) -> list[str]:
    """An object as it is printed: over many lines."""
    return json.dumps(whole, indent=2, ensure_ascii=False).split("\n")


class CiscoPrinter:
    """Lines in, bytes out; `later(ms, what)` is the codec's clock."""

    def __init__(
        self, rng: random.Random, faults: Faults, later: Callable[[int, Callable[[], None]], None]
    ) -> None:
        self._rng = rng
        self._faults = faults
        self._later = later
        self._out = bytearray()
        self._pieces = bytearray()
        self._muted = False

    def take(self) -> bytes:
        """The bytes printed since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def clear(self) -> None:
        """The power went: nothing is left to print."""
        self._out.clear()
        self._pieces.clear()
        self._muted = False

    def mute(self) -> None:
        """It hangs: nothing more is printed until the power goes."""
        self.clear()
        self._muted = True

    def say(self, lines: Sequence[str]) -> None:
        """Lines, with all that may be wrong with them."""
        if lines[:1] == ["{"] and self._faults.half_json > 0:
            self._faults.half_json -= 1
            lines = lines[: len(lines) // 2]
        end = "\n" if self._faults.lf else "\r\n"
        if not (self._faults.noise or self._faults.blank_lines or self._faults.split):
            self.write("".join(f"{line}{end}" for line in lines).encode())
            return
        for line in lines:
            data = f"{line}{end}".encode()
            if self._faults.noise and self._rng.random() < self._faults.noise:
                garbage = bytes(self._rng.randrange(256) for _ in range(self._rng.randint(1, 12)))
                data = garbage + end.encode() + data
            if self._faults.blank_lines:
                data = end.encode() + data + end.encode()
            self.write(data)

    def write(self, data: bytes) -> None:
        """Raw bytes, in one piece or two."""
        if self._muted:
            return
        if self._pieces:
            self._pieces += data
        elif self._faults.split and len(data) > 3:
            cut = self._rng.randrange(1, len(data) - 1)
            self._out += data[:cut]
            self._pieces += data[cut:]
            self._later(PIECE_MS, self._rest)
        else:
            self._out += data

    def _rest(self) -> None:
        self._out += self._pieces
        self._pieces.clear()
