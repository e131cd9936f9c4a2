"""Files by the hash of their bytes."""

import hashlib
import os

import pytest

from lms import storage
from lms.errors import NotFound


def test_what_is_put_comes_back(app):
    digest = storage.put(b"a picture")
    assert digest == hashlib.sha256(b"a picture").hexdigest()
    assert storage.get(digest) == b"a picture"


def test_putting_it_again_changes_nothing(app):
    digest = storage.put(b"a picture")
    before = os.stat(storage._path(digest)).st_ino
    assert storage.put(b"a picture") == digest
    assert os.stat(storage._path(digest)).st_ino == before


def test_damaged_bytes_are_not_handed_out(app):
    digest = storage.put(b"a picture")
    storage._path(digest).write_bytes(b"another picture")
    with pytest.raises(NotFound, match="damaged"):
        storage.get(digest)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64])
def test_other_names_name_nothing(app, name):
    with pytest.raises(NotFound):
        storage.get(name)


def test_a_full_disk_leaves_no_half_file(app, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.put(b"a picture")
    assert [p for p in storage.root().rglob("*") if p.is_file()] == []
