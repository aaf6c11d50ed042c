"""The strict reader of bundles: hostile tars of every kind, and any bytes."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller import adopt_tar, bundle
from controller.texts import ReadableError
from tests.controller.provision.kit import SLUG, members, sample

HOSTILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sample(tmp_path_factory.mktemp("good"))


def tar(*rows: tuple[str, bytes, dict[str, object]], form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as out:
        for name, data, more in rows:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for key, value in more.items():
                setattr(member, key, value)
            out.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
NAMES = ["../x", "/etc/passwd", "a/b", "..", ".", "", "A", "x" * 65, ".hidden", "room.toml\n", "ă"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_that_is_no_file_is_refused(kind: bytes) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar(("room.toml", b"", {"type": kind, "linkname": "/etc/shadow"})))


@pytest.mark.parametrize("name", NAMES)
def test_a_member_with_a_path_or_a_strange_name_is_refused(name: str) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar((name, b"x", {})))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_extensions_of_tar_are_refused(form: int) -> None:
    with pytest.raises(ReadableError):
        adopt_tar.members(tar(("x" * 200, b"x", {}), form=form))


def test_bombs_are_refused() -> None:
    many = tar(*((f"f{n}", b"", {}) for n in range(adopt_tar.FILES_MOST + 1)))
    big = tar(("a", b"\0" * (adopt_tar.FILE_MOST + 1), {}))
    twice = tar(("a", b"1", {}), ("a", b"2", {}))
    huge = b"\0" * (adopt_tar.BUNDLE_MOST + 512)
    for data in (many, big, twice, huge):
        with pytest.raises(ReadableError):
            adopt_tar.members(data)


@HOSTILE
@given(st.dictionaries(st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z"), st.binary(max_size=1500), max_size=8))
def test_what_an_honest_tar_holds_is_read_as_it_was_written(files: dict[str, bytes]) -> None:
    assert adopt_tar.members(tar(*((name, data, {}) for name, data in files.items()))) == files


@HOSTILE
@given(st.data())
def test_no_damage_does_more_than_be_refused(good: bytes, data: st.DataObject) -> None:
    """Bytes changed, cut out, put in, repeated: it is refused in a sentence, or the bytes were of no meaning."""
    spoiled = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoiled) - 1))
        match data.draw(st.sampled_from(["set", "cut", "put", "swap", "end"])):
            case "set":
                spoiled[at] = data.draw(st.integers(0, 255))
            case "cut":
                del spoiled[at : at + data.draw(st.sampled_from([1, 512, 1024]))]
            case "put":
                spoiled[at:at] = data.draw(st.binary(min_size=1, max_size=600))
            case "swap":
                block, other = at // 512 * 512, data.draw(st.integers(0, len(good) // 512 - 1)) * 512
                spoiled[block : block + 512] = good[other : other + 512]
            case "end":
                del spoiled[at:]
        if not spoiled:
            break
    try:
        found = bundle.read(bytes(spoiled))
    except ReadableError:
        return
    assert dict(found.files) == members(good)


@HOSTILE
@given(st.binary(max_size=2048))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    if len(data) % 512 == 0 and len(data) and not any(data):
        assert adopt_tar.members(data) == {}
        return
    with pytest.raises(ReadableError) as error:
        adopt_tar.members(data)
    assert error.value.code == "adopt.tar"


@HOSTILE
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["v", "room", "files", "seq", "hash"]), x), max_leaves=12))  # fmt: skip
def test_any_manifest_and_any_head_is_judged_without_a_fall(plain: object) -> None:
    data = json.dumps(plain).encode()
    with pytest.raises(ReadableError):
        bundle.read(tar((bundle.MANIFEST, data, {})))
    with pytest.raises(ReadableError):
        bundle.head(data, SLUG)
