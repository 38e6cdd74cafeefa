"""A ceremony as people hold it: opened by an officer, handed in to by the parties' own tool, in the log, in a round."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from shanyraq.domains.placement.cli import placement
from shanyraq.domains.placement.models import Application, Ceremony, CeremonyMessage, Round
from shanyraq.domains.placement.queries import ceremonies as queries
from shanyraq.domains.placement.rules import order
from shanyraq.domains.placement.services import ceremonies, rounds
from shanyraq.domains.placement.services.ceremonies import NewCeremony
from shanyraq.domains.placement.tests.builders import (
    DISTRICT,
    NOW,
    OTHER_DISTRICT,
    application,
    kindergarten,
    officer_of,
    refused,
    territory,
)
from shanyraq.domains.placement.tests.test_verify_round import changed, files_of, findings
from shanyraq.foundation import ledger
from shanyraq.foundation.access import ANYONE, system
from shanyraq.foundation.refusal import NotAllowed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAMES = ("Union of parents", "University", "Newspaper")
JOBS = system("jobs")


class Parties:
    """Three people at three computers, each with the tool, a folder and the page of the ceremony."""

    def __init__(self, folder, beacon=("", "")):
        self.folder = folder
        territory()
        files = [self.keys(at, name) for at, name in enumerate(NAMES, 1)]
        new = NewCeremony(
            DISTRICT, tuple(files), NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 4 * DAY, *beacon,
        )  # fmt: skip
        self.ceremony = ceremonies.open_ceremony(actor=officer_of(), new=new, now=NOW)

    def run(self, *words):
        done = CliRunner().invoke(placement, ["seed", *map(str, words)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    def keys(self, place, name):
        public = self.folder / f"{place}.public.json"
        self.run("keys", name, "--secret", self.folder / f"{place}.secret.json", "--to", public)
        return public.read_text()

    def made(self, place, step):
        """The file that a party makes for a step."""
        board, out = self.folder / "ceremony.json", self.folder / f"{place}.{step}.json"
        board.write_text(queries.ceremony_file(self.ceremony))
        self.run(step, board, "--secret", self.folder / f"{place}.secret.json", "--to", out)
        return out.read_text()

    def give(self, step, *places, at=NOW):
        for place in places or (1, 2, 3):
            ceremonies.hand_in(actor=ANYONE, ceremony=self.ceremony, file=self.made(place, step), now=at)
        return self

    @property
    def card(self):
        return queries.ceremony(self.ceremony, NOW)


def drawn(folder):
    return Parties(folder).give("commit").give("confirm").give("reveal")


def hold(now=NOW + 2 * DAY):
    seen = rounds.preview_round(actor=officer_of(), district=DISTRICT, now=now)
    held = rounds.confirm_round(actor=officer_of(), district=DISTRICT, fingerprint=seen.fingerprint, now=now)
    rounds.publish_round(actor=officer_of(), round=held, now=now)
    ledger.sequence(now + timedelta(minutes=1))
    return held


def ten_at_once():
    sun = kindergarten(4)
    for n in range(10):
        application(sun.id, now=NOW - timedelta(hours=1) + timedelta(microseconds=n))


def test_a_ceremony_draws_the_seed_of_the_next_round(tmp_path):
    ten_at_once()
    parties = drawn(tmp_path)
    card = parties.card
    assert (card.status, card.number, len(card.seed)) == ("drawn", 1, 64)
    assert card.drawn == Application.objects.order_by("-number").values_list("number", flat=True)[0]
    held = hold()
    row = Round.objects.get(pk=held)
    assert (row.seed, row.ceremony_id) == (card.seed, parties.ceremony)
    places = row.outcomes.order_by("position").values_list("application__code", flat=True)
    assert list(places) == sorted(places, key=lambda code: order.lot(card.seed, code))
    assert rounds.replay_round(held).equal


def test_the_verifier_draws_the_same_lots_and_checks_the_ceremony(tmp_path):
    ten_at_once()
    drawn(tmp_path)
    files = files_of(hold())
    assert findings(files) == []

    def another_share(body):
        for at, leaf in body["leaves"].items():
            told = json.loads(leaf)
            if told["kind"] == "placement.SeedRevealed" and told["open"]["party"] == "2":
                told["open"]["shares"][0] = "0" * 64
                body["leaves"][at] = json.dumps(told)

    found = findings(changed(files, "log.json", another_share))
    assert "seed: the shares of party 2 do not open what it had committed to" in found
    assert any(line.endswith("is not what the shares and the public value make") for line in found)

    def another_seed(body):
        body["seed"] = "ab" * 32

    found = findings(changed(files, "inputs.json", another_seed))
    assert any(line.startswith("seed: " + "ab" * 32) for line in found)
    assert any(line.startswith("outcome of claim") for line in found)


def test_who_files_after_the_seal_has_no_lot(tmp_path):
    ten_at_once()
    drawn(tmp_path)
    sun = kindergarten(1)
    late = [application(sun.id, now=NOW + timedelta(hours=1, microseconds=n)) for n in range(4)]
    files = files_of(hold())
    assert findings(files) == []
    found = Application.objects.filter(pk__in=late).order_by("number")
    rows = Round.objects.get().outcomes.filter(application__in=late).order_by("position")
    assert [row.application_id for row in rows] == [row.pk for row in found]

    def draw_for_all(body):
        body["drawn"] = 1_000

    told = findings(changed(files, "inputs.json", draw_for_all))
    assert any("has a lot, but was filed when the seed could be known" in line for line in told)


@pytest.mark.parametrize("silent", [1, 2, 3])
def test_a_party_that_does_not_reveal_stops_nothing(tmp_path, silent):
    ten_at_once()
    parties = Parties(tmp_path).give("commit").give("confirm")
    others = [place for place in (1, 2, 3) if place != silent]
    parties.give("reveal", *others)
    assert parties.card.status == "open"
    parties.give("recover", *others, at=NOW + 3 * DAY + timedelta(hours=1))
    card = parties.card
    assert card.status == "drawn"
    assert [party.revealed for party in card.parties] == [place != silent for place in (1, 2, 3)]
    assert all(party.known for party in card.parties)
    assert findings(files_of(hold(NOW + 4 * DAY))) == []


def test_a_party_that_never_comes_is_left_out(tmp_path):
    parties = Parties(tmp_path).give("commit", 1, 2)
    parties.give("confirm", 1, 2).give("show", 1, 2)
    assert parties.card.status == "open"
    ceremonies.go_on_due(actor=JOBS, now=NOW + 2 * DAY + timedelta(hours=1))
    assert [party.takes_part for party in parties.card.parties] == [True, True, False]
    parties.give("reveal", 1, 2, at=NOW + 2 * DAY + timedelta(hours=2))
    assert parties.card.status == "drawn"


def test_too_few_parties_draw_no_seed_and_the_log_keeps_the_attempt(tmp_path):
    parties = Parties(tmp_path).give("commit", 1)
    ceremonies.go_on_due(actor=JOBS, now=NOW + 3 * DAY)
    card = parties.card
    assert (card.status, card.reason, card.seed) == ("failed", "placement.seed_too_few", "")
    assert [one.kind for one in ledger.entries(parties.ceremony)][-1] == "placement.SeedFailed"
    (tmp_path / "again").mkdir()
    assert Parties(tmp_path / "again").card.status == "open"  # another may be opened


def test_a_public_value_is_taken_when_nothing_more_can_come(tmp_path):
    parties = Parties(tmp_path, beacon=("drand quicknet", "12345678")).give("commit").give("confirm")
    officer = officer_of()
    with refused("placement.seed_early"):
        ceremonies.go_on(actor=officer, ceremony=parties.ceremony, now=NOW, beacon="b7" * 32)
    parties.give("reveal")
    assert parties.card.status == "open"
    status = ceremonies.go_on(actor=officer, ceremony=parties.ceremony, now=NOW + 4 * DAY, beacon="b7" * 32)
    assert status == "drawn"
    assert parties.card.beacon == "b7" * 32
    application(kindergarten(1).id)
    assert findings(files_of(hold(NOW + 5 * DAY))) == []


def test_a_round_waits_for_its_ceremony(tmp_path):
    application(kindergarten(1).id)
    Parties(tmp_path)
    with refused("placement.ceremony_open"):
        rounds.preview_round(actor=officer_of(), district=DISTRICT, now=NOW + DAY)


def test_every_step_is_in_the_log_with_all_its_facts(tmp_path):
    parties = drawn(tmp_path)
    told = ledger.entries(parties.ceremony)
    kinds = [one.kind.removeprefix("placement.") for one in told]
    assert kinds == [
        "SeedCeremonyOpened", *["SeedCommitted"] * 3, *["SeedConfirmed"] * 6, "SeedSealed", *["SeedRevealed"] * 3,
        "SeedDrawn",
    ]  # fmt: skip
    ledger.sequence(NOW + DAY)
    leaves = [json.loads(leaf) for leaf in ledger.leaves(0, 1_000)]
    open_facts = {leaf["kind"]: leaf["open"] for leaf in leaves if leaf["code"] == parties.ceremony.hex}
    assert open_facts["placement.SeedDrawn"]["seed"] == parties.card.seed


# ---- what is refused, and what repeats


def test_the_same_file_twice_changes_nothing(tmp_path):
    parties = Parties(tmp_path)
    file = parties.made(1, "commit")
    assert ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=file, now=NOW) == 1
    assert ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=file, now=NOW) == 0
    assert CeremonyMessage.objects.count() == 1
    again = parties.made(1, "commit")  # the tool knows that it has committed
    assert json.loads(again)["messages"] == []


def test_a_forged_file_is_refused(tmp_path):
    parties = Parties(tmp_path).give("commit").give("confirm")
    sent = json.loads(parties.made(1, "reveal"))
    sent["messages"][0]["message"] = sent["messages"][0]["message"].replace('"party":1', '"party":2')
    with refused("placement.seed_forged"):
        ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=json.dumps(sent), now=NOW)


@pytest.mark.parametrize("file", ["", "{}", "[]", '{"messages":[{}]}', '{"messages":7}', "x" * 70_000, "[" * 50_000])
def test_what_is_no_file_is_refused(tmp_path, file):
    parties = Parties(tmp_path)
    with refused("placement.seed_malformed"):
        ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=file, now=NOW)


def test_nothing_is_taken_when_it_is_over(tmp_path):
    parties = Parties(tmp_path).give("commit").give("confirm")
    late = parties.made(3, "reveal")
    parties.give("reveal", 1, 2)
    with refused("placement.seed_late"):
        ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=late, now=NOW + 3 * DAY + timedelta(hours=1))
    ceremonies.go_on_due(actor=JOBS, now=NOW + 5 * DAY)
    assert parties.card.reason == "placement.seed_incomplete"
    with refused("placement.ceremony_over"):
        ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=late, now=NOW)


def test_one_ceremony_for_a_round(tmp_path):
    parties = Parties(tmp_path)
    files = tuple((tmp_path / f"{place}.public.json").read_text() for place in (1, 2, 3))
    new = NewCeremony(DISTRICT, files, NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 4 * DAY)
    with refused("placement.ceremony_exists"):
        ceremonies.open_ceremony(actor=officer_of(), new=new, now=NOW)
    assert Ceremony.objects.get().pk == parties.ceremony


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("ceremony_days", {"commit_by": NOW - DAY}),
        ("ceremony_days", {"confirm_by": NOW + 9 * DAY}),
        ("seed_beacon", {"beacon_source": "drand"}),
        ("ceremony_parties", {"parties": (1, 1, 2)}),
        ("seed_malformed", {"parties": (1, 2, 0)}),
        ("no_such_district", {"district": "71"}),
    ],
)
def test_a_ceremony_that_cannot_be_is_refused(tmp_path, code, parts):
    parties = Parties(tmp_path)
    files = {place: (tmp_path / f"{place}.public.json").read_text() for place in (1, 2, 3)} | {0: "{}"}
    given = {
        "district": DISTRICT, "parties": (1, 2, 3), "commit_by": NOW + DAY, "confirm_by": NOW + 2 * DAY,
        "reveal_by": NOW + 3 * DAY, "recover_by": NOW + 4 * DAY,
    } | parts  # fmt: skip
    given["parties"] = tuple(files[place] for place in given["parties"])
    with refused(f"placement.{code}"):
        ceremonies.open_ceremony(actor=JOBS, new=NewCeremony(**given), now=NOW)
    assert parties.card.status == "open"


def test_only_the_officer_of_the_district_opens_one_and_goes_on(tmp_path):
    parties = Parties(tmp_path)
    stranger = officer_of(OTHER_DISTRICT)
    files = tuple((tmp_path / f"{place}.public.json").read_text() for place in (1, 2, 3))
    new = NewCeremony(DISTRICT, files, NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 4 * DAY)
    with pytest.raises(NotAllowed):
        ceremonies.open_ceremony(actor=stranger, new=new, now=NOW)
    with pytest.raises(NotAllowed):
        ceremonies.go_on(actor=stranger, ceremony=parties.ceremony, now=NOW)


def test_a_sealed_share_of_another_is_noticed(tmp_path):
    """A party that seals something else for a holder is not confirmed; it may show the share, or is left out."""
    parties = Parties(tmp_path).give("commit", 1, 2)
    secret = tmp_path / "3.secret.json"
    sent = json.loads(parties.made(3, "commit"))
    body = json.loads(sent["messages"][0]["message"])
    body["boxes"].reverse()
    from shanyraq.domains.placement.cli.seed import Safe
    from shanyraq.domains.placement.rules.seed import SeedMessage, SeedStep

    wrong = SeedMessage(3, SeedStep.COMMIT, hashes=tuple(body["hashes"]), boxes=tuple(body["boxes"]))
    signed = Safe.open(secret).secret.signed(parties.ceremony.hex, wrong)
    ceremonies.hand_in(actor=ANYONE, ceremony=parties.ceremony, file=json.dumps({"messages": [signed]}), now=NOW)
    board, out = tmp_path / "ceremony.json", tmp_path / "out.json"
    board.write_text(queries.ceremony_file(parties.ceremony))
    said = parties.run("confirm", board, "--secret", tmp_path / "1.secret.json", "--to", out)
    assert "Newspaper" in said
    parties.give("confirm", 1, 2)
    assert parties.card.parties[2].confirmed_by == ()
    parties.give("show", 3).give("confirm", 3)
    assert parties.card.parties[2].takes_part


def test_the_pages(client, tmp_path):
    parties = drawn(tmp_path)
    card = parties.card
    for lang in ("kk", "ru", "en"):
        page = client.get(f"/ceremonies/{parties.ceremony}/", headers={"accept-language": lang})
        assert card.seed in page.content.decode()
        assert client.get("/ceremonies/", headers={"accept-language": lang}).status_code == 200
    assert json.loads(client.get(f"/ceremonies/{parties.ceremony}/ceremony.json").content)["ceremony"] == card.id.hex


def test_a_party_hands_in_on_the_public_page(client, tmp_path):
    parties = Parties(tmp_path)
    client.cookies["lang"] = "en"
    answer = client.post(f"/ceremonies/{parties.ceremony}/", {"text": "nonsense"}, headers={"accept-language": "en"})
    assert answer.status_code == 422
    assert CeremonyMessage.objects.count() == 0
    # the page reads the clock: a ceremony of these days
    Ceremony.objects.update(opened_at=NOW, commit_ends_at=NOW + 9_000 * DAY, confirm_ends_at=NOW + 9_001 * DAY,
                            reveal_ends_at=NOW + 9_002 * DAY, recover_ends_at=NOW + 9_003 * DAY)  # fmt: skip
    answer = client.post(f"/ceremonies/{parties.ceremony}/", {"text": parties.made(1, "commit")})
    assert answer.status_code == 303
    assert CeremonyMessage.objects.count() == 1
