"""What a mosquitto (2.0.11 or newer) is configured with for rooms and centre: pure texts, and writing them.

Two listeners. Rooms come with their certificate: its common name is user name and client id at once, so that no
room can speak as another, nor throw another out by taking its client id. Accounts of centres and bridges come
with a password at a listener of their own, which needs no certificate and takes none: a room's key opens nothing
there.
"""

from __future__ import annotations

import base64
import grp
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from controller import durable

CENTRE, BRIDGE, HOME = "_centre", "_bridge", "_home-assistant"
"""No slug begins with `_`: no room can have such a name."""
ROOM_PORT, CENTRE_PORT = 8883, 8884
ACL, CONF, BRIDGE_CONF, PASSWORDS = "diemcau.acl", "diemcau.conf", "bridge.conf.example", "diemcau.passwd"
FOLDER, GROUP = "/etc/mosquitto/diemcau", "mosquitto"
_ROUNDS, _SALT = 101, 12
"""Of mosquitto_passwd; the password itself has 192 random bits, so that guessing it is hopeless at any count."""

_ACL = f"""\
# Who may say and hear what. mosquitto grants every SUBSCRIBE and filters at delivery: only what is delivered
# counts. Made by `diemcau broker-files`; %u is the room's slug, the common name of its certificate.

user {CENTRE}
topic readwrite diemcau/1/#
topic readwrite homeassistant/#

# An area's broker that is bridged to the province's (bridge.conf.example): it carries what its rooms say, and
# brings what the centre says to them.
user {BRIDGE}
topic readwrite diemcau/1/#
topic write homeassistant/device/+/config
topic read homeassistant/status

# Home Assistant, where its account was made (`diemcau broker-files DIR --home-assistant`): it sees what its
# entities show, and gives the two commands of its buttons. Never records, answers, calendars, another command.
user {HOME}
topic read diemcau/1/+/status
topic read diemcau/1/+/state
topic read diemcau/1/+/detail/climate
topic read diemcau/1/+/update
topic write diemcau/1/+/do/power
topic write diemcau/1/+/do/check
topic read homeassistant/#
topic write homeassistant/status

# A room writes below its own name, and hears its own orders, acknowledgements, calendar and certificate; whether a
# centre is there; whether Home Assistant has started.
# (mosquitto warns that the last two patterns name no room: they are for all of them.)
pattern write diemcau/1/%u/#
pattern write homeassistant/device/%u/config
pattern read diemcau/1/%u/do/#
pattern read diemcau/1/%u/ack
pattern read diemcau/1/%u/calendar
pattern read diemcau/1/%u/certificate
pattern read diemcau/1/_centre/status
pattern read homeassistant/status
"""

_CONF = f"""\
# The province's broker. Made by `diemcau broker-files`: /etc/mosquitto/conf.d/diemcau.conf; the files that it
# names are in {FOLDER}, broker.key readable by the group mosquitto. broker.crt and broker.key: `diemcau ca sign
# DIR HOST`.

per_listener_settings false
allow_anonymous false
acl_file {FOLDER}/{ACL}
password_file {FOLDER}/{PASSWORDS}

# 0 = no limit. The default of 1,000 silently drops what is retained: of 4,100 topics 999 came.
max_queued_messages 0
# Without it every acknowledgement waits 40 ms.
set_tcp_nodelay true
# What is retained survives a restart (Debian's own mosquitto.conf says where); at most this much is lost by a power
# cut, and rooms say it again.
persistence true
autosave_interval 60
# A session that nobody comes back to is forgotten. Rooms ask for half a minute.
persistent_client_expiration 1d
# A room's calendar has 256 KiB at most.
message_size_limit 1048576

# Rooms: by certificate.
listener {ROOM_PORT}
protocol mqtt
cafile {FOLDER}/ca.crt
certfile {FOLDER}/broker.crt
keyfile {FOLDER}/broker.key
crlfile {FOLDER}/crl.pem
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
use_username_as_clientid true

# Centres and bridges: by password. Open it to their networks only.
listener {CENTRE_PORT}
protocol mqtt
cafile {FOLDER}/ca.crt
certfile {FOLDER}/broker.crt
keyfile {FOLDER}/broker.key
tls_version tlsv1.3
"""

_BRIDGE = f"""\
# For the broker of an area, beside its diemcau.conf: rooms dial it, it dials the province (past one machine, or
# where the line to the province is thin). The province's `{BRIDGE}` password goes here: remote_password.

connection diemcau-province
address mqtt.province.example:{CENTRE_PORT}
bridge_protocol_version mqttv50
bridge_cafile {FOLDER}/ca.crt
bridge_tls_version tlsv1.3
remote_username {BRIDGE}
remote_password CHANGE-ME
# One id for each area: two bridges with one id throw each other out for ever.
remote_clientid {BRIDGE}-AREA
local_clientid {BRIDGE}-local
cleansession true
try_private true
# Its own status topic lies outside of what it may write.
notifications false
restart_timeout 2 30
# What rooms say goes up. Never do, ack, calendar, certificate: they would come back as an echo.
topic +/status out 1 diemcau/1/ diemcau/1/
topic +/birth out 1 diemcau/1/ diemcau/1/
topic +/state out 1 diemcau/1/ diemcau/1/
topic +/detail/# out 0 diemcau/1/ diemcau/1/
topic +/record out 1 diemcau/1/ diemcau/1/
topic +/gasp out 1 diemcau/1/ diemcau/1/
topic +/update out 1 diemcau/1/ diemcau/1/
topic +/reply out 1 diemcau/1/ diemcau/1/
topic device/+/config out 1 homeassistant/ homeassistant/
# What the centre says comes down, and that Home Assistant has started.
topic status in 1 homeassistant/ homeassistant/
topic +/do/# in 1 diemcau/1/ diemcau/1/
topic +/ack in 1 diemcau/1/ diemcau/1/
topic +/calendar in 1 diemcau/1/ diemcau/1/
topic +/certificate in 1 diemcau/1/ diemcau/1/
topic _centre/status in 1 diemcau/1/ diemcau/1/
"""


def texts() -> Mapping[str, str]:
    """File name → text of everything without a secret in it: what `systemd/mosquitto/` ships."""
    return {ACL: _ACL, CONF: _CONF, BRIDGE_CONF: _BRIDGE}


def write(folder: Path, *, home: bool = False) -> tuple[Path, ...]:
    """All files, and the passwords of the accounts: a hash for the broker, the password itself in `NAME.password`
    for who connects. A password that is there stays, so that a second run locks nobody out. `home`: Home Assistant
    has an account too; once made it stays until its password's file is deleted. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for name, text in texts().items():
        durable.write(folder / name, text.encode())
        made.append(folder / name)
    rows = []
    for account in (CENTRE, BRIDGE, HOME):
        place = folder / f"{account.strip('_')}.password"
        if account == HOME and not home and not place.exists():
            continue
        if not place.exists():
            durable.write(place, secrets.token_urlsafe(24).encode() + b"\n", 0o600)
            made.append(place)
        rows.append(row(account, place.read_text(encoding="utf-8").strip(), secrets.token_bytes(_SALT)))
    durable.write(folder / PASSWORDS, "".join(rows).encode(), 0o640, _group())
    return (*made, folder / PASSWORDS)


def _group() -> int:
    """mosquitto reads after it has given up root's rights; -1 = it is not on this machine, or we may not give."""
    try:
        return grp.getgrnam(GROUP).gr_gid if os.geteuid() == 0 else -1
    except KeyError:
        return -1


def row(account: str, password: str, salt: bytes) -> str:
    """A line as mosquitto_passwd writes it (PBKDF2-SHA512)."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    coded = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{account}:$7${_ROUNDS}${'$'.join(coded)}\n"
