"""Comparisons from the rows: asked for, computed at once or by jobs, published, packed, computed again."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.cli import placement
from shanyraq.domains.placement.models import Comparison, ComparisonPart
from shanyraq.domains.placement.queries import whatif as queries
from shanyraq.domains.placement.queries.whatif_cases import case_of, offered
from shanyraq.domains.placement.queries.whatif_package import package
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.whatif import compare
from shanyraq.domains.placement.rules.whatif_files import files_of, read_case
from shanyraq.domains.placement.rules.whatif_measures import Dimension, Home
from shanyraq.domains.placement.services import documents, rounds, whatif
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OTHER_DISTRICT, officer_of, refused, staff, there
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation import clock, jobs, ledger
from shanyraq.foundation.access import Actor, Role
from shanyraq.foundation.audit.models import AuditEntry
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db

SETS = [one.rules for one in offered()]
FILES = [one.written for one in offered()]
REGION = DISTRICT[:2]
TODAY = date(2026, 3, 2)


def with_first_right(*organisations: UUID, hours: int) -> None:
    """An application with a confirmed paper of a first right, filed so many hours after the others."""
    at = NOW + timedelta(hours=hours)
    family = builders.family()
    builders.application(
        *organisations, of=family, now=at, benefit=Benefit.LARGE_FAMILY,
        documents=(builders.document("large_family"),),
    )  # fmt: skip
    paper = apps.get_model("placement.Document").objects.get(application__child_id=family.child)
    documents.confirm_document(actor=officer_of(), document=paper.pk, now=at)


def a_queue() -> None:
    """Two kindergartens of one place each. First comes a child that wishes both, then one that wishes the first only,
    then one with a first right that wishes the first: it goes before both."""
    first, second = builders.kindergarten(1), builders.kindergarten(1)
    builders.application(first.id, second.id)
    builders.application(first.id, now=NOW + timedelta(hours=1))
    with_first_right(first.id, hours=2)


def asked(
    actor: Actor, territory: str = DISTRICT, files: list[str] | None = None, key: UUID | None = None
) -> Comparison:
    builders.territory()
    pk = whatif.request_comparison(
        actor=actor,
        territory=territory,
        rules=FILES if files is None else files,
        key=key or new_id(),
        now=LATER,
    )
    return Comparison.objects.get(pk=pk)


LATER = NOW + timedelta(hours=3)


def rows_of_placement() -> dict[str, list[str]]:
    """Every row of placement and of the registry, apart from comparisons."""
    found: dict[str, list[str]] = {}
    for label in ("placement", "registry", "ledger"):
        for model in apps.get_app_config(label).get_models():
            if model not in (Comparison, ComparisonPart):
                found[model._meta.label] = sorted(map(repr, model._default_manager.values_list()))
    return found


class TestCase:
    def test_as_in_force_is_the_preview_of_the_round(self):
        a_queue()
        preview = rounds.preview_round(actor=officer_of(), district=DISTRICT, now=LATER)
        measures = compare(case_of(DISTRICT, TODAY), SETS)["in-force"]
        assert (measures.claims, measures.placed, measures.first_wish) == (
            preview.claims, preview.placed, preview.first_wish,
        )  # fmt: skip
        assert (measures.placed, measures.first_wish) == (2, 1)

    def test_the_same_in_a_district_of_vouchers(self):
        builders.voucher_district(OTHER_DISTRICT)
        house = builders.kindergarten(1, district=OTHER_DISTRICT)
        for _ in range(3):
            builders.application(house.id, of=builders.family(district=OTHER_DISTRICT))
        preview = rounds.preview_round(actor=officer_of(OTHER_DISTRICT), district=OTHER_DISTRICT, now=LATER)
        measures = compare(case_of(OTHER_DISTRICT, TODAY), SETS)["in-force"]
        assert (measures.claims, measures.placed, measures.by_voucher) == (preview.claims, preview.placed, 3)

    def test_claims_are_named_by_code_and_homes_are_measured(self):
        far = builders.kindergarten(5, at=(builders.HOME[0], builders.HOME[1] + 0.09))  # 10 km to the north
        pk = builders.application(far.id)
        code = apps.get_model("placement.Application").objects.get(pk=pk).code
        case = case_of(DISTRICT, TODAY)
        (claim,) = case.inputs.claims
        assert claim.id.hex == claim.code == code
        assert list(case.distances[claim.id].values()) == [100]
        assert case.homes[claim.id] is Home.TOWN
        assert str(pk).replace("-", "") not in files_of(case).inputs.decode()

    def test_the_files_of_a_district_give_the_same_again(self):
        a_queue()
        case = case_of(DISTRICT, TODAY)
        again = read_case(files_of(case).inputs, files_of(case).near)
        assert again == replace(case, distances={}, homes={})

    def test_files_of_another_shape_are_told(self):
        a_queue()
        good = files_of(case_of(DISTRICT, TODAY))
        for near in (b"{", b"[]", b'{"form": 2}', b'{"form": 1}', b"\xff", good.near.replace(b'"on"', b'"of"')):
            with pytest.raises(ValueError, match=r"."):
                read_case(good.inputs, near)
        with pytest.raises(ValueError, match=r"."):
            read_case(b"{}", good.near)

    def test_the_number_of_queries_does_not_grow(self):
        house = builders.kindergarten(9, 9)
        builders.application(house.id)
        few = self.queries()
        for n in range(1, 8):
            builders.application(house.id, now=NOW + timedelta(minutes=n))
        assert self.queries() == few <= 20

    def queries(self) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            case_of(DISTRICT, TODAY)
        return len(seen)


class TestAsking:
    def test_a_district_is_computed_at_once(self):
        a_queue()
        row = asked(officer_of())
        assert (row.status, row.done, row.districts) == ("done", 1, [DISTRICT])
        result = there(queries.comparison(officer_of(), row.pk))
        assert [rules.id for rules, _ in result.lines] == [one.id for one in SETS]
        assert dict((rules.id, one.placed) for rules, one in result.lines)["most-placed"] == 2

    def test_by_time_the_first_right_loses_its_turn(self):
        """Of the three the first wishes both kindergartens, so by time 1 gets its first wish and nobody the second."""
        a_queue()
        result = there(queries.comparison(officer_of(), asked(officer_of()).pk))
        by_time = dict((rules.id, one) for rules, one in result.lines)["no-ratio"]
        assert (by_time.placed, by_time.better, by_time.worse) == (1, 1, 1)
        assert by_time.of(Dimension.RIGHT)["priority"] == (1, 0, 0, 1)
        assert (by_time.pairs, by_time.envious) == (1, 1)

    def test_nothing_of_placement_changes(self):
        a_queue()
        before = rows_of_placement()
        row = asked(staff(Role.REGION, REGION))
        assert rows_of_placement() == before
        whatif.publish_comparison(actor=staff(Role.REGION, REGION), comparison=row.pk, now=LATER)
        after = rows_of_placement()
        assert {label for label in after if after[label] != before[label]} <= {"ledger.LedgerEntry", "ledger.Pending"}

    def test_a_region_is_computed_by_jobs_and_adds_up(self):
        a_queue()
        builders.application(
            builders.kindergarten(1, district=OTHER_DISTRICT).id, of=builders.family(district=OTHER_DISTRICT)
        )
        row = asked(staff(Role.REGION, REGION), REGION)
        districts = len([one for one in registry.districts(on=TODAY) if one.kato.startswith(REGION)])
        assert (row.status, row.done, len(row.districts)) == ("running", 0, districts)
        assert jobs.run_due() == -(-districts // whatif.AT_ONCE)
        result = there(queries.comparison(staff(Role.MINISTRY), row.pk))
        assert (result.card.done, result.card.status) == (districts, "done")
        parts = result.in_force.of(Dimension.DISTRICT)
        assert (result.in_force.claims, parts[DISTRICT].claims, parts[OTHER_DISTRICT].claims) == (4, 3, 1)

    def test_a_job_that_runs_twice_counts_once(self):
        a_queue()
        row = asked(staff(Role.REGION, REGION), REGION)
        whatif.go_on(comparison=row.pk, now=LATER, limit=2)
        whatif.go_on(comparison=row.pk, now=LATER, limit=1)
        row.refresh_from_db()
        assert row.done == 3 == ComparisonPart.objects.filter(comparison=row).count()
        jobs.run_due()
        whatif.carry_on.call(comparison=str(row.pk))
        assert there(queries.comparison(staff(Role.MINISTRY), row.pk)).in_force.claims == 3

    def test_sent_twice_it_is_one(self):
        a_queue()
        officer, key = officer_of(), new_id()
        assert asked(officer, key=key).pk == asked(officer, key=key).pk
        with refused("access.denied"):
            asked(officer_of(), key=key)
        assert Comparison.objects.count() == 1

    def test_it_is_written_down_who_asked(self):
        officer = officer_of()
        row = asked(officer)
        entry = AuditEntry.objects.get(action="placement.compare")
        assert (entry.subject_id, row.made_by) == (row.pk, officer.user)

    @pytest.mark.parametrize(
        ("actor", "territory"),
        [
            (officer_of(), OTHER_DISTRICT), (officer_of(), REGION), (officer_of(), ""),
            (staff(Role.REGION, "75"), DISTRICT), (staff(Role.REGION, REGION), ""), (staff(Role.AUDITOR), DISTRICT),
            (Actor(None), DISTRICT),
        ],
    )  # fmt: skip
    def test_nobody_asks_for_another_territory(self, actor, territory):
        builders.territory()
        with refused("access.denied"):
            asked(actor, territory)

    def test_what_cannot_be_compared_is_refused(self):
        builders.territory()
        ministry = staff(Role.MINISTRY)
        with refused("placement.no_rule_sets"):
            asked(ministry, files=[])
        with refused("placement.no_rule_sets"):
            asked(ministry, files=FILES[:1])
        with refused("placement.too_many_rule_sets"):
            asked(ministry, files=[FILES[1].replace("id: no-ratio", f"id: a{n}") for n in range(10)])
        with refused("placement.ruleset_twice"):
            asked(ministry, files=[FILES[1], FILES[1]])
        with refused("placement.ruleset_value"):
            asked(ministry, files=[FILES[2].replace("general: 1", "general: 0")])
        with refused("placement.no_such_territory"):
            asked(ministry, "99")
        assert not Comparison.objects.exists()


class TestPublishing:
    def test_the_log_keeps_what_was_published(self):
        row = published()
        (entry,) = ledger.entries(row.pk)
        assert entry.kind == "placement.ComparisonPublished"
        assert entry.payload["territory"] == DISTRICT
        assert entry.payload["inputs_hash"] == bytes(row.inputs_hash or b"").hex()
        assert entry.payload["results_hash"] == bytes(row.results_hash or b"").hex()

    def test_the_region_publishes_once(self):
        region = staff(Role.REGION, REGION)
        pk = asked(officer_of()).pk
        assert queries.published_comparison(pk) is None
        with refused("access.denied"):
            whatif.publish_comparison(actor=officer_of(), comparison=pk, now=LATER)
        with refused("access.denied"):
            whatif.publish_comparison(actor=staff(Role.REGION, "75"), comparison=pk, now=LATER)
        whatif.publish_comparison(actor=region, comparison=pk, now=LATER)
        assert there(queries.published_comparison(pk)).card.published_at == LATER
        with refused("placement.comparison_published"):
            whatif.publish_comparison(actor=region, comparison=pk, now=LATER)

    def test_not_before_it_is_done(self):
        builders.territory()
        row = asked(staff(Role.REGION, REGION), REGION)
        with refused("placement.comparison_runs"):
            whatif.publish_comparison(actor=staff(Role.MINISTRY), comparison=row.pk, now=LATER)

    def test_who_sees_what(self):
        builders.territory()
        own, region = asked(officer_of()), asked(staff(Role.REGION, REGION), REGION)
        seen = {
            name: {card.id for card in queries.comparisons(actor)}
            for name, actor in {
                "officer": officer_of(), "neighbour": officer_of(OTHER_DISTRICT), "region": staff(Role.REGION, REGION),
                "other region": staff(Role.REGION, "75"), "auditor": staff(Role.AUDITOR),
            }.items()
        }  # fmt: skip
        assert seen == {
            "officer": {own.pk}, "neighbour": set(), "region": {own.pk, region.pk}, "other region": set(),
            "auditor": {own.pk, region.pk},
        }  # fmt: skip


def published(files: list[str] | None = None) -> Comparison:
    region = staff(Role.REGION, REGION)
    row = asked(region, DISTRICT, files)
    whatif.publish_comparison(actor=region, comparison=row.pk, now=LATER)
    return row


def packed(row: Comparison) -> bytes:
    return b"".join(package(there(queries.published_comparison(row.pk))))


def run(*words: str) -> tuple[int, str]:
    with clock.frozen_at(LATER):
        answer = CliRunner().invoke(placement, ["what-if", *words, "--lang", "en"])
    return answer.exit_code, answer.output


class TestPackage:
    def test_a_stranger_computes_it_again_without_a_database(self, tmp_path, django_db_blocker):
        a_queue()
        path = tmp_path / "package.zip"
        path.write_bytes(packed(published()))
        with django_db_blocker.block():
            code, said = run("--inputs", str(path))
        assert (code, said.splitlines()[-1]) == (0, "Equal: the results are those of the package.")

    def test_it_is_the_same_each_time_and_names_nobody(self):
        a_queue()
        row = published()
        raw = packed(row)
        assert raw == packed(row)
        names = ZipFile(io.BytesIO(raw)).namelist()
        assert {"README.md", "datapackage.json", "results.json", "inputs.txt", f"inputs/{DISTRICT}.json"} <= set(names)
        everything = b"".join(ZipFile(io.BytesIO(raw)).read(name) for name in names).decode()
        for application in apps.get_model("placement.Application").objects.all():
            assert str(application.pk) not in everything and str(application.child_id) not in everything
            assert application.code in everything

    def test_steps_of_distance_are_there_only_when_a_rule_asks_for_them(self):
        a_queue()
        near = f"near/{DISTRICT}.json"
        without, with_ = (ZipFile(io.BytesIO(packed(published(some)))) for some in (FILES[:3], FILES))
        assert json.loads(without.read(near))["steps"] == {}
        assert json.loads(with_.read(near))["steps"]

    @pytest.mark.parametrize(
        ("name", "was", "becomes", "said"),
        [
            (f"inputs/{DISTRICT}.json", b'"right":"priority"', b'"right":"general"', "checksum"),
            (f"near/{DISTRICT}.json", b'"on"', b'"of"', "cannot be read"),
            ("results.json", b'"placed":2', b'"placed":3', "checksum"),
            ("inputs.txt", b"0", b"1", "checksum"),
            ("rules/00-in-force.yaml", b"changes: {}", b"changes: {siblings_first: maybe}", "does not fit"),
            ("rules/01-no-ratio.yaml", b"ratio: none", b"siblings_first: true", "results differ"),
        ],
    )
    def test_a_change_in_the_package_is_found(self, tmp_path, name, was, becomes, said):
        a_queue()
        path = tmp_path / "package.zip"
        path.write_bytes(changed(packed(published()), name, was, becomes))
        code, answer = run("--inputs", str(path))
        assert code != 0 and said in answer

    def test_what_is_no_package(self, tmp_path):
        path = tmp_path / "package.zip"
        for broken in (b"", b"PK\x03\x04", b"no zip"):
            path.write_bytes(broken)
            assert run("--inputs", str(path))[0] == 2
        with ZipFile(path, "w") as empty:
            empty.writestr("README.md", "-")
        assert run("--inputs", str(path))[0] == 2


def changed(raw: bytes, name: str, was: bytes, becomes: bytes) -> bytes:
    """The package with one file changed; a lost place in its list of hashes is not mended."""
    old, new = ZipFile(io.BytesIO(raw)), io.BytesIO()
    with ZipFile(new, "w") as made:
        for one in old.namelist():
            body = old.read(one)
            assert one != name or was in body
            made.writestr(one, body.replace(was, becomes) if one == name else body)
    return new.getvalue()


class TestCommand:
    def test_a_district_as_a_table_and_as_json(self):
        a_queue()
        code, said = run(DISTRICT)
        assert code == 0 and "Applications: 3. Districts: 1." in said and "Most children placed" in said
        code, said = run(DISTRICT, "--rules", "no-ratio", "--json")
        results = json.loads(said)["results"]
        assert (code, set(results), results["no-ratio"]["placed"]) == (0, {"in-force", "no-ratio"}, 1)

    def test_a_file_of_ones_own(self, tmp_path):
        a_queue()
        path = tmp_path / "mine.yaml"
        path.write_text(FILES[3].replace("id: ratio-1-5", "id: mine"), "utf-8")
        code, said = run(DISTRICT, "--rules", str(path), "--json")
        assert code == 0 and set(json.loads(said)["results"]) == {"in-force", "mine"}
        path.write_text("form: 7", "utf-8")
        code, said = run(DISTRICT, "--rules", str(path))
        assert code == 2 and "line 1" in said
        assert run(DISTRICT, "--rules", "no-such-file")[0] == 2

    def test_an_unknown_territory(self):
        builders.territory()
        assert run("99")[0] == 2
