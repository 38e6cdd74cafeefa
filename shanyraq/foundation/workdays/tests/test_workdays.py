from datetime import date, timedelta

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.foundation import norms, workdays
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.text import LANGS, say
from shanyraq.foundation.workdays.days import Exchange, Holiday, Workdays
from shanyraq.foundation.workdays.loader import FOLDER, calendar, years

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work shares the machine
# the number of working days of a five-day week; a public calendar that quotes the acts gives the same days
PUBLISHED = {2022: 246, 2023: 246, 2024: 249, 2025: 246, 2026: 247}
days = st.dates(date(2022, 1, 1), date(2027, 10, 1))


@pytest.mark.parametrize(("year", "count"), PUBLISHED.items())
def test_the_number_of_working_days_of_a_year(year, count):
    assert sum(day.year == year for day in workdays.calendar().days) == count


@pytest.mark.parametrize(
    "off",
    ["2022-01-03", "2022-01-04", "2022-03-07", "2022-05-10", "2023-01-03", "2023-05-08", "2023-07-07", "2024-03-25",
     "2024-05-08", "2024-07-08", "2025-01-03", "2025-03-10", "2025-03-24", "2025-03-25", "2025-09-01", "2025-10-27",
     "2026-03-09", "2026-03-24", "2026-03-25", "2026-05-11", "2026-05-27", "2026-10-26", "2027-03-15"],
)  # fmt: skip
def test_transferred_and_exchanged_days_are_off(off):
    assert not workdays.is_workday(date.fromisoformat(off))


@pytest.mark.parametrize(
    "worked", ["2022-03-05", "2022-08-27", "2022-10-22", "2023-07-01", "2024-05-04", "2025-01-05", "2026-08-31"]
)
def test_exchanged_weekends_are_worked(worked):
    assert workdays.is_workday(date.fromisoformat(worked))


def test_two_holidays_on_one_weekend_give_two_days_off():
    """Saturday 1 and Sunday 2 January 2022: Monday and Tuesday are off."""
    line = Workdays.of(date(2022, 1, 1), date(2022, 1, 9), [Holiday(date(2022, 1, d), True) for d in (1, 2)])
    assert [day.day for day in line.days] == [5, 6, 7]


def test_a_holiday_that_does_not_move_gives_no_other_day_off():
    line = Workdays.of(date(2024, 6, 14), date(2024, 6, 17), [Holiday(date(2024, 6, 16), False)])
    assert [day.day for day in line.days] == [14, 17]


def test_a_transferred_day_never_falls_on_a_weekend_that_is_worked():
    """Friday would be next, but it is exchanged for the Saturday of the week before."""
    line = Workdays.of(
        date(2026, 3, 2), date(2026, 3, 13), [Holiday(date(2026, 3, 8), True)],
        [Exchange(date(2026, 3, 9), date(2026, 3, 7))],
    )  # fmt: skip
    assert [day.day for day in line.days] == [2, 3, 4, 5, 6, 7, 11, 12, 13]


@unhurried
@given(days, st.integers(1, 40))
def test_adding_and_counting_agree_and_land_on_a_working_day(day, n):
    end = workdays.add(day, n)
    assert workdays.is_workday(end)
    assert workdays.between(day, end) == n
    assert workdays.between(end, day) == 0
    assert workdays.between(day, end - timedelta(days=1)) == n - 1


@unhurried
@given(days, st.integers(1, 20), st.integers(1, 20))
def test_two_terms_one_after_the_other_are_their_sum(day, n, m):
    assert workdays.add(workdays.add(day, n), m) == workdays.add(day, n + m)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: workdays.is_workday(date(2021, 12, 31)),
        lambda: workdays.add(date(2028, 1, 1), 1),
        lambda: workdays.add(date(2027, 12, 30), 5),
        lambda: workdays.between(date(2027, 12, 30), date(2028, 1, 5)),
    ],
)
def test_a_year_without_a_calendar_is_refused_and_never_guessed(ask):
    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.code == "workdays.year_unknown"
    for part, lang in ((part, lang) for part in ("what", "why", "todo") for lang in LANGS):
        assert say(f"refusal.workdays.year_unknown.{part}", lang, **refused.value.facts)


def test_the_zeroth_working_day_is_no_question():
    with pytest.raises(ValueError, match="n >= 1"):
        workdays.add(date(2026, 1, 5), 0)


def test_every_day_off_has_a_name_and_a_tag():
    for year in years():
        assert year.act.kk
        assert len({off.day for off in year.holidays}) == len(year.holidays)
        for off in (*year.holidays, *year.exchanges):
            assert off.title.kk
            assert isinstance(off.tag, norms.Tag)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"year": 2030}, "year, act"),
        ({"holidays": [{"day": date(2026, 1, 1), "holiday": "birthday"}]}, "not in holidays.yaml"),
        ({"holidays": [{"day": date(2025, 1, 1), "holiday": "new_year"}]}, "not a day of 2026"),
        ({"holidays": None}, "a list is needed"),
        ({"tag": "sure"}, "tag"),
        ({"exchange": []}, "unknown field exchange"),
    ],
)
def test_a_wrong_calendar_names_the_file_and_the_field(tmp_path, change, complaint):
    folder = tmp_path / "workdays"
    folder.mkdir()
    (tmp_path / "acts.yaml").write_text((FOLDER.parent / "acts.yaml").read_text("utf-8"), "utf-8")
    (folder / "holidays.yaml").write_text((FOLDER / "holidays.yaml").read_text("utf-8"), "utf-8")
    raw = yaml.safe_load((FOLDER / "2026.yaml").read_text("utf-8"))
    (folder / "2026.yaml").write_text(yaml.safe_dump({**raw, **change}), "utf-8")
    with pytest.raises(norms.BadNorm, match=complaint) as wrong:
        calendar(folder)
    assert "2026.yaml" in str(wrong.value)
