"""The sequencer, proofs, keys, publication and witnesses, on the database in use."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import (
    append_only,
    canonical,
    keys,
    leaf,
    making,
    nodes,
    notes,
    sequencer,
    sources,
    store,
    tiles,
    tree,
    witness,
)
from shanyraq.foundation.ledger.models import Checkpoint, Leaf, LedgerEntry, Pending, Tile
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.uid import new_id

ROOT = Path(__file__).resolve().parents[4]
AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def later(minutes):
    return AT + timedelta(minutes=minutes)


def write(count, at=AT):
    ledger.record_many(
        [ledger.NewEntry("x.Happened", new_id(), {"n": n}, "cd" * 16, ("n",)) for n in range(count)], at=at
    )


def sequence(at):
    return ledger.sequence(at)


def newest():
    return ledger.latest_checkpoint()


def covering(size):
    return ledger.checkpoint_covering(size)


def place_of(entry):
    return ledger.leaf_of(entry)


def hexes(path):
    return [bytes.fromhex(step) for step in path]


class TestLeaf:
    SUBJECT = UUID(int=5)

    def test_the_leaf_is_the_canonical_text_of_what_is_public(self):
        payload = canonical.canonical({"number": 7, "whom": "ә", "model": "п"})
        made = leaf.text(
            at=AT, code="ab" * 16, kind="x.Happened", opened="model,number", payload=payload, salt=b"s" * 16,
            subject=self.SUBJECT,
        )  # fmt: skip
        told = json.loads(made)
        assert canonical.canonical(told) == made
        assert told == {
            "at": "2026-11-23T05:00:00.000000Z", "code": "ab" * 16, "kind": "x.Happened",
            "open": {"model": "п", "number": 7}, "seal": leaf.seal(b"s" * 16, self.SUBJECT, payload),
        }  # fmt: skip

    @pytest.mark.django_db
    def test_whoever_has_the_opening_can_open_the_seal(self):
        entry = ledger.record("x.Happened", self.SUBJECT, {"whom": "x", "n": 1}, at=AT, open=("n",))
        sequence(AT)
        told = json.loads(ledger.leaves(place_of(entry), place_of(entry) + 1)[0])
        opening = ledger.opening(entry)
        text = canonical.canonical(opening.payload)
        assert leaf.seal(bytes.fromhex(opening.salt), opening.subject, text) == told["seal"]
        assert str(self.SUBJECT) not in json.dumps(told) and "whom" not in json.dumps(told)

    @pytest.mark.django_db
    def test_two_entries_that_say_the_same_have_different_seals(self):
        for _ in range(2):
            ledger.record("x.Happened", self.SUBJECT, {"n": 1}, at=AT)
        one, other = LedgerEntry.objects.all()
        assert bytes(one.salt) != bytes(other.salt) and bytes(one.leaf_hash) != bytes(other.leaf_hash)

    @pytest.mark.django_db
    def test_what_is_open_must_be_in_the_payload(self):
        with pytest.raises(ValueError, match="not in the payload: m"):
            ledger.record("x.Happened", self.SUBJECT, {"n": 1}, at=AT, open=("n", "m"))

    @pytest.mark.django_db
    def test_a_leaf_that_no_bundle_could_hold_is_refused(self):
        with pytest.raises(ValueError, match="65535"):
            ledger.record("x.Happened", self.SUBJECT, {"n": "x" * 70_000}, at=AT, open=("n",))


@pytest.mark.django_db
class TestSequencer:
    def test_recording_is_one_query(self):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ledger.record("x.Happened", new_id(), {}, at=AT)
        assert len([one for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]) == 1

    def test_entries_get_their_places_in_order_and_the_log_is_signed(self):
        write(300)
        card = sequence(later(1))
        assert (card.size, card.at, ledger.size()) == (301, later(1), 301)  # the first entry announces the key
        assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(301))
        assert list(Leaf.objects.order_by("index").values_list("entry", flat=True)) == list(
            LedgerEntry.objects.order_by("seq").values_list("seq", flat=True)
        )
        assert not Pending.objects.exists()
        note = notes.Note.parse(card.note)
        said = notes.Checkpoint.parse(note.text)
        assert (said.origin, said.size, said.root.hex(), said.at) == (project.LOG_NAME, 301, card.root, later(1))
        assert note.by(keys.signers()[0].key) is not None
        leaves = ledger.leaves(0, 400)
        assert tree.root([tree.leaf_hash(one.encode()) for one in leaves]) == said.root

    def test_without_news_there_is_no_new_checkpoint(self):
        write(1)
        assert sequence(AT) is not None
        assert sequence(later(1)) is None
        assert Checkpoint.objects.count() == 1

    def test_batches_give_the_tree_of_one_batch(self, monkeypatch):
        monkeypatch.setattr(sequencer, "BATCH", {"sqlite": 7, "postgresql": 7})
        for part in (1, 255, 7, 300, 14):
            write(part)
            sequence(AT)
        leaves = [tree.leaf_hash(one.encode()) for one in ledger.leaves(0, 1_000)]
        assert len(leaves) == 578 and tree.root(leaves).hex() == newest().root
        assert ledger.verify(now=AT).ok

    def test_entries_by_whatever_way_wait_for_their_place(self):
        LedgerEntry.objects.create(
            kind="x.Happened", subject_id=new_id(), recorded_at=AT, payload="{}", salt=b"s" * 16, leaf_hash=b"x" * 32
        )
        ledger.load([(ledger.NewEntry("x.Happened", new_id(), {}), AT)] * 3)
        assert Pending.objects.count() == 4

    @pytest.mark.parametrize("key", ["", "next"])
    def test_without_a_key_the_tree_grows_unsigned(self, settings, key):
        settings.DEMO, settings.LOG_KEY, settings.LOG_KEY_NEXT = False, "", ""
        write(3)
        assert sequence(AT) is None
        assert (ledger.size(), Checkpoint.objects.count()) == (3, 0)

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE ledger_leaf SET entry = 99", "DELETE FROM ledger_leaf", "DELETE FROM ledger_checkpoint",
         "UPDATE ledger_checkpoint SET note = 'x'", "DELETE FROM ledger_tile", "UPDATE ledger_tile SET hashes = salt.v "
         "FROM (SELECT hashes AS v FROM ledger_tile) AS salt", "UPDATE ledger_tile SET level = 3"],
    )  # fmt: skip
    def test_what_is_written_stays_written(self, statement):
        write(3)
        sequence(AT)
        with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
            connection.cursor().execute(statement)

    def test_a_tile_may_only_grow_at_its_end(self):
        write(3)
        sequence(AT)
        row = Tile.objects.get(level=0, index=0)
        held = bytes(row.hashes)
        for wrong in (held[:-32], held[:-1] + b"x" + b"y" * 32, held):
            with pytest.raises(DatabaseError, match=append_only.MESSAGE), transaction.atomic():
                Tile.objects.filter(level=0, index=0).update(hashes=wrong)
        Tile.objects.filter(level=0, index=0).update(hashes=held + b"y" * 32)


@pytest.mark.django_db
class TestProofs:
    def test_inclusion_and_consistency_lead_to_signed_roots(self):
        roots = {}
        for part in (5, 251, 1, 300):
            write(part)
            card = sequence(AT)
            roots[card.size] = bytes.fromhex(card.root)
        for size, root in roots.items():
            for index in {0, 4, 255, 256, size - 1, size // 2}:
                if index < size:
                    proof = ledger.inclusion(index, size)
                    tree.verify_inclusion(tree.leaf_hash(proof.leaf.encode()), index, size, hexes(proof.path), root)
            for first in roots:
                if first <= size:
                    path = hexes(ledger.consistency(first, size))
                    tree.verify_consistency(first, size, roots[first], root, path)
        assert ledger.inclusion(400, 500).size == 500  # also where there is no checkpoint
        assert covering(257).size == 257 and covering(259).size == 558
        assert [card.size for card in ledger.checkpoints_listed(below=558, limit=2)] == [258, 257]

    def test_a_proof_asks_little(self):
        write(600)
        sequence(AT)
        nodes.forget()
        for allowed in (2, 1):
            with CaptureQueriesContext(connection) as queries:
                ledger.inclusion(300)
            assert len(queries) == allowed

    def test_the_memory_of_another_log_is_noticed(self):
        write(600)
        sequence(AT)
        nodes._remember((0, 1), [bytes(8192), *[bytes(4096 >> layer) for layer in range(8)]])
        proof = ledger.inclusion(300)
        root = bytes.fromhex(newest().root)
        tree.verify_inclusion(tree.leaf_hash(proof.leaf.encode()), 300, 601, hexes(proof.path), root)

    def test_what_cannot_be_proved_is_refused(self):
        with pytest.raises(Refusal, match=r"ledger\.no_checkpoint"):
            ledger.inclusion(0)
        write(3)
        sequence(AT)
        for call, code in (
            (lambda: ledger.inclusion(4), "no_such_leaf"),
            (lambda: ledger.inclusion(-1), "no_such_leaf"),
            (lambda: ledger.inclusion(2**80), "no_such_leaf"),
            (lambda: ledger.inclusion(0, 99), "no_such_size"),
            (lambda: ledger.inclusion(0, 2**80), "no_such_size"),
            (lambda: ledger.consistency(0, 4), "no_such_size"),
            (lambda: ledger.consistency(2, 99), "no_such_size"),
            (lambda: ledger.subtrees([9]), "no_such_leaf"),
            (lambda: ledger.opening(new_id()), "no_such_entry"),
        ):
            with pytest.raises(Refusal, match=rf"ledger\.{code}"):
                call()
        assert place_of(new_id()) is None

    def test_a_damaged_log_proves_nothing(self):
        write(3)
        sequence(AT)
        with append_only.lifted(connection):
            LedgerEntry.objects.filter(seq=Leaf.objects.get(pk=1).entry).update(payload='{"n":9}')
        with pytest.raises(Refusal, match=r"ledger\.damaged"):
            ledger.inclusion(1)
        with append_only.lifted(connection):
            Tile.objects.all().delete()
        with pytest.raises(Refusal, match=r"ledger\.damaged"):
            ledger.inclusion(2)
        with pytest.raises(Refusal, match=r"ledger\.damaged_tile"):
            ledger.consistency(3, 4)

    def test_the_history_of_subjects_in_the_order_of_the_log(self):
        one, other = new_id(), new_id()
        for subject in (one, other, one):
            ledger.record("x.Happened", subject, {"of": str(subject)}, at=AT)
        sequence(AT)
        assert [(entry.index, entry.subject) for entry in ledger.history([other, one])] == [
            (0, one),
            (1, other),
            (2, one),
        ]
        assert [entry.subject for entry in ledger.logged(1, 3)] == [other, one]


@pytest.mark.django_db
class TestKeys:
    def test_a_key_is_changed_with_an_overlap(self, settings):
        """Both sign for a while; whoever trusts either can check; the retired one stays published."""
        old, new = keys.signers()[0], making.new_key(project.LOG_NAME)
        write(1)
        first = sequence(AT)
        settings.LOG_KEY_NEXT = new.secret()
        second = sequence(later(1))  # the announcement itself is news
        assert second.size == first.size + 1
        note = notes.Note.parse(second.note)
        assert note.by(old.key) and note.by(new.key)
        settings.DEMO, settings.LOG_KEY, settings.LOG_KEY_NEXT = False, new.secret(), ""
        keys.retire(old.key.id, later(2))
        third = notes.Note.parse(sequence(later(3)).note)
        assert third.by(new.key) and third.by(old.key) is None
        assert [(card.id, card.retired_at) for card in ledger.keys_listed()] == [
            (old.key.id, later(2)), (new.key.id, None),
        ]  # fmt: skip
        kinds = [json.loads(one)["kind"] for one in ledger.leaves(0, 10)]
        assert kinds == ["x.Happened", "ledger.KeyAdded", "ledger.KeyAdded", "ledger.KeyRetired"]
        assert ledger.verify(now=later(3)).ok

    def test_a_retired_key_signs_nothing_even_while_it_is_set(self, settings):
        old, new = keys.signers()[0], making.new_key(project.LOG_NAME)
        settings.LOG_KEY_NEXT = new.secret()
        sequence(AT)
        keys.retire(old.key.id, later(1))
        note = notes.Note.parse(sequence(later(2)).note)
        assert note.by(old.key) is None and note.by(new.key)

    def test_what_may_not_be_done_with_keys(self):
        sequence(AT)
        ours = keys.signers()[0].key
        for call, code in (
            (lambda: keys.add(ours, AT), "key_known"),
            (lambda: keys.add(making.new_key("else.example").key, AT), "not_our_key"),
            (lambda: keys.add(making.new_key(project.LOG_NAME, notes.WITNESS).key, AT), "not_our_key"),
            (lambda: keys.retire("00000000", AT), "no_such_key"),
            (lambda: keys.retire(ours.id, later(1)), "last_key"),
            (lambda: ledger.add_witness(ours, AT), "not_a_witness"),
        ):
            with pytest.raises(Refusal, match=rf"ledger\.{code}"):
                call()
        keys.add(making.new_key(project.LOG_NAME).key, AT)
        keys.retire(ours.id, later(1))
        with pytest.raises(Refusal, match=r"ledger\.key_retired"):
            keys.retire(ours.id, later(2))

    @pytest.mark.parametrize(
        ("key", "said"),
        [("x", "no secret key"), (making.new_key("else.example").secret(), "of 'else.example'"),
         (making.new_key("demo.shanyraq.invalid/log", notes.WITNESS).secret(), "is a key of")],
        ids=["no key", "of another log", "of a witness"],  # the keys are new each time; names of tests are not
    )  # fmt: skip
    def test_a_wrong_key_in_the_settings_stops(self, settings, key, said):
        settings.LOG_KEY = key
        with pytest.raises(ImproperlyConfigured, match=said):
            keys.signers()

    def test_the_key_of_the_demonstration_signs_nothing_in_service(self, settings):
        settings.DEMO, settings.LOG_KEY = False, keys.demo_signer().secret()
        with pytest.raises(ImproperlyConfigured, match="everybody has"):
            keys.signers()


@pytest.mark.django_db
class TestPublication:
    def test_a_stranger_can_compute_the_log_from_the_files(self, tmp_path):
        write(600)
        card = sequence(AT)
        assert ledger.publish(tmp_path) > 5
        assert ledger.publish(tmp_path) == 0
        note = notes.Note.parse((tmp_path / "checkpoint").read_text())
        said = notes.Checkpoint.parse(note.text)
        told = json.loads((tmp_path / "keys.json").read_text())
        assert note.by(notes.Key.parse(told["keys"][0]["vkey"]))
        paths = [tiles.path("entries", 0), tiles.path("entries", 1), tiles.path("entries", 2, 601 - 512)]
        leaves = [one for path in paths for one in tiles.unbundle((tmp_path / path).read_bytes())]
        assert tree.root([tree.leaf_hash(one) for one in leaves]) == said.root
        assert len(leaves) == said.size == card.size
        assert not [one for one in tmp_path.rglob("*") if one.is_file() and one.name.startswith(".")]

    def test_files_and_answers_are_the_same(self, tmp_path):
        write(600)
        sequence(AT)
        ledger.publish(tmp_path)
        for file in tmp_path.rglob("*"):
            if file.is_file():
                assert ledger.published(str(file.relative_to(tmp_path))) == file.read_bytes()

    @pytest.mark.parametrize(
        "path",
        ["", "keys", "checkpoints/", "checkpoints/9", "checkpoints/01", "checkpoints/-1", "tile/0/001",
         "tile/0/000.p/255", "tile/entries/000.p/255", "tile/9/000.p/1", "tile/0/000", "../settings.py",
         "tile/1/000.p/1"],
    )  # fmt: skip
    def test_there_is_nothing_beyond_what_was_signed(self, path):
        write(3)
        sequence(AT)
        write(300)  # not sequenced yet
        assert ledger.published(path) is None

    def test_a_dry_run_writes_nothing(self, tmp_path):
        write(3)
        sequence(AT)
        assert ledger.publish(tmp_path, dry=True) == 6 and not list(tmp_path.iterdir())


@pytest.mark.django_db
class TestWitness:
    SIGNER = making.new_key("witness.example", notes.WITNESS)

    def look(self, folder, state=None, **more):
        before = state or witness.State()
        return witness.watch(sources.source(str(folder)), self.SIGNER, before, now=later(60), **more)

    def publish(self, folder, count, at=AT):
        write(count, at)
        card = sequence(at)
        ledger.publish(folder)
        return card

    def test_a_log_that_grows_is_signed_again_and_again(self, tmp_path):
        state = witness.State()
        ledger.add_witness(self.SIGNER.key, AT)
        for part in (5, 300, 1, 700):
            card = self.publish(tmp_path, part)
            seen = self.look(tmp_path, state)
            assert (seen.before, seen.state.size, seen.state.root) == (state.size, card.size, card.root)
            state = seen.state
            assert ledger.add_cosignature(seen.note, later(60)) == 1
            assert ledger.add_cosignature(seen.note, later(60)) == 0
            assert notes.Note.parse(newest().note).by(self.SIGNER.key)
        state.save(tmp_path / "state")
        assert witness.State.load(tmp_path / "state") == state
        assert ledger.publish(tmp_path) == 2, "the newest checkpoint, which the witness has signed since"
        assert ledger.verify(now=later(61), against=[str(tmp_path)]).ok

    def test_another_history_is_not_signed(self, tmp_path):
        self.publish(tmp_path / "one", 300)
        state = self.look(tmp_path / "one").state
        with append_only.lifted(connection):
            for table in (Leaf, Tile, Checkpoint, Pending, LedgerEntry):
                table.objects.all().delete()
        self.publish(tmp_path / "other", 400)
        with pytest.raises(Refusal, match=r"ledger\.witness_fork"):
            self.look(tmp_path / "other", state)

    def test_a_shorter_log_is_not_signed(self, tmp_path):
        self.publish(tmp_path, 5)
        early = (tmp_path / "checkpoint").read_text()
        self.publish(tmp_path, 5)
        state = self.look(tmp_path).state
        (tmp_path / "checkpoint").write_text(early)
        with pytest.raises(Refusal, match=r"ledger\.witness_shrunk"):
            self.look(tmp_path, state)

    def test_a_checkpoint_under_a_strange_key_is_not_signed(self, tmp_path):
        self.publish(tmp_path, 5)
        state = self.look(tmp_path).state
        text = notes.Note.parse((tmp_path / "checkpoint").read_text()).text
        stranger = making.new_key(project.LOG_NAME)
        (tmp_path / "checkpoint").write_text(str(notes.Note(text, (stranger.sign(text),))))
        for remembered, trusted in ((state, ()), (witness.State(), (str(keys.signers()[0].key),))):
            with pytest.raises(Refusal, match=r"ledger\.witness_wrong_key"):
                self.look(tmp_path, remembered, trusted=trusted)

    def test_a_key_that_overlapped_is_believed_afterwards(self, tmp_path, settings):
        self.publish(tmp_path, 5)
        state = self.look(tmp_path).state
        old, new = keys.signers()[0], making.new_key(project.LOG_NAME)
        settings.LOG_KEY_NEXT = new.secret()
        self.publish(tmp_path, 1, later(1))
        state = self.look(tmp_path, state).state
        settings.DEMO, settings.LOG_KEY, settings.LOG_KEY_NEXT = False, new.secret(), ""
        keys.retire(old.key.id, later(2))
        self.publish(tmp_path, 1, later(3))
        assert self.look(tmp_path, state).state.size == ledger.size()

    def test_there_is_nothing_to_watch(self, tmp_path):
        with pytest.raises(Refusal, match=r"ledger\.witness_nothing"):
            self.look(tmp_path)
        (tmp_path / "checkpoint").write_text("x")
        with pytest.raises(Refusal, match=r"ledger\.bad_note"):
            self.look(tmp_path)

    def test_what_is_no_cosignature_is_refused(self):
        write(1)
        card = sequence(AT)
        other = str(
            notes.Note(
                card.note.split("\n\n")[0].replace(str(card.size), "9", 1) + "\n", (self.SIGNER.cosign("x", AT),)
            )
        )
        for note, code in (("x", "bad_note"), (card.note, "no_cosignature"), (other, "unknown_checkpoint")):
            with pytest.raises(Refusal, match=rf"ledger\.{code}"):
                ledger.add_cosignature(note, AT)


# ---- several at once, and death in the middle


@postgres
@pytest.mark.django_db(transaction=True)
def test_requests_record_while_the_sequencer_holds_its_lock():
    """Two transactions of two connections write at once, the sequencer in the middle of its own: nobody waits."""
    write(3)
    done: list[str] = []
    both = threading.Barrier(2)

    def request(name):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                ledger.record("x.Happened", new_id(), {"n": 1}, at=AT)
                both.wait(timeout=5)  # both have written and neither has committed
            done.append(name)
        finally:
            connection.close()

    with transaction.atomic():
        assert sequencer._batch() == 3
        threads = [threading.Thread(target=request, args=(name,)) for name in ("one", "other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=10)
        assert sorted(done) == ["one", "other"], "they ended while the sequencer's transaction was open"
    assert (ledger.size(), Pending.objects.count()) == (3, 2)
    sequence(AT)
    assert ledger.size() == 6


@postgres
@pytest.mark.django_db(transaction=True)
def test_a_second_sequencer_does_not_wait():
    write(3)
    said = []

    def second():
        try:
            said.append(sequence(AT))
        finally:
            connection.close()

    sequence(AT)  # the key is announced
    write(3)
    with transaction.atomic():
        assert store.try_lock()
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=5)
        assert said == [None]
    assert sequence(AT).size == 7


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
import django
django.setup()
from django.db import connection
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import sequencer

sequencer.BATCH = {"sqlite": 40, "postgresql": 40}
writes = 0

def count(execute, sql, params, many, context):
    global writes
    done = execute(sql, params, many, context)
    writes += sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
    if writes == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return done

with connection.execute_wrapper(count):
    ledger.sequence(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
"""

PREPARED = """
from datetime import UTC, datetime
import django
django.setup()
from django.core.management import call_command
from shanyraq.foundation import ledger
from shanyraq.foundation.uid import new_id
call_command("migrate", verbosity=0)
ledger.record_many([ledger.NewEntry("x.Happened", new_id(), {"n": n}) for n in range(700)],
                   at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
"""

LOOKED_AT = """
import json
from datetime import UTC, datetime
import django
django.setup()
from shanyraq.foundation import ledger
from shanyraq.foundation.ledger.models import Leaf, Pending
result = ledger.verify(now=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
places = list(Leaf.objects.order_by("index").values_list("index", flat=True))
print(json.dumps([result.counts, places == list(range(len(places))), len(places), Pending.objects.count()]))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_sequencer_that_was_killed_leaves_neither_a_gap_nor_a_double(tmp_path):
    """Killed after its first write, in the middle of a batch, between two: the next one goes on from there."""
    if connection.vendor == "postgresql":
        now = connection.settings_dict
        address = f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT'] or 5432}/{now['NAME']}"
        write(700)
    else:
        address = f"sqlite:///{tmp_path / 'log.sqlite3'}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings",
                   "SHANYRAQ_DEMO": "1", "SHANYRAQ_VAR_DIR": str(tmp_path)}  # fmt: skip

    def run(script, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=ROOT, env=environment, capture_output=True, timeout=120
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    if connection.vendor != "postgresql":
        assert run(PREPARED)[0] == 0
    before = 0
    for kill_at in ("1", "6", "15"):
        code, _, problem = run(KILLED, kill_at)
        assert code == -signal.SIGKILL, problem
        counts, whole, placed, waiting = json.loads(run(LOOKED_AT)[1])
        assert (counts, whole) == ({}, True) and placed + waiting in (700, 701) and placed >= before
        before = placed
    assert 0 < before < 700, "some were killed between batches"
    assert run(KILLED, "-1")[0] == 0
    assert json.loads(run(LOOKED_AT)[1]) == [{}, True, 701, 0]
