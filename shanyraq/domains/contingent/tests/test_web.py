"""The pages: what each shows and does, with as many queries for thirty rows as for one."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.contingent.models import Correction, Denial, Transfer, YearMark
from shanyraq.domains.contingent.rules.correction import CorrectionSubject
from shanyraq.domains.contingent.rules.transfer import TransferState
from shanyraq.domains.contingent.services import corrections, denials, transfers
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.tests import builders as people
from shanyraq.domains.registry.tests import schools
from shanyraq.domains.registry.tests.schools import NOW, SYSTEM, TODAY
from shanyraq.foundation import clock
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.uid import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen_at(NOW):
        yield


class Desk:
    """Two schools and their people at their browsers."""

    def __init__(self) -> None:
        self.ours, self.theirs = schools.school(), schools.school()
        self.into, self.left = schools.class_of(self.ours, places=60), schools.class_of(self.theirs, places=60)

    def head(self, school: UUID) -> Client:
        return browser([(Role.HEAD, "", school)])

    def asked(self) -> UUID:
        child = schools.child_of(schools.pupil(self.left))
        new = transfers.NewTransfer(child, self.into, TODAY)
        return transfers.ask_transfer(actor=SYSTEM, new=new, now=NOW)

    def case(self) -> None:
        """One of each."""
        self.asked()
        enrolment = schools.pupil(self.into)
        child = schools.child_of(enrolment)
        family = schools.parent_of(child)
        denials.deny(actor=family, enrolment=enrolment, now=NOW)
        new = corrections.NewCorrection(child, CorrectionSubject.SEX, "ұл")
        corrections.ask_correction(actor=family, new=new, now=NOW)


def browser(grants: list[tuple[Role, str, UUID | None]], person: UUID | None = None) -> Client:
    user = accounts.create_user(actor=SYSTEM, sign_in_name=new_id().hex[:20], now=NOW, person=person)
    for role, territory, organisation in grants:
        accounts.grant(
            actor=SYSTEM, user=user, role=role, valid_from=TODAY, now=NOW, territory=territory,
            organisation=organisation,
        )  # fmt: skip
    client = Client()
    client.cookies["language"] = "en"
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", ["", "transfers/", "denials/", "corrections/"])
def test_a_list_of_thirty_costs_what_a_list_of_one_does(name):
    desk = Desk()
    desk.case()
    head = desk.head(desk.ours)
    head.get(f"/contingent/{name}")
    with CaptureQueriesContext(connection) as few:
        assert head.get(f"/contingent/{name}").status_code == 200
    for _ in range(29):
        desk.case()
    with CaptureQueriesContext(connection) as many:
        head.get(f"/contingent/{name}")
    assert len(many) == len(few)


def test_a_head_asks_by_number_and_birth_date_and_the_other_releases():
    desk = Desk()
    child = schools.child_of(schools.pupil(desk.left))
    card = registry.person_cards((child,))[child]
    asked = {"key": new_id(), "number": card.universal_id, "born_on": "01.01.2001", "group": desk.into,
             "wanted_on": "2026-06-02", "order_number": "5"}  # fmt: skip
    head = desk.head(desk.ours)
    wrong = head.post("/contingent/transfers/ask/", asked)
    assert wrong.status_code == 422
    assert b"contingent.pupil_unknown" in wrong.content
    right = asked | {"born_on": card.born_on.isoformat()}
    done = head.post("/contingent/transfers/ask/", right)
    assert done.status_code == 303
    assert head.post("/contingent/transfers/ask/", right)["Location"] == done["Location"], "sent twice: one request"
    other = desk.head(desk.theirs)
    page = other.get(done["Location"])
    assert b'value="release"' in page.content
    assert b'value="appeal"' not in page.content
    refused = other.post(done["Location"], {"key": new_id(), "step": "refuse"})
    assert refused.status_code == 422
    other.post(done["Location"], {"key": new_id(), "step": "release", "order_number": "6"})
    assert Transfer.objects.get().state == TransferState.DONE
    assert AuditEntry.objects.filter(child_id=child, kind="read", action="contingent.read_transfers").exists()


def test_the_family_says_not_us_and_takes_it_back():
    desk = Desk()
    enrolment = schools.pupil(desk.into)
    child = schools.child_of(enrolment)
    family = browser([], schools.parent_of(child).person)
    page = f"/family/listings/{child}/"
    assert f"/family/enrolments/{enrolment}/not-us/".encode() in family.get(page).content
    assert family.post(f"/family/enrolments/{enrolment}/not-us/", {"key": new_id()})["Location"] == page
    case = Denial.objects.get()
    assert f"/family/denials/{case.id}/withdraw/".encode() in family.get(page).content
    family.post(f"/family/denials/{case.id}/withdraw/", {"key": new_id()})
    assert Denial.objects.get().state == "withdrawn"
    asked = {"subject": "name", "wanted": "Әйлін", "proof": "Куәлік"}
    assert family.post(f"/family/listings/{child}/correct/", asked).status_code == 303
    assert Correction.objects.get().state == "open"


def test_an_officer_corrects_a_name_with_the_decision():
    desk = Desk()
    child = schools.child_of(schools.pupil(desk.into))
    new = corrections.NewCorrection(child, CorrectionSubject.NAME, "Әйлін")
    pk = corrections.ask_correction(actor=schools.parent_of(child), new=new, now=NOW)
    officer = browser([(Role.OFFICER, schools.ESIL, None)])
    assert officer.get(f"/contingent/corrections/{pk}/").status_code == 200
    wrong = officer.post(f"/contingent/corrections/{pk}/", {"key": new_id(), "decision": "refuse", "note": "Жоқ"})
    assert wrong.status_code == 422
    with clock.frozen_at(NOW + timedelta(minutes=1)):
        given = {"key": new_id(), "decision": "accept", "note": "Жөнделді", "given": "Әйлін"}
        assert officer.post(f"/contingent/corrections/{pk}/", given).status_code == 303
    assert registry.names_of((child,))[child].kk.endswith("Әйлін")


def test_the_year_is_marked_rehearsed_applied_and_taken_back():
    desk = Desk()
    pupils = [schools.pupil(desk.into) for _ in range(3)]
    head = desk.head(desk.ours)
    year = f"/contingent/years/organisation/{desk.ours}/"
    refused = head.post(f"{year}classes/{desk.into}/", {f"pupil-{pupils[0]}": "graduated"})
    assert refused.status_code == 422
    assert head.post(f"{year}classes/{desk.into}/", {f"pupil-{pupils[0]}": "repeated"})["Location"] == year
    assert YearMark.objects.count() == 1
    seen = head.get(year)
    assert head.post(year, {"key": new_id(), "fingerprint": "old"}).status_code == 422
    done = head.post(year, {"key": new_id(), "fingerprint": seen.context["seen"].fingerprint})
    assert done.status_code == 303
    assert b"undo/" in head.get(done["Location"]).content
    with clock.frozen_at(NOW + timedelta(minutes=1)):
        assert head.post(f"{done['Location']}undo/", {"key": new_id()}).status_code == 303
    assert b"undo/" not in head.get(done["Location"]).content


def test_an_office_sees_who_is_listed_nowhere():
    desk = Desk()
    listed = schools.child_of(schools.pupil(desk.into))
    lost = people.person(born_on=date(2015, 1, 1), given="Жанат")
    page = browser([(Role.OFFICER, schools.ESIL, None)]).get(f"/contingent/unlisted/{schools.ESIL}/").content.decode()
    assert registry.person_cards((lost,))[lost].universal_id in page
    assert registry.person_cards((listed,))[listed].universal_id not in page


def test_a_request_is_withdrawn_by_a_button_of_those_who_asked():
    desk = Desk()
    child = schools.child_of(schools.pupil(desk.into))
    pages = {}
    for who, subject in (("family", CorrectionSubject.SEX), ("head", CorrectionSubject.NAME)):
        actor = schools.parent_of(child) if who == "family" else schools.head(desk.ours)
        new = corrections.NewCorrection(child, subject, "Әйлін")
        pages[who] = corrections.ask_correction(actor=actor, new=new, now=NOW)
    head, officer = desk.head(desk.ours), browser([(Role.OFFICER, schools.ESIL, None)])
    theirs, button = f"/contingent/corrections/{pages['head']}/", b"/withdraw/"
    assert button in head.get(theirs).content and button not in officer.get(theirs).content
    assert officer.post(f"{theirs}withdraw/", {"key": new_id()}).status_code == 403
    assert head.get(f"/contingent/corrections/{pages['family']}/withdraw/").status_code == 404
    assert head.post(f"{theirs}withdraw/", {"key": new_id()})["Location"] == theirs
    assert button not in head.get(theirs).content
    family, listing = browser([], schools.parent_of(child).person), f"/family/listings/{child}/"
    assert family.get(listing).content.count(button) == 1
    assert family.post(f"/family/corrections/{pages['family']}/withdraw/", {"key": new_id()})["Location"] == listing
    assert set(Correction.objects.values_list("state", flat=True)) == {"withdrawn"}
