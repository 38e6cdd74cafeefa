"""The commands of the registry, from the territories to a country loaded from files."""

import pytest
from click.testing import CliRunner

from shanyraq.domains.registry.cli import registry
from shanyraq.domains.registry.models import Enrolment, Group, Organisation, Person, Territory
from shanyraq.domains.registry.rules.kinds import OrganisationKind
from shanyraq.domains.registry.tests.builders import ESIL, bin_number, group, organisation, person
from shanyraq.domains.registry.tests.conftest import country as country
from shanyraq.foundation.audit.models import AuditEntry

PERSON = "person add --given Әсел --sex female --born-on 2022-03-04 --address Көше --lon 71.4 --lat 51.1 --district"


def run(line: str):
    return CliRunner().invoke(registry, [*line.split(), "--lang", "en"])


@pytest.mark.django_db
def test_territory_is_loaded_and_a_dry_run_loads_nothing():
    assert "249" in run("territory load --dry-run").output
    assert not Territory.objects.exists()
    assert run("territory load").exit_code == 0
    assert "Abai Region" in run("territory list").output
    assert "Esil District" in run("territory list 710000000").output


@pytest.mark.usefixtures("country")
def test_a_person_is_added_and_found_and_the_reading_noted():
    assert run(f"{PERSON} {ESIL} --dry-run").exit_code == 0
    assert not Person.objects.exists()
    assert "is registered" in run(f"{PERSON} {ESIL}").output
    assert "Asel" in run("person find asel").output
    assert AuditEntry.objects.filter(kind="read").count() == 1
    assert "Nobody" in run("person find zzz").output


@pytest.mark.usefixtures("country")
def test_a_refusal_ends_with_code_two_and_saves_nothing():
    answer = run(f"{PERSON} 999999999")
    assert (answer.exit_code, "no such district" in answer.output) == (2, True)
    assert not Person.objects.exists()


@pytest.mark.usefixtures("country")
def test_an_organisation_and_a_group_are_opened_and_listed():
    answer = run(
        f"organisation open --bin {bin_number()} --kind kindergarten --ownership state --name-kk А --name-ru Б "
        f"--name-en C --language kk --district {ESIL} --address Көше --lon 71.4 --lat 51.1"
    )
    assert answer.exit_code == 0, answer.output
    home = Organisation.objects.get().id
    assert (
        run(f"group open {home} --name Балапан --language kk --born-from 2022 --born-to 2022 --places 5").exit_code == 0
    )
    inside = Group.objects.get().id
    assert "6 places" in run(f"group places {inside} 6").output
    assert "Балапан" in run(f"group list {home}").output
    assert run(f"organisation list {ESIL}").output.count(str(home)) == 1
    assert run(f"group places {inside} -- -1").exit_code != 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("check-iin 930327504816", 0, "27 March 2093"),
        ("check-iin 930327504817", 2, "last digit"),
        ("check-bin 350551016315", 2, "BIN"),
        ("check-id 0000-0000-0001", 0, "zero"),
    ],
)
def test_numbers_are_checked(line, code, words):
    answer = run(line)
    assert (answer.exit_code, words in answer.output) == (code, True), answer.output


@pytest.mark.usefixtures("country")
def test_every_verb_has_help_in_words():
    def verbs(command, path):
        for name, inner in getattr(command, "commands", {}).items():
            yield from verbs(inner, [*path, name])
        yield path

    for path in verbs(registry, []):
        answer = CliRunner().invoke(registry, [*path, "--help"])
        assert answer.exit_code == 0
        assert "cli." not in answer.output, answer.output


@pytest.mark.usefixtures("country")
def test_an_end_is_noted_from_the_command_line():
    from shanyraq.domains.registry.tests.builders import enrol

    row = enrol(person(), group(organisation()))
    assert run(f"enrolment end {row} --reason wish --on 2026-05-01").exit_code == 0


@pytest.mark.usefixtures("country")
def test_authorities_are_loaded_and_lists_of_the_record_shown():
    from shanyraq.domains.registry.rules.kinds import OrganisationKind
    from shanyraq.domains.registry.tests.builders import learner, school_class

    assert "authorities are new" in run("authority load").output
    assert "Ministry of Education" in run("authority list").output
    school = organisation(kind=OrganisationKind.SCHOOL)
    child = learner(school_class(school))
    assert "5 А" in run(f"list pupils --organisation {school} --valid 2025-10-01").output
    assert AuditEntry.objects.filter(action="registry.read_list", child_id=child).count() == 1
    assert "5 А" not in run(f"list pupils --organisation {school} --known 2025-10-01").output


@pytest.mark.usefixtures("country")
def test_a_file_of_a_country_is_tried_loaded_and_told_of(tmp_path):
    path, faults = tmp_path / "organisations.csv", tmp_path / "faults.csv"
    path.write_text(
        "bin,kind,ownership,name_kk,title_ru,language,district,address,lon,lat,opened_on\n"
        f"000540090002,school,state,№1 мектеп,Школа №1,kk,{ESIL},Абай көшесі,71.4,51.1,2000-09-01\n"
        f"000540090003,school,state,№2 мектеп,Школа №2,kk,{ESIL},Абай көшесі,71.4,51.1,2000-09-01\n",
        encoding="utf-8",
    )
    words = f"load {path} --kind registry.organisations --on 2026-09-01 --faults {faults}"
    tried = run(f"{words} --dry-run")
    assert (tried.exit_code, Organisation.objects.count()) == (0, 0), tried.output
    assert "Rows read: 2, not taken: 1." in tried.output
    assert run(words).exit_code == 0
    assert Organisation.objects.get().bin == "000540090002"
    assert faults.read_text(encoding="utf-8").splitlines()[1].startswith("3,")


@pytest.mark.usefixtures("country")
def test_a_list_under_the_headings_of_a_school_is_known_and_a_birth_to_come_told_once(tmp_path):
    path, faults = tmp_path / "pupils.csv", tmp_path / "faults.csv"
    home = organisation(kind=OrganisationKind.SCHOOL)
    of = Organisation.objects.get(pk=home).bin
    path.write_text(
        "Фамилия,Имя,Отчество,Д.р.,Пол,Класс,Зачислен,№ приказа,БИН\n"
        f"Серікқызы,Әсел,,2014-03-04,female,5 А,2026-09-01,12-k,{of}\n"
        f"Серікқызы,Айым,,2034-03-04,female,5 А,2026-09-01,12-k,{of}\n",
        encoding="utf-8",
    )
    assert run(f"load {path} --kind registry.pupils --on 2026-09-01 --faults {faults}").exit_code == 0
    told = faults.read_text(encoding="utf-8")
    assert [(str(one.valid_from), one.order_number) for one in Enrolment.objects.all()] == [("2026-09-01", "12-k")], (
        told
    )
    blocks = [line.split(",") for line in told.splitlines() if ",blocks," in line]
    assert [cells[:2] for cells in blocks] == [["3", "Birth date"]], told
