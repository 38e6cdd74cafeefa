"""The ceremony: one party alone neither steers nor stops it, whatever it does and wherever it stops."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.placement.rules import seed, seed_files
from shanyraq.domains.placement.rules.seed import CeremonyPhase, CeremonyPlan, CeremonyState, SeedMessage, SeedStep
from shanyraq.domains.placement.tests.builders import refused

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAYS = [START + timedelta(days=n) for n in range(6)]
ID = "c0" * 16
PLAN = CeremonyPlan(ID, DAYS[1], DAYS[2], DAYS[3], DAYS[4], beacon=False)
WITH_BEACON = replace(PLAN, beacon=True)
BEACON = "b7" * 32


def shares_of(party, salt=""):
    return tuple(sha256(f"{salt}{party}{holder}".encode()).hexdigest() for holder in seed.holders(party))


def commit(party, salt=""):
    hashes = [
        seed.share_hash(ID, party, holder, share)
        for holder, share in zip(seed.holders(party), shares_of(party, salt), strict=True)
    ]
    return SeedMessage(party, SeedStep.COMMIT, hashes=tuple(hashes), boxes=("00", "00"))


def confirm(holder, about):
    return SeedMessage(holder, SeedStep.CONFIRM, about=about)


def share_for(party, holder):
    return shares_of(party)[seed.holders(party).index(holder)]


def show(party, holder):
    return SeedMessage(party, SeedStep.SHOW, about=holder, shares=(share_for(party, holder),))


def reveal(party):
    return SeedMessage(party, SeedStep.REVEAL, shares=shares_of(party))


def recover(holder, about):
    return SeedMessage(holder, SeedStep.RECOVER, about=about, shares=(share_for(about, holder),))


class Ceremony:
    """Parties that follow the steps, and some that do not."""

    def __init__(self, plan=PLAN):
        self.plan, self.state = plan, CeremonyState()

    def give(self, *messages, at=START):
        for message in messages:
            self.state = seed.accept(self.plan, self.state, message, at)
        return self

    def to_seal(self, silent=(), unconfirming=()):
        honest = [party for party in seed.PARTIES if party not in silent]
        self.give(*(commit(party) for party in honest))
        for party in honest:
            for holder in seed.holders(party):
                if holder in silent or holder in unconfirming:
                    if party not in unconfirming:
                        self.give(show(party, holder), at=DAYS[1])
                else:
                    self.give(confirm(holder, party), at=DAYS[1])
        self.state = seed.seal(self.plan, self.state, DAYS[2] + timedelta(seconds=1))
        return self

    def drawn(self, beacon="", at=DAYS[5]):
        return seed.draw(self.plan, self.state, at, beacon)


def full(plan=PLAN, beacon=""):
    return Ceremony(plan).to_seal().give(*map(reveal, seed.PARTIES), at=DAYS[3]).drawn(beacon)


def test_the_seed_is_what_anyone_computes_with_sha256sum():
    words = [ID, "", *(share for party in seed.PARTIES for share in shares_of(party))]
    assert full().seed == sha256(json.dumps(words, separators=(",", ":")).encode()).hexdigest()
    assert full().parties == (1, 2, 3)
    assert full(WITH_BEACON, BEACON).seed != full().seed


@pytest.mark.parametrize("silent", seed.PARTIES)
def test_a_party_that_does_not_reveal_changes_nothing_and_stops_nothing(silent):
    ceremony = Ceremony().to_seal().give(*(reveal(party) for party in seed.PARTIES if party != silent), at=DAYS[3])
    assert seed.phase(PLAN, ceremony.state, DAYS[3]) is CeremonyPhase.REVEALING
    assert seed.phase(PLAN, ceremony.state, DAYS[4]) is CeremonyPhase.RECOVERING
    ceremony.give(*(recover(holder, silent) for holder in seed.holders(silent)), at=DAYS[4])
    assert ceremony.drawn() == full()


@pytest.mark.parametrize("silent", seed.PARTIES)
def test_a_party_that_never_commits_leaves_the_seed_to_the_others(silent):
    ceremony = Ceremony().to_seal(silent=(silent,))
    others = seed.holders(silent)
    assert ceremony.state.sealed == others
    drawn = ceremony.give(*map(reveal, others), at=DAYS[3]).drawn()
    words = [ID, "", *(share for party in others for share in shares_of(party))]
    assert drawn.seed == seed.seed_of(words)


@pytest.mark.parametrize("bad", seed.PARTIES)
def test_a_party_that_confirms_nobody_shuts_nobody_out(bad):
    ceremony = Ceremony()
    ceremony.give(*map(commit, seed.PARTIES))
    for party, holder in product(seed.PARTIES, repeat=2):
        if party != holder:
            ceremony.give(show(party, holder) if holder == bad else confirm(holder, party), at=DAYS[1])
    ceremony.state = seed.seal(PLAN, ceremony.state, DAYS[1])  # everything is there: nobody waits for the day
    assert ceremony.give(*map(reveal, seed.PARTIES), at=DAYS[3]).drawn() == full()


@given(st.sampled_from(seed.PARTIES), st.integers(0, 3), st.booleans())
def test_one_party_stopping_at_any_step_leaves_one_seed_that_it_did_not_choose(bad, stops_after, shows):
    """Its shares are fixed when it commits; until the seal it knows one share of each of the others, of two."""
    others = seed.holders(bad)
    ceremony = Ceremony().give(*(commit(party) for party in others))
    if stops_after >= 1:
        ceremony.give(commit(bad))
    for party, holder in product(seed.PARTIES, repeat=2):
        if party == holder or (party == bad and stops_after < 1):
            continue
        if holder != bad or stops_after >= 2:
            ceremony.give(confirm(holder, party), at=DAYS[1])
        elif party != bad or shows:
            ceremony.give(show(party, holder), at=DAYS[1])
    ceremony.state = seed.seal(PLAN, ceremony.state, DAYS[2] + timedelta(seconds=1))
    ceremony.give(*map(reveal, others), at=DAYS[3])
    if stops_after >= 3:
        ceremony.give(reveal(bad), at=DAYS[3])
    elif bad in ceremony.state.sealed:
        ceremony.give(*(recover(holder, bad) for holder in others), at=DAYS[4])
    expected = others if stops_after < 1 else seed.PARTIES
    words = [ID, "", *(share for party in expected for share in shares_of(party))]
    assert ceremony.drawn().seed == seed.seed_of(words)


def test_before_the_seal_one_party_knows_too_little():
    """The others' contributions have two shares each, and it holds one of them: it can compute no seed."""
    for bad in seed.PARTIES:
        known = {(party, bad) for party in seed.holders(bad)} | {(bad, holder) for holder in seed.holders(bad)}
        needed = {(party, holder) for party in seed.PARTIES for holder in seed.holders(party)}
        assert len(needed - known) == 2
        assert {party for party, _ in needed - known} == set(seed.holders(bad))


def test_two_parties_and_a_beacon_cannot_steer():
    """What they withhold, they withhold before the public value is known; afterwards nothing can be added."""
    for withheld in ((), (2,), (3,), (2, 3)):
        ceremony = Ceremony(WITH_BEACON).to_seal()
        ceremony.give(*(reveal(party) for party in seed.PARTIES if party not in withheld), at=DAYS[3])
        if withheld:
            with refused("placement.seed_early"):
                ceremony.drawn(BEACON, at=DAYS[4])  # while shares may come, the value is not taken
            for late in (reveal(withheld[0]), recover(1, withheld[0])):
                with refused("placement.seed_late"):
                    seed.accept(WITH_BEACON, ceremony.state, late, DAYS[5])
        drawn = ceremony.drawn(BEACON)
        assert drawn.parties == tuple(party for party in seed.PARTIES if party not in withheld)
        assert (
            drawn.seed
            != Ceremony(WITH_BEACON).to_seal().give(*map(reveal, drawn.parties), at=DAYS[3]).drawn("c8" * 32).seed
        )


def test_two_parties_without_a_beacon_get_no_second_choice_of_seed():
    ceremony = Ceremony().to_seal().give(reveal(1), reveal(2), at=DAYS[3])
    ceremony.give(recover(1, 3), at=DAYS[4])  # party 2 keeps its share of 3 back
    with refused("placement.seed_incomplete"):
        ceremony.drawn()


def test_one_party_alone_draws_nothing_without_a_beacon():
    ceremony = Ceremony().give(commit(1)).give(show(1, 2), show(1, 3), at=DAYS[1])
    with refused("placement.seed_too_few"):
        seed.seal(PLAN, ceremony.state, DAYS[3])


# ---- what is refused, each with its code


def before_seal():
    return Ceremony().give(*map(commit, seed.PARTIES))


@pytest.mark.parametrize(
    ("code", "ceremony", "message", "at"),
    [
        ("seed_twice", before_seal, commit(1, "other"), START),
        ("seed_late", Ceremony, commit(1), DAYS[1] + timedelta(seconds=1)),
        ("seed_early", Ceremony, confirm(1, 2), START),
        ("seed_malformed", before_seal, confirm(1, 1), START),
        ("seed_wrong_share", before_seal, replace(show(1, 2), shares=("0" * 64,)), START),
        ("seed_wrong_share", before_seal, replace(show(1, 2), about=3), START),
        ("seed_wrong_share", before_seal, replace(show(1, 2), shares=("x" * 64,)), START),
        ("seed_early", before_seal, reveal(1), START),
        ("seed_late", before_seal, confirm(1, 2), DAYS[2] + timedelta(seconds=1)),
        ("seed_malformed", Ceremony, SeedMessage(1, SeedStep.COMMIT, hashes=("1", "2"), boxes=("", "")), START),
        ("seed_wrong_share", lambda: Ceremony().to_seal(), replace(reveal(1), shares=shares_of(2)), DAYS[3]),
        ("seed_late", lambda: Ceremony().to_seal(), reveal(1), DAYS[4]),
        ("seed_twice", lambda: Ceremony().to_seal().give(reveal(1), at=DAYS[3]), reveal(1), DAYS[3]),
        ("seed_left_out", lambda: Ceremony().to_seal(silent=(1,)), reveal(1), DAYS[3]),
        ("seed_early", lambda: Ceremony().to_seal(), recover(2, 1), DAYS[3]),
        ("seed_late", lambda: Ceremony().to_seal(), recover(2, 1), DAYS[5]),
        ("seed_twice", lambda: Ceremony().to_seal().give(reveal(1), at=DAYS[3]), recover(2, 1), DAYS[4]),
        ("seed_wrong_share", lambda: Ceremony().to_seal(), replace(recover(2, 1), shares=(share_for(1, 3),)), DAYS[4]),
    ],
)
def test_a_wrong_step_is_refused(code, ceremony, message, at):
    state = ceremony().state
    with refused(f"placement.{code}"):
        seed.accept(PLAN, state, message, at)


def test_the_seed_is_not_drawn_early_nor_with_another_beacon():
    ceremony = Ceremony().to_seal().give(reveal(1), at=DAYS[3])
    with refused("placement.seed_early"):
        ceremony.drawn(at=DAYS[3])
    with refused("placement.seed_early"):
        seed.seal(PLAN, Ceremony().give(commit(1)).state, DAYS[1])
    whole = Ceremony().to_seal().give(*map(reveal, seed.PARTIES), at=DAYS[3])
    with refused("placement.seed_beacon"):
        whole.drawn(BEACON)


def test_another_partys_commitment_cannot_be_copied():
    copied = replace(commit(1), party=2)
    ceremony = Ceremony().give(commit(1), copied)
    with refused("placement.seed_wrong_share"):
        ceremony.give(SeedMessage(2, SeedStep.SHOW, about=1, shares=(shares_of(1)[0],)))


# ---- files: sealed shares, signatures


def secret(n):
    return seed_files.SeedSecret(bytes([n]) * 32, bytes([n + 100]) * 32)


def test_a_share_opens_for_its_holder_alone_and_for_nothing_else():
    box = seed_files.sealed("5a" * 32, secret(2).party("B").box_key, seed_files.about(ID, 1, 2), b"7" * 32)
    assert secret(2).opened(box, seed_files.about(ID, 1, 2)) == "5a" * 32
    assert secret(3).opened(box, seed_files.about(ID, 1, 2)) is None
    assert secret(2).opened(box, seed_files.about(ID, 3, 2)) is None
    assert secret(2).opened(box[:-2] + "00", seed_files.about(ID, 1, 2)) is None
    assert secret(2).opened("zz", seed_files.about(ID, 1, 2)) is None


@pytest.mark.parametrize("message", [commit(1), confirm(1, 2), show(1, 3), reveal(1), recover(1, 3)])
def test_a_message_is_the_same_after_its_way(message):
    sent = secret(1).signed(ID, message)
    keys = {1: secret(1).party("A").sign_key}
    assert seed_files.checked(ID, sent["message"], sent["signature"], keys) == message


def test_a_forged_message_is_refused():
    keys = {n: secret(n).party("x").sign_key for n in seed.PARTIES}
    sent = secret(2).signed(ID, reveal(1))  # the second signs for the first
    with refused("placement.seed_forged"):
        seed_files.checked(ID, sent["message"], sent["signature"], keys)
    own = secret(1).signed(ID, reveal(1))
    with refused("placement.seed_forged"):
        seed_files.checked(ID, own["message"].replace(shares_of(1)[0], "0" * 64), own["signature"], keys)
    with refused("placement.seed_forged"):  # of another ceremony
        seed_files.checked("d0" * 16, own["message"], own["signature"], keys)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"party":9,"step":"reveal"}', "x" * 30_000, '{"party":1,"step":"x"}']
)
def test_what_is_no_file_of_a_ceremony_is_refused(text):
    with refused("placement.seed_malformed"):
        seed_files.checked(ID, text, "00" * 64, {1: secret(1).party("A").sign_key})
    with refused("placement.seed_malformed"):
        seed_files.read_party(text)


def test_a_party_is_read_back_from_its_file():
    party = secret(1).party("Union of parents")
    assert seed_files.read_party(party.text()) == party
