"""Regional systems: the checklist over time, who keeps it, and reports that come in with a token."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.certification import queries, services
from shanyraq.domains.certification.rules import requirements as rules
from shanyraq.domains.certification.rules.requirements import Met, Requirement, Shown, Standing
from shanyraq.domains.placement.tests import builders
from shanyraq.foundation import ledger
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed, Refusal

NOW, TODAY = builders.NOW, builders.NOW.date()
NORMS = rules.CertificationNorms(12, 36)
MINISTRY = builders.staff(Role.MINISTRY)
SINCE = date(2025, 1, 31)


def stands(shown, today, withdrawn=False):
    return rules.standing(rules.checklist(shown, SINCE, today, NORMS), withdrawn)


def all_shown(on=SINCE):
    return [Shown(one, on, rules.until_of(one, on, NORMS)) for one in Requirement]


@pytest.mark.parametrize(
    ("shown", "today", "expected"),
    [
        ([], date(2025, 6, 1), Standing.APPLICANT),
        ([], date(2026, 1, 31), Standing.OVERDUE),
        ([Shown(Requirement.PRODUCTION, SINCE, None)], date(2026, 6, 1), Standing.APPLICANT),
        (all_shown(), date(2028, 1, 30), Standing.CERTIFIED),
        (all_shown(), date(2028, 1, 31), Standing.SUSPENDED),
        ([*all_shown(), *all_shown(date(2028, 1, 1))], date(2028, 6, 1), Standing.CERTIFIED),
        (all_shown(date(2027, 1, 1)), date(2026, 1, 30), Standing.APPLICANT),
    ],
)
def test_a_system_stands_by_its_checklist(shown, today, expected):
    assert stands(shown, today) is expected


def test_a_withdrawn_system_stays_withdrawn():
    assert stands(all_shown(), date(2025, 6, 1), withdrawn=True) is Standing.WITHDRAWN


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_a_day_of_the_right_month(day, months):
    later = rules.months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@pytest.fixture
def system(db):
    builders.territory()
    new = services.NewSystem("Kezek", "Kezek Systems", territory="710000000", client_code="abc")
    return services.register_system(actor=MINISTRY, new=new, now=NOW)


def test_evidence_is_entered_and_stands_in_the_log(system):
    services.show_requirement(
        actor=MINISTRY, system=system, requirement=Requirement.AUDIT, document="12, 01.03.2026", on=TODAY, now=NOW
    )
    card = queries.system(system, TODAY)
    assert card.met[Requirement.AUDIT] is Met.MET
    assert (card.met_count, card.standing, card.territory.en) == (1, Standing.APPLICANT, "Astana")
    (paper,) = queries.evidence_of(system)
    assert paper.until == rules.months_after(TODAY, 36)
    assert [one.kind for one in ledger.entries(system)] == [
        "certification.SystemRegistered", "certification.RequirementShown",
    ]  # fmt: skip


def test_only_the_ministry_keeps_the_register(system):
    for role in (Role.HEAD, Role.OFFICER, Role.REGION, Role.AUDITOR, Role.SYSTEM):
        actor = builders.staff(role)
        with pytest.raises(NotAllowed):
            services.register_system(actor=actor, new=services.NewSystem("A", "B"), now=NOW)
        with pytest.raises(NotAllowed):
            services.withdraw_system(actor=actor, system=system, reason="x", now=NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"document": " "}, "document_missing"), ({"on": TODAY + timedelta(days=1)}, "day_ahead")],
)
def test_evidence_needs_a_paper_and_a_day(system, change, code):
    asked = {"requirement": Requirement.AUDIT, "document": "1", "on": TODAY, **change}
    with pytest.raises(Refusal, match=code):
        services.show_requirement(actor=MINISTRY, system=system, now=NOW, **asked)


def test_a_name_and_a_client_stand_once(system):
    for new in (services.NewSystem("Kezek", "Other"), services.NewSystem("Other", "Other", client_code="abc")):
        with pytest.raises(Refusal, match="name_known"):
            services.register_system(actor=MINISTRY, new=new, now=NOW)


CASES = [{"name": f"t{n}", "outcome": outcome, "seconds": 0.1, "message": ""} for n, outcome in enumerate(
    ("passed", "passed", "failed", "skipped"))]  # fmt: skip


@pytest.mark.parametrize("own", [b"a" * 32, b"b" * 32])
def test_a_report_is_kept_with_what_ran(system, own):
    report = services.Report(b"a" * 32, NOW, CASES)
    services.receive_report(actor=MINISTRY, client_code="abc", report=report, own_hash=own, now=NOW)
    (run,) = queries.runs_of(system)
    assert (run.passed, run.failed, run.skipped, run.unchanged) == (2, 1, 1, own == b"a" * 32)


def test_a_report_of_an_unknown_client_or_of_nothing_is_refused(system):
    for code in ("", "other"):
        with pytest.raises(NotAllowed):
            services.receive_report(
                actor=MINISTRY, client_code=code, report=services.Report(bytes(32), NOW, CASES), own_hash=b"", now=NOW
            )
    with pytest.raises(Refusal, match="report_size"):
        services.receive_report(
            actor=MINISTRY, client_code="abc", report=services.Report(bytes(32), NOW, []), own_hash=b"", now=NOW
        )


def test_a_withdrawn_system_sends_no_reports(system):
    services.withdraw_system(actor=MINISTRY, system=system, reason="Closed", now=NOW)
    assert queries.system(system, TODAY).standing is Standing.WITHDRAWN
    with pytest.raises(NotAllowed):
        services.receive_report(
            actor=MINISTRY, client_code="abc", report=services.Report(bytes(32), NOW, CASES), own_hash=b"", now=NOW
        )
    with pytest.raises(Refusal, match="withdrawn"):
        services.withdraw_system(actor=MINISTRY, system=system, reason="Closed", now=NOW)
    with pytest.raises(Refusal, match="withdrawn"):
        services.show_requirement(
            actor=MINISTRY, system=system, requirement=Requirement.AUDIT, document="1", on=TODAY, now=NOW
        )


@pytest.mark.usefixtures("system")
def test_a_system_of_no_known_territory_is_refused():
    new = services.NewSystem("Another", "Provider", territory="999999999")
    with pytest.raises(Refusal, match="territory_unknown"):
        services.register_system(actor=MINISTRY, new=new, now=NOW)


def test_the_list_takes_the_same_queries_for_one_and_for_many(system, django_assert_num_queries):
    with django_assert_num_queries(3):
        queries.systems(TODAY)
    for n in range(20):
        services.register_system(actor=MINISTRY, new=services.NewSystem(f"S{n}", "P", client_code=f"c{n}"), now=NOW)
    with django_assert_num_queries(3):
        assert len(queries.systems(TODAY)) == 21


def test_pages_show_the_register_and_the_ministry_fills_it(system, client):
    services.receive_report(
        actor=MINISTRY, client_code="abc", report=services.Report(bytes(32), NOW, CASES), own_hash=bytes(32), now=NOW
    )
    client.cookies["language"] = "en"
    page = client.get("/certification/").content.decode()
    assert "Kezek Systems" in page
    assert "Register a system" not in page
    one = client.get(f"/certification/{system}/").content.decode()
    assert "Passed the compulsory audit" in one
    run = queries.runs_of(system)[0].id
    assert "t2" in client.get(f"/certification/{system}/runs/{run}/").content.decode()
    assert client.get(f"/certification/{run}/").status_code == 404
    assert client.get(f"/certification/{system}/runs/{system}/").status_code == 404
