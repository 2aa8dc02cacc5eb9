"""States of the register's nouns and the transition table of a filing (rulings R7, ux.md §4.5)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register


class FilingStatus(TextChoices):
    """The life of a registration report to the street."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("待审核")
    IN_REVIEW = "in_review", _("审核中")
    CORRECTION = "correction", _("待补正")
    PROPOSED = "proposed", _("待审定")
    REGISTERED = "registered", _("已登记")
    DECLINED = "declined", _("不予登记")
    WITHDRAWN = "withdrawn", _("已撤回")
    SUPERSEDED = "superseded", _("已变更")


class RegistrationStatus(TextChoices):
    """Whether the street has registered the facility."""

    NONE = "none", _("未登记")
    REGISTERED = "registered", _("街道已登记")
    CANCELLED = "cancelled", _("已注销")


class StatutoryFilingStatus(TextChoices):
    """The mirror of the health department's own filing; never mixed with the street's (D2)."""

    NONE = "none", _("未备案")
    SUBMITTED = "submitted", _("已提交")
    FILED = "filed", _("已备案")
    NONCONFORMING = "nonconforming", _("不符合已告知")
    CHANGED = "changed", _("已变更")
    CANCELLED = "cancelled", _("已注销")
    UNKNOWN = "unknown", _("待核实")


class OperatingStatus(TextChoices):
    """Whether children are being looked after there today."""

    PREPARING = "preparing", _("筹备中")
    OPEN = "open", _("运营中")
    SUSPENDED = "suspended", _("暂停运营")
    CLOSED = "closed", _("已停办")


class SectionStatus(TextChoices):
    """How far a section of a filing has come."""

    NOT_STARTED = "not_started", _("未开始")
    IN_PROGRESS = "in_progress", _("填写中")
    COMPLETE = "complete", _("已完成")
    FLAGGED = "flagged", _("需补正")


S = FilingStatus
OPERATOR, CLERK, APPROVER = (
    frozenset({Role.OPERATOR}),
    frozenset({Role.CLERK}),
    frozenset({Role.APPROVER}),
)
STAYS = ""

FILING = register(
    StateMachine(
        "filing",
        FilingStatus,
        initial=S.DRAFT,
        transitions=(
            Transition("edit", frozenset({S.DRAFT, S.CORRECTION}), STAYS, OPERATOR, own=True),
            Transition(
                "submit", frozenset({S.DRAFT, S.CORRECTION}), S.SUBMITTED, OPERATOR, own=True
            ),
            Transition(
                "take", frozenset({S.SUBMITTED}), S.IN_REVIEW, CLERK, other_than=("created_by",)
            ),
            Transition("note", frozenset({S.IN_REVIEW}), STAYS, CLERK, other_than=("created_by",)),
            Transition(
                "request_correction",
                frozenset({S.IN_REVIEW}),
                S.CORRECTION,
                CLERK,
                needs=("items",),
                other_than=("created_by",),
            ),
            Transition("propose", frozenset({S.IN_REVIEW}), S.PROPOSED, CLERK, needs=("proposal",)),
            Transition(
                "hand_back",
                frozenset({S.PROPOSED}),
                S.IN_REVIEW,
                APPROVER,
                needs=("reason",),
                other_than=("proposed_by", "created_by"),
            ),
            Transition(
                "register",
                frozenset({S.PROPOSED}),
                S.REGISTERED,
                APPROVER,
                other_than=("proposed_by", "created_by"),
            ),
            Transition(
                "decline",
                frozenset({S.PROPOSED}),
                S.DECLINED,
                APPROVER,
                needs=("reason",),
                other_than=("proposed_by", "created_by"),
            ),
            Transition(
                "withdraw",
                frozenset({S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.CORRECTION}),
                S.WITHDRAWN,
                OPERATOR,
                own=True,
            ),
            Transition("lapse", frozenset({S.DRAFT}), S.WITHDRAWN, frozenset(), calendar=True),
            Transition(
                "supersede", frozenset({S.REGISTERED}), S.SUPERSEDED, frozenset(), calendar=True
            ),
        ),
    )
)
OPEN_STATES = frozenset({S.SUBMITTED, S.IN_REVIEW, S.PROPOSED})
