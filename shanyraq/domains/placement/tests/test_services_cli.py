import pytest
from click.testing import CliRunner

from shanyraq.domains.placement.cli import placement
from shanyraq.domains.placement.models import Application, Offer, Round
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import clock
from shanyraq.foundation.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen_at(NOW):
        yield


def run(*words, code=0, lang="en"):
    result = CliRunner().invoke(placement, [*words, "--lang", lang])
    assert result.exit_code == code, result.output
    return result.output


def universal_ids(family):
    cards = registry.person_cards((family.child, family.guardian))
    return cards[family.child].universal_id, cards[family.guardian].universal_id


def test_the_whole_way_on_the_command_line():
    family, home = builders.family(), builders.kindergarten(1)
    child, guardian = universal_ids(family)
    bin_number = registry.organisation_cards((home.id,))[home.id].bin
    words = ("file", "--child", child, "--applicant", guardian, "--wish", bin_number)
    run(*words, "--dry-run")
    assert not Application.objects.exists()
    assert "Application No." in run(*words)
    row = Application.objects.get()
    shown = run("preview-round", DISTRICT)
    fingerprint = shown.split("Fingerprint for the confirmation: ")[1].strip()
    run("confirm-round", DISTRICT, "--fingerprint", fingerprint, "--dry-run")
    assert not Round.objects.exists()
    run("confirm-round", DISTRICT, "--fingerprint", fingerprint, "--publish")
    assert "confirmed" in run("confirm-round", DISTRICT, "--fingerprint", fingerprint, code=2)
    run("replay")
    run("replay", str(Round.objects.get().pk))
    offer = str(Offer.objects.get().pk)
    run("accept", offer)
    run("enrol", offer, "--order", "12")
    assert "Enrolled" in run("show", str(row.number))
    assert "Зачислен" in run("show", str(row.pk), lang="ru")
    assert AuditEntry.objects.filter(kind="read", child_id=family.child).count() == 2
    assert "Offers" in run("deadlines")


def test_rounds_of_a_territory_and_what_families_do_next():
    home = builders.kindergarten(1)
    first, second = builders.application(home.id), builders.application(home.id)
    run("hold-rounds", "71")
    offer = str(Offer.objects.get(application=first).pk)
    run("decline", offer, "--reason", "far")
    number = str(Application.objects.get(pk=second).number)
    other = builders.kindergarten(1)
    run("change-wishes", number, "--wish", str(other.id), "--radius", "3")
    run("withdraw", number)
    assert Application.objects.get(pk=second).status == Status.WITHDRAWN


def test_refusals_are_printed_in_the_language_asked_for():
    builders.territory()
    assert "Мұндай аудан жоқ" in run("preview-round", "999999999", code=2, lang="kk")
    assert "Такого района нет" in run("preview-round", "999999999", code=2, lang="ru")
    run("withdraw", "777", code=2)


def test_every_verb_that_writes_can_be_tried():
    reading = {"preview-round", "replay", "package", "seed", "what-if"}  # the last is the offline tool of a party
    for name, command in placement.commands.items():
        flags = {option for parameter in command.params for option in parameter.opts}
        assert (name in reading) or "--dry-run" in flags, name
