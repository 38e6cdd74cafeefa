from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation import ledger
from shanyraq.foundation.ledger import canonical
from shanyraq.foundation.ledger.models import LedgerEntry
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='абвәғabc "\\', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "ә")), inner, max_size=3),
    max_leaves=8,
)


def test_the_one_spelling():
    assert canonical.canonical({"b": 1, "a": ["ә", None, True], "c": {"z": 2, "y": ()}}) == (
        '{"a":["ә",null,true],"b":1,"c":{"y":[],"z":2}}'
    )


@given(st.dictionaries(st.sampled_from(("k", "l", "m")), plain))
def test_the_order_of_keys_does_not_matter(payload):
    reversed_keys = dict(reversed(payload.items()))
    assert canonical.canonical(payload) == canonical.canonical(reversed_keys)


@pytest.mark.parametrize("value", [1.5, float("nan"), b"x", object(), {1: 2}, {"deep": [{"x": 0.1}]}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical.canonical({"value": value})


@pytest.mark.parametrize("key", ["name", "iin", "IIN", "address", "phone", "email", "born_on", "surname", "name_kk"])
def test_a_personal_key_is_refused_at_any_depth(key):
    with pytest.raises(canonical.PersonalContent):
        canonical.canonical({"claims": [{"child": {key: "x"}}]})


def test_an_iin_is_refused_and_a_bin_is_not():
    with pytest.raises(canonical.PersonalContent):
        canonical.canonical({"applicant": "900213300012"})
    canonical.canonical({"organisation": "970740000123"})


@pytest.mark.django_db
def test_an_entry_reads_back():
    subject = new_id()
    ledger.record("placement.ApplicationFiled", subject, {"number": 7, "wishes": ["ә"]}, at=AT)
    ledger.record("placement.OfferMade", subject, {"rank": 1}, at=AT)
    first, second = ledger.entries(subject)
    assert (first.kind, first.payload, first.recorded_at) == (
        "placement.ApplicationFiled",
        {"number": 7, "wishes": ["ә"]},
        AT,
    )
    assert first.seq < second.seq


@pytest.mark.django_db
def test_many_entries_keep_their_order():
    news = [ledger.NewEntry("x.Happened", new_id(), {"n": n}) for n in range(30)]
    assert ledger.record_many(news, at=AT) == 30
    assert list(LedgerEntry.objects.order_by("seq").values_list("subject_id", flat=True)) == [
        new.subject for new in news
    ]


@pytest.mark.django_db
def test_what_is_rolled_back_never_happened():
    subject = new_id()

    @transaction.atomic
    def record_and_break():
        ledger.record("x.Happened", subject, {}, at=AT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record_and_break()
    assert ledger.entries(subject) == ()
