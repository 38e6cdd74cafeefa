"""The way of a school secretary: a list with a mistake, the mended one, a child's timeline, and the way back."""

import csv
from datetime import date

import pytest

from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.domains.registry.rules.numbers import compose_iin

pytestmark = pytest.mark.browser
BORN = date(2016, 3, 14)


def test_a_head_brings_a_list_in_sees_each_child_and_takes_it_back(visit, tmp_path):
    head = visit("demo-school-head", "kk")
    iins = [iin for serial in range(9_000, 9_050) if (iin := compose_iin(BORN, Sex.FEMALE, serial))][:2]
    wrong = iins[1][:-1] + str((int(iins[1][-1]) + 1) % 10)
    upload(head, written(tmp_path / "first.csv", iins[0], wrong))
    head.sees(head.say("imports.apply.go", n=1))
    head.sees(head.say("imports.issue.iin_check_digit"))

    upload(head, written(tmp_path / "mended.csv", *iins))
    head.page.get_by_role("link", name=head.say("imports.apply.go", n=2)).click()
    head.press("imports.apply.yes")
    settled(head, "imports.undo.go")
    done = head.page.url

    head.go("/record/pupils/?term=Сапарқызы")
    head.page.get_by_role("link", name="Сапарқызы").first.click()
    head.sees("2 Ж")

    head.page.goto(done)
    head.page.get_by_role("link", name=head.say("imports.undo.go")).click()
    head.press("imports.undo.yes")
    head.sees(head.say("imports.undo.done"))
    head.go("/record/pupils/?term=Сапарқызы")
    assert "2 Ж" not in head.page.inner_text("main")


def written(path, *iins):
    """A list as a school keeps it: Russian headings, semicolons, dates with dots."""
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        rows = csv.writer(lines, delimiter=";")
        rows.writerow(["ИИН", "Фамилия", "Имя", "Пол", "Дата рождения", "Класс или группа", "Параллель или курс"])
        for iin, given in zip(iins, ("Айсұлу", "Ботагөз"), strict=True):
            rows.writerow([iin, "Сапарқызы", given, "женский", f"{BORN:%d.%m.%Y}", "2 Ж", "2"])
    return path


def upload(head, path):
    """Given a file, when it was looked at, then its faults and consequences are shown and nothing is written."""
    head.go("/imports/new/registry.pupils/")
    head.page.set_input_files('input[type="file"]', str(path))
    head.page.locator("main form button.primary").click()
    settled(head, "imports.one.does")


def settled(head, code):
    """The worker has done its part."""
    for _ in range(60):
        if head.say(code) in head.page.inner_text("main"):
            return
        head.page.wait_for_timeout(1_000)
        head.page.goto(head.page.url)
    raise AssertionError(head.page.inner_text("main")[:1_000])
