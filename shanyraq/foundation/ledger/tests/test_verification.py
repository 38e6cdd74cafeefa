"""Every damage that somebody with full rights in the database can do is found and named, with its place."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import append_only, keys, leaf, making, notes, publication, rows, tiles, tree
from shanyraq.foundation.ledger.models import Checkpoint, Cosignature, Leaf, LedgerEntry, LogKey, Pending, Tile
from shanyraq.foundation.ledger.verification import verify
from shanyraq.foundation.ledger.verification.findings import CODES
from shanyraq.foundation.text import LANGS
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
FIRST, SECOND, SIZE = 301, 601, 901  # sizes of the checkpoints; the key of the log is entry 0
NOW = START + timedelta(minutes=40)


def minute(n):
    return START + timedelta(minutes=n)


def write(count, at, kind="x.Happened"):
    news = [ledger.NewEntry(kind, new_id(), {"n": n, "whom": "x"}, "ab" * 16, ("n",)) for n in range(count)]
    ledger.record_many(news, at=at)


@pytest.fixture
def log():
    """901 entries under three checkpoints: three full tiles, and one that is not."""
    for part in range(3):
        write(300, minute(10 * part))
        ledger.sequence(minute(10 * part + 1))
    assert ledger.size() == SIZE


@contextmanager
def attacked():
    with append_only.lifted(connection), connection.cursor() as cursor:
        yield cursor


def found(**more):
    return [(one.code, one.facts) for one in verify(now=NOW, **more).found]


def codes(**more):
    return {code for code, _ in found(**more)}


def seq_at(index):
    return Leaf.objects.get(pk=index).entry


def rewrite(index, **columns):
    """Change an entry so that its own leaf hash fits again."""
    row = rows.between(index, index + 1)[0]
    LedgerEntry.objects.filter(seq=row.seq).update(
        **columns,
        leaf_hash=leaf.hash_of(
            at=row.at, code=row.code, kind=row.kind, opened=row.opened, payload=columns["payload"], salt=row.salt,
            subject=row.subject,
        ),
    )  # fmt: skip


@pytest.mark.usefixtures("log")
class TestClean:
    def test_a_clean_log_has_no_findings(self, tmp_path):
        publication.publish(tmp_path)
        seen = []
        result = verify(now=NOW, against=[str(tmp_path)], told=lambda done, of: seen.append((done, of)))
        assert result.ok and result.found == ()
        assert (result.size, result.checkpoints, result.pending) == (SIZE, 3, 0)
        assert seen[-1] == (SIZE, SIZE)

    def test_entries_that_wait_for_less_than_an_hour_are_no_damage(self):
        write(3, NOW - timedelta(minutes=5))
        assert verify(now=NOW).ok

    def test_a_log_without_a_single_entry(self):
        with attacked() as cursor:
            for table in ("ledgerentry", "leaf", "tile", "checkpoint", "logkey", "pending"):
                cursor.execute(f"DELETE FROM ledger_{table}")
        assert verify(now=NOW).ok


@pytest.mark.usefixtures("log")
class TestEntries:
    @pytest.mark.parametrize("index", [5, 256, 500, 899])
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("payload", '{"n":7,"whom":"y"}'),
            ("kind", "x.Happenes"),
            ("code", "ac" * 16),
            ("recorded_at", "2026-11-23 05:00:01"),
            ("subject_id", "0" * 31 + "1"),
            ("opened", ""),
            ("opened", "m"),
            ("salt", b"x" * 16),
            ("leaf_hash", b"x" * 32),
        ],
    )
    def test_a_changed_byte(self, index, column, value):
        with attacked() as cursor:
            cursor.execute(f"UPDATE ledger_ledgerentry SET {column} = %s WHERE seq = %s", [value, seq_at(index)])
        assert found() == [("entry_changed", {"index": index, "seq": seq_at(index)})]

    @pytest.mark.parametrize("index", [5, 700, 900])
    def test_a_changed_entry_whose_own_hash_was_made_to_fit(self, index):
        with attacked():
            rewrite(index, payload='{"n":8,"whom":"y"}')
        assert found() == [("entry_changed", {"index": index, "seq": seq_at(index)})]

    def test_a_payload_that_is_no_text_of_ours(self):
        with attacked() as cursor:
            cursor.execute("UPDATE ledger_ledgerentry SET payload = '{' WHERE seq = %s", [seq_at(40)])
        assert found() == [("entry_changed", {"index": 40, "seq": seq_at(40)})]

    @pytest.mark.parametrize("index", [5, 256, 700, 900])
    def test_a_removed_entry(self, index):
        with attacked() as cursor:
            cursor.execute("DELETE FROM ledger_ledgerentry WHERE seq = %s", [seq_at(index)])
        assert found() == [("entry_removed", {"index": index})]

    @pytest.mark.parametrize("index", [5, 256, 700])
    @pytest.mark.parametrize("many", [1, 3])
    def test_removed_entries_and_the_rest_renumbered(self, index, many):
        with attacked() as cursor:
            for gone in range(index, index + many):
                cursor.execute("DELETE FROM ledger_ledgerentry WHERE seq = %s", [seq_at(gone)])
                cursor.execute('DELETE FROM ledger_leaf WHERE "index" = %s', [gone])
            for place in range(index + many, SIZE):
                cursor.execute('UPDATE ledger_leaf SET "index" = %s WHERE "index" = %s', [place - many, place])
        assert found() == [("entry_removed", {"index": index + gone}) for gone in range(many)]

    def test_an_entry_put_in_and_the_rest_renumbered(self):
        with attacked() as cursor:
            write(1, minute(1))
            seq = Pending.objects.get().seq
            Pending.objects.all().delete()
            for place in range(SIZE - 1, 399, -1):
                cursor.execute('UPDATE ledger_leaf SET "index" = %s WHERE "index" = %s', [place + 1, place])
            Leaf.objects.create(index=400, entry=seq)
        assert ("entry_inserted", {"index": 400}) in found()

    @pytest.mark.parametrize(("one", "other"), [(5, 6), (5, 200), (255, 256), (10, 700), (870, 900)])
    def test_swapped_entries(self, one, other):
        with attacked() as cursor:
            seqs = seq_at(one), seq_at(other)
            cursor.execute('UPDATE ledger_leaf SET entry = -1 WHERE "index" = %s', [one])
            cursor.execute('UPDATE ledger_leaf SET entry = %s WHERE "index" = %s', [seqs[0], other])
            cursor.execute('UPDATE ledger_leaf SET entry = %s WHERE "index" = %s', [seqs[1], one])
        assert found() == [("entries_swapped", {"index": one, "other": other})]

    @pytest.mark.parametrize("late", [False, True])
    def test_a_back_dated_entry(self, late):
        at = minute(21) - timedelta(hours=1, seconds=1 if late else 0)
        write(1, at)
        ledger.sequence(minute(30))
        wanted = [("entry_backdated", {"index": SIZE, "at": at, "checkpoint": SIZE})]
        assert found() == (wanted if late else [])

    def test_an_entry_without_a_leaf(self):
        write(1, minute(30))
        seq = Pending.objects.get().seq
        with attacked() as cursor:
            cursor.execute("DELETE FROM ledger_pending")
        assert found() == [("entry_unlogged", {"seq": seq})]

    def test_an_entry_smuggled_past_the_trigger(self):
        with attacked() as cursor:
            postgres = connection.vendor == "postgresql"
            cursor.execute("ALTER TABLE ledger_ledgerentry DISABLE TRIGGER ledger_capture" if postgres
                           else "DROP TRIGGER ledger_capture")  # fmt: skip
            write(1, minute(30))
        assert found() == [("entry_unlogged", {"seq": LedgerEntry.objects.latest("seq").seq})]

    def test_an_empty_place(self):
        seq = seq_at(400)
        with attacked() as cursor:
            cursor.execute('DELETE FROM ledger_leaf WHERE "index" = 400')
        assert found() == [("place_empty", {"index": 400}), ("entry_unlogged", {"seq": seq})]


@pytest.mark.usefixtures("log")
class TestPending:
    def test_entries_that_nobody_sequences(self):
        write(1, NOW - timedelta(hours=1, seconds=1))
        seq = Pending.objects.get().seq
        assert found() == [("pending_forgotten", {"seq": seq, "at": NOW - timedelta(hours=1, seconds=1)})]

    def test_an_entry_that_waits_although_it_has_its_place(self):
        Pending.objects.create(seq=seq_at(7))
        assert ("pending_twice", {"seq": seq_at(7)}) in found()

    def test_an_entry_removed_while_it_waited(self):
        write(1, minute(30))
        seq = Pending.objects.get().seq
        with attacked() as cursor:
            cursor.execute("DELETE FROM ledger_ledgerentry WHERE seq = %s", [seq])
        assert found() == [("pending_lost", {"seq": seq})]


def flip(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.usefixtures("log")
class TestTiles:
    @pytest.mark.parametrize(
        ("place", "at", "path"),
        [
            ((0, 0), 5 * 32, "tile/0/000"),
            ((0, 1), 8191, "tile/0/001"),
            ((0, 3), 70, "tile/0/003"),
            ((1, 0), 40, "tile/1/000.p/3"),
        ],
    )
    def test_a_changed_tile(self, place, at, path):
        row = Tile.objects.get(level=place[0], index=place[1])
        with attacked() as cursor:
            cursor.execute(
                'UPDATE ledger_tile SET hashes = %s WHERE level = %s AND "index" = %s',
                [flip(bytes(row.hashes), at), *place],
            )
        assert found() == [("tile_changed", {"path": path})]

    def test_a_tile_changed_together_with_the_level_above(self):
        hashes = flip(bytes(Tile.objects.get(level=0, index=1).hashes), 100)
        above = bytes(Tile.objects.get(level=1, index=0).hashes)
        with attacked() as cursor:
            cursor.execute('UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND "index" = 1', [hashes])
            cursor.execute(
                "UPDATE ledger_tile SET hashes = %s WHERE level = 1", [above[:32] + tiles.over(hashes) + above[64:]]
            )
        assert ("tile_changed", {"path": "tile/0/001"}) in found()
        assert codes() == {"tile_changed"}

    @pytest.mark.parametrize(
        ("place", "path"), [((0, 0), "tile/0/000"), ((0, 3), "tile/0/003.p/133"), ((1, 0), "tile/1/000.p/3")]
    )
    def test_a_missing_tile(self, place, path):
        with attacked() as cursor:
            cursor.execute('DELETE FROM ledger_tile WHERE level = %s AND "index" = %s', place)
        assert ("tile_missing", {"path": path}) in found()
        assert codes() == {"tile_missing"}

    def test_a_changed_entry_and_a_changed_tile_are_told_apart(self):
        row = Tile.objects.get(level=0, index=2)
        with attacked() as cursor:
            cursor.execute("UPDATE ledger_ledgerentry SET code = '' WHERE seq = %s", [seq_at(3)])
            cursor.execute(
                'UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND "index" = 2', [flip(bytes(row.hashes), 9)]
            )
        assert sorted(found(), key=str) == [
            ("entry_changed", {"index": 3, "seq": seq_at(3)}),
            ("tile_changed", {"path": "tile/0/002"}),
        ]


def forged(size, *, signers=None, root=b"r" * 32, at=None):
    """A checkpoint that somebody signs at will."""
    said = notes.Checkpoint(settings.LOG_NAME, size, root, at or minute(21))
    return notes.sign(said, signers or keys.signers())


def put_checkpoint(note):
    said = notes.Checkpoint.parse(note.text)
    Checkpoint.objects.filter(pk=said.size).delete()
    Checkpoint.objects.create(size=said.size, root=said.root, peaks=b"", note=str(note), at=said.at)


@pytest.mark.usefixtures("log")
class TestCheckpoints:
    @pytest.mark.parametrize(("size", "since", "at"), [(SIZE, SECOND, 21), (SECOND, FIRST, 11), (700, SECOND, 12)])
    def test_a_forked_checkpoint(self, size, since, at):
        with attacked():
            put_checkpoint(forged(size, at=minute(at)))
        assert found() == [("checkpoint_forked", {"size": size, "since": since, "source": "ledger_checkpoint"})]

    def test_a_history_rewritten_with_the_whole_tree(self):
        """The entry, its tile and the tile above agree again: only the signed checkpoints know better."""
        with attacked() as cursor:
            rewrite(400, payload='{"n":8,"whom":"y"}')
            changed = bytes(LedgerEntry.objects.get(seq=seq_at(400)).leaf_hash)
            hashes = bytes(Tile.objects.get(level=0, index=1).hashes)
            hashes = hashes[: 144 * 32] + changed + hashes[145 * 32 :]
            above = bytes(Tile.objects.get(level=1, index=0).hashes)
            cursor.execute('UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND "index" = 1', [hashes])
            cursor.execute(
                "UPDATE ledger_tile SET hashes = %s WHERE level = 1", [above[:32] + tiles.over(hashes) + above[64:]]
            )
        assert found() == [("checkpoint_forked", {"size": SECOND, "since": FIRST, "source": "ledger_checkpoint"})]

    def test_a_saved_checkpoint_that_tells_of_another_history(self, tmp_path):
        saved = tmp_path / "saved"
        saved.write_text(str(forged(500, at=minute(10))))
        assert found(against=[str(saved)]) == [
            ("checkpoint_forked", {"size": 500, "since": FIRST, "source": str(saved)})
        ]

    def test_a_checkpoint_signed_with_a_wrong_key(self):
        stranger = making.new_key(settings.LOG_NAME)
        with attacked():
            put_checkpoint(forged(SIZE, signers=[stranger]))
        wanted = {"size": SIZE, "key": stranger.key.id, "source": "ledger_checkpoint"}
        assert found() == [("wrong_key", wanted)]

    def test_a_stranger_under_the_number_of_our_key(self):
        note = forged(
            SIZE, root=bytes(Checkpoint.objects.get(pk=SIZE).root), signers=[making.new_key(settings.LOG_NAME)]
        )
        ours = keys.signers()[0].key.id
        with attacked():
            put_checkpoint(notes.Note(note.text, (replace(note.signatures[0], key_id=ours),)))
        assert found() == [("wrong_key", {"size": SIZE, "key": ours, "source": "ledger_checkpoint"})]

    def test_a_key_that_nobody_announced(self):
        stranger = making.new_key(settings.LOG_NAME)
        with attacked():
            LogKey.objects.create(id=stranger.key.id, name=settings.LOG_NAME, spelt=str(stranger.key), added_at=START)
            put_checkpoint(forged(SIZE, signers=[stranger], root=bytes(Checkpoint.objects.get(pk=SIZE).root)))
        assert found() == [("key_unannounced", {"key": stranger.key.id})]

    def test_a_checkpoint_signed_after_its_key_was_retired(self):
        old, new = keys.signers()[0], making.new_key(settings.LOG_NAME)
        keys.add(new.key, minute(22))
        keys.retire(old.key.id, minute(23))
        with attacked():
            row = Checkpoint.objects.get(pk=SIZE)
            put_checkpoint(forged(SIZE, signers=[old], root=bytes(row.root), at=minute(24)))
        assert found() == [("wrong_key", {"size": SIZE, "key": old.key.id, "source": "ledger_checkpoint"})]

    def test_the_columns_of_a_checkpoint_changed(self):
        with attacked() as cursor:
            cursor.execute("UPDATE ledger_checkpoint SET root = %s WHERE size = %s", [b"x" * 32, SECOND])
        assert found() == [("checkpoint_changed", {"size": SECOND})]

    def test_a_note_that_is_none(self):
        with attacked() as cursor:
            cursor.execute("UPDATE ledger_checkpoint SET note = 'x' WHERE size = %s", [SECOND])
        assert found() == [("checkpoint_unreadable", {"size": SECOND, "source": "ledger_checkpoint"})]

    def test_a_back_dated_checkpoint(self):
        with attacked():
            row = Checkpoint.objects.get(pk=SIZE)
            put_checkpoint(forged(SIZE, root=bytes(row.root), at=minute(5)))
        assert found() == [("checkpoint_out_of_time", {"size": SIZE, "at": minute(5)})]

    def test_a_signature_of_a_witness_that_is_none(self):
        witness = making.new_key("witness.example", notes.WITNESS)
        from shanyraq.foundation.ledger import checkpoints

        checkpoints.add_witness(witness.key, NOW)
        note = notes.Note.parse(Checkpoint.objects.get(pk=SIZE).note)
        signed = note.with_signatures([witness.cosign(note.text, NOW)])
        assert checkpoints.add_cosignature(str(signed), NOW) == 1
        assert verify(now=NOW).ok
        wrong = str(witness.cosign(note.text + "x", NOW))
        with attacked():
            Cosignature.objects.update(line=wrong)
        assert found() == [("cosignature_wrong", {"size": SIZE, "witness": witness.key.id})]


@pytest.mark.usefixtures("log")
class TestTail:
    def lose(self, size):
        """The database as it was when the log had so many entries."""
        with attacked() as cursor:
            cursor.execute('SELECT entry FROM ledger_leaf WHERE "index" >= %s', [size])
            for (seq,) in cursor.fetchall():
                cursor.execute("DELETE FROM ledger_ledgerentry WHERE seq = %s", [seq])
            cursor.execute('DELETE FROM ledger_leaf WHERE "index" >= %s', [size])
            cursor.execute("DELETE FROM ledger_checkpoint WHERE size > %s", [size])
            for row in Tile.objects.all():
                width = (size >> 8 * row.level) - row.index * 256
                if width <= 0:
                    cursor.execute('DELETE FROM ledger_tile WHERE level = %s AND "index" = %s', [row.level, row.index])
                elif len(row.hashes) > width * 32:
                    Tile.objects.filter(pk=row.pk).update(hashes=bytes(row.hashes)[: width * 32])

    def test_a_tail_lost_in_a_crash_is_known_from_a_copy(self, tmp_path):
        publication.keep_checkpoints(tmp_path)
        self.lose(SECOND)
        assert verify(now=NOW).ok, "by itself the database cannot know"
        wanted = {"index": SECOND, "size": SIZE, "source": str(tmp_path / "checkpoints" / str(SIZE))}
        assert found(against=[str(tmp_path)]) == [("tail_lost", wanted)]

    def test_a_tail_lost_and_then_written_anew_is_a_fork(self, tmp_path):
        publication.keep_checkpoints(tmp_path)
        self.lose(SECOND)
        write(400, minute(30))
        ledger.sequence(minute(31))
        assert ("checkpoint_forked", {"size": SIZE, "since": SECOND, "source": str(tmp_path / "checkpoint")}) in found(
            against=[str(tmp_path)]
        ) or codes(against=[str(tmp_path)]) == {"checkpoint_forked"}

    def test_leaves_lost_under_a_checkpoint_of_our_own(self):
        seqs = [seq_at(index) for index in range(890, SIZE)]
        with attacked() as cursor:
            cursor.execute('DELETE FROM ledger_leaf WHERE "index" >= 890')
            cursor.execute(f"DELETE FROM ledger_ledgerentry WHERE seq IN ({', '.join(map(str, seqs))})")
        assert found() == [("tail_lost", {"index": 890, "size": SIZE, "source": "ledger_checkpoint"})]

    def test_a_copy_that_is_not_there(self, tmp_path):
        assert found(against=[str(tmp_path / "none")]) == [("copy_unreadable", {"source": str(tmp_path / "none")})]


def test_every_code_says_what_it_is_in_three_languages():
    from shanyraq.foundation.ledger.verification.findings import Gathered

    gathered = Gathered()
    for code, names in CODES.items():
        gathered.add(code, **{name: START if name == "at" else 7 for name in names})
    for one in gathered.found:
        assert len({one.say(lang) for lang in LANGS}) == 3
    with pytest.raises(ValueError, match="needs"):
        gathered.add("entry_removed", seq=1)
    assert tree.EMPTY
