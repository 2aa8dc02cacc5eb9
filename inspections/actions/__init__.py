"""The only writers of supervision, one function an act, `(noun, …, *, by, at)`.

Called from elsewhere (complaints, programme): `open_inspection`, `record_risk_fact`,
`take_back_risk_fact`.

Before a visit: `start_plan edit_plan propose_plan approve_plan hand_back_plan schedule_plan
draw_plan close_plan`; `open_inspection assign_team approve_inspection hand_back_inspection
postpone_inspection cancel_inspection replace_member send_others`; `enter_certificate
revoke_certificate declare_tie end_tie propose_delegated confirm_delegated end_delegated`.

On site, by the team, in this order:
 1. `start_inspection(inspection, latitude=, longitude=)`: at the door; TeamRefused.
 2. `record_access(inspection, access, certificate_shown=, attendant=, attendant_post=, note=)`;
    where nobody comes in, `end_inspection(inspection)` issues the record and that is all.
 3. `answer_item(inspection, item, value, note=, measured=, token=, given_at=)`: each answer as it
    is given, idempotent by `token`, older than what is kept loses; NoSuchItem, NotYetShown.
 4. `add_finding(inspection, text, item=, severity=, requirement=, due_on=, fixed_on_site=)` (again
    for the same item: changes it), `drop_finding`; DayNotAllowed.
 5. `add_photo(inspection, item, accepted)`: the receipt is `sha256_received`; `remove_photo`;
    `confirm_photos(inspection, digests)` gives those that are safe here.
 6. `count_heads(inspection, [(label, class_type, children, carers)])`, `sample_staff`,
    `keep_remarks`.
 7. `finish_inspection` (Unfinished tells what is missing), `reopen_inspection`.
 8. `keep_statement`, `sign(inspection, role, picture, user= | signer=)`, `refuse_signing(…)`.
 9. `complete_inspection` (NotSigned): findings get numbers, papers are issued.

The facility: `acknowledge_inspection`, `object_to_inspection`; `plan_correction`,
`report_correction(finding, measure, done_on, photos=)`, `ask_extension(finding, until, reason)`
(ExtendedBefore, DayNotAllowed), `dispute_finding`; `start_self_check`, `answer_self_check`,
`submit_self_check`.

The office about findings: `extend_finding refuse_extension uphold_finding annul_finding
close_finding return_finding transfer_finding take_back_finding settle_finding remind_facility
remind_facilities propose_overdue`; about results: `answer_objection propose_result`.

Read with `inspections.queries`: `visits.sections_of(inspection)` gives the parts with questions,
answers, findings and photos; `visits.my_visits(user, day)` the day's list; `visits.team_of`,
`visits.signatures_of`, `visits.last_findings(facility)`; `findings.photos_before/after(finding)`.
"""

from .carrying import (
    add_photo,
    answer_item,
    confirm_photos,
    count_heads,
    keep_remarks,
    record_access,
    remove_photo,
    sample_staff,
    start_inspection,
)
from .checklists import (
    change_item,
    hand_back_version,
    keep_items,
    load_checklists,
    load_delegated,
    propose_version,
    publish_version,
    start_version,
)
from .disclosure import (
    mirror_publication,
    propose_overdue,
    propose_result,
    remind_of_publication,
)
from .escalation import (
    escalate_finding,
    open_due_visit,
    open_holiday_visit,
    open_recheck,
    remind_of_certificate,
    remind_of_finding,
    remind_of_recheck,
    remind_of_visit,
)
from .findings import (
    annul_finding,
    ask_extension,
    close_finding,
    dispute_finding,
    extend_finding,
    plan_correction,
    refuse_extension,
    remind_facilities,
    remind_facility,
    report_correction,
    return_finding,
    settle_finding,
    take_back_finding,
    transfer_finding,
    uphold_finding,
)
from .noting import add_finding, drop_finding
from .people import (
    confirm_delegated,
    declare_tie,
    end_delegated,
    end_tie,
    enter_certificate,
    propose_delegated,
    revoke_certificate,
)
from .phone import Given, keep_question
from .planning import (
    approve_plan,
    close_plan,
    draw_plan,
    edit_plan,
    hand_back_plan,
    propose_plan,
    schedule_plan,
    start_plan,
)
from .problems import (
    CapReached,
    DayNotAllowed,
    EmptyChecklist,
    ExtendedBefore,
    FactStruck,
    MatterKnown,
    NobodyLeft,
    NoConflict,
    NoLead,
    NoSuchItem,
    NotByLot,
    NotDelegated,
    NothingToDraw,
    NotPutForward,
    NotSigned,
    NotToBeNamed,
    NotYetShown,
    NumberTaken,
    ObjectedBefore,
    OnSiteOnly,
    OwnTie,
    TeamRefused,
    Tied,
    Unfinished,
    WrongKind,
)
from .risk import (
    explain_conflict,
    note_risk_fact,
    reassess,
    reassess_once,
    record_risk_fact,
    strike_risk_fact,
    take_back_risk_fact,
)
from .selfchecks import (
    answer_self_check,
    count_missed_self_check,
    remind_of_self_check,
    start_self_check,
    submit_self_check,
)
from .signing import (
    acknowledge_inspection,
    answer_objection,
    complete_inspection,
    end_inspection,
    finish_inspection,
    keep_statement,
    object_to_inspection,
    refuse_signing,
    reopen_inspection,
    sign,
)
from .subscribing import end_calendar_address, renew_calendar_address
from .visits import (
    approve_inspection,
    assign_team,
    cancel_inspection,
    hand_back_inspection,
    open_inspection,
    postpone_inspection,
    replace_member,
    send_others,
)

__all__ = [
    "CapReached",
    "DayNotAllowed",
    "EmptyChecklist",
    "ExtendedBefore",
    "FactStruck",
    "Given",
    "MatterKnown",
    "NoConflict",
    "NoLead",
    "NoSuchItem",
    "NobodyLeft",
    "NotByLot",
    "NotDelegated",
    "NotPutForward",
    "NotSigned",
    "NotToBeNamed",
    "NotYetShown",
    "NothingToDraw",
    "NumberTaken",
    "ObjectedBefore",
    "OnSiteOnly",
    "OwnTie",
    "TeamRefused",
    "Tied",
    "Unfinished",
    "WrongKind",
    "acknowledge_inspection",
    "add_finding",
    "add_photo",
    "annul_finding",
    "answer_item",
    "answer_objection",
    "answer_self_check",
    "approve_inspection",
    "approve_plan",
    "ask_extension",
    "assign_team",
    "cancel_inspection",
    "change_item",
    "close_finding",
    "close_plan",
    "complete_inspection",
    "confirm_delegated",
    "confirm_photos",
    "count_heads",
    "count_missed_self_check",
    "declare_tie",
    "dispute_finding",
    "draw_plan",
    "drop_finding",
    "edit_plan",
    "end_calendar_address",
    "end_delegated",
    "end_inspection",
    "end_tie",
    "enter_certificate",
    "escalate_finding",
    "explain_conflict",
    "extend_finding",
    "finish_inspection",
    "hand_back_inspection",
    "hand_back_plan",
    "hand_back_version",
    "keep_items",
    "keep_question",
    "keep_remarks",
    "keep_statement",
    "load_checklists",
    "load_delegated",
    "mirror_publication",
    "note_risk_fact",
    "object_to_inspection",
    "open_due_visit",
    "open_holiday_visit",
    "open_inspection",
    "open_recheck",
    "plan_correction",
    "postpone_inspection",
    "propose_delegated",
    "propose_overdue",
    "propose_plan",
    "propose_result",
    "propose_version",
    "publish_version",
    "reassess",
    "reassess_once",
    "record_access",
    "record_risk_fact",
    "refuse_extension",
    "refuse_signing",
    "remind_facilities",
    "remind_facility",
    "remind_of_certificate",
    "remind_of_finding",
    "remind_of_publication",
    "remind_of_recheck",
    "remind_of_self_check",
    "remind_of_visit",
    "remove_photo",
    "renew_calendar_address",
    "reopen_inspection",
    "replace_member",
    "report_correction",
    "return_finding",
    "revoke_certificate",
    "sample_staff",
    "schedule_plan",
    "send_others",
    "settle_finding",
    "sign",
    "start_inspection",
    "start_plan",
    "start_self_check",
    "start_version",
    "strike_risk_fact",
    "submit_self_check",
    "take_back_finding",
    "take_back_risk_fact",
    "transfer_finding",
    "uphold_finding",
]
