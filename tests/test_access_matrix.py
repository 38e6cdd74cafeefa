"""Who may open which address: every address of the portal by every role. What the table does not name stays shut."""

from collections.abc import Iterator, Mapping

import pytest
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from shanyraq.foundation import clock
from shanyraq.foundation.uid import new_id
from tests import world as worlds
from tests.systems import guarded_doors, open_doors
from tests.world import NOW, PEOPLE, World

pytestmark = pytest.mark.django_db

EVERYONE = frozenset(PEOPLE)
SIGNED_IN = EVERYONE - {"anonymous"}
FAMILIES = frozenset({"guardian", "other guardian"})
THE_FAMILY = frozenset({"guardian"})
HEADS = frozenset({"head", "other head"})
THE_HEAD = frozenset({"head"})
OFFICERS = frozenset({"officer", "other officer"})
THE_OFFICER = frozenset({"officer"})
COMPARERS = OFFICERS | {"region", "ministry"}
TEACHERS = frozenset({"teacher", "other teacher"})
RECORD = HEADS | TEACHERS | OFFICERS | {"region", "ministry", "auditor"}  # who works at the desk of the record
NOBODY: frozenset[str] = frozenset()

# Addresses by who may open them. Rows are those of one family, kindergarten and district; the "others" have their own.
TABLE: Mapping[frozenset[str], str] = {
    EVERYONE: """
        home law help styleguide language sign_in sign_out egov_start egov_return demo fake_egov
        public:places public:places_file public:place public:kindergarten public:rounds public:round
        public:package public:verifier
        public:ceremonies public:ceremony public:ceremony_file
        what-if:list what-if:one what-if:file what-if:package
        exchange:home
        opendata:catalogue opendata:dataset opendata:csv opendata:json
        proof:log proof:checkpoints proof:checkpoint_page proof:entries proof:entry proof:consistency_page proof:check
        proof:checkpoint proof:checkpoint_at proof:tile proof:proof proof:consistency proof:keys proof:witnesses
        proof:verifier
        api-1:openapi-json
        dictionary:tables dictionary:fields dictionary:codebooks dictionary:codebook dictionary:codebook_csv
        dictionary:codebook_json dictionary:table
        certification:systems certification:system certification:run
        nation:country nation:place nation:file nation:indicator nation:indicator_file nation:number nation:report
        nation:report_pdf nation:sdmx nation:plan nation:plan_file nation:plan_measure
    """
    + open_doors(),
    SIGNED_IN: "account account_password account_second account_sessions_end second_factor inbox",
    EVERYONE
    - FAMILIES
    - TEACHERS
    - {"anonymous"}: "exports imports checks:board checks:board_file checks:one checks:one_file"
    " contingent:home contingent:years",
    frozenset({"region", "ministry"}): "overview whatif:publish",
    COMPARERS: "whatif:new",
    COMPARERS | {"auditor"}: "whatif:list record:reorganisations nation:rows nation:rows_file",
    COMPARERS - {"other officer"} | {"auditor"}: "whatif:one whatif:file record:reorganisation",
    frozenset(
        {"ministry", "operator"}
    ): "nation:publish certification:register certification:show certification:withdraw reconciliation:note",
    EVERYONE - FAMILIES - TEACHERS - {"anonymous"} - HEADS: """
        reconciliation:table reconciliation:file reconciliation:published
    """,
    frozenset({"operator"}): """
        exchange:package exchange:reconcile exchange:roster exchange:load exchange:loaded exchange:undo
        webhooks:hooks webhooks:send_again webhooks:send_one_again webhooks:resume webhooks:pause checks:run
        duplicates:search
    """,
    OFFICERS | {"region", "auditor", "operator"}: "duplicates:list contradictions:list",
    THE_OFFICER | {"region", "auditor", "operator"}: "duplicates:pair contradictions:case",
    THE_OFFICER | {"region", "operator"}: """
        duplicates:merge duplicates:undo contingent:year_territory contingent:unlisted
        imports_apply imports_undo imports_resume imports_put_aside imports_failed
    """,
    frozenset({"auditor", "operator"}): """
        audit audit_file audit_readers audit_reader audit_child
        oversight:entries oversight:entry oversight:timing oversight:verify oversight:check
    """,
    RECORD: "record:home record:organisations record:organisations_file record:classes record:classes_file"
    " record:buildings record:buildings_file record:rooms record:rooms_file record:authorities record:authorities_file",
    RECORD - {"ministry"}: "record:pupils record:staff",
    RECORD - TEACHERS - {"ministry"}: "record:pupils_file record:staff_file",
    THE_HEAD | {"teacher", "officer", "region", "ministry", "auditor"}: "record:organisation"
    " record:card record:series record:premises record:class",
    THE_OFFICER | {"region"}: """
        record:change_profile record:close_organisation record:undo_reorganisation
        record:reorganise record:merge record:split record:replacement record:rename
    """,
    OFFICERS | {"region"}: "record:open_organisation",
    THE_HEAD | THE_OFFICER | {"region"}: """
        record:add_building record:change_building record:inspect_building record:end_building
        record:add_room record:change_room record:end_room
        record:appoint record:appoint_newcomer record:change_work record:end_work
        record:open_class record:change_class record:close_class
    """,
    THE_HEAD | THE_OFFICER | {"region", "auditor"}: "record:work",
    THE_FAMILY | THE_HEAD | THE_OFFICER | {"region", "auditor", "operator"}: "record:circumstances",
    THE_FAMILY | {"officer", "region", "auditor", "operator"}: "record:person",
    THE_FAMILY | THE_HEAD | {"auditor", "operator"}: "record:readers record:readers_file",
    FAMILIES: "family:home family:apply",
    HEADS | OFFICERS | {"region", "auditor", "operator"}: """
        contingent:transfers contingent:denials contingent:corrections
    """,
    THE_HEAD | THE_OFFICER | {"region", "auditor", "operator"}: """
        contingent:transfer contingent:denial contingent:correction
    """,
    THE_HEAD | THE_OFFICER | {"region", "ministry", "auditor", "operator"}: "contingent:year_done",
    THE_HEAD | THE_OFFICER | {"region", "operator"}: """
        contingent:year contingent:year_undo
        record:note_circumstance record:correct_circumstance record:end_circumstance record:take_back_circumstance
    """,
    THE_FAMILY: """
        listing:child listing:correct listing:unask listing:deny listing:withdraw listing:transfer
        family:draft family:draft_right family:draft_group family:draft_papers family:draft_kindergartens
        family:draft_more family:draft_check family:discard
        family:application family:filed family:wishes family:save_wishes family:claim_right family:open_places
        family:withdraw family:resume
        family:voucher family:voucher_take family:voucher_refuse family:voucher_restore family:voucher_choose
        family:contract
        family:offer family:accept family:decline family:referral family:extend
        family:child family:dispute
        family:swap_find family:swap family:swap_consent family:swap_refuse
        receipt:page receipt:json receipt:pdf receipt:qr
    """,
    HEADS | {"region"}: "checks:explain",
    THE_HEAD | {"region"}: "checks:withdraw",
    HEADS: "kindergarten:pick contingent:ask",
    THE_HEAD: """
        contingent:correct contingent:unask contingent:year_class record:staff_readings record:staff_readings_file
        kindergarten:home kindergarten:new_group kindergarten:group kindergarten:group_file kindergarten:places
        kindergarten:enrol kindergarten:refuse kindergarten:contract kindergarten:leave
        kindergarten:swap_consent kindergarten:swap_refusal
    """,
    # a file that another officer of the district asked for: who decides on it, and who watches
    frozenset({"region", "ministry", "auditor", "operator"}): "exports_one exports_fetch",
    frozenset({"region", "ministry", "auditor"}): "exports_decide",
    # a file that a colleague of the officer brought
    HEADS | OFFICERS | {"region", "operator"}: "imports_new imports_template",
    THE_OFFICER | {"region", "ministry", "auditor", "operator"}: "imports_one",
    THE_OFFICER | {"region", "ministry", "operator"}: "imports_faults imports_changes",
    OFFICERS: "district:pick",
    THE_OFFICER: """
        district:home district:papers district:paper district:queue district:queue_file district:queue_whole_file
        district:application
        district:find district:open_record district:rounds district:new_round district:round district:publish
        district:replay district:open_ceremony district:ceremony
    """,
    # nothing is there; only a witness's signature enters; only a system's token opens
    NOBODY: "api-1:api-root api/<path:rest> proof:cosignatures api-1:token "
    + guarded_doors()
    + """
        oneroster:token oneroster:academicSessions oneroster:terms oneroster:gradingPeriods oneroster:orgs
        oneroster:schools oneroster:courses oneroster:classes oneroster:users oneroster:students
        oneroster:teachers oneroster:enrollments oneroster:demographics oneroster:academicSessions_one
        oneroster:terms_one oneroster:gradingPeriods_one oneroster:orgs_one oneroster:schools_one
        oneroster:courses_one oneroster:classes_one oneroster:users_one oneroster:students_one
        oneroster:teachers_one oneroster:enrollments_one oneroster:demographics_one oneroster:nested_0
        oneroster:nested_1 oneroster:nested_2 oneroster:nested_3 oneroster:nested_4 oneroster:nested_5
        oneroster:nested_6 oneroster:nested_7 oneroster:nested_8 oneroster:nested_9 oneroster:nested_10
        oneroster:nested_11 oneroster:nested_12 oneroster:nested_13 oneroster:nested_14 oneroster:nested_15
        oneroster:nested_16
    """,
}
ALLOWED = {name: people for people, names in TABLE.items() for name in names.split()}

# Which row an address is about, where its parameter alone does not say it.
ROWS: Mapping[str, Mapping[str, str]] = {
    "opendata:dataset": {"name": "table"},
    "checks:": {"code": "data check"},
    "nation:rows": {"number": "number of an indicator of organisations"},
    "nation:": {"number": "number of an indicator", "series": "series of an indicator", "message": "message"},
    "oneroster:": {
        "key": "organisation",
        "school": "organisation",
        "klass": "group",
        "course": "organisation",
        "term": "organisation",
        "student": "child",
        "user": "child",
        "teacher": "child",
    },
    "whatif:": {"table": "table of a comparison"},
    "contingent:year": {"organisation": "school", "group": "class"},
    "contingent:correct": {"child": "pupil"},
    "record:circumstances": {"person": "pupil"},
    "record:note_circumstance": {"person": "pupil"},
    "record:readers": {"person": "pupil"},
    "listing:unask": {"correction": "family's correction"},
    "listing:": {"child": "pupil", "enrolment": "pupil's enrolment"},
    "what-if:": {"table": "table of a comparison", "comparison": "published comparison"},
    "family:draft": {"application": "draft"},
    "family:discard": {"application": "draft"},
    "family:voucher": {"application": "voucher"},
    "family:contract": {"application": "voucher"},
    "family:referral": {"offer": "offer taken"},
    "family:extend": {"offer": "offer taken"},
    "family:swap_find": {"child": "enrolled child"},
    "kindergarten:enrol": {"offer": "offer taken"},
    "kindergarten:refuse": {"offer": "offer taken"},
    "kindergarten:contract": {"offer": "voucher offer", "organisation": "voucher home"},
}
TWINS = {"guardian": "other guardian", "head": "other head", "officer": "other officer", "teacher": "other teacher"}
NO_ROWS = {"code", "kind", "form", "number"}  # parameters that name no row of anyone
CLOSED = {401, 403, 404, 405}  # 405: the address takes only the other method; see `shut`


def test_every_address_stands_in_the_table():
    known = {name for name, _ in addresses()}
    assert known - set(ALLOWED) == set(), "new addresses: say who may open them"
    assert set(ALLOWED) - known == set(), "addresses that are gone"


def test_no_address_stands_twice():
    names = [name for names in TABLE.values() for name in names.split()]
    assert len(names) == len(set(names))


def test_a_row_of_one_scope_is_shut_to_the_next():
    """Whoever may open a row has a twin of the same role and another scope, who may not."""
    wrong = [
        f"{name}: {who} and {twin}"
        for name, parameters in addresses()
        for who, twin in TWINS.items()
        if set(parameters) - NO_ROWS and "anonymous" not in ALLOWED[name]
        if who in ALLOWED[name] and twin in ALLOWED[name]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("people", [PEOPLE[:3], PEOPLE[3:9], PEOPLE[9:]], ids=["families", "staff", "country"])
def test_doors_open_to_whom_the_table_names_and_to_nobody_else(people):
    with clock.frozen_at(NOW):
        world = worlds.build()
        wrong = [problem for who in people for problem in problems(world, who)]
    assert not wrong, "\n".join(wrong)


# ---- trying the doors


def problems(world: World, who: str) -> Iterator[str]:
    browser = world.browser(who)
    for name, parameters in addresses():  # the doors that must stay shut first: trying them may change nothing
        if who not in ALLOWED.get(name, NOBODY):
            address = address_of(world, name, parameters)
            got = (browser.get(address), browser.post(address, {"key": str(new_id())}))
            if not all(map(shut, got)) or {one.status_code for one in got} == {405}:
                yield f"{who} should not enter {name}: {[one.status_code for one in got]}"
    for name, parameters in addresses():
        if who in ALLOWED.get(name, NOBODY) and name not in ("sign_out", "account_sessions_end"):
            got = browser.get(address_of(world, name, parameters))
            if shut(got) or got.status_code >= 500:
                yield f"{who} should enter {name}: {got.status_code}"


def shut(response: HttpResponseBase) -> bool:
    body = getattr(response, "content", b"")
    return (
        response.status_code in CLOSED
        or sent_to_sign_in(response)
        or any(one in body for one in (b'"error":"invalid_', b'"error":"unsupported_'))
    )


def sent_to_sign_in(response: HttpResponseBase) -> bool:
    return response.status_code in (302, 303) and response["Location"].startswith("/sign-in/?")


def address_of(world: World, name: str, parameters: tuple[str, ...]) -> str:
    rows = next((rows for start, rows in ROWS.items() if name.startswith(start)), {})
    if name == "api/<path:rest>":
        return "/api/nothing"
    return reverse(name, kwargs={one: world.ids[rows.get(one, one)] for one in parameters})


def addresses() -> list[tuple[str, tuple[str, ...]]]:
    return list(_walk(get_resolver(), "", "", ()))


def _walk(
    resolver: URLResolver, space: str, route: str, parameters: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in resolver.url_patterns:
        own = (*parameters, *one.pattern.converters)
        path = f"{route}{one.pattern}"
        if isinstance(one, URLPattern):
            yield (f"{space}{one.name}" if one.name else path), own
        else:
            yield from _walk(one, f"{space}{one.namespace}:" if one.namespace else space, path, own)
