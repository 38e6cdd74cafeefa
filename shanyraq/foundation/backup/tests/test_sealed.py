"""The sealed stream and what stands in it: every change of every kind is found, and none is taken for another."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.backup import sealed
from shanyraq.foundation.backup.container import Head, Packer, Part, Unpacker
from shanyraq.foundation.refusal import Refusal

SECRET = "k" * 40
CHANCE = bytes(range(sealed.CHANCE))
HEAD = Head(1, "0.1.0", "sqlite", "2026-01-01T00:00:00+00:00", ("a.0001",))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(sealed, "CHUNK", 64)


def written(content: bytes, secret: str = SECRET) -> bytes:
    raw = io.BytesIO()
    writer = sealed.Writer(raw, secret, CHANCE)
    writer.write(content)
    writer.close()
    return raw.getvalue()


def opened(whole: bytes, secret: str = SECRET) -> bytes:
    reader, found = sealed.Reader(io.BytesIO(whole), secret), b""
    while not reader.over:
        found += reader.chunk()
    return found


def refused(whole: bytes, secret: str = SECRET) -> str:
    with pytest.raises(Refusal) as told:
        opened(whole, secret)
    return told.value.code


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 129, 1000])
def test_what_was_sealed_opens(size):
    content = bytes(at % 251 for at in range(size))
    assert opened(written(content)) == content


def test_nothing_of_the_content_is_readable():
    assert b"Aigerim" not in written(b"Aigerim" * 40)


def test_a_wrong_key_is_told_from_a_damaged_file():
    assert refused(written(b"x" * 300), "other" * 10) == "backup.wrong_key"


def test_a_file_of_another_kind_is_told():
    assert refused(b"PK\x03\x04 and so on" * 20) == refused(b"") == "backup.not_ours"


def test_every_cut_is_found():
    whole = written(b"y" * 300)
    for end in range(1, len(whole)):
        assert refused(whole[:end]) == "backup.truncated", end


def test_every_changed_byte_is_found():
    whole = written(b"z" * 200)
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        code = refused(bytes(damaged))
        assert code in ("backup.not_ours", "backup.wrong_key", "backup.changed", "backup.truncated"), at
        if at >= sealed.HEAD + sealed.LENGTH and at < sealed.HEAD + sealed.LENGTH + 64:
            assert code == "backup.changed"


def test_a_chunk_that_moved_was_left_out_or_added_is_found():
    whole = written(b"".join(bytes([at]) * 64 for at in range(5)))
    size = sealed.LENGTH + 64 + sealed.TAG
    head, chunks = whole[: sealed.HEAD], [whole[sealed.HEAD :][at : at + size] for at in range(0, 5 * size, size)]
    for wrong in (
        [chunks[1], chunks[0], *chunks[2:]],
        [chunks[0], *chunks[2:]],
        [*chunks, chunks[-1]],
        [*chunks[:2], chunks[1], *chunks[2:]],
    ):
        assert refused(head + b"".join(wrong)) == "backup.changed"
    assert refused(head + b"".join(chunks[:-1])) == "backup.truncated"


def packed(*pieces: bytes) -> bytes:
    raw = io.BytesIO()
    packer = Packer(raw, SECRET, CHANCE, HEAD)
    packer.part(Part("table", ("a", "b")))
    for piece in pieces:
        packer.write(piece)
    packer.close({"table": 2}, {"seq": (7, True)}, {"size": 3, "note": "n"})
    return raw.getvalue()


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_parts_come_back_as_they_were(pieces):
    unpacker = Unpacker(io.BytesIO(packed(*pieces)), SECRET)
    assert unpacker.head == HEAD
    found = {part: b"".join(content) for part, content in unpacker.parts()}
    assert found == {Part("table", ("a", "b")): b"".join(pieces)}
    assert unpacker.manifest is not None
    assert (unpacker.manifest.rows, unpacker.manifest.sequences) == ({"table": 2}, {"seq": (7, True)})
    assert unpacker.manifest.checkpoint == {"size": 3, "note": "n"}


def test_a_backup_that_ends_between_two_chunks_is_no_backup():
    whole = packed(*(bytes([at % 256]) * 90 for at in range(50)))
    for end in range(sealed.HEAD + 1, len(whole), 7):
        with pytest.raises(Refusal) as told:
            read(whole[:end])
        assert told.value.code == "backup.truncated"


def read(whole: bytes) -> None:
    for _, content in Unpacker(io.BytesIO(whole), SECRET).parts():
        list(content)
