"""Signs, the other place of a person, weights; what is kept of a search, and who may decide."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from shanyraq.domains.accuracy.models import Contradiction
from shanyraq.domains.accuracy.rules.contradictions import elsewhere, signs, weighing
from shanyraq.domains.accuracy.rules.contradictions.signs import Sign
from shanyraq.domains.accuracy.rules.contradictions.states import ContradictionState
from shanyraq.domains.accuracy.services import contradictions
from shanyraq.foundation.access import Actor, Grant, Role, system
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

WORDS = "I have looked at it myself."
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = Actor(user=new_id(), grants=(Grant(Role.OFFICER, "711210000"),))
THERE = Actor(user=new_id(), grants=(Grant(Role.OFFICER, "751210000"),))
ROW = {
    "enrolment": "a" * 32, "child": "b" * 32, "group": "c" * 32, "stage": "school", "form": "full_time",
    "since": date(2026, 9, 1), "order_on": date(2026, 8, 25), "grade": 5, "places": 30, "organisation": "d" * 32,
    "kato": "711210000", "lon": 71.4, "lat": 51.1, "surname": "Ахметов", "given": "Әлихан", "patronymic": "Ерланұлы",
    "born_on": date(2015, 3, 1), "sex": "male", "numbered": 1, "home_lon": 71.41, "home_lat": 51.1, "guarded": 1,
    "months": 3, "days": 60, "present": 57, "marks": 25, "meals": 50, "gate": 50, "day": date(2026, 11, 23),
    "denied": False,
}  # fmt: skip


def told(**changes) -> set[Sign]:
    """The signs of a row beside four ordinary ones of its class."""
    others = [ROW | {"enrolment": str(at) * 32, "child": str(at) * 32} for at in range(4)]
    rows = signs.of_rows(pl.DataFrame([ROW | changes, *others], infer_schema_length=None))
    return {sign for sign in Sign if sign not in (*signs.ELSEWHERE, *signs.LATER) and rows[sign.value][0]}


def test_an_ordinary_pupil_has_only_signs_that_speak_for_the_row():
    assert told() == {Sign.SEEN_AT_GATE, Sign.EATS, Sign.MARKED}


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"numbered": 0}, Sign.WITHOUT_IIN), ({"guarded": 0}, Sign.WITHOUT_GUARDIAN),
        ({"home_lon": None, "home_lat": None}, Sign.WITHOUT_HOME), ({"home_lon": 71.8}, Sign.NOT_NEAR),
        ({"home_lon": 76.9, "home_lat": 43.2}, Sign.FAR_AWAY), ({"born_on": date(2010, 1, 1)}, Sign.AGE_IMPOSSIBLE),
        ({"born_on": date(2013, 1, 1)}, Sign.AGE_ODD), ({"order_on": date(2026, 10, 20)}, Sign.LATE_ORDER),
        ({"present": 60}, Sign.NEVER_ABSENT), ({"present": 2}, Sign.HARDLY_PRESENT), ({"marks": 0}, Sign.NO_MARKS),
        ({"marks": 4}, Sign.FEW_MARKS), ({"meals": 0}, Sign.NO_MEALS), ({"gate": 0}, Sign.NEVER_AT_GATE),
        ({"denied": True}, Sign.DENIED), ({"places": 3}, Sign.OVER_PLACES),
    ],
)  # fmt: skip
def test_each_sign_is_seen(changes, sign):
    assert sign in told(**changes)


def test_what_an_organisation_does_not_keep_says_nothing():
    assert told(marks=None, meals=None, gate=None) == set()
    assert told(days=None, present=None, marks=None, meals=None, gate=None) == set()


def test_a_child_taught_at_home_is_not_missed_at_the_gate():
    assert told(form="home", meals=0, gate=0, present=60) == {Sign.MARKED}


def test_a_club_in_the_hours_of_school_is_seen_on_the_row_of_the_club():
    rows = pl.DataFrame(
        {
            "child": ["a", "a", "b", "b", "c"],
            "stage": ["school", "additional", "school", "additional", "additional"],
            "shift": [1, 1, 1, 2, None],
        }
    )
    assert signs.with_hours(rows)[Sign.SAME_HOURS].to_list() == [False, True, False, False, False]


@pytest.mark.parametrize(("always", "doubtful"), [(3, False), (4, True)])
def test_a_place_where_too_many_are_never_absent_is_in_doubt(always, doubtful):
    present = [60] * always + [57] * (signs.ENOUGH_ROWS - always)
    made = [ROW | {"enrolment": f"{at:032}", "child": f"{at:032}", "present": one} for at, one in enumerate(present)]
    other = ROW | {"enrolment": "9" * 32, "child": "9" * 32, "organisation": "e" * 32, "present": 60}
    seen = signs.of_rows(pl.DataFrame([*made, other], infer_schema_length=None))[Sign.PLACE_IN_DOUBT].to_list()
    assert seen == [doubtful] * len(made) + [False]


def listed(*people) -> pl.DataFrame:
    made = [ROW | {"enrolment": f"{at}" * 32, "child": f"{at}" * 32} | one for at, one in enumerate(people)]
    frame = pl.DataFrame(made, infer_schema_length=None).with_row_index("row")
    return elsewhere.folded(signs.of_rows(frame)).with_columns(signs.alive().alias("alive"))


@pytest.mark.parametrize(
    "spelt",
    [
        {"given": "Алихан", "patronymic": "Ерланулы"}, {"given": "Алихан", "patronymic": ""},
        {"surname": "Ахмтов", "given": "Алихан", "patronymic": "Ерланулы"},
    ],
)  # fmt: skip
def test_one_child_in_other_letters_is_found_at_both_places(spelt):
    rows = listed({}, spelt | {"gate": 0, "meals": 0}, {"given": "Дархан"}, {"born_on": date(2015, 3, 2)})
    assert set(elsewhere.pairs(rows).rows()) == {(0, 1), (1, 0)}
    seen = elsewhere.compared(rows, elsewhere.pairs(rows))
    assert seen[Sign.LESS_ALIVE_ELSEWHERE].to_list() == [True, False, False, False]
    assert seen[Sign.MORE_ALIVE_ELSEWHERE].to_list() == [False, True, False, False]


def test_one_record_at_a_school_and_a_college_is_a_pair():
    rows = listed({"child": "e" * 32}, {"child": "e" * 32, "stage": "tvet"})
    assert set(elsewhere.pairs(rows).rows()) == {(0, 1), (1, 0)}


def test_nobody_elsewhere_is_no_pair():
    rows = listed({})
    seen = elsewhere.compared(rows, elsewhere.pairs(rows))
    assert not any(seen[sign].any() for sign in signs.ELSEWHERE)


def test_weights_are_learned_from_the_truth():
    rows = listed(*[{"numbered": at % 2} for at in range(10)] * 20)
    none = [pl.lit(value=False).alias(sign) for sign in (*signs.ELSEWHERE, *signs.LATER)]
    rows = rows.with_columns(none)
    found = weighing.learned(rows, [one == 0 for one in rows["numbered"]], 0.95)
    assert found.signs[Sign.WITHOUT_IIN] > 3
    both = weighing.scored(rows, {"class": found, "club": found})
    assert both["looked"].to_list() == [one == 0 for one in rows["numbered"]]


def found_row(**changes) -> dict[str, Any]:
    return {sign.value: sign is Sign.NO_MARKS for sign in Sign} | {
        "enrolment": new_id().hex, "child": new_id().hex, "organisation": new_id().hex, "kato": "711210000",
        "stage": "school", "score": 0.8123, "elsewhere": None,
    } | changes  # fmt: skip


def keep(*rows: dict[str, Any], at: datetime = NOW) -> None:
    schema = {"elsewhere": pl.String, "score": pl.Float64}
    found = pl.DataFrame(list(rows), schema_overrides=schema)
    contradictions.keep_contradictions(actor=system("jobs"), found=found, enrolments=100, now=at)


def test_a_search_keeps_decisions_and_lets_go_of_what_nothing_contradicts(db):
    first, second, third = found_row(), found_row(), found_row()
    keep(first, second)
    decided = Contradiction.objects.get(enrolment=UUID(first["enrolment"]))
    assert (decided.score, decided.reasons) == (812, [["no_marks", 560]])
    contradictions.decide_contradiction(
        actor=HERE,
        contradiction=decided.id,
        to=ContradictionState.FALSE,
        words="The school has no such pupil.",
        now=NOW,
    )
    keep(third, at=NOW + timedelta(days=1))
    left = dict(Contradiction.objects.values_list("enrolment", "state"))
    assert left == {UUID(first["enrolment"]): "false", UUID(third["enrolment"]): "open"}


def decide(actor: Actor, words: str) -> None:
    contradictions.decide_contradiction(
        actor=actor, contradiction=Contradiction.objects.get().id, to=ContradictionState.TRUE, words=words, now=NOW
    )


def test_only_the_office_of_the_territory_decides_and_says_why(db):
    keep(found_row())
    with pytest.raises(NotAllowed):
        decide(THERE, WORDS)
    with pytest.raises(Refusal, match=r"accuracy\.note_short"):
        decide(HERE, "yes")
    decide(HERE, WORDS)
    with pytest.raises(Refusal, match=r"accuracy\.contradiction_same"):
        decide(HERE, WORDS)


def test_nobody_else_may_search(db):
    with pytest.raises(NotAllowed):
        contradictions.keep_contradictions(actor=HERE, found=pl.DataFrame(), enrolments=0, now=NOW)
