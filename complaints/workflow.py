"""States of a complaint and what hangs on it, and the tables of transitions (R8, R9)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register


class ComplaintStatus(TextChoices):
    """The life of a complaint."""

    RECEIVED = "received", _("待受理")
    ACCEPTED = "accepted", _("已受理")
    INVESTIGATING = "investigating", _("办理中")
    AWAITING_COMPLAINANT = "awaiting_complainant", _("待补充")
    AWAITING_FACILITY = "awaiting_facility", _("待机构说明")
    REFERRED = "referred", _("已转办")
    REPLY_PROPOSED = "reply_proposed", _("待审签")
    RESOLVED = "resolved", _("已办结")
    REOPENED = "reopened", _("复核中")
    REJECTED = "rejected", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    ARCHIVED = "archived", _("已归档")


class StatementStatus(TextChoices):
    """The life of a request to a facility to say what happened."""

    DRAFTED = "drafted", _("待核对")
    HANDED_BACK = "handed_back", _("已退回")
    RELEASED = "released", _("待说明")
    ANSWERED = "answered", _("已说明")
    LAPSED = "lapsed", _("逾期未说明")


class RevealStatus(TextChoices):
    """The life of a wish to see who complained."""

    ASKED = "asked", _("待同意")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("未同意")
    ENDED = "ended", _("已结束")


S = ComplaintStatus
STAYS = ""
HANDLER, RED, APPROVER, AUDITOR = (
    frozenset({Role.HANDLER}),
    frozenset({Role.RED_LANE}),
    frozenset({Role.APPROVER}),
    frozenset({Role.AUDITOR}),
)
CASEWORKERS = HANDLER | RED
# Who may keep a case from being destroyed, each in the lanes he sees.
KEEPERS = CASEWORKERS | APPROVER | AUDITOR
# The case is being worked on: texts go out, questions are asked, a result may be proposed.
WORKED_ON = frozenset({S.ACCEPTED, S.INVESTIGATING, S.REOPENED})
WAITING = frozenset({S.AWAITING_COMPLAINANT, S.AWAITING_FACILITY, S.REFERRED})
OPEN = frozenset({S.RECEIVED, S.REPLY_PROPOSED}) | WORKED_ON | WAITING
DONE = frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN, S.ARCHIVED})
# Who may write down what somebody says at the counter or on the phone.
TAKERS = frozenset({Role.HANDLER, Role.RED_LANE, Role.CLERK})

COMPLAINT = register(
    StateMachine(
        "complaint",
        ComplaintStatus,
        initial=S.RECEIVED,
        transitions=(
            # --- the red lane (R9)
            Transition("acknowledge", OPEN, STAYS, RED),
            Transition("report", OPEN, STAYS, RED, needs=("organ", "unit", "reference")),
            Transition("propose_category", OPEN, STAYS, CASEWORKERS, needs=("category", "reason")),
            Transition(
                "confirm_category", OPEN, STAYS, CASEWORKERS | APPROVER,
                other_than=("category_proposed_by",),
            ),
            Transition(
                "refuse_category", OPEN, STAYS, CASEWORKERS | APPROVER,
                other_than=("category_proposed_by",),
            ),
            Transition("raise_alarm", OPEN, S.RECEIVED, CASEWORKERS | AUDITOR, needs=("reason",)),
            # --- taking it in
            Transition(
                "accept", frozenset({S.RECEIVED}), S.ACCEPTED, CASEWORKERS, needs=("severity",)
            ),
            Transition("reject", frozenset({S.RECEIVED}), S.REJECTED, CASEWORKERS,
                       needs=("ground",)),
            Transition("assign", OPEN, STAYS, CASEWORKERS | APPROVER, needs=("handler",)),
            Transition("assist", OPEN, STAYS, CASEWORKERS | APPROVER, needs=("person",)),
            Transition("remind", OPEN, STAYS, CASEWORKERS | APPROVER),
            Transition("describe", OPEN, STAYS, CASEWORKERS),
            Transition("note", OPEN | DONE, STAYS, CASEWORKERS | APPROVER),
            Transition("add_file", OPEN, STAYS, CASEWORKERS),
            Transition("pass_on_place", OPEN, STAYS, CASEWORKERS),
            # --- working on it
            # By hand, or because a visit was opened or the authority has answered.
            Transition("investigate", frozenset({S.ACCEPTED, S.REOPENED, S.REFERRED}),
                       S.INVESTIGATING, CASEWORKERS, calendar=True),
            Transition("write", OPEN | {S.RESOLVED, S.REJECTED}, STAYS, CASEWORKERS | AUDITOR),
            Transition("ask", WORKED_ON, S.AWAITING_COMPLAINANT, CASEWORKERS),
            Transition("resume", frozenset({S.AWAITING_COMPLAINANT, S.AWAITING_FACILITY}),
                       S.INVESTIGATING, CASEWORKERS, calendar=True, holder=True),
            Transition("request_statement", WORKED_ON | {S.AWAITING_FACILITY}, STAYS, CASEWORKERS),
            # What the second person has released makes the case wait.
            Transition("await_statement", WORKED_ON, S.AWAITING_FACILITY, frozenset(),
                       calendar=True),
            Transition("pause", WORKED_ON, STAYS, CASEWORKERS, needs=("reason",)),
            Transition("end_pause", OPEN, STAYS, CASEWORKERS, calendar=True, holder=True),
            Transition("extend", OPEN, STAYS, APPROVER | RED, needs=("reason",),
                       other_than=("handler",)),
            Transition("refer", WORKED_ON, S.REFERRED, CASEWORKERS, needs=("department",)),
            Transition("open_inspection", WORKED_ON | WAITING, STAYS, CASEWORKERS),
            Transition("merge", OPEN, STAYS, CASEWORKERS, needs=("parent",)),
            Transition("separate", OPEN, STAYS, CASEWORKERS, needs=("reason",)),
            # --- who complained
            Transition("ask_contact", OPEN | DONE, STAYS, CASEWORKERS),
            # --- the end (R5: two people)
            Transition(
                "propose_reply", WORKED_ON | {S.REFERRED, S.AWAITING_FACILITY}, S.REPLY_PROPOSED,
                CASEWORKERS, needs=("result",), other_than=("first_handler", "first_author"),
            ),
            Transition(
                "hand_back", frozenset({S.REPLY_PROPOSED}), S.INVESTIGATING, APPROVER | RED,
                needs=("reason",), other_than=("proposed_by",),
            ),
            Transition(
                "approve_reply", frozenset({S.REPLY_PROPOSED}), S.RESOLVED, APPROVER | RED,
                other_than=("proposed_by", "first_handler", "first_author"),
            ),
            # What was merged under another case ends with it; each complainant is still answered.
            Transition("close_with_parent", OPEN - {S.REPLY_PROPOSED}, S.RESOLVED, frozenset(),
                       needs=("result",), calendar=True),
            # After the days of the review: to take it back then would tell that one was asked for.
            Transition("propose_outcome", frozenset({S.ARCHIVED}), STAYS, HANDLER),
            Transition("archive", frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN}), S.ARCHIVED,
                       frozenset(), calendar=True),
            # --- the discipline inspectors (cat:C12): the office's own people never see it
            Transition("take_over", frozenset({S.RECEIVED, S.REOPENED}), S.REFERRED, AUDITOR),
            Transition("answer_discipline", frozenset({S.REFERRED}), S.RESOLVED, AUDITOR,
                       needs=("result",)),
            # A question of theirs comes back to them: their cases are never `investigating`.
            Transition("ask_discipline", frozenset({S.REFERRED}), S.AWAITING_COMPLAINANT, AUDITOR),
            Transition("resume_discipline", frozenset({S.AWAITING_COMPLAINANT}), S.REFERRED,
                       AUDITOR, calendar=True, holder=True),
            # --- the complainant, by number and code
            Transition("add", OPEN, STAYS, frozenset(), holder=True),
            Transition("withdraw", OPEN - {S.REPLY_PROPOSED, S.REOPENED}, S.WITHDRAWN,
                       frozenset(), holder=True),
            Transition("rate", frozenset({S.RESOLVED}), STAYS, frozenset(), holder=True),
            Transition("request_review", frozenset({S.RESOLVED}), S.REOPENED, frozenset(),
                       holder=True),
            # --- keeping and destroying
            Transition("hold", OPEN | DONE, STAYS, KEEPERS, needs=("reason",)),
            Transition("lift_hold", OPEN | DONE, STAYS, KEEPERS, needs=("reason",),
                       other_than=("hold_by",)),
            Transition("erase_contact", DONE, STAYS, frozenset(), calendar=True),
            Transition("erase", DONE, STAYS, frozenset(), calendar=True),
        ),
    )
)  # fmt: skip

Q = StatementStatus
STATEMENT = register(
    StateMachine(
        "statementrequest",
        StatementStatus,
        initial=Q.DRAFTED,
        transitions=(
            Transition("rewrite", frozenset({Q.DRAFTED, Q.HANDED_BACK}), Q.DRAFTED, CASEWORKERS),
            Transition(
                "release", frozenset({Q.DRAFTED}), Q.RELEASED, CASEWORKERS | APPROVER,
                other_than=("written_by",),
            ),
            Transition(
                "hand_back", frozenset({Q.DRAFTED}), Q.HANDED_BACK, CASEWORKERS | APPROVER,
                needs=("reason",), other_than=("written_by",),
            ),
            Transition("answer", frozenset({Q.RELEASED, Q.LAPSED}), Q.ANSWERED,
                       frozenset({Role.OPERATOR}), own=True),
            # Before its batch: the case went to other people, who decide anew what is asked.
            Transition("withhold", frozenset({Q.RELEASED}), Q.HANDED_BACK, frozenset(),
                       calendar=True),
            Transition("lapse", frozenset({Q.RELEASED}), Q.LAPSED, frozenset(), calendar=True),
        ),
    )
)  # fmt: skip

V = RevealStatus
REVEAL = register(
    StateMachine(
        "contactreveal",
        RevealStatus,
        initial=V.ASKED,
        transitions=(
            Transition("grant", frozenset({V.ASKED}), V.GRANTED, CASEWORKERS | APPROVER,
                       other_than=("asked_by",)),
            Transition("refuse", frozenset({V.ASKED}), V.REFUSED, CASEWORKERS | APPROVER,
                       needs=("reason",), other_than=("asked_by",)),
            Transition("open", frozenset({V.GRANTED}), STAYS, CASEWORKERS, own=True),
            Transition("end", frozenset({V.ASKED, V.GRANTED}), V.ENDED, frozenset(),
                       calendar=True),
        ),
    )
)  # fmt: skip
