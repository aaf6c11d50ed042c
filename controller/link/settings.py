"""What the link must be told: brokers, certificates, times. Frozen values; secrets only as paths of files.

The times' defaults are the contract's; tests shorten them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RENEWED = "room.crt"
"""In the state folder: a room may not write where its identity was laid."""


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS 1.3 with the province's own authority; `cert` and `key` are the room's. The host name is checked.
    `renewed`: where a certificate lies that came later; it counts when it is there and fits the key."""

    ca: Path
    cert: Path | None = None
    key: Path | None = None
    renewed: Path | None = None


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect. `user` empty: the room's slug from the certificate serves as user name."""

    host: str
    port: int = 8883
    tls: Tls | None = None
    user: str = ""
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """All waiting of the link, in seconds.

    `keepalive_s`: a frozen broker is noticed after about twice this. `will_delay_s` < `session_s`: a short
    drop neither flaps the status nor loses commands. `stable_s`: a connection that lived shorter counts as
    flapping and does not reset the back-off. `refused_max_s`: a login that was refused is tried after one minute,
    then twice as long each time, up to this. `detail_refresh_s`: unchanged details are already retained at
    the broker; once per 50 min keeps a quiet room under 0.4 MB a day, every 5 min would take 1 MB.
    """

    keepalive_s: int = 20
    connect_s: float = 5.0
    connack_s: float = 10.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 60.0
    refused_max_s: float = 900.0
    stable_s: float = 60.0
    failover_s: float = 30.0
    home_s: float = 300.0
    home_jitter_ratio: float = 0.2
    will_delay_s: int = 20
    session_s: int = 30
    coalesce_s: float = 1.0
    refresh_s: float = 300.0
    detail_refresh_s: float = 3000.0
    discovery_spread_s: float = 30.0
    farewell_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """One room's link. `boot` is this boot's id: commands addressed to another are refused."""

    room: str
    boot: str
    main: Broker
    backup: Broker | None = None
    times: Times = Times()
    window: int = 20
    """Messages in flight at once: mosquitto's own receive maximum."""
