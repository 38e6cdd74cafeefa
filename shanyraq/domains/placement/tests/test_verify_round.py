"""A stranger with a downloaded round and one file of Python: "equal", or the name of every damage."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from shanyraq.domains.placement import verify_round
from shanyraq.domains.placement.cli import placement
from shanyraq.domains.placement.models import Application, Document
from shanyraq.domains.placement.queries import packages
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.services import documents, rounds
from shanyraq.domains.placement.tests.builders import (
    DISTRICT,
    NOW,
    application,
    document,
    enrolled,
    family,
    kindergarten,
    officer_of,
    there,
    voucher_district,
)
from shanyraq.foundation import ledger
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
MADE: list[dict[str, bytes]] = []
LATER = NOW + timedelta(days=1)


def hold(now=LATER):
    seen = rounds.preview_round(actor=officer_of(), district=DISTRICT, now=now)
    held = rounds.confirm_round(actor=officer_of(), district=DISTRICT, fingerprint=seen.fingerprint, now=now)
    rounds.publish_round(actor=officer_of(), round=held, now=now)
    return held


def a_round():
    """A round with a right, a transfer, a sibling and more claims than places; sealed."""
    sun, star = kindergarten(3), kindergarten(1)
    child = family(now=NOW)
    enrolled(child.child, star.group)
    application(sun.id, of=child, transfer=True)
    with_right = application(sun.id, star.id, benefit=Benefit.LARGE_FAMILY, documents=(document("large_family"),))
    paper = Document.objects.get(application=with_right)
    documents.confirm_document(actor=officer_of(), document=paper.pk, now=NOW + timedelta(hours=3))
    later = application(star.id, sun.id, now=NOW + timedelta(seconds=3))
    for n in range(4):
        application(star.id, sun.id, now=NOW + timedelta(microseconds=n))
    assert later
    held = hold()
    ledger.sequence(LATER + timedelta(minutes=1))
    return held


def files_of(held):
    with zipfile.ZipFile(io.BytesIO(there(packages.package(held)))) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def sealed():
    """The package of such a round; made once, since damage is planted in its files only."""
    if not MADE:
        MADE.append(files_of(a_round()))
    return dict(MADE[0])


def findings(files, key="", saved=""):
    return list(verify_round.Package(files).findings(key, saved))


def test_a_stranger_gets_equal_in_an_empty_folder(tmp_path):
    held = a_round()
    (tmp_path / "package.zip").write_bytes(packages.package(held))
    with zipfile.ZipFile(tmp_path / "package.zip") as packed:
        packed.extract("verify_round.py", tmp_path)
        packed.extractall(tmp_path / "folder")
    for package in ("package.zip", "folder"):
        run = subprocess.run(
            [sys.executable, "-I", "-S", "verify_round.py", package], cwd=tmp_path, capture_output=True, text=True
        )
        assert (run.returncode, run.stdout, run.stderr) == (0, verify_round.EQUAL + "\n", "")


def test_the_verifier_is_one_short_file_that_imports_nothing_of_ours_and_nothing_foreign():
    text = packages.verifier().decode()
    assert len(text.splitlines()) <= 250
    named = {line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert named <= sys.stdlib_module_names


def test_the_package_says_what_it_holds_and_is_the_same_each_time():
    held = a_round()
    files = files_of(held)
    about = json.loads(files["datapackage.json"])
    listed = {one["path"] for one in about["resources"]}
    assert listed | {"datapackage.json"} == {name for name in files if name.endswith((".json", ".csv"))}
    assert all(one["bytes"] == len(files[one["path"]]) for one in about["resources"])
    assert len(files["outcomes.csv"].splitlines()) == 1 + 7
    assert packages.package(held) == packages.package(held)
    assert {"README.kk.md", "README.ru.md", "README.en.md", "norms.json"} <= set(files)


def test_the_package_names_nobody():
    held = a_round()
    text = b"".join(files_of(held).values()).decode()
    for pk, child, applicant in Application.objects.values_list("id", "child_id", "applicant_id"):
        for private in (pk, child, applicant):
            assert str(private) not in text
            assert private.hex not in text


# ---- planted damage: each is named


def changed(files, name, change):
    body = json.loads(files[name])
    change(body)
    return files | {name: json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()}


def first_code(files):
    return json.loads(files["inputs.json"])["claims"][0]["code"]


def give_a_better_right(body):
    body["claims"][-1]["right"] = "extraordinary"


def apply_earlier(body):
    body["claims"][-1]["applied_at"] = "2025-01-01T00:00:00+00:00"


def drop_a_claim(body):
    del body["claims"][0]


def put_a_seed(body):
    body["seed"], body["drawn"] = "ab" * 32, 1_000


def give_a_place_away(body):
    body["outcomes"][-1][2:4] = [body["outcomes"][0][2], 1]


def open_a_place(body):
    body["groups"][0][6] += 1


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("inputs.json", give_a_better_right, "right is extraordinary in the round, general in the log"),
        ("inputs.json", apply_earlier, "applied_at is 2025-01-01T00:00:00+00:00 in the round"),
        ("inputs.json", drop_a_claim, "inputs_hash"),
        ("inputs.json", open_a_place, "inputs_hash"),
        ("outcomes.json", give_a_place_away, "outcomes_hash"),
        ("outcomes.json", give_a_place_away, "outcome of claim"),
    ],
)
def test_a_changed_round_is_named(name, change, said):
    files = sealed()
    assert any(said in line for line in findings(changed(files, name, change)))


def test_an_outcome_of_a_claim_that_was_not_there_is_named():
    files = sealed()
    code = first_code(files)
    found = findings(changed(files, "inputs.json", drop_a_claim))
    assert any(f"outcome of claim {code}: published" in line and "computed None" in line for line in found)


def test_a_seed_that_nobody_drew_is_named():
    found = findings(changed(sealed(), "inputs.json", put_a_seed))
    assert "seed: " + "ab" * 32 + " is not what the shares and the public value make" in found
    assert sum("has a lot, but was filed when the seed could be known" in line for line in found) == 7


def leaf_of(body, code):
    return str(body["claims"][code][0])


@pytest.mark.parametrize("spelling", [("general", "special"), ('"birth_year":2022', '"birth_year":2021')])
def test_a_changed_leaf_is_named(spelling):
    files = sealed()

    def change(body):
        at = leaf_of(body, first_code(files))
        body["leaves"][at] = body["leaves"][at].replace(*spelling)

    found = findings(changed(files, "log.json", change))
    assert "log: the entries of the package do not lead to the root of the checkpoint" in found
    assert any(line.startswith(f"claim {first_code(files)}") for line in found)


def test_a_leaf_of_another_claim_is_named():
    files = sealed()

    def swap(body):
        codes = sorted(body["claims"])
        body["claims"][codes[0]], body["claims"][codes[1]] = body["claims"][codes[1]], body["claims"][codes[0]]

    assert sum("in the log" in line for line in findings(changed(files, "log.json", swap))) >= 2


def test_a_claim_without_an_entry_is_named():
    files = sealed()
    code = first_code(files)
    found = findings(changed(files, "log.json", lambda body: body["claims"].pop(code)))
    assert any(line.startswith(f"claim {code}") for line in found)


def test_a_wrong_root_and_a_wrong_signature_are_named():
    files = sealed()

    def another_root(body):
        lines = body["checkpoint"].split("\n")
        lines[2] = "A" * 43 + "="
        body["checkpoint"] = "\n".join(lines)

    found = findings(changed(files, "log.json", another_root))
    assert any(line.startswith("checkpoint: not signed") for line in found)
    assert "log: the entries of the package do not lead to the root of the checkpoint" in found

    def another_signature(body):
        body["checkpoint"] = body["checkpoint"][:-12] + "AAAAAAAAAA=\n"

    found = findings(changed(files, "log.json", another_signature))
    assert [line.partition(" the key")[0] for line in found] == ["checkpoint: not signed by"]


def test_a_key_that_is_pinned_must_have_signed():
    files = sealed()
    key = json.loads(files["log.json"])["keys"][0]
    assert findings(files, key=key) == []
    other = ledger.notes.Signer("demo.shanyraq.invalid/log", b"\x01", b"7" * 32).key
    assert findings(files, key=str(other)) == [f"checkpoint: not signed by the key {other}"]


def test_a_saved_checkpoint_of_a_forked_log_is_named():
    files = sealed()
    note = json.loads(files["log.json"])["checkpoint"]
    assert findings(files, saved=note) == []
    lines = note.split("\n")
    lines[2] = "A" * 43 + "="
    assert [line[:17] for line in findings(files, saved="\n".join(lines))] == ["checkpoint: yours"]


def test_a_broken_package_is_said_in_words(tmp_path, capsys):
    (tmp_path / "broken.zip").write_bytes(b"not a zip")
    assert verify_round.main(str(tmp_path / "broken.zip")) == 1
    assert capsys.readouterr().out.startswith("package: cannot be read as a round")


def test_a_round_that_is_not_sealed_yet_says_when():
    kindergarten(1)
    application(kindergarten(1).id)
    held = hold()
    found = findings(files_of(held))
    assert len(found) == 1
    assert "not sealed yet" in found[0]
    assert (LATER + packages.SEQUENCED_WITHIN).isoformat(timespec="seconds") in found[0]
    assert there(packages.sealing(held)).checkpoint is None
    ledger.sequence(LATER + timedelta(minutes=1))
    assert findings(files_of(held)) == []
    assert there(packages.sealing(held)).checkpoint is not None


def test_a_voucher_round_is_equal_too():
    voucher_district()
    sun = kindergarten(2)
    for n in range(4):
        application(sun.id, of=family(born_on=date(2020 + n, 5, 10)), now=NOW + timedelta(microseconds=n))
    held = hold()
    ledger.sequence(LATER + timedelta(minutes=1))
    files = files_of(held)
    assert findings(files) == []
    assert len(json.loads(files["outcomes.json"])["outcomes"]) == 2


def test_only_a_published_round_has_a_package():
    application(kindergarten(1).id)
    seen = rounds.preview_round(actor=officer_of(), district=DISTRICT, now=LATER)
    held = rounds.confirm_round(actor=officer_of(), district=DISTRICT, fingerprint=seen.fingerprint, now=LATER)
    assert packages.package(held) is None
    assert packages.sealing(held) is None
    assert packages.edition(held) is None


def test_the_number_of_queries_does_not_grow_with_the_round(django_assert_max_num_queries):
    held = a_round()
    with django_assert_max_num_queries(20):
        packages.package(held)


# ---- where a stranger finds it


def test_anyone_downloads_the_package_and_the_verifier(client):
    held = a_round()
    page = client.get(f"/rounds/{held}/", headers={"accept-language": "en"}).content.decode()
    assert f"/rounds/{held}/package.zip" in page
    assert "/rounds/verify_round.py" in page
    answer = client.get(f"/rounds/{held}/package.zip")
    assert answer.content == packages.package(held)
    assert client.get(f"/rounds/{held}/package.zip", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert client.get("/rounds/verify_round.py").content == packages.verifier()


def test_a_round_that_is_not_published_cannot_be_downloaded(client):
    application(kindergarten(1).id)
    seen = rounds.preview_round(actor=officer_of(), district=DISTRICT, now=LATER)
    held = rounds.confirm_round(actor=officer_of(), district=DISTRICT, fingerprint=seen.fingerprint, now=LATER)
    assert client.get(f"/rounds/{held}/package.zip").status_code == 404


def test_the_page_says_when_a_round_is_being_sealed(client):
    application(kindergarten(1).id)
    held = hold()
    page = client.get(f"/rounds/{held}/", headers={"accept-language": "en"}).content.decode()
    assert "Being sealed in the log" in page


def test_the_command_writes_the_same_package(tmp_path):
    held = a_round()
    written = tmp_path / "round.zip"
    run = CliRunner().invoke(placement, ["package", str(held), "--to", str(written)])
    assert run.exit_code == 0, run.output
    assert written.read_bytes() == packages.package(held)
    assert CliRunner().invoke(placement, ["package", str(new_id()), "--to", str(written)]).exit_code != 0
