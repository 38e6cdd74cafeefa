"""The guides say what is: every damage and step, every page, every figure they name."""

import re
from pathlib import Path

import pytest
from django.urls import resolve

from shanyraq.foundation.audit import unusual
from shanyraq.foundation.text import LANGS, catalogue, say
from shanyraq.interfaces.proof import oversight, silences, verify_receipt

GUIDES = Path(__file__).parents[4] / "docs/guides"
CHECK = (GUIDES / "check-your-receipt.md").read_text("utf-8")
AUDITOR = (GUIDES / "auditor.md").read_text("utf-8")
DAMAGE = re.compile(r'Damage\(\s*"(\w+)"|raise Damage\("(\w+)"')


def named():
    source = Path(verify_receipt.__file__).read_text("utf-8")
    return {one or two for one, two in DAMAGE.findall(source)}


def test_every_damage_that_the_program_names_is_explained():
    assert named()
    told = set(re.findall(r"`(\w+)`", CHECK))
    assert named() <= told


def test_every_step_of_the_program_is_explained_and_has_words():
    source = Path(verify_receipt.__file__).read_text("utf-8")
    steps = set(re.findall(r'yield "(\w+)"', source)) | {"seal"}
    rows = set(re.findall(r"^\| (\w+) \|", CHECK, re.MULTILINE))
    assert steps <= rows
    assert all(f"proof.step.{step}.ok" in catalogue() for step in steps)


def test_every_damage_has_words_for_the_page():
    assert {f"proof.damage.{code}" for code in named()} <= set(catalogue())


@pytest.mark.parametrize("guide", [CHECK, AUDITOR], ids=["receipt", "auditor"])
def test_addresses_that_are_named_are_there(guide):
    for address in set(re.findall(r"`(/log/[^`?]*)", guide)):
        assert resolve(address), address


def test_buttons_that_are_named_are_on_the_page():
    for code in ("receipt.open", "proof.receipt.here"):
        for lang in LANGS:
            assert f"*{say(code, lang)}*" in CHECK, (code, lang)
    for code in ("audit.title", "audit.readers.title", "oversight.timing", "oversight.entries", "oversight.verify"):
        assert f"*{say(code, 'en')}*" in AUDITOR, code


def test_figures_of_the_auditors_guide_are_those_of_the_code():
    assert f"days with {unusual.AT_LEAST} children or more and five times" in " ".join(AUDITOR.split())
    assert unusual.TIMES == 5
    assert f"({silences.OPENS.hour} to {silences.CLOSES.hour})" in AUDITOR
    assert oversight.LATE == 10 and "over ten minutes" in AUDITOR
