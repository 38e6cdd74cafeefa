"""A family takes its receipt home; a stranger checks it. Only a file and a browser stand between them."""

import json
import re
import subprocess
import sys

import pytest

from shanyraq.foundation import text
from tests.journeys.conftest import PHONE, WIDE

pytestmark = pytest.mark.browser


@pytest.fixture
def receipt(visit, tmp_path):
    """The file as the family's browser saves it."""
    return taken(visit("demo-parent", "kk", size=PHONE), tmp_path)


def taken(parent, folder):
    parent.go("/family/")
    parent.page.locator('a[href*="/family/applications/"]').last.click()
    parent.press("receipt.open")
    parent.sees(parent.say("receipt.means"))
    with parent.page.expect_download() as begun:
        parent.page.locator('a[href$="receipt.json"]').click()
    saved = folder / "receipt.json"
    begun.value.save_as(saved)
    return saved


def changed(receipt, folder):
    """The same file with one byte of its content changed."""
    told = json.loads(receipt.read_text("utf-8"))
    told["entries"][0]["payload"]["number"] += 1
    spoilt = folder / "spoilt.json"
    spoilt.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return spoilt


def ask(stranger, file):
    stranger.go("/log/check/")
    stranger.page.locator('input[type="file"]').set_input_files(file)
    stranger.press("proof.receipt.submit")


@pytest.mark.parametrize("lang", text.LANGS)
def test_a_stranger_checks_the_receipt_and_a_changed_byte_is_named(visit, receipt, tmp_path, lang):
    stranger = visit("", lang, size=WIDE if lang == "ru" else PHONE)
    ask(stranger, receipt)
    stranger.sees(stranger.say("proof.report.good"))
    stranger.sees(stranger.say("proof.step.consistency.ok"))
    ask(stranger, changed(receipt, tmp_path))
    stranger.sees(stranger.say("proof.report.bad"))
    stranger.sees(stranger.say("proof.damage.value_changed"))


def test_the_page_works_without_javascript(visit, receipt):
    stranger = visit("", "en", script=False)
    ask(stranger, receipt)
    stranger.sees(stranger.say("proof.report.good"))


def test_the_browser_checks_it_without_sending_it(visit, receipt, tmp_path):
    stranger = visit("", "en")
    for file, good in ((receipt, True), (changed(receipt, tmp_path), False)):
        stranger.go("/log/check/")
        sent = []
        stranger.page.on("request", lambda request, sent=sent: sent.append(request.method))
        stranger.page.locator('input[type="file"]').set_input_files(file)
        stranger.page.locator("[data-check-button]").click()
        stranger.page.locator("[data-checked]").wait_for()
        assert "POST" not in sent
        told = stranger.page.locator("[data-check-here]")
        chips = told.locator(".chip")
        assert chips.count() >= 5
        assert (told.locator(".chip.bad").count() == 0) is good
        assert (stranger.say("proof.damage.value_changed") in told.inner_text()) is not good
        assert told.locator(".chip.ok").count() >= 4


def test_the_scanned_code_leads_to_a_page_that_says_yes(visit):
    parent = visit("demo-parent", "ru", size=PHONE)
    parent.go("/family/")
    parent.page.locator('a[href*="/family/applications/"]').last.click()
    parent.press("receipt.open")
    link = parent.page.locator('a[href^="/log/entries/?code="]').get_attribute("href")
    code = re.search(r"code=([0-9a-f]{32})", link)[1]
    stranger = visit("", "ru", size=PHONE)
    stranger.go(f"/log/entries/?code={code}")
    stranger.sees(stranger.say("proof.kind.placement.ApplicationFiled"))
    assert "Сапаров" not in stranger.page.inner_text("body")


def test_the_program_alone_says_the_same(visit, receipt, tmp_path):
    stranger = visit("", "en")
    for name in ("verify_receipt.py", "keys.json"):
        answer = stranger.page.request.get(f"{stranger.house.address}/log/{name}")
        (tmp_path / name).write_bytes(answer.body())

    def run(file):
        command = [sys.executable, "-I", "-S", "verify_receipt.py", str(file), "keys.json"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=False)

    assert run(receipt).returncode == 0
    spoilt = run(changed(receipt, tmp_path))
    assert spoilt.returncode == 1
    assert "value_changed" in spoilt.stdout


def test_the_auditor_verifies_the_log(visit):
    auditor = visit("demo-auditor", "en")
    auditor.go("/audit/log/verify/")
    auditor.press("oversight.verify.start")
    auditor.page.get_by_text(auditor.say("oversight.check.whole")).first.wait_for(timeout=60_000)
