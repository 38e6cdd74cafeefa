"""Figures of several sources side by side: counted, loaded, taken back, explained; who sees which."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.accuracy.models import Figure, FigureNote
from shanyraq.domains.accuracy.queries import reconciliation as queries
from shanyraq.domains.accuracy.rules.reconciliation import Accord, FigureSource, Reconciled, added_up
from shanyraq.domains.accuracy.services import reconciliation as services
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import OPERATOR, refused, staff
from shanyraq.foundation import clock, history
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.checks.measures import measured, measures
from shanyraq.foundation.imports import services as imports
from shanyraq.foundation.imports import working
from shanyraq.foundation.imports.models import Import
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.interfaces.cli.main import root
from tests.data_checks import world
from tests.data_checks.world import DISTRICT, FAR, NOW, TODAY

pytestmark = pytest.mark.django_db
PERIOD = "2025/26"
REGION = "710000000"
LATER = NOW + timedelta(days=1)
MINISTRY = staff(Role.MINISTRY)
WORDS = "Statistics leaves out evening schools"


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def country():
    made = world.build()
    world.enrol(made.child(), world.group(world.organisation("school", district=FAR), "school"))
    take(NOW)
    return made


def take(now):
    return services.keep_figures(actor=OPERATOR, counted=queries.counted(TODAY), period=PERIOD, now=now)


def put(value, source=FigureSource.STATISTICS, territory=REGION, measure="pupils"):
    return Figure.objects.create(
        recorded_at=NOW, source=source, measure=measure, territory=territory, period=PERIOD, value=value
    )


def lines(actor, territory="", measure="pupils"):
    return {one.figures.territory: one for one in queries.reconciled(actor, measure, PERIOD, territory)}


@given(st.dictionaries(st.sampled_from(("711110000", "711210000", "751110000", "350000000")), st.integers(0, 999)))
def test_regions_and_the_country_are_the_sum_of_their_districts(by_district):
    whole = added_up({kato: Decimal(n) for kato, n in by_district.items()})
    assert whole[""] == sum(by_district.values()) == sum(n for kato, n in whole.items() if kato.endswith("0000000"))


@pytest.mark.parametrize(
    ("values", "accord", "widest"),
    [((10,), Accord.LACKS, 0), ((10, 10), Accord.AGREED, 0), ((10, 7, 15), Accord.DIFFERS, 5)],
)
def test_sources_agree_differ_or_lack(values, accord, widest):
    one = Reconciled("", dict(zip(FigureSource, map(Decimal, values), strict=False)))
    assert (one.accord, one.widest) == (accord, widest)


@pytest.mark.parametrize("code", sorted(measures()))
def test_every_measure_counts(country, code):
    assert all(value >= 0 for value in measured(measures()[code], TODAY).values())


def test_our_figures_are_counted_once_and_renewed_when_they_change(country):
    assert {one: int(row.figures.values[FigureSource.OURS]) for one, row in lines(MINISTRY).items()} == {
        "": 2, REGION: 1, "750000000": 1,
    }  # fmt: skip
    assert take(LATER) == 0
    country.pupils(2)
    assert take(LATER) > 0
    assert int(lines(MINISTRY)[""].figures.values[FigureSource.OURS]) == 4
    row = Figure.objects.get(measure="pupils", territory="", source=FigureSource.OURS)
    assert [int(one.value) for one in history.versions(Figure, row.pk)] == [2, 4]


def test_three_columns_stand_side_by_side_widest_difference_first(country):
    put(5)
    put(1, FigureSource.FINANCE)
    put(1, territory="750000000")
    rows = queries.reconciled(MINISTRY, "pupils", PERIOD)
    assert [one.figures.territory for one in rows] == ["", REGION, "750000000"]
    assert rows[1].figures.difference(FigureSource.STATISTICS) == -4
    assert rows[1].figures.difference(FigureSource.FINANCE) == 0
    assert [one.figures.accord for one in rows] == [Accord.LACKS, Accord.DIFFERS, Accord.AGREED]


def test_an_office_sees_its_own_territory_only(country):
    assert set(lines(staff(Role.OFFICER, DISTRICT), "71")) == {DISTRICT}
    assert set(lines(staff(Role.REGION, "71"), "71")) == {REGION, DISTRICT}
    assert lines(staff(Role.REGION, "71"), "75") == {}
    assert lines(builders.head_of(country.school.pk)) == {}


def test_the_page_asks_as_often_whatever_the_number_of_rows(country, django_assert_num_queries):
    with django_assert_num_queries(3):
        queries.reconciled(MINISTRY, "pupils", PERIOD)
    for n in range(11, 41):
        put(n, territory=f"{n}0000000")
    with django_assert_num_queries(3):
        assert len(queries.reconciled(MINISTRY, "pupils", PERIOD)) > 30


def explain(actor, territory=REGION, words=WORDS, measure="pupils", now=NOW):
    return services.note_figure(
        actor=actor, measure=measure, territory=territory, period=PERIOD, words=words, now=now
    )  # fmt: skip


def test_a_difference_is_explained_and_the_last_word_counts(country):
    explain(staff(Role.REGION, "71"))
    explain(MINISTRY, words="Agreed with the bureau in March", now=LATER)
    assert lines(MINISTRY)[REGION].note == "Agreed with the bureau in March"
    assert FigureNote.objects.count() == 2
    assert AuditEntry.objects.filter(action="accuracy.note_figure").count() == 2


@pytest.mark.parametrize(
    "actor", [staff(Role.REGION, "75"), staff(Role.OFFICER, DISTRICT), staff(Role.AUDITOR), staff(Role.SYSTEM, "71")]
)
def test_nobody_explains_what_is_not_theirs(country, actor):
    with pytest.raises(NotAllowed):
        explain(actor)


def test_a_note_says_something_of_a_figure_that_exists(country):
    with refused("accuracy.note_too_short"):
        explain(MINISTRY, words="  ok  ")
    with refused("accuracy.figure_unknown"):
        explain(MINISTRY, measure="nothing")


# ---- figures of others come by file

HEADER = "source;measure;territory;period;value;document\n"


def load(tmp_path, text, actor=OPERATOR, territory=""):
    path = tmp_path / "figures.csv"
    path.write_text(HEADER + text, "utf-8")
    new = imports.NewImport("accuracy.figures", path, path.name, territory, None, TODAY, replace=False, lang="en")
    owner = imports.receive(actor=actor, new=new, now=NOW)
    working.look(owner, NOW)
    return owner


def test_a_file_of_figures_is_loaded_changed_and_taken_back(country, tmp_path):
    owner = load(tmp_path, f"statistics;pupils;{REGION};{PERIOD};120,5;Table 4\nfinance;pupils;;{PERIOD};7;\n")
    imports.apply(actor=OPERATOR, owner=owner, now=NOW)
    working.write(owner)
    assert lines(MINISTRY)[REGION].figures.values[FigureSource.STATISTICS] == Decimal("120.50")
    assert lines(MINISTRY)[""].figures.values[FigureSource.FINANCE] == 7
    with clock.frozen_at(LATER):
        again = load(tmp_path, f"statistics;pupils;{REGION};{PERIOD};121;Table 5\n")
        imports.apply(actor=OPERATOR, owner=again, now=LATER)
        working.write(again)
        assert lines(MINISTRY)[REGION].figures.values[FigureSource.STATISTICS] == 121
    imports.undo(actor=OPERATOR, owner=again, now=LATER + timedelta(days=1))
    assert lines(MINISTRY)[REGION].figures.values[FigureSource.STATISTICS] == Decimal("120.50")
    heard = LedgerEntry.objects.filter(kind="accuracy.FiguresLoaded").order_by("seq")
    told = [tuple(json.loads(row.payload)[name] for name in ("added", "changed", "undone")) for row in heard]
    assert told == [(2, 0, False), (0, 1, False), (0, 0, True)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"statistics;pupils;999999999;{PERIOD};1;", "figure_territory"),
        ("statistics;pupils;;summer;1;", "figure_period"),
        (f"statistics;pupils;;{PERIOD};-1;", "figure_below_zero"),
        (f"statistics;pupils;;{PERIOD};1;\nstatistics;pupils;;{PERIOD};2;", "figure_twice"),
        (f"ours;pupils;;{PERIOD};1;", "unknown_code"),
    ],
)
def test_faults_of_a_line_are_named(country, tmp_path, line, code):
    owner = load(tmp_path, f"{line}\n")
    assert code in str(Import.objects.get(pk=owner).faults)


# ---- pages and commands


def browser(role, territory=""):
    user = accounts.create_user(actor=OPERATOR, sign_in_name=f"user-{role}-{territory}".lower(), now=NOW)
    accounts.grant(
        actor=OPERATOR, user=user, role=role, valid_from=date(2026, 1, 1), now=NOW, territory=territory
    )  # fmt: skip
    client = Client()
    client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_table_its_file_and_the_printed_figures_are_shown(country, lang):
    put(5)
    client = browser(Role.MINISTRY)
    client.cookies["language"] = lang
    page = client.get("/reconciliation/?measure=pupils")
    assert page.status_code == 200 and page.context["differing"] == 1
    assert len(client.get("/reconciliation/file/?measure=pupils").content.decode().splitlines()) == 4
    assert client.get("/reconciliation/published/").status_code == 200
    assert client.get("/reconciliation/?measure=x&period=y&territory=z").status_code == 200


def test_a_note_is_written_on_its_page(country):
    client, asked = browser(Role.REGION, "71"), f"?measure=pupils&territory={REGION}&period={PERIOD}"
    assert client.get(f"/reconciliation/note/{asked}").status_code == 200
    assert client.post(f"/reconciliation/note/{asked}", {"words": "no"}).status_code == 422
    assert client.post(f"/reconciliation/note/{asked}", {"words": WORDS}).status_code == 303
    assert lines(MINISTRY)[REGION].note == WORDS
    assert client.get(f"/reconciliation/note/?measure=pupils&territory=750000000&period={PERIOD}").status_code == 403


def test_the_commands_take_compare_and_tell(country):
    runner = CliRunner()
    took = runner.invoke(root, ["figures", "take", "--lang", "en"])
    assert took.exit_code == 0, took.output
    assert "2" in runner.invoke(root, ["figures", "compare", "pupils", "--lang", "en"]).output
    told = runner.invoke(root, ["figures", "published", "--lang", "en"])
    assert told.exit_code == 0 and "68 checks: 53 hold, 15 are known contradictions." in told.output
