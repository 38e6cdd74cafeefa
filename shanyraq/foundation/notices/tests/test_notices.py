from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from shanyraq.foundation import clock, jobs, notices, text
from shanyraq.foundation.access import ANYONE, Actor, Grant, Role
from shanyraq.foundation.notices import delivery, facts, queries, services, sms, wording
from shanyraq.foundation.notices.models import Notice
from shanyraq.foundation.uid import new_id

AT = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {"role": Role.HEAD, "reason": "сабақтан кейін", "until": AT}
CODE = "audit.record_opened"


def reader(*, language="kk", email="", phone="", person=None):
    name = f"user-{new_id().hex[-8:]}"
    fields = {"person_id": person or new_id(), "language": language, "email": email, "phone": phone}
    user = get_user_model().objects.create_user(name, None, created_at=AT, **fields)
    return user, Actor(user.id, user.person_id, (Grant(Role.GUARDIAN),))


@pytest.fixture
def recorder(monkeypatch):
    gateway = sms.RecordingGateway()
    monkeypatch.setattr(delivery, "gateway", lambda: gateway)
    return gateway


@pytest.mark.parametrize("lang", text.LANGS)
@pytest.mark.parametrize(
    "fact",
    [
        "x", 7, 2.5, True, None, Decimal("1.50"), date(2026, 9, 1), AT, time(9, 30),
        text.Text("а", "б", "c"),
    ],
)  # fmt: skip
def test_a_fact_survives_storage(fact, lang):
    assert facts.load(facts.dump(fact), lang) == fact


def test_an_enum_reads_in_the_language_of_the_day():
    stored = facts.dump(Role.HEAD)
    assert facts.load(stored, "ru") == text.say("role.head", "ru")
    assert facts.load(stored, "kk") == text.say("role.head", "kk")


@pytest.mark.django_db
def test_the_inbox_shows_the_newest_first_in_the_language_of_the_reader():
    user, actor = reader()
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    notices.tell_user(user.id, CODE, at=AT.replace(hour=5), link="/family/", **FACTS)
    notices.tell(new_id(), CODE, at=AT, **FACTS)
    page = queries.inbox(actor, "ru")
    assert [letter.link for letter in page.object_list] == ["/family/", ""]
    letter = page.object_list[0]
    assert letter.title == text.say(f"notice.{CODE}.title", "ru")
    assert "сабақтан кейін" in letter.body
    assert text.say("role.head", "ru") in letter.body
    assert queries.unread_count(actor) == 2


@pytest.mark.django_db
def test_a_stranger_has_no_inbox(django_assert_num_queries):
    notices.tell(new_id(), CODE, at=AT, **FACTS)
    with django_assert_num_queries(0):
        assert queries.unread_count(ANYONE) == 0


@pytest.mark.django_db
def test_only_the_reader_can_mark_a_notice():
    user, actor = reader()
    _, other = reader()
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    notice = Notice.objects.get().id
    assert services.mark_read(actor=other, now=AT, notice=notice) == 0
    assert services.mark_read(actor=actor, now=AT, notice=notice) == 1
    assert services.mark_read(actor=actor, now=AT) == 0
    assert queries.unread_count(actor) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 30])
def test_telling_many_costs_the_same(n, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        assert notices.tell_many([notices.NewNotice(new_id(), CODE, FACTS) for _ in range(n)], at=AT) == n


@pytest.mark.django_db
def test_who_left_no_address_gets_no_job():
    user, _ = reader()
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_before_the_transaction_ends(mailoutbox, recorder):
    user, _ = reader(email="aty@mysal.kz", phone="+77010000001")

    @transaction.atomic
    def tell_and_break():
        notices.tell(user.person_id, CODE, at=AT, **FACTS)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tell_and_break()
    jobs.run_due()
    assert (mailoutbox, recorder.sent) == ([], [])

    with transaction.atomic():
        notices.tell(user.person_id, CODE, at=AT, **FACTS)
        assert mailoutbox == []
    jobs.run_due()
    assert len(mailoutbox) == len(recorder.sent) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("lang", text.LANGS)
def test_a_letter_is_in_the_language_of_its_reader(lang, mailoutbox, recorder):
    user, _ = reader(language=lang, email="aty@mysal.kz")
    with translation.override("en"):
        notices.tell(user.person_id, CODE, at=AT, **FACTS)
        jobs.run_due()
    (letter,) = mailoutbox
    assert letter.subject == text.say(f"notice.{CODE}.title", lang)
    assert text.say("notices.mail.foot", lang) in letter.body
    assert letter.to == ["aty@mysal.kz"]
    assert Notice.objects.get().emailed_at is not None


@pytest.mark.django_db
def test_an_sms_says_nothing_about_anyone(recorder):
    user, _ = reader(phone="+77010000001", language="ru")
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    jobs.run_due()
    (message,) = recorder.sent
    assert text.say(f"notice.{CODE}.title", "ru") in message.text
    assert "сабақтан" not in message.text


def test_a_title_with_facts_is_not_put_into_an_sms(monkeypatch):
    entry = {lang: "{child}: {n}" for lang in text.LANGS}
    monkeypatch.setattr(wording, "catalogue", lambda: {"notice.x.title": entry})
    assert wording.short("x", "ru") == text.say("notices.sms.plain", "ru")


@pytest.mark.django_db
def test_a_job_that_runs_twice_sends_once(mailoutbox, recorder):
    user, _ = reader(email="aty@mysal.kz", phone="+77010000001")
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    notice = str(Notice.objects.get().id)
    for _ in range(2):
        delivery.deliver.call(notices=[notice])
    assert len(mailoutbox) == len(recorder.sent) == 1


@pytest.mark.django_db
def test_one_that_cannot_go_out_does_not_hold_the_others(monkeypatch, mailoutbox):
    away = {"aty1@mysal.kz"}

    def send(self, fail_silently=False):
        if self.to[0] in away:
            raise ConnectionRefusedError
        mailoutbox.append(self)
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    for n in range(3):
        user, _ = reader(email=f"aty{n}@mysal.kz")
        notices.tell(user.person_id, CODE, at=AT, **FACTS)
    ids = [str(pk) for pk in Notice.objects.values_list("pk", flat=True)]
    with pytest.raises(delivery.Undelivered):
        delivery.deliver.call(notices=ids)
    away.clear()
    delivery.deliver.call(notices=ids)
    assert sorted(letter.to[0] for letter in mailoutbox) == ["aty0@mysal.kz", "aty1@mysal.kz", "aty2@mysal.kz"]


@pytest.mark.django_db
def test_what_was_read_in_the_inbox_is_not_sent(mailoutbox):
    user, actor = reader(email="aty@mysal.kz")
    notices.tell(user.person_id, CODE, at=AT, **FACTS)
    services.mark_read(actor=actor, now=clock.now())
    jobs.run_due()
    assert mailoutbox == []
