"""The pages of comparisons: who opens what, what they say, and what a stranger gets."""

import doctest
import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shanyraq.domains.placement.models import Comparison
from shanyraq.domains.placement.queries.whatif_cases import offered
from shanyraq.domains.placement.services import whatif
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OTHER_DISTRICT, staff
from shanyraq.domains.placement.tests.test_services_whatif import FILES, LATER, REGION, a_queue
from shanyraq.foundation import clock, jobs
from shanyraq.foundation.access import Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.uid import new_id

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guides" / "whatif.md"
IDS = [one.rules.id for one in offered()[1:]]


@pytest.fixture(autouse=True)
def _at_noon():
    with clock.frozen_at(LATER):
        builders.territory()
        yield


def browser(role: Role | None, territory: str = "", lang: str = "en") -> Client:
    client = Client()
    client.cookies["language"] = lang
    if role is not None:
        name = f"{role}-{territory or 'all'}"
        user = accounts.create_user(actor=builders.OPERATOR, sign_in_name=name, now=NOW)
        accounts.grant(
            actor=builders.OPERATOR, user=user, role=role, valid_from=NOW.date(), now=NOW, territory=territory
        )
        client.force_login(User.objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def officer(lang: str = "en") -> Client:
    return browser(Role.OFFICER, DISTRICT, lang)


def ask(client: Client, territory: str = DISTRICT, **given: object):
    form = {"territory": territory, "rules": IDS, "key": str(new_id()), **given}
    return client.post("/comparisons/new/", form)


def made(territory: str = DISTRICT) -> Comparison:
    actor = staff(Role.MINISTRY)
    pk = whatif.request_comparison(actor=actor, territory=territory, rules=FILES, key=new_id(), now=LATER)
    return Comparison.objects.get(pk=pk)


def published() -> Comparison:
    row = made()
    whatif.publish_comparison(actor=staff(Role.MINISTRY), comparison=row.pk, now=LATER)
    return row


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestAsking:
    @pytest.mark.parametrize("lang", ["kk", "ru", "en"])
    def test_an_officer_asks_and_reads_the_answer(self, lang):
        a_queue()
        client = officer(lang)
        assert client.get("/comparisons/new/").status_code == 200
        sent = ask(client)
        assert sent.status_code == 303
        page = client.get(sent["Location"])
        titles = [one.rules.title.in_lang(lang) for one in offered()]
        assert page.status_code == 200 and all(title in text_of(page) for title in titles)
        assert "Refresh" not in page.headers

    def test_rules_of_her_own(self):
        a_queue()
        file = SimpleUploadedFile("my.yaml", FILES[3].replace("id: ratio-1-5", "id: my-own").encode())
        sent = ask(officer(), rules=[], file=file)
        assert sent.status_code == 303
        assert set(Comparison.objects.get().results) == {"in-force", "my-own"}

    def test_a_bad_file_is_told_where_and_why(self):
        bad = FILES[3].replace("general: 5", "general: nobody")
        page = ask(officer(), file=SimpleUploadedFile("my.yaml", bad.encode()))
        assert page.status_code == 422 and not Comparison.objects.exists()
        said = text_of(page)
        line = bad.splitlines().index("  ratio: {priority: 1, general: nobody}") + 1
        assert f"line {line}" in said and "changes.ratio.general" in said and "nobody" in said
        assert ask(officer_again(), file=SimpleUploadedFile("my.yaml", b"\xff\xfe")).status_code == 422

    def test_nothing_to_compare_with(self):
        page = ask(officer(), rules=[])
        assert page.status_code == 422 and "There is nothing to compare with" in text_of(page)

    def test_another_district_is_no_choice(self):
        client = officer()
        assert OTHER_DISTRICT not in client.get("/comparisons/new/").content.decode()
        for territory in (OTHER_DISTRICT, REGION, "*", ""):
            assert ask(client, territory).status_code == 422
        assert not Comparison.objects.exists()

    def test_the_ministry_chooses_the_country_a_region_or_a_district(self):
        page = browser(Role.MINISTRY).get("/comparisons/new/").content.decode()
        assert all(f'<option value="{one}"' in page for one in ("*", REGION, DISTRICT, OTHER_DISTRICT))
        region = browser(Role.REGION, REGION).get("/comparisons/new/").content.decode()
        assert f'<option value="{REGION}"' in region
        assert '<option value="*"' not in region and '<option value="75"' not in region


def officer_again() -> Client:
    client = Client()
    client.cookies["language"] = "en"
    user = User.objects.get(sign_in_name=f"{Role.OFFICER}-{DISTRICT}")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class TestRunning:
    def test_the_page_renews_itself_until_it_is_done(self):
        a_queue()
        there = builders.kindergarten(1, district=OTHER_DISTRICT)
        builders.application(there.id, of=builders.family(district=OTHER_DISTRICT))
        client = browser(Role.REGION, REGION)
        address = ask(client, REGION)["Location"]
        whatif.go_on(comparison=Comparison.objects.get().pk, now=LATER, limit=2)
        page = client.get(address)
        assert page["Refresh"] == "3" and "2 of " in text_of(page)
        assert client.get(f"{address}figures.csv").status_code == 404
        jobs.run_due()
        page = client.get(address)
        assert "Refresh" not in page.headers and "By district" in text_of(page)


class TestDoors:
    def test_who_may_publish(self):
        a_queue()
        row = made()
        address = f"/comparisons/{row.pk}/publish/"
        for client in (officer(), browser(Role.AUDITOR)):
            assert client.get(address).status_code == client.post(address).status_code == 403
        assert browser(Role.REGION, "75").post(address, {"key": str(new_id())}).status_code in (403, 404)
        region = browser(Role.REGION, REGION)
        assert "cannot be undone" in text_of(region.get(address))
        assert Client().get(f"/what-if/{row.pk}/").status_code == 404
        assert region.post(address, {"key": str(new_id())}).status_code == 303
        assert Client().get(f"/what-if/{row.pk}/").status_code == 200
        assert region.post(address, {"key": str(new_id())}).status_code == 422

    def test_others_do_not_see_it(self):
        row = made()
        for client in (browser(Role.OFFICER, OTHER_DISTRICT), browser(Role.REGION, "75")):
            assert client.get(f"/comparisons/{row.pk}/").status_code == 404
            assert client.get(f"/comparisons/{row.pk}/parts.csv").status_code == 404
            assert str(row.pk) not in client.get("/comparisons/").content.decode()
        assert Client().get(f"/comparisons/{row.pk}/").status_code == 302
        assert browser(Role.OPERATOR).get("/comparisons/").status_code == 403
        assert browser(Role.AUDITOR).get(f"/comparisons/{row.pk}/").status_code == 200
        assert browser(Role.MINISTRY).get(f"/comparisons/{row.pk}/nothing.csv").status_code == 404


class TestPublic:
    def test_a_stranger_reads_and_downloads_it(self):
        a_queue()
        row = published()
        stranger = Client()
        assert str(row.pk) in stranger.get("/what-if/").content.decode()
        page = stranger.get(f"/what-if/{row.pk}/")
        assert bytes(row.inputs_hash or b"").hex() in page.content.decode()
        package = stranger.get(f"/what-if/{row.pk}/package.zip")
        names = ZipFile(io.BytesIO(package.getvalue())).namelist()
        assert package["Content-Type"] == "application/zip" and f"inputs/{DISTRICT}.json" in names

    def test_small_counts_are_not_shown(self):
        """Three children: every part of them is small, so no part is told; the officer sees them all."""
        a_queue()
        row = published()
        public = Client()
        public.cookies["language"] = "en"
        shown = public.get(f"/what-if/{row.pk}/parts.csv").content.decode()
        own = officer().get(f"/comparisons/{row.pk}/parts.csv").content.decode()
        assert re.search(r'no-ratio,"[^"]+",right,priority,few,few,few,few', shown)
        assert re.search(r'no-ratio,"[^"]+",right,priority,1,0,0,1', own)
        figures = public.get(f"/what-if/{row.pk}/figures.csv").content.decode()
        assert re.search(r"^no-ratio,.*few", figures, re.MULTILINE)

    def test_the_list_asks_as_much_for_one_as_for_many(self):
        def cost(address: str, client: Client) -> int:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(address).status_code == 200
            return len(seen)

        ministry = browser(Role.MINISTRY)
        published()
        few = cost("/what-if/", Client()), cost("/comparisons/", ministry)
        for _ in range(3):
            published()
        assert (cost("/what-if/", Client()), cost("/comparisons/", ministry)) == few
        assert few[0] <= 3


def test_the_example_of_the_guide_runs():
    blocks = re.findall(r"^```pycon\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "whatif.md", str(GUIDE), 0)
    assert len(blocks) == 3 and len(example.examples) > 15
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(example).failed == 0
