"""Signed notes, checkpoints, cosignatures: published examples, and forms that are none."""

from datetime import UTC, datetime

import pytest

from shanyraq.foundation.ledger import making, notes
from shanyraq.foundation.refusal import Refusal

AT = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)
# the example of golang.org/x/mod/sumdb/note, from which C2SP took its form
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = TEXT + (
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_published_example_is_signed_and_read_byte_by_byte():
    signer, key = notes.Signer.parse(SECRET), notes.Key.parse(PUBLIC)
    assert str(signer.key) == PUBLIC and signer.secret() == SECRET
    assert str(notes.Note(TEXT, (signer.sign(TEXT),))) == NOTE
    assert notes.Note.parse(NOTE).by(key) is not None
    assert notes.Note.parse(NOTE.replace("don't", "do not")).by(key) is None


def test_a_secret_key_is_not_shown_by_accident():
    assert "AYEK" not in repr(notes.Signer.parse(SECRET))


def test_a_checkpoint_reads_back():
    said = notes.Checkpoint("a.example/log", 1042, bytes(range(32)), AT)
    assert str(said) == (
        "a.example/log\n1042\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n2026-11-23T05:00:00.123456Z\n"
    )
    assert notes.Checkpoint.parse(str(said)) == said


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n2026-11-23T05:00:00.123456Z\n",
     "a\n-1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n2026-11-23T05:00:00.123456Z\n",
     "a\n1\nAAEC\n2026-11-23T05:00:00.123456Z\n", "a\n1\n!\n2026-11-23T05:00:00.123456Z\n",
     "a\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nyesterday\n",
     "a\n١\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n2026-11-23T05:00:00.123456Z\n"],
)  # fmt: skip
def test_what_is_no_checkpoint(text):
    with pytest.raises(notes.BadNote):
        notes.Checkpoint.parse(text)


@pytest.mark.parametrize(
    "content",
    ["", TEXT, NOTE.rstrip("\n"), NOTE.replace("— ", "- "), NOTE.replace("\n\n", "\n"), "\n\n— a AAAAAAA=\n",
     TEXT + "\n", NOTE + "\x07\n", "a\n\n— b c\n", "a\n\n— b+c AAAAAAA=\n", "a" * 200_000 + "\n\n— b AAAAAAA=\n",
     "a\n\n" + "— b AAAAAAA=\n" * 101],
)  # fmt: skip
def test_what_is_no_note(content):
    with pytest.raises(notes.BadNote):
        notes.Note.parse(content)


@pytest.mark.parametrize("spelt", ["", "a+b", PUBLIC[:-4], PUBLIC.replace("c74f20a3", "c74f20a4"), "a b+c74f20a3+AA=="])
def test_what_is_no_key(spelt):
    with pytest.raises(notes.BadNote):
        notes.Key.parse(spelt)
    with pytest.raises(notes.BadNote):
        notes.Signer.parse(f"PRIVATE+KEY+{spelt}")
    with pytest.raises(Refusal, match=r"ledger\.bad_key"):
        making.parsed_key(spelt)


def test_a_witness_signs_the_time_too():
    witness = making.new_key("witness.example", notes.WITNESS)
    line = witness.cosign(TEXT, AT)
    note = notes.Note.parse(NOTE).with_signatures([line, line])
    assert len(note.signatures) == 2 and notes.Note.parse(str(note)) == note
    seen = note.by(witness.key)
    assert seen == line and seen.cosigned_at == AT.replace(microsecond=0)
    later = notes.Signature(line.name, line.key_id, (int(AT.timestamp()) + 1).to_bytes(8, "big") + line.value[8:])
    assert notes.Note(TEXT, (later,)).by(witness.key) is None
    as_log = notes.Key(witness.name, notes.LOG, witness.key.public)
    assert as_log.id != witness.key.id, "a key of a witness is none of a log"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "x" * 101])
def test_a_name_that_will_not_do(name):
    with pytest.raises(Refusal, match=r"ledger\.bad_name"):
        making.new_key(name)


def test_notes_one_behind_the_other_are_parted():
    assert notes.split_notes(NOTE + "\n" + NOTE) == [NOTE, NOTE]
    assert notes.split_notes(NOTE) == [NOTE] and notes.split_notes("") == []
