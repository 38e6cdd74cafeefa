"""One district with everything in it, and people of every role at their browsers: for tests that cross domains."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.test import Client

from shanyraq.domains.accuracy.models import Contradiction, Duplicate
from shanyraq.domains.certification import services as certification
from shanyraq.domains.contingent.queries import years
from shanyraq.domains.contingent.rules.correction import CorrectionSubject
from shanyraq.domains.contingent.services import corrections, denials, rollovers, transfers
from shanyraq.domains.placement.models import Application, Document, Offer, Round
from shanyraq.domains.placement.queries import whatif_cases
from shanyraq.domains.placement.rules.claim import Benefit
from shanyraq.domains.placement.rules.seed_files import SeedSecret
from shanyraq.domains.placement.services import applications, ceremonies, offers, rounds, swaps, vouchers, whatif
from shanyraq.domains.placement.tests import builders
from shanyraq.domains.placement.tests.builders import DISTRICT, NOW, OPERATOR, OTHER_DISTRICT
from shanyraq.domains.registry import services as registry
from shanyraq.domains.registry.rules.kinds import CircumstanceKind, Post, RoomKind
from shanyraq.domains.registry.tests import schools
from shanyraq.foundation import history, ledger
from shanyraq.foundation.access import Actor, Grant, Role
from shanyraq.foundation.accounts import services as accounts
from shanyraq.foundation.accounts.models import User
from shanyraq.foundation.audit import verification
from shanyraq.foundation.checks.models import CheckExplanation
from shanyraq.foundation.exports import services as exports
from shanyraq.foundation.imports import services as imports
from shanyraq.foundation.imports import working as imports_working
from shanyraq.foundation.imports.services import NewImport
from shanyraq.foundation.text import Text
from shanyraq.foundation.uid import new_id
from shanyraq.interfaces.exchange.models import PackageLoad
from shanyraq.interfaces.exchange.states import LoadState
from shanyraq.interfaces.nation.models import Count, Number

SCOPES = {  # who -> role, territory; heads get their kindergarten, guardians their person
    "officer": (Role.OFFICER, DISTRICT),
    "other officer": (Role.OFFICER, OTHER_DISTRICT),
    "region": (Role.REGION, DISTRICT[:2]),
    "ministry": (Role.MINISTRY, ""),
    "auditor": (Role.AUDITOR, ""),
    "operator": (Role.OPERATOR, ""),
}
PEOPLE = ("anonymous", "guardian", "other guardian", "head", "other head", "teacher", "other teacher", *SCOPES)


@dataclass
class World:
    """Ids of the rows that addresses name."""

    home: builders.Kindergarten
    voucher_home: builders.Kindergarten  # of the same head, in the district of vouchers
    other_home: builders.Kindergarten
    guardian: UUID
    stranger: UUID
    ids: dict[str, object] = field(default_factory=dict)
    schools: dict[str, UUID] = field(default_factory=dict)  # of whom

    def browser(self, who: str) -> Client:
        """The browser of one of PEOPLE."""
        client = Client()
        client.cookies["language"] = "en"
        if who != "anonymous":
            client.force_login(self._user(who), backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _user(self, who: str) -> User:
        person = {"guardian": self.guardian, "other guardian": self.stranger}.get(who)
        user = accounts.create_user(actor=OPERATOR, sign_in_name=who.replace(" ", "-"), now=NOW, person=person)
        for role, territory, organisation in self._grants(who):
            accounts.grant(
                actor=OPERATOR, user=user, role=role, valid_from=NOW.date(), now=NOW, territory=territory,
                organisation=organisation,
            )  # fmt: skip
        return User.objects.get(pk=user)

    def _grants(self, who: str) -> list[tuple[Role, str, UUID | None]]:
        heads = {"head": (self.home, self.voucher_home), "other head": (self.other_home,)}
        if who in heads:
            own = [one.id for one in heads[who]] + [school for head, school in self.schools.items() if head == who]
            return [(Role.HEAD, "", one) for one in own]
        if who.endswith("teacher"):
            return [(Role.TEACHER, "", (self.home if who == "teacher" else self.other_home).id)]
        return [(*SCOPES[who], None)] if who in SCOPES else []


def build() -> World:
    """A family with children in every state, a kindergarten full of them, a round held, an exchange proposed."""
    builders.territory()
    world = World(
        home=builders.kindergarten(10),
        voucher_home=builders.kindergarten(5, district=OTHER_DISTRICT),
        other_home=builders.kindergarten(10),
        guardian=builders.person(),
        stranger=builders.person(),
    )
    world.ids |= {"table": "queue-years", "hook": new_id(), "delivery": new_id(), "guardianship": new_id()}
    world.ids["data check"] = "enrolment.two_schools"
    world.ids |= {
        "number of an indicator": 1,
        "number of an indicator of organisations": 2,
        "series of an indicator": "1",
        "message": "csv",
        "year": NOW.year,
        "measure": 1,
    }
    world.ids |= {"kato": DISTRICT, "code": "ru", "rest": "nothing", "organisation": world.home.id}
    world.ids |= {"group": world.home.group, "person": world.guardian}
    _a_building(world)
    _a_school(world)
    _places_in_the_queue(world)
    _a_voucher(world)
    _an_exchange(world)
    _comparisons(world)
    _a_ceremony(world)
    _a_file(world)
    _an_import(world)
    _a_loaded_package(world)
    world.ids |= {"codebook": "Stage", "table_name": "registry-enrolment"}
    world.ids["batch"] = history.begin(actor=OPERATOR, kind="test", now=NOW)
    _a_contradiction(world)
    _an_explanation(world)
    _a_system(world)
    _a_count(world)
    _a_log(world)
    return world


def _a_count(world: World) -> None:
    """The indicators of a year, counted: one number of one of them."""
    count = Count.objects.create(
        year=NOW.year, version=0, counted_on=NOW.date(), counted_at=NOW, snapshot="0" * 64, cards="0" * 64, numbers=2
    )  # fmt: skip
    for territory in ("", DISTRICT):
        Number.objects.create(count=count, series="1", territory=territory, counted=9, known=10, among=10, value=90.0)


def _a_file(world: World) -> None:
    """An officer of the district, none of PEOPLE, asks for the whole queue as a file."""
    user = accounts.create_user(actor=OPERATOR, sign_in_name="colleague", now=NOW)
    colleague = Actor(user=user, grants=(Grant(Role.OFFICER, DISTRICT),))
    world.ids["export"] = exports.request(
        actor=colleague, name="district_queue", asked={"kato": DISTRICT}, purpose="A check of the queue by hand",
        lang="en", now=NOW,
    )  # fmt: skip


def _an_import(world: World) -> None:
    """The same colleague brings a file of pupils."""
    user = User.objects.get(sign_in_name="colleague").pk
    colleague = Actor(user=user, grants=(Grant(Role.OFFICER, DISTRICT),))
    with NamedTemporaryFile(suffix=".csv") as file:
        file.write(b"given,born_on,sex,class_name\nA,2015-01-01,male,5 A\n")
        file.flush()
        new = NewImport("registry.pupils", Path(file.name), "a.csv", DISTRICT, None, NOW.date(), False, "en")
        world.ids["upload"] = imports.receive(actor=colleague, new=new, now=NOW)
    imports_working.look(world.ids["upload"], NOW)
    world.ids |= {"kind": new.kind, "form": "csv"}


def _a_loaded_package(world: World) -> None:
    row = PackageLoad.objects.create(
        state=LoadState.APPLIED, fingerprint="0" * 64, origin="elsewhere", made="2026-03-01", signer="a key", year=2025,
        rows=0, tables=[], batch=new_id(), received_at=NOW, applied_at=NOW,
    )  # fmt: skip
    world.ids["load"] = row.id


def _an_explanation(world: World) -> None:
    row = CheckExplanation.objects.create(
        code="class.over_size", finding=f"{world.home.group}.{DISTRICT}.{world.home.id}", territory=DISTRICT,
        organisation_id=world.home.id, facts_hash="0" * 64, reason="true", words="Two schools share a teacher.",
        until_on=NOW.date(), explained_at=NOW, explained_by=new_id(), explained_as="head",
    )  # fmt: skip
    world.ids["explanation"] = row.pk


def _a_contradiction(world: World) -> None:
    """An enrolment of the district that other evidence contradicts."""
    row = Contradiction.objects.create(
        enrolment=world.ids["enrolment"], child=world.ids["enrolled child"], organisation=world.home.id, kato=DISTRICT,
        stage="preschool", score=970, reasons=[["without_iin", 210]], found_at=NOW, seen_at=NOW,
    )  # fmt: skip
    world.ids["contradiction"] = row.pk


def _a_system(world: World) -> None:
    """A regional system with a run of the conformance suite."""
    ministry = builders.staff(Role.MINISTRY)
    new = certification.NewSystem("Kezek", "Kezek Systems", client_code="kezek234")
    world.ids["system"] = certification.register_system(actor=ministry, new=new, now=NOW)
    case = {"name": "test_apply", "outcome": "passed", "seconds": 0.1, "message": ""}
    report = certification.Report(bytes(32), NOW, [case])
    world.ids["run"] = certification.receive_report(
        actor=ministry, client_code="kezek234", report=report, own_hash=bytes(32), now=NOW
    )


def _a_ceremony(world: World) -> None:
    """Three parties are about to draw the seed of the district's next round."""
    parties = [SeedSecret(bytes([n]) * 32, bytes([n]) * 32).party(f"Party {n}").text() for n in (1, 2, 3)]
    days = [NOW + timedelta(days=n) for n in (1, 2, 3, 4)]
    new = ceremonies.NewCeremony(DISTRICT, tuple(parties), *days)
    world.ids["ceremony"] = ceremonies.open_ceremony(actor=builders.officer_of(), new=new, now=NOW)


def _a_log(world: World) -> None:
    """Everything so far has its place in the log."""
    ledger.sequence(NOW)
    world.ids |= {"size": ledger.size(), "index": 0, "tile": "0/000.p/1"}
    world.ids["check"] = verification.ask(actor=builders.staff(Role.AUDITOR), now=NOW)


def _a_school(world: World) -> None:
    """A school of the head with a class; it asks for a pupil of another one, and the family has its say of both."""
    there, other = schools.school(DISTRICT), schools.school(DISTRICT)
    into, left = schools.class_of(there), schools.class_of(other)
    world.schools = {"head": there}
    ours, theirs = _child(world), _child(world)
    pupil = schools.pupil(into, ours.child)
    schools.pupil(left, theirs.child)
    world.ids |= {"school": there, "class": into, "pupil": ours.child, "pupil's enrolment": pupil}
    _a_teacher_and_a_ground(world, there, ours.child)
    head = Actor(user=new_id(), grants=(Grant(Role.HEAD, organisation=there),))
    new = transfers.NewTransfer(theirs.child, into, NOW.date())
    world.ids["transfer"] = transfers.ask_transfer(actor=head, new=new, now=NOW)
    world.ids["denial"] = denials.deny(actor=ours.actor, enrolment=pupil, now=NOW)
    wrong = corrections.NewCorrection(ours.child, CorrectionSubject.NAME, "Әсемгүл")
    world.ids["correction"] = corrections.ask_correction(actor=head, new=wrong, now=NOW)
    own = corrections.NewCorrection(ours.child, CorrectionSubject.RESIDENCE, "Абай көшесі, 5")
    world.ids["family's correction"] = corrections.ask_correction(actor=ours.actor, new=own, now=NOW)
    world.ids["rollover"] = _a_year(there)


def _a_teacher_and_a_ground(world: World, school: UUID, child: UUID) -> None:
    """Someone teaches in the school; a pupil of it is entitled to support."""
    new = registry.NewEmployment(builders.person(), school, Post.TEACHER)
    world.ids["employment"] = registry.appoint(actor=OPERATOR, new=new, on=NOW.date(), now=NOW)
    world.ids["circumstance"] = registry.note_circumstance(
        actor=OPERATOR, person=child, kind=CircumstanceKind.DISABILITY, on=NOW.date(), now=NOW
    )


def _a_building(world: World) -> None:
    """The kindergarten works in a building with a room, and was called otherwise once."""
    office = Actor(user=None, grants=(Grant(Role.OFFICER, DISTRICT),))
    new = registry.NewBuilding(world.home.id, "Main", "Abai 1", 71.4, 51.1, 120)
    world.ids["building"] = registry.add_building(actor=office, new=new, on=NOW.date(), now=NOW)
    room = registry.NewRoom(world.ids["building"], "1", RoomKind.GROUP_ROOM, 20)
    world.ids["room"] = registry.add_room(actor=office, new=room, on=NOW.date(), now=NOW)
    name = Text("«Күншуақ» балабақшасы", "Детский сад «Күншуақ»", "Kunshuaq Kindergarten")
    world.ids["reorganisation"] = registry.rename_organisation(
        actor=office, organisation=world.home.id, name=name, on=NOW.date(), now=NOW + timedelta(seconds=1)
    )


def _a_year(school: UUID) -> UUID:
    """The school has turned a year long ago."""
    schools.class_of(school, "4 «А»", 4, year=2024)
    scope = years.scope_of(school)
    _, seen = rollovers.rehearse(actor=OPERATOR, scope=scope, now=NOW)
    return rollovers.apply(actor=OPERATOR, scope=scope, fingerprint=seen.fingerprint, now=NOW)


def _child(world: World, district: str = DISTRICT) -> builders.Family:
    return builders.family(guardian=world.guardian, district=district)


def _places_in_the_queue(world: World) -> None:
    held, taken, papered, drafted = (_child(world) for _ in range(4))
    builders.application(world.home.id, of=held)
    builders.application(world.home.id, of=taken)
    world.ids["round"] = _round(DISTRICT)
    world.ids["offer"] = _offer(held)
    world.ids["offer taken"] = _offer(taken)
    offers.accept_offer(actor=taken.actor, offer=_offer(taken), now=NOW)
    builders.application(
        world.home.id, of=papered, benefit=Benefit.LARGE_FAMILY, documents=(builders.document("large_family"),)
    )
    world.ids["application"] = Application.objects.get(child=papered.child).pk
    world.ids["document"] = Document.objects.filter(application=world.ids["application"]).first().pk
    world.ids["draft"] = applications.start_draft(actor=drafted.actor, child=drafted.child, now=NOW)
    world.ids["child"] = papered.child
    world.ids["duplicate"] = _alike(papered.child, drafted.child)
    world.ids["user"] = held.actor.user


def _alike(one: UUID, other: UUID) -> UUID:
    first, second = sorted((one, other))
    there = {"first_kato": DISTRICT, "second_kato": DISTRICT}
    row = Duplicate(first=first, second=second, score=900, reasons=[], state="open", found_at=NOW, seen_at=NOW, **there)
    row.save()
    return row.id


def _a_voucher(world: World) -> None:
    builders.voucher_district(OTHER_DISTRICT)
    there = world.voucher_home
    family = _child(world, OTHER_DISTRICT)
    voucher = builders.application(there.id, of=family)
    _round(OTHER_DISTRICT)
    vouchers.take_voucher(actor=family.actor, application=voucher, now=NOW)
    world.ids |= {"voucher": voucher, "voucher home": there.id}
    world.ids["voucher offer"] = vouchers.choose_kindergarten(
        actor=family.actor, application=voucher, organisation=there.id, now=NOW
    )


def _an_exchange(world: World) -> None:
    ours = _child(world)
    theirs = builders.family(guardian=builders.person())
    first = builders.enrolled(ours.child, world.home.group)
    second = builders.enrolled(theirs.child, builders.kindergarten(10).group)
    world.ids |= {"enrolment": first, "enrolled child": ours.child}
    world.ids["swap"] = swaps.propose_swap(actor=ours.actor, first=first, second=second, now=NOW)


def _comparisons(world: World) -> None:
    region = builders.staff(Role.REGION, DISTRICT[:2])
    published = _comparison(region)
    whatif.publish_comparison(actor=region, comparison=published, now=NOW)
    world.ids |= {"comparison": _comparison(region), "published comparison": published}
    world.ids["table of a comparison"] = "parts"


def _comparison(actor: Actor) -> UUID:
    rules = [one.written for one in whatif_cases.offered()]
    return whatif.request_comparison(actor=actor, territory=DISTRICT, rules=rules, key=new_id(), now=NOW)


def _round(district: str) -> UUID:
    officer = builders.officer_of(district)
    preview = rounds.preview_round(actor=officer, district=district, now=NOW)
    held = rounds.confirm_round(actor=officer, district=district, fingerprint=preview.fingerprint, now=NOW)
    rounds.publish_round(actor=officer, round=held, now=NOW)
    return Round.objects.get(pk=held).pk


def _offer(family: builders.Family) -> UUID:
    return Offer.objects.get(application__child_id=family.child).pk
