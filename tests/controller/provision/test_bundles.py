"""Making a bundle: nothing is signed for a configuration that is not whole."""

from __future__ import annotations

import json
import stat
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from controller import bundle
from controller.before import Before
from controller.core.chain import Head
from controller.provision.bundles import Parts, pack, passwords, provision
from controller.texts import ReadableError
from hardware.keeper_table import loads
from tests.controller.provision.kit import NOW, SLUG, authority, made, room_toml

CONTACT = '[contacts.electrician]\nrole = "technician"\nname = "Lê Văn C"\nphone = "0912 111 111"\n'


def refused(tmp_path: Path, parts: Parts, slug: str = SLUG) -> str:
    """The code; and nothing was signed or written."""
    office = authority(tmp_path)
    with pytest.raises(ReadableError) as error:
        provision(office, slug, parts, tmp_path / "out", NOW)
    assert office.issued == ()
    assert not (tmp_path / "out").exists()
    return error.value.code


def test_the_configuration_of_another_room_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, Parts(room_toml(tmp_path)), "another") == "provision.slug"


def test_a_configuration_that_is_wrong_is_refused_with_its_file(tmp_path: Path) -> None:
    path = room_toml(tmp_path)
    path.write_text(path.read_text().replace("[room]", "[room]\nno_such_key = 1"))
    assert refused(tmp_path, Parts(path)) == "config.bad"


def test_a_configuration_that_looks_for_its_identity_elsewhere_is_refused(tmp_path: Path) -> None:
    path = room_toml(tmp_path)
    path.write_text(path.read_text().replace("identity/room.key", "room.key", 1))
    assert refused(tmp_path, Parts(path)) == "provision.paths"


def test_a_root_that_is_too_big_or_none_is_refused(tmp_path: Path) -> None:
    big = tmp_path / "root.json"
    big.write_bytes(b"{" + b" " * (256 << 10))
    assert refused(tmp_path, Parts(room_toml(tmp_path), root=big)) == "provision.big"


@pytest.mark.parametrize("where", ["/etc/diemcau/secrets/ups.password", "/etc/diemcau/ups.password"])
def test_a_password_that_is_missing_or_would_lie_elsewhere_is_refused(tmp_path: Path, where: str) -> None:
    path, folder = room_toml(tmp_path), tmp_path / "secrets"
    folder.mkdir()
    if "secrets" not in where:
        (folder / "ups.password").write_text("x")
        path.write_text(path.read_text().replace("/etc/diemcau/secrets/ups.password", where))
    assert refused(tmp_path, Parts(path, secrets=folder)) == "provision.secret"


def test_contacts_that_stand_in_both_files_are_refused(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text('[contacts.technician]\nrole = "technician"\nname = "x"\nphone = "1"\n')
    assert refused(tmp_path, Parts(room_toml(tmp_path), contacts=contacts)) == "config.bad"


def test_contacts_are_added_to_the_rooms_configuration(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text(CONTACT)
    found = provision(authority(tmp_path), SLUG, Parts(room_toml(tmp_path), contacts), tmp_path / "out", NOW)
    assert set(found.tree["contacts"]) >= {"electrician", "technician"}


def test_a_bundle_is_read_back_by_the_rooms_own_reader(tmp_path: Path) -> None:
    root = tmp_path / "root.json"
    root.write_text('{"signed": {}}')
    head = Head(4711, "ab" * 32)
    parts = Parts(room_toml(tmp_path), root=root, head=head)
    out = tmp_path / "out"
    provision(authority(tmp_path), SLUG, parts, out, NOW)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = bundle.read(out.read_bytes())
    assert found.room == found.identity.name == SLUG
    assert bundle.head(found.files[bundle.HEAD], SLUG) == Before(SLUG, 4711, "ab" * 32)
    assert found.files[bundle.ROOT] == b'{"signed": {}}'
    assert loads(found.files[bundle.KEEPER].decode())


def test_rule_packs_that_the_room_names_come_along(tmp_path: Path) -> None:
    (tmp_path / "province.toml").write_text(
        '[pack]\ndocument = "12/QĐ"\n[pack.clauses]\n"rules.power_up.ready_before_min" = "5"\n'
        "[rules.power_up]\nready_before_min = 60\n"
    )
    path = room_toml(tmp_path)
    path.write_text(path.read_text().replace("[room]", '[room]\nrule_packs = ["province.toml"]', 1))
    provision(authority(tmp_path), SLUG, Parts(path), tmp_path / "out", NOW)
    assert bundle.read((tmp_path / "out").read_bytes()).packs == ("province.toml",)


def test_passwords_come_along_when_they_are_given_and_are_named_when_not(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "ups.password").write_text("geheim\n")
    (folder / "of-another-room").write_text("x")
    office = authority(tmp_path)
    parts = Parts(room_toml(tmp_path))
    found = provision(office, SLUG, replace(parts, secrets=folder), tmp_path / "out", NOW)
    assert found.secrets == {"ups.password": b"geheim\n"}
    assert bundle.read((tmp_path / "out").read_bytes()).secrets == found.secrets
    assert provision(office, SLUG, parts, tmp_path / "out", NOW).secrets == {}
    assert passwords(found.tree) == ["/etc/diemcau/secrets/ups.password"]


def test_any_tar_reads_it_too(tmp_path: Path) -> None:
    """Whoever wants to see what is on the stick needs no tool of ours."""
    data = made(tmp_path).read_bytes()
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        names = tar.getnames()
        first = tar.extractfile(names[0])
        assert first is not None
        plain = json.load(first)
    assert (names[0], plain["room"], set(plain["files"])) == (bundle.MANIFEST, SLUG, set(names[1:]))
    assert data == pack(SLUG, NOW.isoformat(), dict(bundle.read(data).files))


def test_two_bundles_of_a_room_have_two_keys(tmp_path: Path) -> None:
    office = authority(tmp_path)
    parts = Parts(room_toml(tmp_path))
    keys = set()
    for name in ("one", "two"):
        provision(office, SLUG, replace(parts), tmp_path / name, NOW)
        keys.add(bundle.read((tmp_path / name).read_bytes()).files[bundle.KEY])
    assert len(keys) == 2
