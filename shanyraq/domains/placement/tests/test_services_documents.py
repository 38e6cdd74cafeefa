from datetime import timedelta

import pytest

from shanyraq.domains.placement.models import Application, Document
from shanyraq.domains.placement.rules.claim import Benefit, Right
from shanyraq.domains.placement.services import applications, deadlines, documents, rounds
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OPERATOR
from shanyraq.domains.registry.rules.kinds import GroupKind
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.refusal import NotAllowed

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


@pytest.fixture
def claimed():
    family, home = builders.family(), builders.kindergarten(1)
    row = builders.application(
        home.id, of=family, benefit=Benefit.LARGE_FAMILY, documents=(builders.document("large_family"),)
    )
    return family, row, Document.objects.get(application=row)


def right(row):
    found = Application.objects.get(pk=row)
    return found.right, found.right_since


def test_a_right_claimed_with_the_application_counts_from_the_application(claimed):
    _, row, paper = claimed
    assert right(row) == (Right.GENERAL, NOW)
    documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=LATER)
    assert right(row) == (Right.PRIORITY, NOW)
    with builders.refused("placement.document_checked"):
        documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=LATER)
    assert Notice.objects.filter(code="placement.document_confirmed").count() == 1


def test_a_right_claimed_later_counts_from_its_confirmation(claimed):
    family, row, paper = claimed
    documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=NOW)
    for _ in range(2):
        applications.claim_right(
            actor=family.actor,
            application=row,
            benefit=Benefit.SERVICE,
            document=builders.document("service"),
            now=LATER,
        )
    later = Document.objects.get(application=row, benefit=Benefit.SERVICE)
    assert right(row) == (Right.PRIORITY, NOW)
    instant = LATER + timedelta(days=1)
    documents.confirm_document(actor=builders.officer_of(), document=later.pk, now=instant)
    assert right(row) == (Right.EXTRAORDINARY, instant)
    assert Application.objects.get(pk=row).benefit == Benefit.SERVICE


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_grounds_that_give_the_same_right_the_first_filed_is_named(claimed, order):
    family, row, first = claimed
    applications.claim_right(
        actor=family.actor, application=row, benefit=Benefit.TEACHER, document=builders.document("teacher"), now=NOW
    )
    papers = (first, Document.objects.get(application=row, benefit=Benefit.TEACHER))
    for at in order:
        documents.confirm_document(actor=builders.officer_of(), document=papers[at].pk, now=LATER)
    assert right(row)[0] == Right.PRIORITY
    assert Application.objects.get(pk=row).benefit == Benefit.LARGE_FAMILY


def test_a_refused_paper_gives_nothing_and_takes_nothing(claimed):
    _, row, paper = claimed
    with builders.refused("placement.refusal_reason"):
        documents.refuse_document(actor=builders.officer_of(), document=paper.pk, reason="no", now=LATER)
    documents.refuse_document(actor=builders.officer_of(), document=paper.pk, reason="unreadable", now=LATER)
    assert right(row) == (Right.GENERAL, NOW)
    with builders.refused("placement.document_checked"):
        documents.refuse_document(actor=builders.officer_of(), document=paper.pk, reason="unreadable", now=LATER)


def test_only_the_officer_of_the_district_checks(claimed):
    family, _, paper = claimed
    for actor in (family.actor, builders.kindergarten().head, builders.officer_of(builders.OTHER_DISTRICT)):
        with pytest.raises(NotAllowed):
            documents.confirm_document(actor=actor, document=paper.pk, now=NOW)
        with pytest.raises(NotAllowed):
            documents.refuse_document(actor=actor, document=paper.pk, reason="expired", now=NOW)


def test_a_paper_of_another_kind_does_not_prove_the_right(claimed):
    family, row, _ = claimed
    with builders.refused("placement.document_wrong"):
        applications.claim_right(
            actor=family.actor, application=row, benefit=Benefit.SERVICE, document=builders.document("orphan"), now=NOW
        )


def test_a_paper_that_expired_before_the_check_is_refused():
    row = builders.application(
        builders.kindergarten(1).id, benefit=Benefit.TEACHER, documents=(builders.document("teacher"),)
    )
    paper = Document.objects.get(application=row)
    with builders.refused("placement.document_expired"):
        documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=NOW + timedelta(days=40))


def test_a_paper_not_shown_in_time_lapses_and_the_queue_stays(claimed):
    _, row, _ = claimed
    assert deadlines.run_deadlines(actor=OPERATOR, now=NOW + timedelta(days=8)).documents == 0
    late = NOW + timedelta(days=9)
    assert deadlines.run_deadlines(actor=OPERATOR, now=late).documents == 1
    assert deadlines.run_deadlines(actor=OPERATOR, now=late).total == 0
    assert Document.objects.get(application=row).refusal == "not_shown"
    assert right(row) == (Right.GENERAL, NOW)


def test_a_special_group_needs_its_conclusion():
    home = builders.kindergarten(1, kind=GroupKind.SPECIAL)
    with builders.refused("placement.document_missing"):
        builders.application(home.id, kind=GroupKind.SPECIAL)
    row = builders.application(home.id, kind=GroupKind.SPECIAL, documents=(builders.document("pmpc"),))
    with builders.refused("placement.no_claims"):
        rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=NOW)
    paper = Document.objects.get(application=row)
    documents.confirm_document(actor=builders.officer_of(), document=paper.pk, now=NOW)
    assert rounds.preview_round(actor=OPERATOR, district=DISTRICT, now=NOW).placed == 1
