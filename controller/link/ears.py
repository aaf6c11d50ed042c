"""What a connection brought, handed to the loop; and who asked which command, so that the answer finds back.

Runs on the link's thread only. Reading bytes is `arrivals`' business.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from controller.core.events import Command, Rejected
from controller.core.instant import Instant
from controller.link import arrivals
from controller.link.arrivals import Arrival, Here
from controller.link.notices import LinkEvent
from controller.link.topics import HOME_STATUS, Topics, is_answerable

ASKERS = 256
"""As many return addresses as the core remembers command ids."""


class Ears:
    """`clock` gives the loop's time, in which commands name their deadline."""

    def __init__(
        self, topics: Topics, boot: str, clock: Callable[[], Instant], report: Callable[[LinkEvent], None]
    ) -> None:
        self._topics, self._boot, self._clock, self._report = topics, boot, clock, report
        self._askers: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def hear(self, arrival: Arrival) -> None:
        """Report what `arrival` means, if anything."""
        heard = arrivals.read(arrival, Here(self._topics, self._boot, self._clock().mono_ms))
        if isinstance(heard, (Command, Rejected)):
            self._remember(heard.id, arrival)
        if heard is not None:
            self._report(heard)

    def is_home(self, arrival: Arrival) -> bool:
        """Home Assistant has just started and wants to hear of us. A retained word is old news."""
        return arrival.topic == HOME_STATUS and arrival.payload == b"online" and not arrival.retained

    def asker(self, id_: str) -> tuple[str, bytes]:
        """Response topic and correlation data of command `id_`; ("", b"") when it gave none."""
        return self._askers.get(id_, ("", b""))

    def _remember(self, id_: str, arrival: Arrival) -> None:
        self._askers.pop(id_, None)
        if is_answerable(arrival.response):
            self._askers[id_] = (arrival.response, arrival.correlation)
        while len(self._askers) > ASKERS:
            self._askers.popitem(last=False)
