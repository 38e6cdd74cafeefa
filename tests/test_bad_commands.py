"""The same bad input on the command line: a refusal with its code and three sentences, never a traceback."""

import pytest
from click.testing import CliRunner, Result
from django.db import OperationalError

from shanyraq.domains.placement.models import Application
from shanyraq.domains.registry.models import Person
from shanyraq.foundation import clock
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.cli.main import root
from tests import world as worlds
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

DISTRICT = worlds.DISTRICT
ANY = "*"  # the word that is wrong in every way
WRONG = (
    "", "x", "²", "9" * 30, "-1", "0", "٣", "a\udcff", "nan", "9" * 400, "👶", "0001-01-01", "9999-12-31", "2026-02-31",
    "00000000-0000-0000-0000-000000000000", str(new_id()), "990101300120", "ы" * 10_000, "a:b:c",
    f"large_family:{'9' * 300}:2026-03-01", "large_family:1:9999-12-31", "large_family:1:0001-01-01",
)  # fmt: skip
PERSON = (
    f"registry person add --given Алия --sex female --born-on 2022-01-01 --district {DISTRICT} --address x "
    "--lon 71 --lat 51"
)
HOME = (
    "registry organisation open --kind kindergarten --ownership state --name-kk a --name-ru a --name-en a "
    f"--language kk --district {DISTRICT} --address x --lon 71 --lat 51 --bin"
)
GROUP = "registry group open {organisation} --name x --language kk --born-from 2022 --born-to 2022 --places 3"
FILE = "placement file --child {child} --applicant {guardian} --wish {organisation}"
VERBS = (
    "registry check-iin *", "registry check-bin *", "registry check-id *", "registry person find *",
    *(f"{PERSON} {option} *" for option in ("--given", "--surname", "--name-ru", "--born-on", "--iin", "--district",
                                            "--address", "--lon", "--lat")),
    "registry person give-iin {child} *", "registry person give-iin * 990101300120",
    "registry guardian add {child} * --kind mother", "registry guardian add {child} {guardian} --kind mother --on *",
    "registry guardian end *", f"{HOME} *", f"{HOME} x --phone *",
    "registry organisation close {organisation} --on *", "registry organisation list *",
    *(f"{GROUP} {option} *" for option in ("--name", "--born-from", "--born-to", "--places", "--on")),
    "registry group close * ", "registry group places {group} *", "registry group list *",
    "registry enrolment end {enrolment} --reason moved --on *", "registry territory list *",
    "placement file --child * --applicant {guardian}", "placement file --child {child} --applicant *",
    *(f"{FILE} {option} *" for option in ("--wish", "--radius", "--document", "--key")),
    *(f"placement {verb} *" for verb in ("withdraw", "resume", "accept", "confirm-document", "preview-round",
                                         "publish-round", "replay", "show", "voucher take")),
    "placement change-wishes {application} --wish *", "placement change-wishes {application} --radius *",
    "placement claim-right {application} --benefit large_family --document *",
    "placement request-open-place {application} *", "placement decline * --reason far",
    "placement extend {offer_taken} --until 2026-03-20 --reason *",
    "placement extend {offer_taken} --reason x --until *",
    "placement voucher choose {voucher} --kindergarten *", "placement propose-swap {enrolment} *",
    "placement enrol {offer_taken} --order *", f"placement confirm-round {DISTRICT} --fingerprint *",
    "placement confirm-round * --fingerprint x", "placement replay --territory *",
    "placement show {application} --as *", "norms show placement/age_limit --on *", "ledger list *",
)  # fmt: skip


@pytest.fixture
def world():
    with clock.frozen_at(NOW):
        yield worlds.build()


def call(*words: str) -> Result:
    return CliRunner().invoke(root, list(words))


def words_of(verb: str, world: World) -> list[str]:
    rows = {name.replace(" ", "_"): row for name, row in world.ids.items()}
    return [word.format(**rows, guardian=world.guardian) for word in verb.split()]


@pytest.mark.slow
def test_a_wrong_word_is_refused_in_words(world):
    for verb in VERBS:
        for wrong in WRONG:
            words = [wrong if word == ANY else word for word in words_of(verb, world)]
            got = call(*words)
            assert got.exception is None or isinstance(got.exception, SystemExit), (verb, wrong[:40], got.exception)
            assert got.exit_code in (0, 1, 2), (verb, wrong[:40])


REFUSED = {
    "registry check-iin 990101300120": "registry.iin_check_digit",
    "registry check-iin 991332300123": "registry.iin_date",
    PERSON.replace("2022-01-01", "2031-01-01"): "registry.born_in_future",
    PERSON.replace(DISTRICT, "999999999"): "registry.district_unknown",
    GROUP.replace("--places 3", "--places -4"): "registry.places_negative",
    "placement file --child {child} --applicant {guardian} --wish {organisation}": "placement.open_application",
    "placement file --child {enrolled_child} --applicant {child} --wish {organisation}": "placement.not_guardian",
    f"placement change-wishes {{application}} --wish {new_id()}": "placement.wish_unknown",
    "placement change-wishes {application} --wish {voucher_home}": "placement.wrong_territory",
    "placement file --child {enrolled_child} --applicant {guardian} --wish {other_home} --transfer --radius -1": (
        "placement.radius_too_far"
    ),
    "placement claim-right {application} --benefit teacher --document teacher:1:2025-01-01": (
        "placement.document_expired"
    ),
    "placement confirm-round 9 --fingerprint x": "placement.no_such_district",
    "placement show 999999999999999999999999": "access.denied",
}


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_has_its_code_and_three_sentences(world, lang):
    world.ids["other home"] = world.other_home.id
    before = (Person.objects.count(), Application.objects.count())
    for verb, code in REFUSED.items():
        got = call(*words_of(verb, world), "--lang", lang)
        assert (got.exit_code, f"[{code}" in got.stderr) == (2, True), (verb, got.stderr)
        for part in ("what", "why", "todo"):
            assert say(f"refusal.{code}.{part}", lang).split("{")[0] in got.stderr, (code, part)
    assert (Person.objects.count(), Application.objects.count()) == before


def test_a_database_that_is_away_is_told(world, monkeypatch):
    def away(*arguments: object, **named: object) -> None:
        raise OperationalError("no route to host")

    monkeypatch.setattr("shanyraq.domains.registry.queries.organisations_in", away)
    got = call("registry", "organisation", "list", DISTRICT, "--lang", "en")
    assert got.exit_code == 3
    assert "not available now" in got.stderr and "Traceback" not in got.stderr
