"""19. No fleet configuration, weak security, default passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller import config
from controller.config import Severity
from controller.config_error import ConfigError
from controller.link.notices import Down, Online
from tests.controller.link.rooms import Room, settings
from tests.controller.rooms_on_paper import changed, tree
from tests.process.house import toml
from tests.services.mosquitto import Mosquitto

BROKER = {"host": "mqtt.example.vn", "user": tree()["room"]["slug"], "password_file": "/etc/diemcau/mqtt.password"}


def found(**broker: object) -> list[tuple[Severity, str]]:
    """What the check says of a room with this broker."""
    return [(row.severity, row.code) for row in config.check(changed(mqtt={"main": {**BROKER, **broker}}))]


def test_a_password_that_would_cross_the_line_in_the_open_is_a_defect() -> None:
    assert (Severity.DEFECT, "check.no_tls") in found(tls=False)
    assert (Severity.DEFECT, "check.no_tls") not in found(tls=True, ca_file="/etc/diemcau/ca.crt")


def test_a_room_that_speaks_with_another_rooms_name_is_said() -> None:
    assert (Severity.WARNING, "check.user_not_slug") in found(user="other")
    assert (Severity.WARNING, "check.user_not_slug") not in found()


@pytest.mark.parametrize("place", ["mqtt", "codec", "ups"])
def test_no_password_stands_in_the_room_file_and_none_is_repeated(place: str) -> None:
    """One file a room that may be copied to the centre, printed and sent by mail: it has no place for a secret."""
    root = tree()
    table = root["mqtt"]["main"] if place == "mqtt" else root[place]
    table["password"] = "tuyet-mat"
    with pytest.raises(ConfigError) as caught:
        config.loads(toml(root))
    assert "tuyet-mat" not in str(caught.value)
    del table["password"]
    config.loads(toml(root))


def asked(folder: Path, extra: str) -> Online | Down:
    """What becomes of a room that comes with a wrong password."""
    secret = folder / "password"
    secret.write_text("doan-mo\n", encoding="utf-8")
    secret.chmod(0o600)
    with (
        Mosquitto(folder, extra) as broker,
        Room(settings(broker.port, user="phong-1", password_file=secret)) as room,
    ):
        found = room.until(object, lambda event: isinstance(event, Online | Down))
        assert isinstance(found, Online | Down)
        return found


@pytest.mark.services
def test_a_wrong_password_is_called_so(tmp_path: Path) -> None:
    assert asked(tmp_path, "allow_anonymous false\n") == Down("main", "credentials")


@pytest.mark.services
def test_a_broker_that_lets_everybody_in_does_not_even_notice(tmp_path: Path) -> None:
    assert asked(tmp_path, "allow_anonymous true\n") == Online("main")
