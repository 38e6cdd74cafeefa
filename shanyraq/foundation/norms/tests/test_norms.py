import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from shanyraq.foundation import norms
from shanyraq.foundation.norms import Tag, Unit
from shanyraq.foundation.norms.telling import parts
from shanyraq.foundation.text import LANGS, Text, show

DAY = date(2026, 11, 23)
FIRST: dict[str, object] = {"from": date(2020, 1, 1), "value": 3, "act": "order", "tag": "V"}
GOOD: dict[str, object] = {
    "title": {"kk": "Мерзім", "ru": "Срок", "en": "Term"},
    "unit": "workdays",
    "values": [
        FIRST,
        {"from": date(2025, 1, 1), "value": 5, "act": "order", "tag": "V2", "to": date(2026, 1, 1)},
        {"from": date(2021, 1, 1), "value": 7, "act": "order", "tag": "GK", "territory": "71"},
        {"from": date(2021, 1, 1), "value": 9, "act": "order", "tag": "GK", "territory": "7111"},
    ],
}


def written(folder: Path, **change: object) -> Path:
    """A folder with one norm, changed at the top."""
    (folder / "placement").mkdir(exist_ok=True)
    act = {"order": {"title": {"kk": "Бұйрық", "ru": "Приказ", "en": "Order"}, "edition": "2020-01-01"}}
    (folder / "acts.yaml").write_text(yaml.safe_dump(act, allow_unicode=True), "utf-8")
    (folder / "placement" / "term.yaml").write_text(yaml.safe_dump({**GOOD, **change}, allow_unicode=True), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("on", "territory", "value"),
    [
        (date(2020, 1, 1), "", 3),
        (date(2024, 12, 31), "350000000", 3),
        (date(2025, 1, 1), "", 5),
        (date(2026, 1, 1), "", 3),  # the later value has ended, and the earlier one never did
        (date(2020, 12, 31), "711110000", 3),
        (date(2025, 6, 1), "710000000", 7),
        (date(2025, 6, 1), "711110000", 9),
    ],
)
def test_the_value_of_a_day_and_a_territory(tmp_path, on, territory, value):
    assert norms.in_force("placement/term", on, territory, folder=written(tmp_path)).integer() == value


def test_before_its_first_day_a_norm_is_not_in_force(tmp_path):
    with pytest.raises(norms.NotInForce, match="placement/term on 2019-12-31"):
        norms.in_force("placement/term", date(2019, 12, 31), folder=written(tmp_path))


def test_a_norm_without_a_file_is_unknown():
    with pytest.raises(norms.UnknownNorm, match="placement/none"):
        norms.in_force("placement/none", DAY)


def value(**change: object) -> list[dict[str, object]]:
    return [{**FIRST, **change}]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": {"kk": "Мерзім", "ru": "Срок"}}, "title: lacks en"),
        ({"unit": "weeks"}, "unit: 'weeks'"),
        ({"values": []}, "values:"),
        ({"value": 3}, "unknown field value"),
        ({"values": value(act="rumour")}, r"values\[0\].act: 'rumour' is not in acts.yaml"),
        ({"values": value(tag="sure")}, r"values\[0\].tag"),
        ({"values": value(**{"from": "soon"})}, r"values\[0\].from"),
        ({"values": value(value=None)}, r"values\[0\].value"),
        ({"values": value(vaule=3)}, r"values\[0\]: unknown field vaule"),
        ({"values": value(tags={"days": "V"})}, r"values\[0\].tags.days"),
        ({"values": value(note={"kk": "Иә"})}, r"values\[0\].note: lacks ru, en"),
        ({"values": value() + value()}, "two values from one day"),
        ({"values": ["three"]}, r"values\[0\]: a mapping is needed"),
    ],
)
def test_a_wrong_file_names_itself_and_the_field(tmp_path, change, field):
    with pytest.raises(norms.BadNorm, match=field) as wrong:
        norms.all_norms(folder=written(tmp_path, **change))
    assert "term.yaml" in str(wrong.value)


def test_a_file_that_is_no_yaml_names_itself(tmp_path):
    folder = written(tmp_path)
    (folder / "placement" / "torn.yaml").write_text("title: [", "utf-8")
    with pytest.raises(norms.BadNorm, match=r"torn\.yaml"):
        norms.all_norms(folder=folder)


def test_every_norm_of_the_country_has_an_act_a_day_a_tag_and_three_languages():
    found = norms.all_norms()
    assert len({norm.name for norm in found}) >= 30
    for norm in found:
        assert isinstance(norm.tag, Tag)
        assert isinstance(norm.unit, Unit)
        assert isinstance(norm.valid_from, date)
        for text in (norm.title, norm.act, *([norm.note] if norm.note else [])):
            assert isinstance(text, Text)
            assert all(text.in_lang(lang).strip() for lang in LANGS), norm.name


def test_every_act_is_used_and_has_three_languages():
    calendars = (Path(__file__).resolve().parents[4] / "norms" / "workdays").glob("2*.yaml")
    used = {norm.act_id for norm in norms.all_norms()} | {yaml.safe_load(path.read_text())["act"] for path in calendars}
    assert set(norms.acts()) == used


def test_a_value_without_an_act_is_never_confirmed():
    for norm in norms.all_norms():
        assert norm.act_id != "not_found" or not norm.confirmed, norm.name


def test_only_v_is_confirmed_and_a_table_is_as_sure_as_its_least_sure_part():
    benefits = norms.in_force("placement/benefits", DAY)
    assert benefits.tag is Tag.GK
    assert not benefits.confirmed
    assert benefits.tag_of("service") is Tag.V
    assert benefits.tag_of("teacher") is Tag.V2
    assert norms.in_force("placement/exclusive_choice", DAY).confirmed


def test_editions_are_plain_json_and_say_by_what_a_decision_was_made():
    kept = norms.editions(["placement/serving_ratio", "placement/exclusive_choice"], DAY)
    assert json.loads(json.dumps(kept)) == kept
    assert kept["placement/serving_ratio"] == {
        "edition": "", "from": "2020-06-19", "act": "astana_answers", "article": "", "tag": "V", "territory": "",
        "value": {"priority": 1, "general": 3},
    }  # fmt: skip


def test_values_are_taken_by_their_kind_or_not_at_all():
    ratio = norms.in_force("placement/serving_ratio", DAY)
    assert ratio.integer("general") == 3
    assert norms.in_force("placement/season_end", DAY).day_in(2027) == date(2027, 8, 31)
    assert norms.in_force("placement/voucher_min_age", DAY).number() == 1.5
    assert norms.in_force("placement/benefits", DAY).words()["orphan"] == "priority"
    for take in (ratio.integer, ratio.number, ratio.flag, ratio.word, norms.in_force("placement/age_limit", DAY).table):
        with pytest.raises(TypeError, match="placement/"):
            take()


def test_a_kept_norm_cannot_be_changed():
    with pytest.raises(TypeError):
        norms.in_force("placement/serving_ratio", DAY).table()["general"] = 4  # type: ignore[index]  # that is the point


@pytest.mark.parametrize("lang", LANGS)
def test_every_value_tag_and_unit_can_be_told_to_people(lang):
    for norm in norms.all_norms():
        assert all(text for _, text in parts(norm, lang)), norm.name
        assert show(norm.unit, lang)
        assert show(norm.tag, lang)


def test_a_value_is_told_with_what_it_counts():
    assert parts(norms.in_force("placement/exclusive_choice", DAY), "ru") == (("", "3 рабочих дня"),)
    assert parts(norms.in_force("placement/referral_validity", DAY), "ru") == (("", "5 рабочих дней"),)
    assert parts(norms.in_force("placement/document_validity", DAY), "kk")[1] == ("Педагогтің баласы", "1 ай")
    assert parts(norms.in_force("placement/serving_ratio", DAY), "en") == (("First-priority", "1"), ("General", "3"))


def test_norms_and_what_rules_stand_on_need_no_django():
    ask = (
        "import sys; from shanyraq.foundation import matching, norms, timeline, workdays; "
        "norms.all_norms(); workdays.calendar(); print([name for name in sys.modules if name.startswith('django')])"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
