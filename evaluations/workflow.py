"""States of the evaluation's nouns and their tables of transitions (rulings R7, ux.md §4.5)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

CLERK, APPROVER = frozenset({Role.CLERK}), frozenset({Role.APPROVER})
EVALUATOR, OPERATOR = frozenset({Role.EVALUATOR}), frozenset({Role.OPERATOR})
NOBODY = frozenset[str]()
STAYS = ""


class SetStatus(TextChoices):
    """The life of a version of the indicators."""

    DRAFT = "draft", _("草稿")
    PROPOSED = "proposed", _("待审定")
    PUBLISHED = "published", _("已发布")
    RETIRED = "retired", _("已停用")


class RoundStatus(TextChoices):
    """The life of a round (R7: facts are checked before the notice, decided after it)."""

    SETUP = "setup", _("筹备中")
    SELF_ASSESSMENT = "self_assessment", _("自评中")
    SCORING = "scoring", _("评审中")
    MODERATION = "moderation", _("合议中")
    FACT_CHECK = "fact_check", _("核对事实中")
    NOTICE = "notice", _("公示中")
    DECISION = "decision", _("待委员会审定")
    FINAL = "final", _("已公布")
    CANCELLED = "cancelled", _("已取消")


class SheetStatus(TextChoices):
    """The life of one evaluator's sheet about one facility."""

    NOT_STARTED = "not_started", _("未评")
    IN_PROGRESS = "in_progress", _("评分中")
    SUBMITTED = "submitted", _("已提交")
    RETURNED = "returned", _("退回重评")
    RECUSED = "recused", _("已回避")


class SelfStatus(TextChoices):
    """The life of a facility's own assessment."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("已提交")
    LAPSED = "lapsed", _("逾期未交")


class SkipStatus(TextChoices):
    """Whether an item does not apply to a facility."""

    ASKED = "asked", _("待组长同意")
    APPROVED = "approved", _("不适用")
    REFUSED = "refused", _("仍须评分")


class ModerationStatus(TextChoices):
    """Whether the panel has agreed on an item."""

    OPEN = "open", _("待合议")
    AGREED = "agreed", _("已合议")


class MeetingStatus(TextChoices):
    """The life of a meeting of the committee."""

    CALLED = "called", _("已通知")
    HELD = "held", _("已召开")
    CLOSED = "closed", _("已定稿")


class ObjectionStatus(TextChoices):
    """The life of an objection."""

    FILED = "filed", _("已提出")
    IN_REVIEW = "in_review", _("复核中")
    PROPOSED = "proposed", _("待审定")
    UPHELD = "upheld", _("异议成立")
    REJECTED = "rejected", _("维持原结果")
    WITHDRAWN = "withdrawn", _("已撤回")


class AmendmentStatus(TextChoices):
    """The life of a later change of a published result."""

    PROPOSED = "proposed", _("待审定")
    GRANTED = "granted", _("已变更")
    REFUSED = "refused", _("不予变更")


class PlanStatus(TextChoices):
    """The life of a plan for improvement."""

    DUE = "due", _("待提交")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("改进中")
    DONE = "done", _("已完成")


I = SetStatus  # ruff: ignore[ambiguous-variable-name] - the initial of its noun, as below
INDICATOR_SET = register(
    StateMachine(
        "indicatorset",
        SetStatus,
        initial=I.DRAFT,
        transitions=(
            Transition("edit", frozenset({I.DRAFT}), STAYS, CLERK),
            Transition("propose", frozenset({I.DRAFT}), I.PROPOSED, CLERK),
            Transition(
                "hand_back", frozenset({I.PROPOSED}), I.DRAFT, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition(
                "publish", frozenset({I.PROPOSED}), I.PUBLISHED, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition("retire", frozenset({I.PUBLISHED}), I.RETIRED, APPROVER, needs=("reason",)),
        ),
    )
)  # fmt: skip

R = RoundStatus
OPEN_ROUNDS = frozenset(R) - {R.FINAL, R.CANCELLED}
# From here on the panel and the office see the scores of all.
OPENED = frozenset({R.MODERATION, R.FACT_CHECK, R.NOTICE, R.DECISION, R.FINAL})
# From here on the facility sees its draft result.
SHOWN_TO_FACILITY = frozenset({R.FACT_CHECK, R.NOTICE, R.DECISION, R.FINAL})
SHOWN_TO_PUBLIC = frozenset({R.NOTICE, R.DECISION, R.FINAL})
ROUND = register(
    StateMachine(
        "evaluationround",
        RoundStatus,
        initial=R.SETUP,
        transitions=(
            Transition("edit", frozenset({R.SETUP}), STAYS, CLERK),
            Transition(
                "draw", frozenset({R.SETUP, R.SELF_ASSESSMENT}), STAYS, CLERK | APPROVER,
                needs=("seed",),
            ),
            Transition(
                "start", frozenset({R.SETUP}), R.SELF_ASSESSMENT, APPROVER,
                other_than=("created_by",),
            ),
            Transition(
                "open_scoring", frozenset({R.SELF_ASSESSMENT}), R.SCORING, CLERK, calendar=True
            ),
            # A round in which facilities only look at themselves ends when its day has passed.
            Transition(
                "close_self", frozenset({R.SELF_ASSESSMENT}), R.FINAL, CLERK, calendar=True
            ),
            # Who drops out, or a facility with too few scorers: a substitute of the draw comes in.
            Transition(
                "substitute", frozenset({R.SCORING}), STAYS, CLERK | APPROVER, needs=("reason",)
            ),
            Transition("moderate", frozenset({R.SCORING}), R.MODERATION, CLERK, needs=("sheets",)),
            Transition("send_facts", frozenset({R.MODERATION}), R.FACT_CHECK, CLERK),
            Transition("propose_notice", frozenset({R.FACT_CHECK}), STAYS, CLERK),
            # The second person stands at the gate of publication; the calendar sees that it opened.
            Transition(
                "announce", frozenset({R.FACT_CHECK}), R.NOTICE, CLERK, needs=("publication",),
                calendar=True,
            ),
            Transition(
                "close_notice", frozenset({R.NOTICE}), R.DECISION, CLERK, calendar=True
            ),
            Transition("call", frozenset({R.SCORING, R.MODERATION, R.DECISION}), STAYS, CLERK),
            Transition("decide", frozenset({R.DECISION}), STAYS, CLERK, needs=("meeting",)),
            # What the committee did not agree to goes before the panel again, and all that follows.
            Transition(
                "reconsider", frozenset({R.DECISION}), R.MODERATION, CLERK,
                needs=("meeting", "reason"),
            ),
            Transition("propose_result", frozenset({R.DECISION}), STAYS, CLERK),
            Transition(
                "finish", frozenset({R.DECISION}), R.FINAL, CLERK, needs=("publication",),
                calendar=True,
            ),
            Transition(
                "cancel", OPEN_ROUNDS - {R.NOTICE, R.DECISION}, R.CANCELLED, APPROVER,
                needs=("reason",),
            ),
        ),
    )
)  # fmt: skip

H = SheetStatus
UNFINISHED = frozenset({H.NOT_STARTED, H.IN_PROGRESS, H.RETURNED})
SHEET = register(
    StateMachine(
        "scoresheet",
        SheetStatus,
        initial=H.NOT_STARTED,
        transitions=(
            Transition("score", UNFINISHED, H.IN_PROGRESS, EVALUATOR, own=True),
            Transition("submit", UNFINISHED, H.SUBMITTED, EVALUATOR, own=True),
            # The office sends an unfinished or unsound sheet back before the scores are opened.
            Transition(
                "return", frozenset({H.SUBMITTED}), H.RETURNED, CLERK, needs=("reason",)
            ),
            # What is computed or declared after the draw: whoever knows it first.
            Transition(
                "recuse", UNFINISHED | {H.SUBMITTED}, H.RECUSED, EVALUATOR | CLERK,
                needs=("ground",), calendar=True,
            ),
        ),
    )
)  # fmt: skip

A = SelfStatus
SELF = register(
    StateMachine(
        "selfassessment",
        SelfStatus,
        initial=A.DRAFT,
        transitions=(
            Transition("edit", frozenset({A.DRAFT}), STAYS, OPERATOR, own=True),
            Transition("submit", frozenset({A.DRAFT}), A.SUBMITTED, OPERATOR, own=True),
            Transition(
                "reopen", frozenset({A.SUBMITTED, A.LAPSED}), A.DRAFT, CLERK, needs=("reason",)
            ),
            Transition("lapse", frozenset({A.DRAFT}), A.LAPSED, NOBODY, calendar=True),
        ),
    )
)  # fmt: skip

K = SkipStatus
SKIP = register(
    StateMachine(
        "skippeditem",
        SkipStatus,
        initial=K.ASKED,
        transitions=(
            Transition("ask", frozenset({K.REFUSED}), K.ASKED, EVALUATOR, needs=("reason",)),
            Transition(
                "approve", frozenset({K.ASKED}), K.APPROVED, EVALUATOR, own=True,
                other_than=("asked_by",),
            ),
            Transition(
                "refuse", frozenset({K.ASKED}), K.REFUSED, EVALUATOR, own=True,
                other_than=("asked_by",), needs=("reason",),
            ),
        ),
    )
)  # fmt: skip

M = ModerationStatus
MODERATION = register(
    StateMachine(
        "moderation",
        ModerationStatus,
        initial=M.OPEN,
        transitions=(
            # Everybody of the panel who scored may speak; who leads it writes down the agreement.
            Transition("discuss", frozenset({M.OPEN}), STAYS, EVALUATOR),
            Transition(
                "agree", frozenset({M.OPEN}), M.AGREED, EVALUATOR, own=True, needs=("reason",)
            ),
            Transition(
                "reopen", frozenset({M.AGREED}), M.OPEN, EVALUATOR, own=True, needs=("reason",)
            ),
        ),
    )
)  # fmt: skip

E = MeetingStatus
MEETING = register(
    StateMachine(
        "meeting",
        MeetingStatus,
        initial=E.CALLED,
        transitions=(
            Transition("hold", frozenset({E.CALLED}), E.HELD, CLERK, needs=("present",)),
            Transition("vote", frozenset({E.HELD}), STAYS, CLERK),
            Transition("close", frozenset({E.HELD}), E.CLOSED, CLERK, needs=("minutes",)),
        ),
    )
)

O = ObjectionStatus  # ruff: ignore[ambiguous-variable-name]
UNDER_REVIEW = frozenset({O.IN_REVIEW, O.PROPOSED})
OPEN_OBJECTIONS = UNDER_REVIEW | {O.FILED}
OBJECTION = register(
    StateMachine(
        "objection",
        ObjectionStatus,
        initial=O.FILED,
        transitions=(
            Transition("assign", frozenset({O.FILED}), O.IN_REVIEW, CLERK, needs=("seed",)),
            # A reviewer turns out to be tied to the facility: others are drawn, from the beginning.
            Transition(
                "redraw", UNDER_REVIEW, O.FILED, NOBODY, calendar=True
            ),
            Transition(
                "propose", frozenset({O.IN_REVIEW}), O.PROPOSED, EVALUATOR, own=True,
                needs=("answer",),
            ),
            Transition(
                "hand_back", frozenset({O.PROPOSED}), O.IN_REVIEW, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition(
                "uphold", frozenset({O.PROPOSED}), O.UPHELD, APPROVER, other_than=("proposed_by",)
            ),
            Transition(
                "reject", frozenset({O.PROPOSED}), O.REJECTED, APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "withdraw", frozenset({O.FILED, O.IN_REVIEW}), O.WITHDRAWN, OPERATOR
            ),
        ),
    )
)  # fmt: skip

N = AmendmentStatus
# A published result changes only as a new version, with its reason, by two persons.
AMENDMENT = register(
    StateMachine(
        "amendment",
        AmendmentStatus,
        initial=N.PROPOSED,
        transitions=(
            Transition(
                "grant", frozenset({N.PROPOSED}), N.GRANTED, APPROVER, other_than=("proposed_by",)
            ),
            Transition(
                "refuse", frozenset({N.PROPOSED}), N.REFUSED, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
        ),
    )
)  # fmt: skip

P = PlanStatus
PLAN = register(
    StateMachine(
        "improvementplan",
        PlanStatus,
        initial=P.DUE,
        transitions=(
            Transition(
                "submit", frozenset({P.DUE, P.RETURNED}), P.SUBMITTED, OPERATOR, own=True,
                needs=("measures",),
            ),
            Transition(
                "hand_back", frozenset({P.SUBMITTED}), P.RETURNED, CLERK, needs=("reason",)
            ),
            Transition("accept", frozenset({P.SUBMITTED}), P.ACCEPTED, CLERK),
            # The facility says that it has improved and asks to be rated anew.
            Transition(
                "ask_again", frozenset({P.ACCEPTED}), P.DONE, OPERATOR, own=True, needs=("results",)
            ),
        ),
    )
)  # fmt: skip
