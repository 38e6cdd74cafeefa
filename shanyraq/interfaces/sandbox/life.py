"""What happens in the country after it is built, by the same services that people use: rounds, answers, enrolments.

The demonstration district has a published round of three weeks ago, whose places were taken, and one of the last
working day, whose answers are awaited; children have left since, so that a round waits to be held.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice
from uuid import UUID

from shanyraq.domains.contingent.services import denials
from shanyraq.domains.placement import bulk as placement
from shanyraq.domains.placement.rules.claim import Benefit, Status
from shanyraq.domains.placement.rules.documents import PAPER_OF
from shanyraq.domains.placement.services import applications, deadlines, offers, rounds, vouchers
from shanyraq.domains.registry import queries as registry
from shanyraq.domains.registry import services as register
from shanyraq.domains.registry.rules.ages import YEAR_BEGINS, school_year
from shanyraq.domains.registry.rules.kinds import ExitReason
from shanyraq.foundation import clock, workdays
from shanyraq.foundation.access import Actor, Grant, Role, system
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.timeline import COUNTRY_ZONE
from shanyraq.interfaces import scrutiny
from shanyraq.interfaces.sandbox import personas
from shanyraq.interfaces.sandbox.build import LIFE, Built, Persona, life_of
from shanyraq.interfaces.sandbox.calibration import facts
from shanyraq.interfaces.sandbox.demo import JUNIOR

SANDBOX = system("sandbox")
ARRIVALS = 3  # families who have accepted a place of the demonstration's kindergarten
LEFT_AT_LAST = 4  # children who leave after the second round
CLAIMED = (Benefit.TEACHER, Benefit.LARGE_FAMILY, Benefit.CHILD_DISABILITY, Benefit.SERVICE)
OTHER_DISTRICTS = 3
SEARCHED_AT_ONCE = Fraction(1, 100)  # larger countries are searched at night, or by command


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which things happen."""

    first: datetime  # the round of three weeks ago
    moved: datetime  # children leave
    second: datetime  # the round of the last working day
    now: datetime


def live(built: Built) -> None:
    """Rounds, offers, enrolments, vouchers, papers to check, contradictions, and the people as whom one signs in."""
    demo = facts()["demo"]
    days = days_of(built.order.as_of)
    family = built.persona
    if life_of(built.order.as_of):
        _first_round(demo["district"], days)
    _leave(demo["district"], LIFE, days.moved, family)
    head = _second_round(demo["district"], days, family)
    _leave(demo["district"], LEFT_AT_LAST, days.second + timedelta(hours=2), None)
    _claim_rights(demo["district"], days, family)
    _vouchers(demo["voucher_district"], days)
    _elsewhere(demo, days)
    _deny(built, days)
    personas.make(SANDBOX, built, head, demo, days.now)
    if built.order.scale <= SEARCHED_AT_ONCE:
        scrutiny.search(actor=SANDBOX, now=days.now)


def days_of(as_of: date) -> Days:
    """The days that matter, counted back from the day of the country."""
    now = datetime.combine(as_of, time(18), COUNTRY_ZONE)
    if as_of == clock.today():
        now = clock.now()
    last = as_of if now >= datetime.combine(as_of, time(7, 5), COUNTRY_ZONE) else as_of - timedelta(days=1)
    second, first = _workday(last), _workday(as_of - timedelta(days=21))
    moved = max(first + timedelta(days=9), _workday(as_of - timedelta(days=8)))
    hour = time(10)
    morning = time(7)
    if not life_of(as_of):
        begun = date(school_year(as_of), *YEAR_BEGINS)
        if second < begun:  # the groups of the year open on its first day, working day or not
            second, morning = begun, time(0, 2)
        moved, hour = second, time(0, 1)
    at = [
        datetime.combine(day, hour, COUNTRY_ZONE) for day, hour in ((first, time(7)), (moved, hour), (second, morning))
    ]
    return Days(at[0], at[1], at[2], max(now, at[2] + timedelta(minutes=1)))


def _workday(day: date) -> date:
    while not workdays.is_workday(day):
        day -= timedelta(days=1)
    return day


def officer(district: str) -> Actor:
    """Whoever holds the rounds of a district."""
    return Actor(user=None, grants=(Grant(Role.OFFICER, district),), system="sandbox")


def head_of(organisation: UUID) -> Actor:
    """Whoever leads a kindergarten."""
    return Actor(user=None, grants=(Grant(Role.HEAD, organisation=organisation),), system="sandbox")


def family_of(person: UUID) -> Actor:
    """A parent."""
    return Actor(user=None, person=person, grants=(Grant(Role.GUARDIAN),), system="sandbox")


def hold_round(district: str, at: datetime) -> tuple[placement.Held, ...]:
    """Preview, confirm and publish a round; what it offers. Nothing where nobody waits."""
    try:
        seen = rounds.preview_round(actor=officer(district), district=district, now=at)
    except Refusal:
        return ()
    held = rounds.confirm_round(actor=officer(district), district=district, fingerprint=seen.fingerprint, now=at)
    rounds.publish_round(actor=officer(district), round=held, now=at)
    return placement.offers_of(held)


def _first_round(district: str, days: Days) -> None:
    """Families take their places; one declines, the others let the offer lapse."""
    held = hold_round(district, days.first)
    later = days.first + timedelta(days=1, hours=4)
    taken = 0
    for offer in held:
        taken += taken < LIFE and _tried(_take, offer, later)
    for offer in held[taken : taken + 1]:
        _tried(offers.decline_offer, actor=family_of(offer.applicant), offer=offer.offer, reason="far", now=later)
    deadlines.run_deadlines(actor=SANDBOX, now=days.moved - timedelta(hours=2))


def _take(offer: placement.Held, at: datetime) -> None:
    offers.accept_offer(actor=family_of(offer.applicant), offer=offer.offer, now=at)
    enrolled = at + timedelta(days=1)
    offers.enrol(actor=head_of(offer.organisation), offer=offer.offer, order_number=f"{enrolled:%m/%d}-П", now=enrolled)


def _second_round(district: str, days: Days, family: Persona | None) -> UUID | None:
    """The demonstration family's offer waits; some of the others have answered. The kindergarten that gave most."""
    at = min(days.second + timedelta(hours=2), days.now)
    elder = UUID(family.elder) if family else None
    others = [offer for offer in hold_round(district, days.second) if offer.child != elder]
    gave = Counter(offer.organisation for offer in others)
    busiest = max(sorted(gave), key=lambda organisation: gave[organisation]) if gave else None
    coming = [offer for offer in others if offer.organisation == busiest][:ARRIVALS]
    for offer in [*coming, *others[::3]]:
        _tried(offers.accept_offer, actor=family_of(offer.applicant), offer=offer.offer, now=at)
    return busiest or (UUID(family.organisation) if family else None)


def _leave(district: str, count: int, at: datetime, family: Persona | None) -> None:
    """Children move away: first from the group that the demonstration family waits for, then one from a group each."""
    day = at.astimezone(COUNTRY_ZONE).date()
    wanted = [UUID(group) for group in family.groups] if family else []
    groups = [group for one in registry.organisations_in(district, day) for group in registry.groups_of(one.id, day)]
    youngest_first = sorted(groups, key=lambda group: (group.born_to != school_year(day) - JUNIOR, group.id))
    others = [group.id for group in youngest_first]
    left = 0
    for group in dict.fromkeys([*wanted, *others]):
        leaver = _last_of(group, day)
        if leaver and left < count:
            reason = ExitReason.MOVED
            register.end_enrolment(actor=SANDBOX, enrolment=leaver, reason=reason, on=day, now=at)
            left += 1


def _last_of(group: UUID, day: date) -> UUID | None:
    card = registry.group_cards((group,)).get(group)
    if card is None:
        return None
    pupils = [one for one in registry.enrolled_in(card.organisation, day) if one.group == group and one.since < day]
    full = len(pupils) <= card.places  # a group over its places is a planted fault: leave it as it is
    return pupils[-1].id if pupils and full else None


def _claim_rights(district: str, days: Days, family: Persona | None) -> None:
    """Four families have claimed a right this morning: papers for the officer to check."""
    waiting = placement.open_applications(district, Status.WAITING)
    kept = {UUID(family.elder), UUID(family.younger)} if family else set()
    grounds_left = list(CLAIMED)
    for application, child, applicant in waiting[5:60:3]:
        if grounds_left and child not in kept and _tried(_claim, application, applicant, grounds_left[0], days):
            grounds_left.pop(0)


def _claim(application: UUID, applicant: UUID, ground: Benefit, days: Days) -> None:
    issued = days.second.date() - timedelta(days=6)
    paper = applications.NewDocument(PAPER_OF[ground].value, f"{issued:%y%m%d}-{str(application)[-4:]}", issued)
    at = min(days.second + timedelta(hours=3), days.now)
    applications.claim_right(
        actor=family_of(applicant), application=application, benefit=ground, document=paper, now=at
    )


def _vouchers(district: str, days: Days) -> None:
    """Vouchers are given; a few families have taken theirs, and one has chosen a kindergarten."""
    hold_round(district, days.second)
    at = min(days.second + timedelta(hours=2), days.now)
    given = placement.open_applications(district, Status.VOUCHER_OFFERED)
    day = days.second.astimezone(COUNTRY_ZONE).date()
    kindergartens = [one.id for one in registry.organisations_in(district, day)]
    for number, (application, _child, applicant) in enumerate(given[1:]):
        actor, where = family_of(applicant), kindergartens[number % len(kindergartens)]
        if number % 2 == 0 and _tried(vouchers.take_voucher, actor=actor, application=application, now=at):
            chosen = {"actor": actor, "application": application, "organisation": where, "now": at}
            if not _tried(vouchers.choose_kindergarten, **chosen):
                _tried(vouchers.join_waiting_list, **chosen)


def _deny(built: Built, days: Days) -> None:
    """Families who were told of an enrolment say that it is not theirs."""
    at = min(days.second + timedelta(hours=3), days.now)
    for answer in built.answers:
        _tried(denials.deny, actor=family_of(UUID(answer.guardian)), enrolment=UUID(answer.enrolment), now=at)


def _elsewhere(demo: dict[str, str], days: Days) -> None:
    """A few other districts have held a round this morning too."""
    named = (demo["district"], demo["voucher_district"])
    day = days.second.astimezone(COUNTRY_ZONE).date()
    others = (one.kato for one in registry.districts(on=day) if one.kato not in named)
    waiting = (kato for kato in others if placement.open_applications(kato, Status.WAITING))
    for kato in islice(waiting, OTHER_DISTRICTS):
        hold_round(kato, days.second)


def _tried(step: Callable[..., object], *values: object, **named: object) -> bool:
    """Whether the step was allowed: planted faults make some services refuse, as they should."""
    try:
        step(*values, **named)
    except Refusal:
        return False
    return True
