"""A prober as a process of its own, so that a test can put it into a network of its own: PLACES as JSON in, one
reading a line out; `fast` or `rest` on standard input sets the pace, its end ends it.
"""

from __future__ import annotations

import json
import sys
import time

from hardware.contract import Reading
from hardware.line import LineProbes, Place


def _say(reading: Reading) -> None:
    print(json.dumps({"at": reading.at_ms, "source": reading.source, **dict(reading.values)}), flush=True)


def main(places: str, known: str) -> None:
    rows = [Place(name, address, tuple(kinds)) for name, address, kinds in json.loads(places)]
    before = frozenset((name, kind) for name, kind in json.loads(known))
    probes = LineProbes(rows, _say, lambda: time.monotonic_ns() // 1_000_000)
    probes.start(before)
    for line in sys.stdin:
        probes.pace(1 if line.strip() == "fast" else 0)
    probes.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
