"""R22: what a line was worth, hour by hour, and a fair record per provider. Pure.

Fair is: an hour of which nothing was measured counts for nobody; one in which the room's own router was bad is the
room's; the far end's network is not this provider's, so its place is looked at only where nothing nearer is probed.
The limits are those that rooms warn by when nobody has set others (people.md 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

HOUR_MS = 3_600_000
ZONE_MS = 7 * HOUR_MS
WARN: Mapping[str, float] = {"loss_ratio": 0.01, "rtt_ms": 150.0, "jitter_ms": 30.0}
BAD: Mapping[str, float] = {"loss_ratio": 0.05, "rtt_ms": 300.0, "jitter_ms": 50.0}
OWN, PROVIDER, FAR = "gateway", "provider", "far"


@dataclass(frozen=True, slots=True)
class Sample:
    """The mean of one figure in one hour. `what`: line.<place>.<figure>, as in SAMPLES."""

    from_ms: int
    what: str
    mean: float


@dataclass(slots=True)
class Hours:
    """Of one room or provider. `by_hour`: hour of the day → (measured, congested)."""

    measured: int = 0
    congested: int = 0
    bad: int = 0
    own: int = 0
    loss_sum: float = 0.0
    losses: int = 0
    rtt_sum: float = 0.0
    rtts: int = 0
    by_hour: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def loss_pct(self) -> float | None:
        return 100 * self.loss_sum / self.losses if self.losses else None

    @property
    def rtt_ms(self) -> float | None:
        return self.rtt_sum / self.rtts if self.rtts else None


@dataclass(frozen=True, slots=True)
class Site:
    """One room in the period. `cuts`: (minutes, the cause that a person set or '') of its line's incidents;
    `ours`: its probes take the provider's path."""

    room: str
    provider: str
    circuit: str
    hours: Hours
    cuts: Sequence[tuple[float, str]] = ()
    ours: bool = True


def hours_of(samples: Iterable[Sample]) -> Hours:
    """What each hour was, counted."""
    found = Hours()
    each: dict[int, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for one in samples:
        _, _, rest = one.what.partition("line.")
        place, _, figure = rest.rpartition(".")
        if place and figure in WARN:
            each[one.from_ms][place][figure] = one.mean
    for from_ms, places in sorted(each.items()):
        _count(found, from_ms, places)
    return found


def _count(into: Hours, from_ms: int, places: Mapping[str, Mapping[str, float]]) -> None:
    line = _line(places)
    if line is None:
        return
    if _over(places.get(OWN, {}), WARN):
        into.own += 1
        return
    congested = _over(line, WARN)
    into.measured += 1
    into.congested += congested
    into.bad += _over(line, BAD)
    hour = (from_ms + ZONE_MS) // HOUR_MS % 24
    measured, slow = into.by_hour.get(hour, (0, 0))
    into.by_hour[hour] = (measured + 1, slow + congested)
    if "loss_ratio" in line:
        into.loss_sum, into.losses = into.loss_sum + line["loss_ratio"], into.losses + 1
    if "rtt_ms" in line:
        into.rtt_sum, into.rtts = into.rtt_sum + line["rtt_ms"], into.rtts + 1


def _line(places: Mapping[str, Mapping[str, float]]) -> Mapping[str, float] | None:
    """The nearest place beyond the router: the provider's own, else another target, else the far end."""
    if PROVIDER in places:
        return places[PROVIDER]
    targets = sorted(place for place in places if place not in (OWN, FAR))
    return places[targets[0]] if targets else places.get(FAR)


def _over(figures: Mapping[str, float], limits: Mapping[str, float]) -> bool:
    return any(value >= limits[name] for name, value in figures.items())


def together(rows: Iterable[Hours]) -> Hours:
    """The sum, as if it were one line."""
    found = Hours()
    for one in rows:
        for name in ("measured", "congested", "bad", "own", "loss_sum", "losses", "rtt_sum", "rtts"):
            setattr(found, name, getattr(found, name) + getattr(one, name))
        for hour, (measured, slow) in one.by_hour.items():
            before = found.by_hour.get(hour, (0, 0))
            found.by_hour[hour] = (before[0] + measured, before[1] + slow)
    return found


def by_provider(sites: Iterable[Site]) -> dict[str, list[Site]]:
    """Provider → its sites, both as they were given."""
    found: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        found[site.provider].append(site)
    return dict(found)
