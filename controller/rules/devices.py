"""N4, N14 — what a person must know of loads and devices: failed, lost, welded, silent. Said once, and once
when it is over. A child is not called failed while its parent is off.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.records import Because
from controller.core.state import Proof, Track
from controller.core.view import View
from controller.core.words import Alert, Mark, Yield
from controller.rules.common import on_bypass, unplugged

_LINKS = (("keeper.up", "keeper", "keeper.down"), ("journal.state", "journal", ""))


def devices(v: View) -> Iterator[Yield]:
    """Failed and lost targets. By hand, or with the plugs pulled, nothing is as ordered, and that is no fault."""
    for name in () if on_bypass(v) or unplugged(v) else v.room.targets:
        track = v.track(name)
        if track is None or track.want is None:
            continue
        failed = track.proof is Proof.FAILED or _tried_again(v, name, track)
        if failed is not bool(v.mark(f"failed.{name}")):
            yield Mark(f"failed.{name}", failed)
        if failed:
            code = "load.welded" if track.want == "off" and track.failed == "no_effect" else "load.failed"
            yield Alert("failed", name, Because("N4", code, (name,)))
        elif track.proof is Proof.LOST:
            yield Alert("lost", name, Because("N4", "load.lost", (name,)))


def _tried_again(v: View, name: str, track: Track) -> bool:
    """One more try of what has failed is no end of it: an alarm that ends and begins with each would be said every
    ten minutes."""
    spent = bool(track.failed) and track.tries >= v.room.targets[name].tries
    under_way = track.proof in (Proof.WAITING, Proof.ORDERED, Proof.DONE)
    return spent and under_way and v.mark(f"failed.{name}") is True


KEEPER_GONE_MS = 5_000
"""Its own restart takes a third of a second and is no alarm."""


DENIED = "denied."
"""The mark of a refused login, until that device has let us in: it still is between two tries and without power."""


def accounts(v: View) -> Iterator[Yield]:
    """R15: a login that is refused is told once, as long as it stands; whoever refuses is asked less and less."""
    for name, fact in _logins(v):
        told, kept = v.get(fact), v.mark(DENIED + name) is True
        denied = told == "refused" or (kept and told != "ok")
        yield Mark(DENIED + name, denied)
        if denied:
            yield _login_refused(name)
    if not v.room.has_ups:
        return
    denied = _denied(v)
    yield Mark(f"{DENIED}ups", denied)
    if denied or v.get("ups.link") == "refused":
        yield _login_refused("ups")


def _login_refused(name: str) -> Alert:
    return Alert("login_refused", name, Because("R15", "R15.refused", (name,)))


def _logins(v: View) -> Iterator[tuple[str, str]]:
    yield "codec", "codec.login"
    yield from ((f"display.{name}", f"display.{name}.login") for name in v.room.displays)
    yield "broker", "link.login"


def _denied(v: View) -> bool:
    """upsd takes any password, and says no to the order that comes with it: until it takes one."""
    tracks = [t for t in (v.track("ups.test"), v.track("ups.shutdown")) if t is not None]
    if any(t.proof is Proof.FAILED and t.failed == "access_denied" for t in tracks):
        return True
    taken = any(t.want is not None and t.proof in (Proof.DONE, Proof.PROVEN) for t in tracks)
    return v.mark(f"{DENIED}ups") is True and not taken


def own_parts(v: View) -> Iterator[Yield]:
    """The controller's own organs: keeper, journal, supply, heat, disk."""
    if v.stayed("keeper.up", False, KEEPER_GONE_MS):
        yield Alert("keeper_down", "keeper", Because("N10", "keeper.down"))
    state = v.get("journal.state")
    if isinstance(state, str) and state != "ok":
        yield Alert("journal", "journal", Because("N13", f"journal.{state}"))
    if v.get("host.undervoltage") is True:
        yield Alert("undervoltage", "host", Because("N28", "host.undervoltage"))
    free = v.number("host.disk_free_pct")
    if free is not None and free < 5:
        yield Alert("disk", "host", Because("N14", "host.disk"))
