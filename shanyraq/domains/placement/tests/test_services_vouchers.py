from datetime import date, timedelta

import pytest

from shanyraq.domains.placement.models import Application, Offer, WaitingEntry
from shanyraq.domains.placement.rules.claim import Status
from shanyraq.domains.placement.services import deadlines, offers, rounds, vouchers
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OPERATOR
from shanyraq.domains.placement.tests.races import at_once
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry.rules.kinds import EntryReason, Language
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db


def in_days(days):
    return NOW + timedelta(days=days)


def row_of(pk):
    return Application.objects.get(pk=pk)


def given(*families, taken=True, now=NOW):
    """Applications with a voucher of a published round."""
    rows = [builders.application(radius_km=2, of=family, now=now) for family in families]
    preview = rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=now)
    held = rounds.confirm_round(actor=OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=now)
    rounds.publish_round(actor=OPERATOR, round=held, now=now)
    for row, family in zip(rows, families, strict=True):
        if taken:
            vouchers.take_voucher(actor=family.actor, application=row, now=now)
    return rows


@pytest.fixture
def family():
    builders.voucher_district()
    return builders.family()


def test_a_voucher_is_taken_used_signed_and_the_child_enrolled(family):
    home = builders.kindergarten(1)
    (row,) = given(family)
    vouchers.take_voucher(actor=family.actor, application=row, now=NOW)
    assert (row_of(row).status, row_of(row).due_on) == (Status.VOUCHER_ACCEPTED, date(2026, 3, 10))
    offer = vouchers.choose_kindergarten(actor=family.actor, application=row, organisation=home.id, now=NOW)
    assert vouchers.choose_kindergarten(actor=family.actor, application=row, organisation=home.id, now=NOW) == offer
    with builders.refused("placement.contract_unsigned"):
        offers.enrol(actor=home.head, offer=offer, order_number="1", now=NOW)
    for _ in range(2):
        vouchers.sign_contract(actor=family.actor, application=row, now=NOW)
    enrolment = offers.enrol(actor=home.head, offer=offer, order_number="1", now=in_days(20))
    assert builders.there(registry.enrolment(enrolment)).entry_reason is EntryReason.VOUCHER
    assert row_of(row).status == Status.ENROLLED


def test_nobody_else_uses_the_voucher(family):
    home = builders.kindergarten(1)
    (row,) = given(family, taken=False)
    for actor in (builders.family().actor, home.head, builders.officer_of()):
        with pytest.raises(NotAllowed):
            vouchers.take_voucher(actor=actor, application=row, now=NOW)
        with pytest.raises(NotAllowed):
            vouchers.choose_kindergarten(actor=actor, application=row, organisation=home.id, now=NOW)


def test_a_voucher_not_taken_becomes_inactive_and_is_restored_once(family):
    builders.kindergarten(1)
    (row,) = given(family, taken=False)
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(2)).total == 0
    with builders.refused("placement.voucher_too_late"):
        vouchers.take_voucher(actor=family.actor, application=row, now=in_days(3))
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(3)).vouchers == 1
    assert (row_of(row).status, row_of(row).due_on) == (Status.INACTIVE, date(2026, 4, 2))
    with builders.refused("placement.restore_too_late"):
        vouchers.restore_voucher(actor=family.actor, application=row, now=in_days(32))
    vouchers.restore_voucher(actor=family.actor, application=row, now=in_days(31))
    assert (row_of(row).status, row_of(row).applied_at) == (Status.WAITING, NOW)
    with builders.refused("placement.step_not_allowed"):
        vouchers.restore_voucher(actor=family.actor, application=row, now=in_days(31))
    preview = rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=in_days(31))
    held = rounds.confirm_round(actor=OPERATOR, district=DISTRICT, fingerprint=preview.fingerprint, now=in_days(31))
    rounds.publish_round(actor=OPERATOR, round=held, now=in_days(31))
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(36)).vouchers == 1
    with builders.refused("placement.restored_already"):
        vouchers.restore_voucher(actor=family.actor, application=row, now=in_days(36))
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(37)).restores == 1
    assert (row_of(row).status, row_of(row).closed_reason) == (Status.ANNULLED, "not_restored")


def test_refusing_the_voucher_annuls_the_place(family):
    builders.kindergarten(1)
    (row,) = given(family)
    for _ in range(2):
        vouchers.refuse_voucher(actor=family.actor, application=row, now=NOW)
    assert row_of(row).status == Status.ANNULLED
    assert Notice.objects.filter(code="placement.voucher_refused").count() == 1


def test_what_cannot_be_chosen(family):
    home, full = builders.kindergarten(1), builders.kindergarten(0)
    russian = builders.kindergarten(1, language=Language.RUSSIAN)
    far = builders.kindergarten(1, district=builders.OTHER_DISTRICT)
    (row,) = given(family)

    def choose(organisation):
        vouchers.choose_kindergarten(actor=family.actor, application=row, organisation=organisation, now=NOW)

    for organisation, code in (
        (full.id, "no_free_place"),
        (russian.id, "no_fitting_group"),
        (far.id, "wrong_territory"),
        (new_id(), "wrong_territory"),
    ):
        with builders.refused(f"placement.{code}"):
            choose(organisation)
    with builders.refused("placement.place_is_free"):
        vouchers.join_waiting_list(actor=family.actor, application=row, organisation=home.id, now=NOW)


def test_the_waiting_list_is_told_when_a_place_frees(family):
    home, other = builders.kindergarten(1), builders.kindergarten(1)
    second = builders.family()
    first_row, second_row = given(family, second)
    vouchers.choose_kindergarten(actor=family.actor, application=first_row, organisation=home.id, now=NOW)
    for _ in range(2):
        vouchers.join_waiting_list(actor=second.actor, application=second_row, organisation=home.id, now=NOW)
    assert row_of(second_row).status == Status.LISTED and WaitingEntry.objects.count() == 1
    assert deadlines.run_deadlines(actor=OPERATOR, now=in_days(9)).contracts == 1
    assert row_of(first_row).status == Status.INACTIVE
    freed = Notice.objects.get(code="placement.place_freed")
    assert freed.person_id == second.guardian
    vouchers.choose_kindergarten(actor=second.actor, application=second_row, organisation=home.id, now=in_days(10))
    assert not WaitingEntry.objects.filter(closed_at=None).exists()
    assert Offer.objects.get(closed_at=None).group_id == home.group
    assert other.id


def test_leaving_the_last_list_leads_back_to_choosing(family):
    builders.kindergarten(1)
    full = builders.kindergarten(0)
    (row,) = given(family)
    vouchers.join_waiting_list(actor=family.actor, application=row, organisation=full.id, now=NOW)
    for _ in range(2):
        vouchers.leave_waiting_list(actor=family.actor, application=row, organisation=full.id, now=NOW)
    assert row_of(row).status == Status.VOUCHER_ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_two_families_at_once_do_not_get_one_place():
    builders.voucher_district()
    one, two = builders.family(), builders.family()
    home = builders.kindergarten(1)
    builders.kindergarten(1)
    rows = given(one, two)

    def choose(family, row):
        return lambda: vouchers.choose_kindergarten(actor=family.actor, application=row, organisation=home.id, now=NOW)

    results = at_once(choose(one, rows[0]), choose(two, rows[1]))
    assert "placement.no_free_place" in results
    assert Offer.objects.filter(group=home.group, closed_at=None).count() == 1
