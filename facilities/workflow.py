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


class PauseStatus(TextChoices):
    """The life of a pause of operation."""

    PLANNED = "planned", _("将要暂停")
    RUNNING = "running", _("暂停运营")
    ENDED = "ended", _("已恢复运营")
    CANCELLED = "cancelled", _("已取消")


class SectionStatus(TextChoices):
    """How far a section of a filing has come."""

    NOT_STARTED = "not_started", _("未开始")
    IN_PROGRESS = "in_progress", _("填写中")
    COMPLETE = "complete", _("已完成")
    FLAGGED = "flagged", _("需补正")


S = FilingStatus
OPEN_STATES = frozenset({S.SUBMITTED, S.IN_REVIEW, S.PROPOSED})
OPERATOR, CLERK, APPROVER = (
    frozenset({Role.OPERATOR}),
    frozenset({Role.CLERK}),
    frozenset({Role.APPROVER}),
)
LEADER = frozenset({Role.LEADER})
# Who may hold the pen of his own filing: the operator, and a clerk who types in what was brought on
# paper to the counter (prod:B19); `own` keeps each to what he began himself.
WRITERS = OPERATOR | CLERK
STAYS = ""

FILING = register(
    StateMachine(
        "filing",
        FilingStatus,
        initial=S.DRAFT,
        transitions=(
            Transition("edit", frozenset({S.DRAFT, S.CORRECTION}), STAYS, WRITERS, own=True),
            Transition(
                "submit", frozenset({S.DRAFT, S.CORRECTION}), S.SUBMITTED, WRITERS, own=True
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
            Transition(
                "propose",
                frozenset({S.IN_REVIEW}),
                S.PROPOSED,
                CLERK,
                needs=("proposal",),
                other_than=("created_by",),
            ),
            # Whose filing it is, and that somebody waits: nothing about the filing itself moves.
            Transition(
                "assign",
                frozenset({S.SUBMITTED, S.IN_REVIEW, S.CORRECTION}),
                STAYS,
                CLERK | APPROVER,
                needs=("handler",),
            ),
            Transition("remind", OPEN_STATES, STAYS, CLERK | APPROVER | LEADER),
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
            # A paper that came to hand after sending; what was sent stays as it was (prod:C10).
            Transition(
                "supplement", frozenset({S.SUBMITTED, S.IN_REVIEW}), STAYS, WRITERS, own=True
            ),
            # That a refusal be made public; another person decides at the gate (prod:B14).
            Transition("publish", frozenset({S.DECLINED}), STAYS, CLERK),
            Transition(
                "withdraw",
                frozenset({S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.CORRECTION}),
                S.WITHDRAWN,
                WRITERS,
                own=True,
            ),
            Transition("lapse", frozenset({S.DRAFT}), S.WITHDRAWN, frozenset(), calendar=True),
            # It follows from a decision: a granted change takes the place of the filing before it,
            # or two records become one.
            Transition(
                "supersede", frozenset({S.REGISTERED}), S.SUPERSEDED, frozenset(), calendar=True
            ),
            # A closure is taken back before its day; a cancellation is begun by the office itself.
            Transition("revoke", frozenset({S.REGISTERED}), S.WITHDRAWN, OPERATOR, own=True),
            Transition(
                "initiate", frozenset({S.DRAFT}), S.PROPOSED, CLERK, needs=("ground",), own=True
            ),
        ),
    )
)

P = PauseStatus
# A pause is reported, not asked for: it takes effect on its first day without anybody's leave.
PAUSE = register(
    StateMachine(
        "operatingpause",
        PauseStatus,
        initial=P.PLANNED,
        transitions=(
            Transition(
                "begin", frozenset({P.PLANNED}), P.RUNNING, OPERATOR, own=True, calendar=True
            ),
            Transition("prolong", frozenset({P.PLANNED, P.RUNNING}), STAYS, OPERATOR, own=True),
            Transition("resume", frozenset({P.RUNNING}), P.ENDED, OPERATOR, own=True),
            Transition(
                "cancel", frozenset({P.PLANNED}), P.CANCELLED, OPERATOR, own=True, calendar=True
            ),
            Transition("close", frozenset({P.RUNNING}), P.ENDED, frozenset(), calendar=True),
            Transition("note", frozenset(PauseStatus), STAYS, CLERK),
        ),
    )
)

M = StatutoryFilingStatus
# What may be seen next in the county's system. A look may have missed the steps between; what
# stood there as filed does not become "not found" or "submitted" by itself: an entry of ours that
# was wrong goes through "unknown". Where two records are merged, what was seen of the other one
# comes over by itself (`calendar`).
STATUTORY = register(
    StateMachine(
        "statutoryfiling",
        StatutoryFilingStatus,
        initial=M.UNKNOWN,
        transitions=(
            Transition("check", frozenset(StatutoryFilingStatus), STAYS, CLERK),
            Transition("miss", frozenset({M.UNKNOWN, M.SUBMITTED}), M.NONE, CLERK),
            Transition(
                "submit",
                frozenset({M.UNKNOWN, M.NONE, M.NONCONFORMING, M.CANCELLED}),
                M.SUBMITTED,
                CLERK,
                calendar=True,
            ),
            Transition(
                "file",
                frozenset({M.UNKNOWN, M.NONE, M.SUBMITTED, M.NONCONFORMING, M.CANCELLED}),
                M.FILED,
                CLERK,
                needs=("number", "filed_on"),
                calendar=True,
            ),
            Transition(
                "refuse",
                frozenset({M.UNKNOWN, M.NONE, M.SUBMITTED}),
                M.NONCONFORMING,
                CLERK,
                needs=("reason",),
                calendar=True,
            ),
            Transition(
                "change",
                frozenset({M.UNKNOWN, M.NONE, M.FILED}),
                M.CHANGED,
                CLERK,
                calendar=True,
            ),
            Transition(
                "cancel",
                frozenset({M.UNKNOWN, M.NONE, M.FILED, M.CHANGED}),
                M.CANCELLED,
                CLERK,
                calendar=True,
            ),
            Transition("doubt", frozenset(M) - {M.UNKNOWN}, M.UNKNOWN, CLERK),
        ),
    )
)
# The act by which the mirror comes to show a status.
STATUTORY_ACTS: dict[str, str] = {row.target: row.name for row in STATUTORY if row.target}


class LeadStatus(TextChoices):
    """The life of a hint that somebody looks after children unknown to the register."""

    NEW = "new", _("待核实")
    VERIFIED = "verified", _("已核实")
    GUIDED = "guided", _("已指导报送")
    FILED = "filed", _("已报送")
    TRANSFERRED = "transferred", _("已移送")
    CLOSED = "closed", _("已了结")


class TransferStatus(TextChoices):
    """The life of a letter to another authority."""

    SENT = "sent", _("已移送")
    ACKNOWLEDGED = "acknowledged", _("已回执")
    ANSWERED = "answered", _("已反馈")


L = LeadStatus
LEAD_VERIFIERS = frozenset({Role.CLERK, Role.INSPECTOR, Role.COMMUNITY})
LEAD = register(
    StateMachine(
        "lead",
        LeadStatus,
        initial=L.NEW,
        transitions=(
            Transition(
                "verify", frozenset({L.NEW, L.VERIFIED}), L.VERIFIED, LEAD_VERIFIERS,
                needs=("outcome",),
            ),
            Transition("guide", frozenset({L.VERIFIED}), L.GUIDED, CLERK, needs=("due",)),
            Transition(
                "transfer", frozenset({L.VERIFIED, L.GUIDED}), L.TRANSFERRED, CLERK,
                needs=("department",),
            ),
            Transition(
                "link", frozenset({L.NEW, L.VERIFIED, L.GUIDED, L.TRANSFERRED}), L.FILED, CLERK,
                needs=("known",),
            ),
            Transition(
                "close", frozenset({L.VERIFIED, L.GUIDED, L.TRANSFERRED}), L.CLOSED, CLERK,
                needs=("reason",),
            ),
            Transition(
                "reopen", frozenset({L.FILED, L.TRANSFERRED, L.CLOSED}), L.NEW, CLERK,
                needs=("reason",),
            ),
            Transition("publish", frozenset({L.VERIFIED, L.GUIDED, L.TRANSFERRED}), STAYS, CLERK),
        ),
    )
)  # fmt: skip
OPEN_LEADS = frozenset({L.NEW, L.VERIFIED, L.GUIDED, L.TRANSFERRED})

T = TransferStatus
CORRESPONDENTS = CLERK | {Role.HANDLER, Role.RED_LANE}
TRANSFER = register(
    StateMachine(
        "transfer",
        TransferStatus,
        initial=T.SENT,
        transitions=(
            # Letters about a complaint are followed by its caseworkers; reach keeps them apart.
            Transition("acknowledge", frozenset({T.SENT}), T.ACKNOWLEDGED, CORRESPONDENTS),
            # A letter that is taken back with its finding needs no answer any more.
            Transition(
                "answer", frozenset({T.SENT, T.ACKNOWLEDGED}), T.ANSWERED, CORRESPONDENTS,
                needs=("result",), calendar=True,
            ),
        ),
    )
)  # fmt: skip


class JoinStatus(TextChoices):
    """The life of a request to work for a facility that is in the register."""

    WAITING = "waiting", _("待答复")
    ADMITTED = "admitted", _("已加入")
    REFUSED = "refused", _("未同意")


J = JoinStatus
# The facility's managers or a clerk answer; who sees the request at all is JoinRequest.visible_to.
JOINING = register(
    StateMachine(
        "joinrequest",
        JoinStatus,
        initial=J.WAITING,
        transitions=(
            Transition("admit", frozenset({J.WAITING}), J.ADMITTED, WRITERS, other_than=("user",)),
            Transition("refuse", frozenset({J.WAITING}), J.REFUSED, WRITERS, other_than=("user",)),
        ),
    )
)
# What an editor (填报员) may do with what belongs to his facility; a manager may everything.
EDITOR_MAY = frozenset({"filing.edit"})


class MergeStatus(TextChoices):
    """The life of a proposal to make one record of two."""

    PROPOSED = "proposed", _("待审定")
    DONE = "done", _("已合并")
    DECLINED = "declined", _("不予合并")
    WITHDRAWN = "withdrawn", _("已撤回")


G = MergeStatus
# Two records of one facility become one; the clerk proposes, another person decides.
MERGING = register(
    StateMachine(
        "facilitymerge",
        MergeStatus,
        initial=G.PROPOSED,
        transitions=(
            Transition(
                "merge", frozenset({G.PROPOSED}), G.DONE, APPROVER, other_than=("proposed_by",)
            ),
            Transition(
                "decline", frozenset({G.PROPOSED}), G.DECLINED, APPROVER, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition("withdraw", frozenset({G.PROPOSED}), G.WITHDRAWN, CLERK, own=True),
        ),
    )
)  # fmt: skip
