"""The only writers of complaints: one function an act, `(noun, …, *, by, at)`.

Taking in        submit_complaint (public), take_complaint (counter, phone, letter),
                 take_hotline_orders (12345); each answers with (complaint, access code).
                 KnownOrder: that order of 12345 was entered before.
                 A workbook of orders: orders.start_orders, run_orders (a job), forget_orders
Red lane         acknowledge_alarm, record_report(Report), raise_alarm (one person);
                 propose_category → confirm_category | refuse_category (another person);
                 escalate_alarm (calendar). NotReported: leaving 待受理 without a report (R9)
Triage           accept_complaint(severity, title, summary), reject_complaint(ground, text),
                 describe_complaint (title, summary, facility), note_complaint (internal)
People           assign_complaint, add_assistant, remind_handler; CannotTake
Work             start_investigation, ask_complainant, write_to_complainant, pause_clock(kind),
                 end_pause, extend_clock (not the handler), go_on_without_answer, add_office_file,
                 pass_on_place (→ Lead)
Merging          merge_complaint(parent), separate_complaint; CannotMerge.
                 Suggestions: queries.similar_to(complaint, user, law)
Facility         request_statement(summary) → release_statement | hand_back_statement (another
                 person) | rewrite_statement; send_statement, lapse_statement (calendar);
                 answer_statement (the facility). TooClose(.shared), NoFacility
Visit            open_visit (unannounced, with the checklist of the matter: checklist_for); then
                 complaint.inspection and inspections.queries.visits.findings_of(it)
Other authority  refer_complaint(department, facts), note_referral_receipt,
                 note_referral_result, remind_of_letter (calendar). Preview: papers.referral_blocks
Who complained   ask_contact(reason) → grant_contact | refuse_contact (another person) →
                 open_contact (the asker, every look is kept). Masked: queries.masked_contact
Ties             declare_tie(facility= | complaint=), end_tie (approver or auditor, not oneself)
Closing          propose_reply(result, evidence, text) → approve_reply | hand_back_reply (another
                 person). NothingFollows: upheld without a letter, report, visit or lead;
                 FoundNothing: upheld, the visit found nothing, and no `why`
                 propose_outcome(text) → the publication gate; NotToBeShown (R14)
Discipline       take_over_discipline, answer_discipline (auditor); ask_complainant,
                 write_to_complainant, go_on_without_answer, hold_complaint as in the office
Complainant      (by=Actor.code_holder(complaint)) add_by_complainant, rate_complaint,
                 request_review (once, 15 days, goes to another handler), withdraw_complaint
Keeping          hold_complaint, lift_hold (another person), erase_contact, erase_complaint,
                 archive_complaint (calendar)

Acts raise TransitionNotOpen (state moved on), NotAllowed (right, second person, reach) and
FactMissing (a reason is missing). `permissions.can(user, "<transition>", complaint)` tells whether
a button shows; the names of the transitions are in `complaints.workflow`.
"""

from .closing import (
    FoundNothing,
    NothingFollows,
    ReviewClosed,
    answer_discipline,
    approve_reply,
    archive_complaint,
    hand_back_reply,
    propose_reply,
    rate_complaint,
    request_review,
    start_investigation,
    take_over_discipline,
    withdraw_complaint,
)
from .contact import (
    NoContact,
    ask_contact,
    declare_tie,
    end_reveal,
    end_tie,
    grant_contact,
    open_contact,
    refuse_contact,
)
from .intake import (
    KnownOrder,
    Submission,
    code_of,
    submit_complaint,
    submit_key,
    take_complaint,
    take_hotline_orders,
)
from .keeping import (
    Held,
    erase_complaint,
    erase_contact,
    forget_deliveries,
    hold_complaint,
    lift_hold,
)
from .outcomes import NotToBeShown, propose_outcome
from .red_lane import (
    AlreadyRed,
    NotProposed,
    NotReported,
    Report,
    acknowledge_alarm,
    confirm_category,
    escalate_alarm,
    propose_category,
    raise_alarm,
    record_report,
    refuse_category,
)
from .referral import (
    note_referral_receipt,
    note_referral_result,
    refer_complaint,
    remind_of_letter,
)
from .reminding import tell_of_hits, warn_of_clock, warn_of_erasure
from .statements import (
    CaseEnded,
    NoFacility,
    TooClose,
    answer_statement,
    hand_back_statement,
    lapse_statement,
    release_statement,
    request_statement,
    rewrite_statement,
    send_statement,
)
from .talking import (
    CannotExtend,
    GivenDay,
    add_by_complainant,
    add_office_file,
    ask_complainant,
    end_pause,
    extend_clock,
    go_on_without_answer,
    pause_clock,
    write_to_complainant,
)
from .triage import (
    CannotMerge,
    CannotTake,
    accept_complaint,
    add_assistant,
    assign_complaint,
    describe_complaint,
    merge_complaint,
    note_complaint,
    pass_on_place,
    reject_complaint,
    remind_handler,
    separate_complaint,
)
from .visiting import checklist_for, open_visit

__all__ = [
    "AlreadyRed",
    "CannotExtend",
    "CannotMerge",
    "CannotTake",
    "CaseEnded",
    "FoundNothing",
    "GivenDay",
    "Held",
    "KnownOrder",
    "NoContact",
    "NoFacility",
    "NotProposed",
    "NotReported",
    "NotToBeShown",
    "NothingFollows",
    "Report",
    "ReviewClosed",
    "Submission",
    "TooClose",
    "accept_complaint",
    "acknowledge_alarm",
    "add_assistant",
    "add_by_complainant",
    "add_office_file",
    "answer_discipline",
    "answer_statement",
    "approve_reply",
    "archive_complaint",
    "ask_complainant",
    "ask_contact",
    "assign_complaint",
    "checklist_for",
    "code_of",
    "confirm_category",
    "declare_tie",
    "describe_complaint",
    "end_pause",
    "end_reveal",
    "end_tie",
    "erase_complaint",
    "erase_contact",
    "escalate_alarm",
    "extend_clock",
    "forget_deliveries",
    "go_on_without_answer",
    "grant_contact",
    "hand_back_reply",
    "hand_back_statement",
    "hold_complaint",
    "lapse_statement",
    "lift_hold",
    "merge_complaint",
    "note_complaint",
    "note_referral_receipt",
    "note_referral_result",
    "open_contact",
    "open_visit",
    "pass_on_place",
    "pause_clock",
    "propose_category",
    "propose_outcome",
    "propose_reply",
    "raise_alarm",
    "rate_complaint",
    "record_report",
    "refer_complaint",
    "refuse_category",
    "refuse_contact",
    "reject_complaint",
    "release_statement",
    "remind_handler",
    "remind_of_letter",
    "request_review",
    "request_statement",
    "rewrite_statement",
    "send_statement",
    "separate_complaint",
    "start_investigation",
    "submit_complaint",
    "submit_key",
    "take_complaint",
    "take_hotline_orders",
    "take_over_discipline",
    "tell_of_hits",
    "warn_of_clock",
    "warn_of_erasure",
    "withdraw_complaint",
    "write_to_complainant",
]
