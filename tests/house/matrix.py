"""Who may open which page: written by hand from the roles and pages of the documents.

It knows nothing of the decorators; the test walks the URL table and compares what really happens
with these lines. `own` is an object of the actor's own ground (his facility, his community),
`foreign` the same of somebody else's. Whoever is in no list does not learn that the object exists.
"""

from __future__ import annotations

from dataclasses import dataclass

STAFF = [
    "clerk",
    "approver",
    "community",
    "inspector",
    "handler",
    "red_lane",
    "restriction_officer",
    "leader",
    "auditor",
    "sysadmin",
]
ROLES = [*STAFF, "operator", "evaluator"]
EVERYBODY = ["anonymous", "left", *ROLES]
OFFICE = ["clerk", "approver", "leader", "auditor"]  # see every filing that was sent
REGISTER = [*OFFICE, "inspector", "handler"]  # see every facility


@dataclass(frozen=True)
class Row:
    """Who succeeds (`ok`) and who sees the object but may not (`no`), own and foreign."""

    ok: tuple[str, ...]
    no: tuple[str, ...] = ()
    foreign_ok: tuple[str, ...] | None = None
    foreign_no: tuple[str, ...] = ()
    state: str = ""  # the state the object is in when the page is asked for
    methods: str = "GET POST"
    is_object: bool = True


LAW = ["clerk", "approver", "sysadmin", "auditor"]  # read the packs of the law


def about_law(ok: str, *, both: bool = False) -> Row:
    """A proposed text of the law: `ok` may act, on another's too where `both`."""
    rest = tuple(role for role in LAW if role != ok)
    return Row((ok,), rest, (ok,) if both else (), rest if both else tuple(LAW))


def about_erasure(ok: str) -> Row:
    """A plan of what is kept no longer: `ok` may act."""
    rest = tuple(role for role in ("approver", "sysadmin", "auditor") if role != ok)
    return Row((ok,), rest, None, rest)


RIGHTS = ["approver", "sysadmin", "auditor"]  # read what each role may do


def about_right(ok: str, foreign: str) -> Row:
    """A change of what a role may do: `ok` may act, and `foreign` on another's."""
    rest = tuple(role for role in RIGHTS if role != ok)
    other = tuple(foreign.split())
    return Row((ok,), rest, other, tuple(role for role in RIGHTS if role not in other))


def everybody(methods: str = "GET") -> Row:
    """A public page."""
    return Row(tuple(EVERYBODY), methods=methods, is_object=False)


def only(roles: list[str], methods: str = "GET") -> Row:
    """A page without an object: the others are refused in so many words."""
    rest = tuple(role for role in ROLES if role not in roles)
    return Row(tuple(roles), rest, methods=methods, is_object=False)


def filing(ok: str, state: str, methods: str = "GET POST") -> Row:
    """An official's page about a filing: readers see it, `ok` may act."""
    readers = [*OFFICE, "community", "operator"]
    return Row(
        tuple(ok.split()),
        tuple(r for r in readers if r not in ok.split()),
        tuple(r for r in ok.split() if r in OFFICE),
        tuple(r for r in OFFICE if r not in ok.split()),
        state,
        methods,
    )


def mine(state: str = "draft", methods: str = "GET POST") -> Row:
    """An operator's page about his own filing; drafts exist for nobody else."""
    seen = () if state == "draft" else (*OFFICE, "community")
    seen_foreign = () if state == "draft" else tuple(OFFICE)
    return Row(("operator",), seen, (), seen_foreign, state, methods)


def about_facility(ok: list[str], methods: str = "GET") -> Row:
    """A page about a facility of the register."""
    readers = [*REGISTER, "community", "operator"]
    return Row(
        tuple(ok),
        tuple(r for r in readers if r not in ok),
        tuple(r for r in ok if r in REGISTER),
        tuple(r for r in REGISTER if r not in ok),
        "registered",
        methods,
    )


def merging(ok: str) -> Row:
    """A step about two records of one facility; the clerk of the matrix proposed the own one."""
    rest = tuple(role for role in OFFICE if role != ok)
    foreign = (ok,) if ok == "approver" else ()
    no = tuple(role for role in OFFICE if role not in foreign)
    return Row((ok,), rest, foreign, no, "registered")


def about_staff(ok: list[str]) -> Row:
    """A page about one person: those who check people see him, and the facility's own members."""
    readers = ["clerk", "approver", "inspector", "operator"]
    officials = readers[:3]
    return Row(
        tuple(ok),
        tuple(r for r in readers if r not in ok),
        tuple(r for r in ok if r in officials),
        tuple(r for r in officials if r not in ok),
        "registered",
    )


def file_of_filing() -> Row:
    """A file or paper: whoever sees the filing."""
    return Row((*OFFICE, "community", "operator"), (), tuple(OFFICE), (), "registered", "GET")


def job(ok: str, methods: str = "GET POST") -> Row:
    """A page about a job or an act on it: its own person's; an auditor sees that there is one."""
    return Row((ok,), ("auditor",), (), ("auditor",), methods=methods)


def shared_job(methods: str = "GET POST") -> Row:
    """A page about a list that all clerks work with."""
    return Row(("clerk",), ("auditor",), ("clerk",), ("auditor",), methods=methods)


LEADS = ["clerk", "approver", "inspector", "leader", "auditor"]  # see every hint


def about_lead(ok: str, methods: str = "GET POST") -> Row:
    """A page about a place that is not in the register."""
    may, readers = ok.split(), [*LEADS, "community"]
    return Row(
        tuple(may),
        tuple(r for r in readers if r not in may),
        tuple(r for r in may if r in LEADS),
        tuple(r for r in LEADS if r not in may),
        "registered",
        methods,
    )


INSPECTING = ["clerk", "approver", "inspector", "leader", "auditor"]  # see visits and findings


def about_visit(ok: str, methods: str = "GET POST", *, ahead: bool = False) -> Row:
    """A page about a visit or finding: the office, the community; the facility once it is over."""
    may, readers = ok.split(), [*INSPECTING, "community"]
    seen = readers if ahead else [*readers, "operator"]
    return Row(
        tuple(may),
        tuple(r for r in seen if r not in may),
        tuple(r for r in may if r in INSPECTING),
        tuple(r for r in INSPECTING if r not in may),
        methods=methods,
    )


def of_office(ok: str, methods: str = "GET POST") -> Row:
    """A page about something that belongs to no community: a plan, a list, a matter."""
    may = tuple(ok.split())
    rest = tuple(r for r in INSPECTING if r not in may)
    return Row(may, rest, may, rest, methods=methods)


def of_list(ok: str, methods: str = "GET POST") -> Row:
    """A page about a checklist: everybody at the desk sees that it is there."""
    may = tuple(ok.split())
    rest = tuple(r for r in STAFF if r not in may)
    return Row(may, rest, may, rest, methods=methods)


ALL_INSPECTING = " ".join(INSPECTING)
SUPERVISION: dict[str, Row] = {
    "public:disclosure_inspections": everybody(),
    "public:disclosure_rectifications": everybody(),
    "desk:plans": only(INSPECTING),
    "desk:plan_new": only(["clerk"], "GET POST"),
    "desk:plan": of_office(ALL_INSPECTING, "GET"),
    "desk:plan_edit": of_office("clerk"),
    "desk:draw": of_office(ALL_INSPECTING, "GET"),
    "desk:plan_propose": of_office("clerk"),
    "desk:plan_approve": of_office("approver"),
    "desk:plan_hand_back": of_office("approver"),
    "desk:plan_schedule": of_office("clerk"),
    "desk:plan_draw": of_office("clerk"),
    "desk:plan_close": of_office("clerk approver"),
    "desk:inspections": only([*INSPECTING, "community"]),
    "desk:inspection_new": only(["clerk"], "GET POST"),
    "desk:inspections_calendar": only([*INSPECTING, "community"]),
    "desk:inspections_ics": only([*INSPECTING, "community"]),
    "desk:calendar_address": only([*INSPECTING, "community"], "GET POST"),
    "desk:calendar_address_end": only([*INSPECTING, "community"], "POST"),
    "desk:not_visited": only([*INSPECTING, "community"]),
    "desk:inspection": about_visit(f"{ALL_INSPECTING} community", "GET"),
    "desk:inspection_assign": about_visit("clerk approver", ahead=True),
    "desk:inspection_propose": about_visit("clerk", ahead=True),
    "desk:inspection_approve": about_visit("approver", ahead=True),
    "desk:inspection_hand_back": about_visit("approver", ahead=True),
    "desk:inspection_postpone": about_visit("clerk approver", ahead=True),
    "desk:inspection_cancel": about_visit("clerk approver", ahead=True),
    "desk:inspection_replace": about_visit("clerk approver", ahead=True),
    "desk:inspection_others": about_visit("approver", ahead=True),
    "desk:inspection_answer": about_visit("clerk approver"),
    "desk:inspection_publish": about_visit("clerk"),
    "desk:findings": only([*INSPECTING, "community"]),
    "desk:findings_board": only([*INSPECTING, "community"]),
    "desk:findings_remind": only(["clerk", "inspector"], "GET POST"),
    "desk:finding": about_visit(f"{ALL_INSPECTING} community", "GET"),
    "desk:finding_close": about_visit("clerk inspector"),
    "desk:finding_return": about_visit("clerk inspector"),
    "desk:finding_extend": about_visit("approver"),
    "desk:finding_refuse": about_visit("approver"),
    "desk:finding_annul": about_visit("approver"),
    "desk:finding_uphold": about_visit("approver"),
    "desk:finding_transfer": about_visit("clerk"),
    "desk:finding_settle": about_visit("clerk"),
    "desk:finding_take_back": about_visit("clerk"),
    "desk:finding_publish": about_visit("clerk"),
    "desk:handed_over": only([*INSPECTING, "community"]),
    "desk:handed_over_receipt": of_office("clerk"),
    "desk:handed_over_feedback": of_office("clerk"),
    "desk:self_checks": only([*INSPECTING, "community"]),
    "desk:self_check": about_visit(f"{ALL_INSPECTING} community", "GET"),
    "desk:checklists": only(INSPECTING),
    "desk:checklist_new": only(["clerk"], "GET POST"),
    "desk:checklist": of_list(ALL_INSPECTING, "GET"),
    "desk:checklist_edit": of_list("clerk"),
    "desk:checklist_item": of_list("clerk"),
    "desk:checklist_propose": of_list("clerk"),
    "desk:checklist_publish": of_list("approver"),
    "desk:checklist_hand_back": of_list("approver"),
    "desk:delegated": only(INSPECTING),
    "desk:delegated_new": only(["clerk"], "GET POST"),
    "desk:delegated_edit": of_office("clerk"),
    "desk:delegated_confirm": of_office("approver"),
    "desk:delegated_end": of_office("approver"),
    "desk:enforcement": only(INSPECTING),
    "desk:enforcement_new": only(["clerk", "approver"], "GET POST"),
    "desk:enforcement_revoke": of_office("clerk approver"),
    "desk:tie_new": only(["clerk", "approver"], "GET POST"),
    "desk:tie_end": Row(("clerk", "approver"), ("auditor",), ("clerk", "approver"), ("auditor",)),
    "desk:risks": only(INSPECTING),
    "public:calendar_feed": everybody(),  # the secret in its address is asked instead
    "desk:risk_explain": Row(
        ("clerk", "approver"),
        ("inspector", "leader", "auditor", "handler", "community", "operator"),
        ("clerk", "approver"), ("inspector", "leader", "auditor", "handler"), "registered",
    ),
    "desk:riskfact_new": Row(
        ("clerk", "approver", "inspector"),
        ("leader", "auditor", "handler", "community", "operator"),
        ("clerk", "approver", "inspector"), ("leader", "auditor", "handler"), "registered",
    ),
    "desk:riskfact_strike": of_office("clerk approver inspector"),
    "desk:facility_risk": Row(
        tuple(INSPECTING), ("handler", "community", "operator"), tuple(INSPECTING), ("handler",),
        "registered", "GET",
    ),
}  # fmt: skip
VISITING = ["inspector", "clerk", "community"]  # may be sent; these were


def on_the_phone(methods: str = "POST") -> Row:
    """A page of the people who were sent; the rest of the office sees that there is a visit."""
    rest = tuple(role for role in INSPECTING if role not in VISITING)
    return Row(tuple(VISITING), rest, (), tuple(INSPECTING), methods=methods)


def answered_for(methods: str = "GET POST") -> Row:
    """A facility's own page about a result or finding the office sees too."""
    return Row(("operator",), (*INSPECTING, "community"), (), tuple(INSPECTING), methods=methods)


ON_THE_PHONE: dict[str, Row] = {
    "desk:field": only(VISITING),
    "desk:own_ties": only(VISITING, "GET POST"),
    "desk:field_visit": on_the_phone("GET"),
    "desk:field_start": on_the_phone(),
    "desk:field_door": on_the_phone("GET POST"),
    "desk:field_end": on_the_phone("GET POST"),
    "desk:field_check": on_the_phone("GET POST"),
    "desk:field_answer": on_the_phone(),
    "desk:field_photo": on_the_phone(),
    "desk:field_heads": on_the_phone(),
    "desk:field_staff": on_the_phone(),
    "desk:field_remarks": on_the_phone(),
    "desk:field_other": on_the_phone("GET POST"),
    "desk:field_other_drop": on_the_phone(),
    "desk:field_finish": on_the_phone("GET POST"),
    "desk:field_sign": on_the_phone("GET POST"),
    "desk:field_refuse": on_the_phone("GET POST"),
    "desk:field_complete": on_the_phone(),
    "desk:field_reopen": on_the_phone(),
    "my:inspections": only(["operator"]),
    "my:inspection": answered_for("GET"),
    "my:inspection_acknowledge": answered_for(),
    "my:inspection_object": answered_for(),
    "my:findings": only(["operator"]),
    "my:finding": answered_for("GET"),
    "my:finding_plan": answered_for(),
    "my:finding_report": answered_for(),
    "my:finding_extension": answered_for(),
    "my:finding_dispute": answered_for(),
    "my:self_checks": only(["operator"]),
    "my:self_check_start": Row(
        ("operator",), (*REGISTER, "community"), (), tuple(REGISTER), "registered", "POST"
    ),
    "my:self_check": Row(("operator",), (), ()),
    "my:self_check_submit": Row(("operator",), (), ()),
}


def about_statement(methods: str) -> Row:
    """What a facility is asked; who sees the case behind it has the desk's page instead."""
    office = ("handler", "approver")
    return Row(("operator",), office, (), office, methods=methods)


CASE_READERS = ["handler", "red_lane", "approver", "auditor"]


def about_case(ok: str, methods: str = "GET POST") -> Row:
    """A page about a complaint: `own` a common one, `foreign` one of the red lane."""
    may = tuple(ok.split())
    no = tuple(r for r in ("handler", "approver") if r not in may)
    return Row(may, no, ("red_lane",), (), methods=methods)


KEEPERS = ["approver", "sysadmin"]


def account(ok: str, methods: str = "GET POST") -> Row:
    """A page about a colleague's account; nobody else learns that there is one."""
    may = tuple(ok.split())
    no = tuple(r for r in KEEPERS if r not in may)
    return Row(may, no, may, no, methods=methods)


def about_round(ok: str, methods: str = "GET POST", *, community: bool = True) -> Row:
    """A page about a round: the office sees every one, and the communities."""
    may, readers = ok.split(), [*OFFICE, *(["community"] if community else [])]
    rest = tuple(r for r in readers if r not in may)
    return Row(tuple(may), rest, tuple(may), rest, methods=methods)


def about_evaluation(ok: str, methods: str = "GET POST") -> Row:
    """A page about one facility in a round: a community sees its own only."""
    may = ok.split()
    office = tuple(r for r in OFFICE if r not in may)
    own = (*office, "community") if "community" not in may else office
    return Row(tuple(may), own, tuple(r for r in may if r in OFFICE), office, methods=methods)


READERS = [*OFFICE, "community"]
READERS_OF_ROUNDS = "clerk approver leader auditor community"
SIGNED_IN = Row(tuple(ROLES), methods="GET", is_object=False)
SIGNED_IN_POST = Row(tuple(ROLES), methods="POST", is_object=False)

MATRIX: dict[str, Row] = {
    "healthz": everybody(),
    "readyz": everybody(),
    "metrics": everybody(),
    "core:landing": SIGNED_IN,
    "core:messages": SIGNED_IN,
    "core:messages_read": SIGNED_IN_POST,
    "core:message_open": SIGNED_IN_POST,
    "core:preferences": everybody("GET POST"),
    "core:mail_settings": Row(tuple(ROLES), methods="GET POST", is_object=False),
    "core:undelivered": only(["sysadmin"]),
    "core:send_again": only(["sysadmin"], "POST"),
    "core:attachment": file_of_filing(),
    "core:attachment_thumbnail": file_of_filing(),
    "core:paper": file_of_filing(),
    "core:paper_pdf": file_of_filing(),
    "core:paper_png": file_of_filing(),
    "core:verify": everybody(),
    "core:verify_code": everybody(),
    "public:home": everybody(),
    "public:facilities": everybody(),
    "public:facility": everybody(),
    "public:facility_short": everybody(),
    "public:near": everybody("GET POST"),
    "public:facility_sign": everybody(),
    "public:robots": everybody(),
    "public:sitemap_xml": everybody(),
    "public:guide_filing": everybody(),
    "public:disclosure": everybody(),
    "public:disclosure_filings": everybody(),
    "public:unregistered": everybody(),
    "public:not_open": everybody(),
    "public:refusals": everybody(),
    "public:publication": everybody(),
    "public:sitemap": everybody(),
    "public:accessibility": everybody(),
    "public:privacy": everybody(),
    "public:contact": everybody(),
    "account_signup": everybody("GET POST"),
    "my:home": only(["operator"]),
    "my:statements": only(["operator"]),
    "my:statement": about_statement("GET"),
    "my:statement_answer": about_statement("GET POST"),
    "my:documents": only(["operator"]),
    "my:expiries": only(["operator"]),
    "my:members": only(["operator"]),
    "my:join": only(["operator"], "GET POST"),
    "my:invite": about_facility(["operator"], "POST"),
    "my:invitation_end": Row(("operator",), (), (), (), "registered", "POST"),
    "my:join_answer": Row(("clerk", "operator"), (), ("clerk",), (), "registered"),
    "my:member_change": Row(("operator",), ("clerk",), (), ("clerk",), "registered", "POST"),
    "my:filing_start": only(["operator"], "GET POST"),
    "my:filing": mine(methods="GET"),
    "my:registration": mine(),
    "my:premises": mine(),
    "my:services": mine(),
    "my:safety": mine(),
    "my:certificates": mine(),
    "my:certificate": mine(),
    "my:certificate_file_remove": mine(),
    "my:staff": mine(),
    "my:staff_person": mine(),
    "my:staff_person_autosave": mine(),
    "my:staff_person_remove": mine(),
    "my:staff_ledger": only(["operator"]),
    "my:staff_template": only(["operator"]),
    "my:staff_faults": only(["operator"], "POST"),
    "my:staff_ledger_import": about_facility(["operator"], "GET POST"),
    "my:staff_add": about_facility(["operator"], "GET POST"),
    "my:staff_member": about_staff(["operator"]),
    "my:staff_leave": about_staff(["operator"]),
    "my:staff_paper": about_staff(["operator"]),
    "desk:staff_reveal": about_staff(["clerk", "approver", "inspector"]),
    "my:autosave": mine(),
    "my:certificate_autosave": mine(),
    "my:check": mine(),
    "my:declaration": mine(),
    "my:done": mine("submitted", "GET"),
    "my:withdraw": mine("submitted"),
    "my:supplement": mine("submitted"),
    "my:change_new": only(["operator"], "GET POST"),
    "my:elsewhere_new": only(["operator"], "GET POST"),
    "my:closure_new": only(["operator"], "GET POST"),
    "my:closure": Row(("operator",), (), (), (), "closure_draft"),
    "my:closure_revoke": mine("closing"),
    "my:enrolment": about_facility(["operator"], "GET POST"),
    "my:place": about_facility(["operator"], "GET POST"),
    "my:pause_new": about_facility(["operator"], "GET POST"),
    "my:pause": about_facility(["operator"]),
    "my:pause_prolong": about_facility(["operator"], "GET POST"),
    "my:pause_resume": about_facility(["operator"], "GET POST"),
    "my:pause_cancel": about_facility(["operator"], "GET POST"),
    "desk:home": only(STAFF),
    "desk:filings": only(READERS),
    "desk:filing": filing("clerk approver leader auditor community", "submitted", "GET"),
    "desk:counter_new": only(["clerk"], "GET POST"),
    "desk:filings_bulk": only(["clerk", "approver", "leader"], "GET POST"),
    "desk:verdict": filing("clerk", "in_review"),
    "desk:slip": filing("clerk", "submitted", "GET"),
    "desk:departments": only(["clerk", "approver", "inspector", "leader", "auditor"]),
    "desk:department_new": only(["clerk", "approver"], "GET POST"),
    "desk:department": of_office("clerk approver inspector leader auditor", "GET"),
    "desk:department_matter": of_office("clerk approver"),
    "desk:department_end": of_office("clerk approver"),
    "desk:phrases": only(["clerk"]),
    "desk:phrase_new": only(["clerk"], "GET POST"),
    "desk:phrase": Row(("clerk",), ("approver",), ("clerk",), ("approver",), "registered"),
    "desk:filing_take": filing("clerk", "submitted"),
    "desk:correction_add": filing("clerk", "in_review"),
    "desk:correction_remove": filing("clerk", "in_review"),
    "desk:corrections_send": filing("clerk", "in_review"),
    "desk:propose": filing("clerk", "in_review"),
    "desk:register": filing("approver", "proposed"),
    "desk:decline": filing("approver", "proposed"),
    "desk:hand_back": filing("approver", "proposed"),
    "desk:refusal_publish": filing("clerk", "declined"),
    "desk:decided": filing("clerk approver leader auditor community", "registered", "GET"),
    "desk:expiries": only([*REGISTER, "community"]),
    "desk:members": about_facility(["clerk"]),
    "desk:join_answer": Row(("clerk", "operator"), (), ("clerk",), (), "registered"),
    "desk:member_change": Row(("clerk",), ("operator",), ("clerk",), (), "registered", "POST"),
    "desk:facilities": only([*REGISTER, "community"]),
    "desk:facility": about_facility([*REGISTER, "community"]),
    "desk:facility_evaluation": about_facility([*OFFICE, "community"]),
    "desk:statutory": about_facility(["clerk"], "GET POST"),
    "desk:statutory_remind": about_facility(["clerk"], "GET POST"),
    "desk:statutory_told": about_facility(["clerk"], "GET POST"),
    "desk:cancellation": about_facility(["clerk"], "GET POST"),
    "desk:merge_new": about_facility(["clerk"], "GET POST"),
    "desk:merge": Row(tuple(OFFICE), (), tuple(OFFICE), (), "registered", "GET"),
    "desk:merge_decide": merging("approver"),
    "desk:merge_withdraw": merging("clerk"),
    "desk:pause": about_facility([*REGISTER, "community"]),
    "desk:pause_note": about_facility(["clerk"], "GET POST"),
    "desk:disclosure": only(OFFICE),
    "desk:disclosure_log": only(OFFICE),
    "desk:publication": about_facility([*OFFICE, "handler"]),
    "desk:publication_publish": about_facility(["approver"], "GET POST"),
    "desk:publication_hand_back": about_facility(["approver"], "GET POST"),
    "desk:publication_withdraw": about_facility(["clerk", "approver"], "GET POST"),
    "desk:publication_revise": about_facility(["clerk"], "GET POST"),
    "desk:publication_put_aside": about_facility(["clerk", "approver"], "GET POST"),
    "desk:leads": only([*LEADS, "community"]),
    "desk:lead_new": only(["clerk", "inspector", "community"], "GET POST"),
    "desk:lead": about_lead("clerk approver inspector leader auditor community", "GET"),
    "desk:lead_verify": about_lead("clerk inspector community"),
    "desk:lead_guide": about_lead("clerk"),
    "desk:lead_transfer": about_lead("clerk"),
    "desk:lead_link": about_lead("clerk"),
    "desk:lead_close": about_lead("clerk"),
    "desk:lead_reopen": about_lead("clerk"),
    "desk:lead_publish": about_lead("clerk"),
    "desk:transfer_acknowledge": about_lead("clerk"),
    "desk:transfer_answer": about_lead("clerk"),
    "desk:complaints": only(CASE_READERS),
    "desk:complaints_bulk": only(["handler", "red_lane", "approver"], "GET POST"),
    "desk:complaint_new": only(["clerk", "handler", "red_lane"], "GET POST"),
    "desk:complaint_view_new": only(CASE_READERS, "GET POST"),
    "desk:complaint_orders": only(["clerk", "handler", "red_lane"], "GET POST"),
    "desk:complaint_orders_template": only(["clerk", "handler", "red_lane"]),
    "desk:complaint_orders_job": Row(
        ("handler",), ("auditor",), ("red_lane",), ("auditor",), methods="GET"
    ),
    "desk:complaint_orders_errors": Row(
        ("handler",), ("auditor",), ("red_lane",), ("auditor",), methods="GET"
    ),
    "desk:complaint_reports": only(CASE_READERS),
    "desk:complaint": about_case("handler approver", "GET"),
    "desk:complaint_print": about_case("handler approver", "GET"),
    "desk:complaint_pdf": about_case("handler", "GET"),
    "desk:complaint_file": about_case("handler approver", "GET"),
    "desk:complaint_accept": about_case("handler"),
    "desk:complaint_reject": about_case("handler"),
    "desk:complaint_propose_category": about_case("handler"),
    "desk:complaint_raise_alarm": about_case("handler"),
    "desk:complaint_describe": about_case("handler"),
    "desk:complaint_pass_on_place": about_case("handler"),
    "desk:complaint_add_file": about_case("handler"),
    "desk:complaint_investigate": about_case("handler"),
    "desk:complaint_write": about_case("handler"),
    "desk:complaint_ask": about_case("handler"),
    "desk:complaint_resume": about_case("handler"),
    "desk:complaint_request_statement": about_case("handler"),
    "desk:complaint_open_inspection": about_case("handler"),
    "desk:complaint_pause": about_case("handler"),
    "desk:complaint_end_pause": about_case("handler"),
    "desk:complaint_refer": about_case("handler"),
    "desk:complaint_merge": about_case("handler"),
    "desk:complaint_separate": about_case("handler"),
    "desk:complaint_ask_contact": about_case("handler"),
    "desk:complaint_propose_reply": about_case("handler"),
    "desk:complaint_receipt": about_case("handler"),
    "desk:complaint_feedback": about_case("handler"),
    "desk:complaint_statement_rewrite": about_case("handler"),
    "desk:complaint_contact_open": about_case("handler"),
    "desk:complaint_assign": about_case("handler approver"),
    "desk:complaint_assist": about_case("handler approver"),
    "desk:complaint_remind": about_case("handler approver"),
    "desk:complaint_note": about_case("handler approver"),
    "desk:complaint_confirm_category": about_case("handler approver"),
    "desk:complaint_refuse_category": about_case("handler approver"),
    # A report of danger is never told in public: the people of the red lane have no such act.
    "desk:complaint_outcome": Row(
        ("handler",), ("approver",), (), ("red_lane",), methods="GET POST"
    ),
    "desk:complaint_hold": about_case("handler approver"),
    "desk:complaint_lift_hold": about_case("handler approver"),
    "desk:complaint_statement_release": about_case("handler approver"),
    "desk:complaint_statement_hand_back": about_case("handler approver"),
    "desk:complaint_contact_grant": about_case("handler approver"),
    "desk:complaint_contact_refuse": about_case("handler approver"),
    "desk:complaint_tie": about_case("handler approver"),
    "desk:complaint_ties": only(CASE_READERS),
    "desk:complaint_tie_end": Row(("approver", "auditor"), (), ("approver", "auditor"), ()),
    "desk:complaint_extend": about_case("approver"),
    "desk:complaint_hand_back": about_case("approver"),
    "desk:complaint_approve_reply": about_case("approver"),
    "desk:complaint_acknowledge": Row(("red_lane",), (), (), ("handler", "approver")),
    "desk:complaint_report": Row(("red_lane",), (), (), ("handler", "approver")),
    "desk:complaint_take_over": Row(("auditor",)),
    "desk:complaint_answer_discipline": Row(("auditor",)),
    "desk:complaint_ask_discipline": Row(("auditor",)),
    "desk:complaint_resume_discipline": Row(("auditor",)),
    "desk:import": only(["clerk"], "GET POST"),
    "desk:import_template": only(["clerk"]),
    "desk:import_job": shared_job("GET"),
    "desk:import_errors": shared_job("GET"),
    "desk:import_undo": shared_job(),
    "desk:compare": only(["clerk"], "GET POST"),
    "desk:compare_job": shared_job("GET"),
    "desk:compare_leads": shared_job(),
    "desk:compare_take": shared_job(),
    "desk:saved_view": Row(("handler",), ("auditor",), (), ("handler", "auditor")),
    "desk:saved_view_delete": Row(("handler",), ("auditor",), (), ("handler", "auditor")),
    "desk:jobs": only(STAFF),
    "desk:job_file": job("clerk", "POST"),
    "desk:job_confirm": job("clerk"),
    "desk:job_cancel": job("clerk"),
    "desk:job_retry": job("clerk"),
    "desk:export": only([*REGISTER, "community"], "POST"),
    "desk:users": only(KEEPERS),
    "desk:user": account("approver sysadmin", "GET"),
    "desk:user_invite": only(["sysadmin"], "GET POST"),
    "desk:user_invite_again": account("sysadmin", "POST"),
    "desk:user_role": account("sysadmin"),
    "desk:user_role_end": account("sysadmin"),
    "desk:user_deputy": account("approver sysadmin"),
    "desk:user_deputy_end": account("approver sysadmin", "POST"),
    "desk:user_recovery": account("approver sysadmin"),
    "desk:user_left": account("sysadmin"),
    "desk:account_change": account("approver sysadmin", "GET"),
    "desk:account_change_grant": Row(("approver",), ("sysadmin",), ("sysadmin",), ("approver",)),
    "desk:account_change_refuse": Row(("approver",), ("sysadmin",), ("sysadmin",), ("approver",)),
    "desk:account_change_withdraw": Row(("sysadmin",), ("approver",), ("approver",), ("sysadmin",)),
    "desk:operator_code": only(["clerk"], "GET POST"),
    # What a role may do: `own` proposed by the administrator of the matrix, `foreign` by another.
    "desk:rights": only(RIGHTS),
    "desk:role_rights": only(RIGHTS),
    "desk:right_new": only(["sysadmin"], "GET POST"),
    "desk:right_change": Row(tuple(RIGHTS), methods="GET"),
    "desk:right_agree": about_right("approver", "approver sysadmin"),
    "desk:right_refuse": about_right("approver", "approver sysadmin"),
    "desk:right_withdraw": about_right("sysadmin", ""),
    # Administration (S39, S41).
    "desk:settings": only(["sysadmin"], "GET POST"),
    "desk:numbering": only(["clerk", "approver", "sysadmin", "auditor"]),
    "desk:system": only(["sysadmin"]),
    "desk:sent": only(["sysadmin"]),
    "desk:backups": only(["sysadmin"]),
    "desk:backup_now": only(["sysadmin"], "POST"),
    "desk:backup_drill": Row(("sysadmin",), methods="POST"),
    "desk:backup_report": Row(("sysadmin",), ("auditor",), None, ("auditor",), methods="GET"),
    "desk:holidays": only(["clerk", "sysadmin"]),
    "desk:holiday": only(["clerk", "sysadmin"], "GET POST"),
    "desk:holiday_new": only(["clerk", "sysadmin"], "GET POST"),
    "desk:holiday_import": only(["clerk", "sysadmin"], "POST"),
    "desk:holiday_confirm": only(["clerk", "sysadmin"], "POST"),
    "desk:holiday_remove": only(["clerk", "sysadmin"], "POST"),
    "desk:regulation": only(LAW),
    "desk:pack": only(LAW),
    "desk:pack_file": only(LAW),
    "desk:pack_new": only(["clerk", "sysadmin"], "GET POST"),
    "desk:figure_new": only(["clerk", "sysadmin"], "GET POST"),
    "desk:figure_check": only(["clerk", "approver"], "POST"),
    "desk:pack_proposal": Row(tuple(LAW), methods="GET"),
    "desk:pack_publish": about_law("approver", both=True),
    "desk:pack_decline": about_law("approver", both=True),
    "desk:pack_withdraw": about_law("sysadmin"),
    "desk:audit": only(["auditor"]),
    "desk:erasures": only(["approver", "sysadmin", "auditor"]),
    "desk:erasure_propose": only(["sysadmin"], "POST"),
    "desk:erasure": Row(("approver", "sysadmin", "auditor"), methods="GET"),
    "desk:erasure_approve": about_erasure("approver"),
    "desk:erasure_decline": about_erasure("approver"),
    "desk:erasure_withdraw": about_erasure("sysadmin"),
    "account_invited": everybody("GET POST"),
    "account_recover": everybody("GET POST"),
    "account_sessions": Row(tuple(ROLES), methods="GET POST", is_object=False),
    "panel:home": only(["evaluator"]),
    **SUPERVISION,
    **ON_THE_PHONE,
    # Told, tracked and answered without an account; what is open hangs on a sealed cookie.
    "complaints:start": everybody(),
    "complaints:statistics": everybody(),
    "complaints:topic": everybody("GET POST"),
    "complaints:danger": everybody(),
    "complaints:urgent": everybody("GET POST"),
    "complaints:facility": everybody("GET POST"),
    "complaints:details": everybody("GET POST"),
    "complaints:evidence": everybody("GET POST"),
    "complaints:evidence_remove": everybody("POST"),
    "complaints:contact": everybody("GET POST"),
    "complaints:check": everybody("GET POST"),
    "complaints:done": everybody("GET POST"),
    "complaints:receipt": everybody(),
    "complaints:track": everybody("GET POST"),
    "complaints:add": everybody("GET POST"),
    "complaints:rate": everybody("GET POST"),
    "complaints:review": everybody("GET POST"),
    "complaints:withdraw": everybody("GET POST"),
    "complaints:leave": everybody("POST"),
}
MATRIX |= {
    "public:evaluations": everybody(),
    "public:evaluation_round": everybody(),
    "desk:evaluations": only(READERS),
    "desk:evaluation_new": only(["clerk"], "GET POST"),
    "desk:evaluation": about_round(READERS_OF_ROUNDS, "GET"),
    "desk:evaluation_setup": about_round("clerk"),
    "desk:evaluation_facilities": about_round("clerk"),
    "desk:evaluation_draw": about_round("clerk approver"),
    "desk:evaluation_draw_record": about_round("clerk approver leader auditor", "GET"),
    "desk:evaluation_start": about_round("approver"),
    "desk:evaluation_open_scoring": about_round("clerk"),
    "desk:evaluation_close_self": about_round("clerk"),
    "desk:evaluation_remind": about_round("clerk approver"),
    "desk:evaluation_open_scores": about_round("clerk"),
    "desk:evaluation_send_facts": about_round("clerk"),
    "desk:evaluation_notice": about_round("clerk"),
    "desk:evaluation_close_notice": about_round("clerk"),
    "desk:evaluation_publish": about_round("clerk"),
    "desk:evaluation_cancel": about_round("approver"),
    "desk:evaluation_decide": about_round("clerk"),
    "desk:evaluation_result": about_evaluation(READERS_OF_ROUNDS, "GET"),
    "desk:evaluation_amend": about_round("clerk"),
    "desk:evaluation_bring_up": about_round("clerk"),
    "desk:evaluation_replace": about_round("clerk approver"),
    "desk:evaluation_substitute": about_round("clerk approver"),
    "desk:evaluation_scorer": about_round("clerk approver"),
    "desk:evaluation_reconsider": about_round("clerk"),
    "desk:meeting_new": about_round("clerk"),
    "desk:meeting": about_round("clerk approver leader auditor", "GET", community=False),
    "desk:meeting_hold": about_round("clerk", community=False),
    "desk:meeting_vote": about_round("clerk", community=False),
    "desk:meeting_close": about_round("clerk", community=False),
    "desk:objection": about_round("clerk approver leader auditor", "GET", community=False),
    "desk:objection_assign": about_round("clerk", community=False),
    "desk:objection_hand_back": about_round("approver", community=False),
    "desk:objection_answer": about_round("approver", community=False),
    "desk:sheet_return": about_round("clerk", community=False),
    "desk:self_reopen": about_evaluation("clerk"),
    "desk:remark_answer": about_evaluation("clerk"),
    "desk:improvement_accept": about_evaluation("clerk"),
    "desk:improvement_hand_back": about_evaluation("clerk"),
    "desk:amendment_grant": about_round("approver", community=False),
    "desk:amendment_refuse": about_round("approver", community=False),
    "desk:evaluators": only(OFFICE),
    "desk:evaluator_new": only(["clerk", "approver"], "GET POST"),
    "desk:evaluator_end": about_round("clerk approver", community=False),
    "desk:evaluator_tie": about_round("clerk approver", community=False),
    "desk:evaluator_tie_end": about_round("clerk approver", community=False),
    "desk:indicators": only(READERS),
    "desk:indicator_set": about_round(READERS_OF_ROUNDS, "GET"),
    "desk:indicator_compare": about_round(READERS_OF_ROUNDS, "GET"),
    "desk:indicator_template": only(["clerk"]),
    "desk:indicator_import": only(["clerk"], "GET POST"),
    "desk:indicator_propose": about_round("clerk"),
    "desk:indicator_publish": about_round("approver"),
    "desk:indicator_hand_back": about_round("approver"),
    "desk:indicator_retire": about_round("approver"),
}
# allauth's own pages: for everybody, or for whoever is signed in.
FOR_ALL = {"account_login", "account_inactive", "mfa_authenticate", "account_logout"}
FOR_SIGNED_IN = {
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}


def for_evaluator(no: list[str], *, foreign: list[str] | None = None) -> Row:
    """A page of who scores; the others named see the object and may not."""
    seen = tuple(OFFICE if foreign is None else foreign)
    return Row(("evaluator",), tuple(no), (), seen)


def for_facility(no: list[str], methods: str = "GET POST") -> Row:
    """A page of who works for the facility; its office and its evaluators may not."""
    return Row(("operator",), tuple(no), (), tuple(OFFICE), methods=methods)


BESIDE = [*OFFICE, "community", "evaluator"]
MATRIX |= {
    "panel:pledge": for_evaluator([*OFFICE, "community", "operator"],
                                  foreign=[*OFFICE, "community"]),
    "panel:dossier": Row(("evaluator",), tuple(OFFICE), (), tuple(OFFICE), methods="GET"),
    "panel:evidence": Row(("evaluator",), tuple(OFFICE), (), tuple(OFFICE), methods="GET"),
    "panel:evidence_new": for_evaluator(OFFICE),
    "panel:evidence_remove": for_evaluator(OFFICE),
    "panel:recuse": for_evaluator(["approver", "leader", "auditor"],
                                  foreign=["approver", "leader", "auditor"]),
    "panel:check": for_evaluator(OFFICE),
    "panel:dimension": for_evaluator(OFFICE),
    "panel:autosave": for_evaluator(OFFICE),
    "panel:skip": for_evaluator(OFFICE),
    "panel:skip_answer": for_evaluator(OFFICE),
    "panel:moderation": Row(("evaluator",), (*OFFICE, "community", "operator"), (), tuple(OFFICE),
                            methods="GET"),
    "panel:discuss": for_evaluator(OFFICE),
    "panel:agree": for_evaluator(OFFICE),
    "panel:reopen": for_evaluator(OFFICE),
    "panel:objection": for_evaluator([*OFFICE, "operator"]),
    "my:evaluations": only(["operator"]),
    "my:evaluation": for_facility(BESIDE, "GET"),
    "my:evaluation_facts": for_facility(BESIDE),
    "my:objection_new": for_facility(BESIDE),
    "my:objection_withdraw": for_facility(OFFICE),
    "my:evaluation_reply": for_facility(BESIDE),
    "my:plan": for_facility(BESIDE),
    "my:plan_again": for_facility(BESIDE),
    "my:self_assessment": for_facility(BESIDE, "GET"),
    "my:self_submit": for_facility(BESIDE),
    "my:self_items": for_facility(BESIDE),
    "my:self_autosave": for_facility(BESIDE),
    "my:self_evidence": for_facility(BESIDE),
    "my:self_evidence_remove": for_facility(BESIDE),
}  # fmt: skip
