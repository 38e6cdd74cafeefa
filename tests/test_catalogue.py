"""Every word that anyone can read stands in the catalogue, in three languages, with the facts that it needs."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum

import click
import yaml
from django import forms as django_forms

import shanyraq
from shanyraq.domains.registry import access as registry_access
from shanyraq.foundation.text import LANGS, catalogue, known
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.pages import ConfirmPage, FormPage
from shanyraq.interfaces.cli.main import root
from tests import wording

CATEGORIES = {"kk": {"other"}, "ru": {"one", "few", "many"}, "en": {"one", "other"}}
PARTS = ("what", "why", "todo")

# Enums whose members no page, notice or command shows by themselves.
NEVER_SHOWN = {
    "shanyraq.interfaces.nation.sdmx.Message": "parts of addresses",
    "shanyraq.domains.certification.access.Do": "actions of the audit trail: action.<value>",
    "shanyraq.domains.contingent.access.Do": "keys of rules",
    "shanyraq.domains.placement.access.Do": "keys of rules",
    "shanyraq.domains.placement.rules.norms.Resolution": "norm.word.<value>",
    "shanyraq.domains.placement.rules.norms.TieOrder": "norm.word.<value>",
    "shanyraq.domains.placement.rules.seed.CeremonyPhase": "ceremony.phase.<value>",
    "shanyraq.domains.placement.rules.seed.SeedStep": "ceremony.did.<value>",
    "shanyraq.domains.placement.rules.swap.Party": "names of columns",
    "shanyraq.domains.placement.web.public_map.Shade": "public.map.<value>",
    "shanyraq.domains.accuracy.access.Do": "actions of the audit trail: action.<value>",
    "shanyraq.domains.registry.access.Do": "actions of the audit trail: action.<value>",
    "shanyraq.interfaces.feed.Change": "words of the API",
    "shanyraq.domains.registry.queries.likeness.SameIin": "the page says duplicates.reason.iin_<value>",
    "shanyraq.domains.accuracy.rules.duplicates.weights.Part": "parts of reasons: duplicates.reason.<part>_<level>",
    "shanyraq.foundation.history.rows.Became": "words of the API",
    "shanyraq.interfaces.exchange.oneroster.form.Is": "what cells hold: parts of codes of issues",
    "shanyraq.interfaces.exchange.oneroster.form.Use": "keys of rules",
    "shanyraq.foundation.exports.access.Do": "keys of rules",
    "shanyraq.foundation.checks.access.Do": "keys of rules",
    "shanyraq.foundation.imports.access.Do": "keys of rules",
    "shanyraq.foundation.exports.rules.Way": "the page says it in sentences: exports.ask.<value>",
    "shanyraq.foundation.accounts.signature.Purpose": "of a certificate; a wrong one is refused",
}
# Entries that are names or signs, the same in every language.
SAME_IN_ALL = re.compile(r"(name\.|portal\.brand|ui\.language\.(name|short)\.)")
CYRILLIC = re.compile("[Ѐ-ӿ]")
LETTER = re.compile(r"[^\W\d_]")


def codes() -> list[str]:
    return sorted(catalogue())


class TestEntries:
    def test_an_entry_has_three_languages_and_nothing_else(self):
        # a comma in an unquoted text cuts it: the rest becomes a key of its own
        wrong = [
            f"{path.name}: {code}: {sorted(set(entry) ^ set(LANGS))}"
            for path in wording.text_paths()
            for code, entry in (yaml.safe_load(path.read_text("utf-8")) or {}).items()
            if set(entry) != set(LANGS)
        ]
        assert not wrong, "\n".join(wrong)

    def test_every_form_is_a_text(self):
        wrong = [
            f"{code} {lang} {category}: {text!r}"
            for code in codes()
            for lang, category, text in wording.forms(catalogue()[code])
            if not (isinstance(text, str) and text.strip() == text and text)
        ]
        assert not wrong, "\n".join(wrong)

    def test_the_languages_need_the_same_facts(self):
        wrong = []
        for code in codes():
            sets = {
                (lang, category): wording.placeholders(text) - ({"n"} if category else set())
                for lang, category, text in wording.forms(catalogue()[code])
            }
            if len(set(sets.values())) > 1:
                wrong.append(f"{code}: { {' '.join(key): sorted(names) for key, names in sets.items()} }")
        assert not wrong, "\n".join(wrong)

    def test_counted_entries_have_the_forms_of_each_language(self):
        wrong = []
        for code in codes():
            for lang in LANGS:
                value = catalogue()[code][lang]
                if not isinstance(value, str) and not CATEGORIES[lang] <= set(value):
                    wrong.append(f"{code} {lang}: lacks {sorted(CATEGORIES[lang] - set(value))}")
        assert not wrong, "\n".join(wrong)

    def test_nothing_was_left_untranslated(self):
        wrong = []
        for code in codes():
            texts = {
                lang: "|".join(t for one, _, t in wording.forms(catalogue()[code]) if one == lang) for lang in LANGS
            }
            wordless = not LETTER.search(re.sub(r"\{.*?\}", "", texts["en"]))
            if wordless or SAME_IN_ALL.match(code):
                continue
            if texts["en"] in (texts["kk"], texts["ru"]):
                wrong.append(f"{code}: {texts['en']}")
        assert not wrong, "\n".join(wrong)

    def test_each_language_is_written_in_its_letters(self):
        wrong = []
        for code in codes():
            if SAME_IN_ALL.match(code):
                continue
            for lang, category, text in wording.forms(catalogue()[code]):
                bare = re.sub(r"\{.*?\}", "", text)
                cyrillic = bool(CYRILLIC.search(bare))
                if (lang == "en" and cyrillic) or (lang != "en" and LETTER.search(bare) and not cyrillic):
                    wrong.append(f"{code} {lang} {category}: {text}")
        assert not wrong, "\n".join(wrong)


class TestTemplates:
    def test_every_code_is_known(self):
        wrong = [f"{one.place} {one.code}" for one in wording.in_templates() if not known(one.code)]
        assert not wrong, "\n".join(sorted(wrong))

    def test_every_text_gets_its_facts(self):
        wrong = [problem for one in wording.in_templates() for problem in lacking(one)]
        assert not wrong, "\n".join(sorted(wrong))


class TestCode:
    def test_every_text_that_is_said_is_known(self):
        wrong = [f"{one.place} {one.code}" for one in wording.said() if not known(one.code)]
        assert not wrong, "\n".join(sorted(wrong))

    def test_every_text_that_is_said_gets_its_facts(self):
        wrong = [problem for one in wording.said() for problem in lacking(one)]
        assert not wrong, "\n".join(sorted(wrong))

    def test_every_composed_code_can_be_one_of_the_catalogue(self):
        every = codes()
        wrong = [
            f"{place} {pattern}"
            for pattern, place in wording.composed()
            if not any(re.fullmatch(pattern, code) for code in every)
        ]
        assert not wrong, "\n".join(wrong)

    def test_every_notice_has_title_and_body(self):
        wrong = [
            f"{place} notice.{code}.{part}"
            for code, place in wording.notices()
            for part in ("title", "body")
            if not known(f"notice.{code}.{part}")
        ]
        assert not wrong, "\n".join(sorted(set(wrong)))

    def test_every_action_of_the_audit_trail_has_words(self):
        wrong = [f"{place} action.{code}" for code, place in wording.actions() if not known(f"action.{code}")]
        assert not wrong, "\n".join(sorted(set(wrong)))

    def test_every_dotted_word_of_a_service_means_something(self):
        wrong = [
            f"{place} {word}"
            for word, place in wording.in_services()
            if not any(map(known, (f"notice.{word}.title", f"action.{word}", f"refusal.{word}.what")))
        ]
        assert not wrong, "\n".join(sorted(set(wrong)))

    def test_every_sentence_of_a_reason_is_known(self):
        wrong = [f"{place} {code}" for code, place in wording.in_rules() if not known(code)]
        assert not wrong, "\n".join(sorted(set(wrong)))


class TestRefusals:
    def test_every_refusal_says_what_why_and_what_to_do(self):
        wrong = {
            f"refusal.{one.code} ({one.place})"
            for one in wording.refused()
            if not all(written(f"refusal.{one.code}.{part}") for part in PARTS)
        }
        assert not wrong, "\n".join(sorted(wrong))

    def test_every_refusal_brings_the_facts_of_its_texts(self):
        wrong = [
            problem
            for one in wording.refused()
            for part in PARTS
            for problem in lacking(wording.Named(f"refusal.{one.code}.{part}", one.place, one.facts))
        ]
        assert not wrong, "\n".join(sorted(wrong))

    def test_no_refusal_has_only_some_of_its_three_sentences(self):
        found: dict[str, set[str]] = {}
        for code in codes():
            if code.startswith("refusal."):
                stem, part = code.rsplit(".", 1)
                found.setdefault(stem, set()).add(part)
        wrong = [f"{stem}: {sorted(parts)}" for stem, parts in found.items() if parts != set(PARTS)]
        assert not wrong, "\n".join(wrong)


class TestClosedLists:
    def test_every_member_has_words(self):
        wrong = [
            f"{path_of(one)}: {one.__name__.lower()}.{member.value}"
            for one in enums()
            if path_of(one) not in NEVER_SHOWN
            for member in one
            if not known(f"{one.__name__.lower()}.{member.value}")
        ]
        assert not wrong, "\n".join(wrong)

    def test_no_exception_outlives_its_reason(self):
        assert set(NEVER_SHOWN) <= {path_of(one) for one in enums()}

    def test_what_the_registry_notes_has_words(self):
        wrong = [f"action.{do.value}" for do in registry_access.Do if not known(f"action.{do.value}")]
        assert not wrong, "\n".join(wrong)


class TestFormsAndPages:
    def test_every_field_has_a_label(self):
        wrong = [
            f"{form.__module__}.{form.__name__}: {form.texts}.{name}"
            for form in below(Form)
            for name, field in form.base_fields.items()
            if field.label is None
            and not isinstance(field.widget, django_forms.HiddenInput)
            and not known(f"{form.texts}.{name}")
        ]
        assert not wrong, "\n".join(wrong)

    def test_every_question_has_its_four_texts(self):
        wrong = [
            f"{page.__module__}.{page.__name__}: {page.texts}.{part}"
            for page in below(ConfirmPage)
            if page.texts
            for part in ("title", "body", "yes", "no")
            if not known(f"{page.texts}.{part}")
        ]
        assert not wrong, "\n".join(wrong)

    def test_what_was_done_has_words(self):
        wrong = [f"{page.__name__}: {page.done}" for page in below(FormPage) if page.done and not known(page.done)]
        assert not wrong, "\n".join(wrong)


def test_every_command_and_option_has_its_help():
    wrong = [code for code in helps(root, click.Context(root)) if not known(code)]
    assert not wrong, "\n".join(wrong)


# ---- what the tests look at


def lacking(named: wording.Named) -> Iterator[str]:
    entry = catalogue().get(named.code)
    if entry is None or named.facts is None:
        return
    missing = wording.needed(entry) - named.facts
    if missing:
        yield f"{named.place} {named.code} lacks {sorted(missing)}"


def written(code: str) -> bool:
    return known(code) or any(re.fullmatch(code, one) for one in codes())


def enums() -> list[type[StrEnum]]:
    load_all()
    return sorted((one for one in below(StrEnum) if one.__module__.startswith("shanyraq.")), key=path_of)


def below(base: type) -> Iterator[type]:
    load_all()
    for one in base.__subclasses__():
        if one.__module__.startswith("shanyraq.") and ".tests." not in one.__module__:
            yield one
        yield from below(one)


def path_of(one: type) -> str:
    return f"{one.__module__}.{one.__qualname__}"


def load_all() -> None:
    for found in pkgutil.walk_packages(shanyraq.__path__, "shanyraq."):
        if ".tests" not in found.name and ".migrations" not in found.name:
            importlib.import_module(found.name)


def helps(command: click.Command, context: click.Context) -> Iterator[str]:
    if command.help:
        yield command.help
    yield from (option.help for option in command.params if isinstance(option, click.Option) and option.help)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, name
            yield from helps(found, context)
