from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.access import ANYONE, Actor, Grant, Role, system
from shanyraq.foundation.clients import limits, queries, scopes, secrecy, services, tokens
from shanyraq.foundation.clients.models import Client
from shanyraq.foundation.clients.scopes import Resource, Scope, Verb
from shanyraq.foundation.refusal import NotAllowed, Refusal
from shanyraq.foundation.uid import new_id

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
OPERATOR = system("tests")
READ = (Scope(Verb.READ, Resource.GROUPS, "71"),)


def added(*given_scopes: Scope, name: str = "Queue") -> services.Issued:
    return services.add_client(actor=OPERATOR, name=name, owner="Region", given=given_scopes or READ, now=NOW)


class TestScopes:
    @pytest.mark.parametrize("text", ["read:groups:71", "write:offers:711110000", "read:changes:*"])
    def test_a_scope_is_read_as_it_is_written(self, text):
        assert str(scopes.parse(text)) == text

    @pytest.mark.parametrize(
        "text",
        ["", "read", "read:groups", "read:groups:", "read:groups:7", "read:groups:x1", "read:groups:71:",
         "do:groups:71", "read:iin:71", "read:groups:7111100001", "READ:groups:71", "read:groups:٧١"],
    )  # fmt: skip
    def test_anything_else_is_refused(self, text):
        with pytest.raises(Refusal) as caught:
            scopes.parse(text)
        assert caught.value.code == "clients.scope_malformed"

    def test_a_wider_territory_covers_a_narrower_one_of_the_same_verb_and_resource(self):
        wide, narrow = scopes.parse("read:groups:71"), scopes.parse("read:groups:711110000")
        assert wide.covers(narrow) and scopes.parse("read:groups:*").covers(wide)
        assert not narrow.covers(wide) and not scopes.parse("write:groups:*").covers(wide)

    def test_many_are_kept_once_and_in_order(self):
        assert scopes.written(scopes.parse_many("write:groups:71 read:groups:71 write:groups:71")) == (
            "read:groups:71 write:groups:71"
        )


class TestTokens:
    @given(st.uuids(), st.integers(0, 2**32 - 1), st.integers(0, 2**40))
    def test_a_token_says_what_was_put_in(self, client, version, expires):
        assert tokens.read(tokens.issue(client, version, expires)) == tokens.Token(client, version, expires)

    def test_a_token_of_another_house_is_nothing(self, settings):
        token = tokens.issue(new_id(), 1, 2**33)
        settings.SECRET_KEY = "another"
        assert tokens.read(token) is None

    @given(st.text())
    def test_any_text_is_answered(self, text):
        assert tokens.read("shq1." + text) is None


class TestBuckets:
    @given(st.lists(st.floats(0, 30, allow_nan=False), max_size=60), st.integers(1, 50))
    def test_nobody_gets_more_than_a_reserve_and_what_time_gives(self, gaps, rate):
        buckets, moment, passed = limits.Buckets(), 0.0, 0
        for gap in gaps:
            moment += gap
            passed += buckets.take("one", rate, moment).passes
        assert passed <= rate + moment * rate / 60 + 1e-6

    def test_who_waits_as_long_as_told_passes(self):
        buckets = limits.Buckets()
        for _ in range(7):
            assert buckets.take("one", 7, 0.0).passes
        refused = buckets.take("one", 7, 0.0)
        assert (refused.passes, refused.left, refused.wait) == (False, 0, 9)
        assert buckets.take("one", 7, float(refused.wait)).passes

    def test_memory_has_an_end(self, monkeypatch):
        monkeypatch.setattr(limits, "MOST_BUCKETS", 10)
        buckets = limits.Buckets()
        for n in range(1_000):
            buckets.take(f"address {n}", 5, n / 1_000)
        assert len(buckets._buckets) <= 10

    def test_no_rate_is_no_limit(self):
        assert limits.take("one", 0) is None


class TestSecrecy:
    def test_each_secret_that_is_kept_counts_and_no_other(self):
        first, second = secrecy.new_secret(), secrecy.new_secret()
        kept = (secrecy.hashed(first), secrecy.hashed(second))
        assert secrecy.matches(first, *kept) and secrecy.matches(second, *kept)
        assert not secrecy.matches("", *kept) and not secrecy.matches(first, None, None)

    def test_a_kept_answer_opens_with_the_key_of_the_house_only(self, settings):
        from cryptography.exceptions import InvalidTag

        kept = secrecy.sealed(b"{}")
        assert secrecy.unsealed(kept) == b"{}" and b"{}" not in kept
        settings.SECRET_KEY = "another"
        with pytest.raises(InvalidTag):
            secrecy.unsealed(kept)


@pytest.mark.django_db
class TestClients:
    @pytest.mark.parametrize("actor", [ANYONE, Actor(new_id(), grants=(Grant(Role.OFFICER, "71"),))])
    def test_only_the_operator_adds_changes_and_revokes(self, actor):
        code = added().code
        acts = [
            lambda: services.add_client(actor=actor, name="x", owner="y", given=READ, now=NOW),
            lambda: services.rotate_secret(actor=actor, code=code, now=NOW, former_until=NOW.date()),
            lambda: services.change_scopes(actor=actor, code=code, given=READ, now=NOW),
            lambda: services.revoke_client(actor=actor, code=code, now=NOW),
            lambda: services.forget_answers(actor=actor, now=NOW),
        ]
        for act in acts:
            with pytest.raises(NotAllowed):
                act()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"name": " "}, "clients.text_missing"),
            ({"owner": ""}, "clients.text_missing"),
            ({"given": ()}, "clients.no_scope"),
            ({"rate": 0}, "clients.rate"),
            ({"rate": 10**7}, "clients.rate"),
        ],
    )
    def test_what_cannot_be_a_client_is_refused(self, change, code):
        with pytest.raises(Refusal) as caught:
            services.add_client(**{"actor": OPERATOR, "name": "x", "owner": "y", "given": READ, "now": NOW, **change})
        assert caught.value.code == code

    def test_a_revoked_client_stays_so(self):
        code = added().code
        for _ in range(2):
            services.revoke_client(actor=OPERATOR, code=code, now=NOW)
        assert Client.objects.get().version == 2
        for act in (
            lambda: services.rotate_secret(actor=OPERATOR, code=code, now=NOW, former_until=NOW.date()),
            lambda: services.change_scopes(actor=OPERATOR, code=code, given=READ, now=NOW),
        ):
            with pytest.raises(Refusal) as caught:
                act()
            assert caught.value.code == "clients.revoked"

    def test_an_unknown_client_is_refused(self):
        with pytest.raises(Refusal) as caught:
            services.revoke_client(actor=OPERATOR, code="nobody", now=NOW)
        assert caught.value.code == "clients.unknown"

    def test_the_third_secret_ends_the_first(self):
        issued = added()
        until = NOW.date() + timedelta(days=7)
        second = services.rotate_secret(actor=OPERATOR, code=issued.code, now=NOW, former_until=until)
        third = services.rotate_secret(actor=OPERATOR, code=issued.code, now=NOW, former_until=until)
        proven = [
            services.sign_in(code=issued.code, secret=one.secret, now=NOW) is not None
            for one in (issued, second, third)
        ]
        assert proven == [False, True, True]

    def test_an_actor_has_a_grant_for_each_territory_of_the_verb_and_the_resource(self):
        added(*scopes.parse_many("read:groups:71 read:groups:75 write:groups:71 read:offers:*"))
        (card,) = queries.clients()
        actor = card.acting(Verb.READ, Resource.GROUPS)
        assert actor is not None
        assert actor.grants == (Grant(Role.SYSTEM, "71"), Grant(Role.SYSTEM, "75"))
        assert (actor.user, actor.system) == (None, f"client {card.code}")
        assert card.acting(Verb.WRITE, Resource.OFFERS) is None

    def test_the_last_use_is_noted_at_most_once_a_minute(self):
        issued = added()
        for seconds in (0, 30, 61):
            services.sign_in(code=issued.code, secret=issued.secret, now=NOW + timedelta(seconds=seconds))
        assert Client.objects.get().used_at == NOW + timedelta(seconds=61)

    def test_no_card_shows_a_secret(self):
        issued = added()
        (card,) = queries.clients()
        assert issued.secret not in repr(card) and not hasattr(card, "secret_hash")
