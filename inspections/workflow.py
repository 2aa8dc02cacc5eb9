"""States of supervision: visits, findings, plans, checklists, self-checks (ux.md §4.5)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register


class InspectionKind(TextChoices):
    """Three kinds, kept apart from birth: who may go, what may be ordered (R6)."""

    VISIT = "visit", _("属地巡查")
    ADMINISTRATIVE = "administrative", _("行政检查")
    JOINT = "joint", _("联合检查")


class Selection(TextChoices):
    """How a facility came to be on the list; inside the office only (R14)."""

    PLANNED = "planned", _("计划安排")
    RANDOM = "random", _("双随机抽取")
    TRIGGERED = "triggered", _("专项核查")
    RECHECK = "recheck", _("整改复查")
    OPENING = "opening", _("新开办走访")
    HOLIDAY = "holiday", _("节前检查")


class InspectionStatus(TextChoices):
    """The life of a visit of any kind."""

    PLANNED = "planned", _("已计划")
    AWAITING_APPROVAL = "awaiting_approval", _("待审批")
    ASSIGNED = "assigned", _("待检查")
    IN_PROGRESS = "in_progress", _("检查中")
    AWAITING_SIGNATURE = "awaiting_signature", _("待签字")
    COMPLETED = "completed", _("已完成")
    PUBLISHED = "published", _("已公示")
    CANCELLED = "cancelled", _("已取消")


class InspectionResult(TextChoices):
    """What came of a visit."""

    NO_ISSUE = "no_issue", _("未发现问题")
    FIXED_ON_SITE = "fixed_on_site", _("当场改正")
    RECTIFY = "rectify", _("限期整改")
    CRITICAL = "critical", _("重大隐患")
    TRANSFERRED = "transferred", _("已移送")
    NOT_COOPERATING = "not_cooperating", _("不配合")
    NOT_OPERATING = "not_operating", _("未开展托育")
    UNREACHABLE = "unreachable", _("无法联系")


class Severity(TextChoices):
    """How grave a finding is; the letters of the law are never shown alone (R6)."""

    CRITICAL = "critical", _("重大")
    MAJOR = "major", _("较大")
    MINOR = "minor", _("一般")


class FindingStatus(TextChoices):
    """The life of a finding until it is closed."""

    OPEN = "open", _("待整改")
    IN_PROGRESS = "in_progress", _("整改中")
    REPORTED = "reported", _("待复查")
    RETURNED = "returned", _("复查未通过")
    CLOSED = "closed", _("已销号")
    TRANSFERRED = "transferred", _("已移送")
    DISPUTED = "disputed", _("申诉中")


class PlanStatus(TextChoices):
    """The life of a plan of visits."""

    DRAFT = "draft", _("编制中")
    PROPOSED = "proposed", _("待审定")
    IN_FORCE = "in_force", _("执行中")
    CLOSED = "closed", _("已结束")


class ChecklistStatus(TextChoices):
    """The life of one version of a checklist."""

    DRAFT = "draft", _("编辑中")
    PROPOSED = "proposed", _("待发布")
    PUBLISHED = "published", _("使用中")
    SUPERSEDED = "superseded", _("已有新版")


class SelfCheckStatus(TextChoices):
    """The life of a facility's own check of one month."""

    OPEN = "open", _("填写中")
    SUBMITTED = "submitted", _("已提交")


class DelegationStatus(TextChoices):
    """Whether a delegated matter has been confirmed by a second person."""

    PROPOSED = "proposed", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    ENDED = "ended", _("已停用")


CLERK, APPROVER = frozenset({Role.CLERK}), frozenset({Role.APPROVER})
OPERATOR, LEADER = frozenset({Role.OPERATOR}), frozenset({Role.LEADER})
# Who goes out: each inspection's own team among them (`own`).
VISITORS = frozenset({Role.INSPECTOR, Role.CLERK, Role.COMMUNITY})
RECHECKERS = frozenset({Role.INSPECTOR, Role.CLERK})
STAYS = ""

I = InspectionStatus  # ruff: ignore[ambiguous-variable-name]
DONE = frozenset({I.COMPLETED, I.PUBLISHED})
AHEAD = frozenset({I.PLANNED, I.AWAITING_APPROVAL, I.ASSIGNED})
UNDER_WAY = frozenset({I.IN_PROGRESS, I.AWAITING_SIGNATURE})

INSPECTION = register(
    StateMachine(
        "inspection",
        InspectionStatus,
        initial=I.PLANNED,
        transitions=(
            # An administrative inspection is proposed with its team and matter, and approved by
            # another person, again where an officer falls ill or recuses himself before it
            # begins; a visit and a joint inspection are assigned. For whom the lot gave it follows
            # from the draw.
            Transition(
                "propose", frozenset({I.PLANNED, I.ASSIGNED}), I.AWAITING_APPROVAL, CLERK,
                needs=("team", "delegated"), calendar=True,
            ),
            Transition(
                "approve", frozenset({I.AWAITING_APPROVAL}), I.ASSIGNED, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "hand_back", frozenset({I.AWAITING_APPROVAL}), I.PLANNED, APPROVER,
                needs=("reason",), other_than=("proposed_by",),
            ),
            Transition(
                "assign", frozenset({I.PLANNED, I.ASSIGNED}), I.ASSIGNED, CLERK | APPROVER,
                needs=("team",), calendar=True,
            ),
            Transition(
                "replace", frozenset({I.PLANNED, I.ASSIGNED}), STAYS, CLERK | APPROVER,
                needs=("reason",),
            ),
            # Somebody falls ill or leaves while it is carried out: others go on with it.
            Transition(
                "send_others", UNDER_WAY, STAYS, APPROVER, needs=("team",),
                other_than=("proposed_by",),
            ),
            Transition("postpone", AHEAD, STAYS, CLERK | APPROVER, needs=("day",)),
            Transition(
                "start", frozenset({I.ASSIGNED}), I.IN_PROGRESS, VISITORS, own=True
            ),
            Transition("record", frozenset({I.IN_PROGRESS}), STAYS, VISITORS, own=True),
            Transition(
                "finish", frozenset({I.IN_PROGRESS}), I.AWAITING_SIGNATURE, VISITORS, own=True
            ),
            Transition(
                "reopen", frozenset({I.AWAITING_SIGNATURE}), I.IN_PROGRESS, VISITORS, own=True
            ),
            Transition(
                "sign", frozenset({I.AWAITING_SIGNATURE}), STAYS, VISITORS, own=True
            ),
            Transition(
                "complete", frozenset({I.AWAITING_SIGNATURE}), I.COMPLETED, VISITORS, own=True
            ),
            # Nobody there, refused, no childcare: there is nothing to tick.
            Transition(
                "end", frozenset({I.IN_PROGRESS}), I.COMPLETED, VISITORS, own=True,
                needs=("access",),
            ),
            # The calendar cancels a visit to look again at what is closed by now.
            Transition(
                "cancel", AHEAD, I.CANCELLED, CLERK | APPROVER, needs=("reason",), calendar=True
            ),
            Transition("acknowledge", DONE, STAYS, OPERATOR),
            Transition("object", DONE, STAYS, OPERATOR, needs=("words",)),
            Transition("answer_objection", DONE, STAYS, CLERK | APPROVER, needs=("answer",)),
            Transition("propose_publication", DONE, STAYS, CLERK),
            # The gate of the ground decides; the calendar writes down what it finds there (R26).
            Transition(
                "publish", frozenset({I.COMPLETED}), I.PUBLISHED, frozenset(), calendar=True
            ),
            Transition(
                "unpublish", frozenset({I.PUBLISHED}), I.COMPLETED, frozenset(), calendar=True
            ),
        ),
    )
)  # fmt: skip

F = FindingStatus
# What the facility still has to do something about.
TO_CORRECT = frozenset({F.OPEN, F.IN_PROGRESS, F.RETURNED})
NOT_OVER = TO_CORRECT | {F.REPORTED, F.DISPUTED}
FINDING = register(
    StateMachine(
        "finding",
        FindingStatus,
        initial=F.OPEN,
        transitions=(
            # With the completion of the visit: what was put right there and then. A grave one is
            # looked at again all the same.
            Transition("fix", frozenset({F.OPEN}), F.CLOSED, frozenset(), calendar=True),
            Transition("fix_grave", frozenset({F.OPEN}), F.REPORTED, frozenset(), calendar=True),
            Transition("plan", TO_CORRECT, F.IN_PROGRESS, OPERATOR, needs=("measure",)),
            Transition("report", TO_CORRECT, F.REPORTED, OPERATOR, needs=("measure",)),
            Transition("ask_extension", TO_CORRECT, STAYS, OPERATOR, needs=("reason",)),
            Transition("extend", TO_CORRECT, STAYS, APPROVER, needs=("until",)),
            Transition("refuse_extension", TO_CORRECT, STAYS, APPROVER, needs=("reason",)),
            Transition("dispute", TO_CORRECT, F.DISPUTED, OPERATOR, needs=("reason",)),
            Transition(
                "uphold", frozenset({F.DISPUTED}), F.OPEN, APPROVER, needs=("answer",),
                other_than=("found_by",),
            ),
            Transition(
                "annul", frozenset({F.DISPUTED}), F.CLOSED, APPROVER, needs=("answer",),
                other_than=("found_by",),
            ),
            # A grave one is looked at again by another person (Finding.admits_again).
            Transition(
                "close", TO_CORRECT | {F.REPORTED}, F.CLOSED, RECHECKERS, needs=("how",),
                other_than=("found_by",),
            ),
            Transition(
                "return", TO_CORRECT | {F.REPORTED}, F.RETURNED, RECHECKERS, needs=("reason",),
                other_than=("found_by",),
            ),
            Transition("transfer", NOT_OVER, F.TRANSFERRED, CLERK, needs=("department",)),
            # Handed over by mistake, or the authority says that it is not its own.
            Transition(
                "take_back", frozenset({F.TRANSFERRED}), F.OPEN, CLERK, needs=("reason",)
            ),
            Transition(
                "settle", frozenset({F.TRANSFERRED}), F.CLOSED, CLERK, needs=("how",),
                other_than=("found_by",),
            ),
            Transition(
                "remind", NOT_OVER, STAYS, RECHECKERS | APPROVER | LEADER, calendar=True
            ),
            Transition("escalate", NOT_OVER, STAYS, frozenset(), calendar=True),
            Transition("publish", NOT_OVER, STAYS, CLERK),
        ),
    )
)  # fmt: skip

P = PlanStatus
PLAN = register(
    StateMachine(
        "inspectionplan",
        PlanStatus,
        initial=P.DRAFT,
        transitions=(
            Transition("edit", frozenset({P.DRAFT}), STAYS, CLERK),
            Transition("propose", frozenset({P.DRAFT}), P.PROPOSED, CLERK),
            Transition(
                "approve", frozenset({P.PROPOSED}), P.IN_FORCE, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "hand_back", frozenset({P.PROPOSED}), P.DRAFT, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition("draw", frozenset({P.IN_FORCE}), STAYS, CLERK),
            Transition("schedule", frozenset({P.IN_FORCE}), STAYS, CLERK),
            Transition("close", frozenset({P.IN_FORCE}), P.CLOSED, CLERK | APPROVER),
        ),
    )
)  # fmt: skip

C = ChecklistStatus
CHECKLIST = register(
    StateMachine(
        "checklistversion",
        ChecklistStatus,
        initial=C.DRAFT,
        transitions=(
            Transition("edit", frozenset({C.DRAFT}), STAYS, CLERK),
            Transition("propose", frozenset({C.DRAFT}), C.PROPOSED, CLERK),
            Transition(
                "publish", frozenset({C.PROPOSED}), C.PUBLISHED, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "hand_back", frozenset({C.PROPOSED}), C.DRAFT, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition(
                "supersede", frozenset({C.PUBLISHED}), C.SUPERSEDED, frozenset(), calendar=True
            ),
        ),
    )
)  # fmt: skip

SELF_CHECK = register(
    StateMachine(
        "selfcheck",
        SelfCheckStatus,
        initial=SelfCheckStatus.OPEN,
        transitions=(
            Transition("record", frozenset({SelfCheckStatus.OPEN}), STAYS, OPERATOR),
            Transition(
                "submit", frozenset({SelfCheckStatus.OPEN}), SelfCheckStatus.SUBMITTED, OPERATOR
            ),
        ),
    )
)

D = DelegationStatus
DELEGATION = register(
    StateMachine(
        "delegateditem",
        DelegationStatus,
        initial=D.PROPOSED,
        transitions=(
            Transition("edit", frozenset({D.PROPOSED}), STAYS, CLERK),
            Transition(
                "confirm", frozenset({D.PROPOSED}), D.CONFIRMED, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "end", frozenset({D.PROPOSED, D.CONFIRMED}), D.ENDED, APPROVER, needs=("reason",)
            ),
        ),
    )
)  # fmt: skip
