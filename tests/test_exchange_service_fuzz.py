"""The rostering service under odd addresses and questions: an answer of the standard, never a fault."""

import json
import re
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shanyraq.domains.registry import services
from shanyraq.domains.registry.tests import builders
from shanyraq.foundation import clock
from shanyraq.interfaces.exchange.oneroster.collections import COLLECTIONS
from shanyraq.interfaces.exchange.oneroster.urls import NESTED
from tests.systems import afresh
from tests.test_exchange_service import BASE, consumer, roster

pytestmark = pytest.mark.django_db
CAREFUL: Final = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
ADDRESSES: Final = (*COLLECTIONS, *(f"{name}/<str:key>" for name in COLLECTIONS), *NESTED)
KEYS: Final = st.one_of(
    st.sampled_from(
        ["class", "home", "child", "year-2025", "term-2025", "term-x", "year-99999", "term--1", "-school-5"]
    ),
    st.text(min_size=1, max_size=12),
)
FIELDS: Final = st.sampled_from(
    ["givenName", "role", "roles.role", "status", "dateLastModified", "sourcedId", "schoolYear", "grades", "birthDate",
     "sex", "beginDate", "primary", "type", "name", "metadata", "x"]
)  # fmt: skip
FILTERS: Final = st.builds(
    lambda name, sign, value: f"{name}{sign}'{value}'",
    FIELDS,
    st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "~"]),
    st.one_of(st.sampled_from(["2026-01-01", "true", "0", "5", "x", "9" * 40]), st.text(max_size=8)),
)
QUESTIONS: Final = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.one_of(FILTERS, st.text(max_size=20)),
        "sort": FIELDS,
        "orderBy": st.sampled_from(["asc", "desc", "up"]),
        "fields": FIELDS,
        "limit": st.one_of(st.integers(-1, 10**30).map(str), st.text(max_size=3)),
        "offset": st.one_of(st.integers(-1, 10**30).map(str), st.text(max_size=3)),
    },
)


@settings(max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=CAREFUL)
@given(address=st.sampled_from(ADDRESSES), key=KEYS, asked=QUESTIONS)
def _asked(system: Any, ids: dict[str, str], address: str, key: str, asked: dict[str, str]) -> None:
    path = re.sub(r"<str:\w+>", quote(ids.get(key, key), safe=""), address)
    with transaction.atomic():
        answer = system.get(f"{BASE}/{path}?{urlencode(asked)}")
        transaction.set_rollback(True)
    assert answer.status_code in (200, 400, 404), (path, asked, answer.content)
    if answer["Content-Type"].startswith("application/json"):
        told = json.loads(answer.content)
        assert ("imsx_codeMajor" in told) == (answer.status_code != 200)


def test_odd_questions_get_answers_of_the_standard() -> None:
    afresh()
    with clock.frozen_at(builders.NOW):
        services.load_territory()
        made = roster()
        ids = {"class": str(made["class"]), "home": str(made["home"]), "child": str(made["children"][0])}
        _asked(consumer(), ids)
