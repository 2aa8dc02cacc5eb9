"""Choices of supervision that are no states."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role

# Who reads visits and findings at the desk.
OFFICE_READERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR, Role.LEADER, Role.AUDITOR)


class Access(TextChoices):
    """What happened at the door."""

    GRANTED = "granted", _("已进入现场")
    NOBODY = "nobody", _("无人在场")
    REFUSED = "refused", _("拒绝检查")
    NOT_OPERATING = "not_operating", _("未开展托育")
    UNREACHABLE = "unreachable", _("无法联系")


class AnswerValue(TextChoices):
    """The answer to one question of a checklist."""

    PASS = "pass", _("符合")
    FAIL = "fail", _("不符合")
    NOT_APPLICABLE = "na", _("不适用")
    UNSEEN = "unseen", _("未查")


class SignerRole(TextChoices):
    """Who signs the record of a visit."""

    INSPECTOR = "inspector", _("检查人员")
    FACILITY = "facility", _("机构在场负责人")
    WITNESS = "witness", _("见证人")


class Audience(TextChoices):
    """Who works with a checklist."""

    OFFICE = "office", _("检查人员")
    FACILITY = "facility", _("机构自查")


class TieKind(TextChoices):
    """Why somebody does not inspect a facility (recusal)."""

    FAMILY = "family", _("近亲属")
    INTEREST = "interest", _("利害关系")
    FORMER = "former", _("曾在该机构任职")
    CHILD = "child", _("本人子女在托")
    OTHER = "other", _("其他")


class SwapReason(TextChoices):
    """The only reasons for which a person who was drawn is replaced."""

    RECUSAL = "recusal", _("回避")
    ILLNESS = "illness", _("病假")


class RiskClass(TextChoices):
    """The office's own class of a facility; never published."""

    LOW = "low", _("低风险")
    MEDIUM = "medium", _("中风险")
    HIGH = "high", _("高风险")


class RiskKind(TextChoices):
    """What another part of the office tells about a facility; never where it comes from (R26)."""

    CONCERN = "concern", _("经核实的情况")
    INCIDENT = "incident", _("安全事件")
    UNTRUE = "untrue", _("报送信息不实")
    SELF_CHECK = "self_check", _("未按月自查")


# What a person may note; the rest is told by the part of the office that knows of it.
NOTED_BY_HAND = (RiskKind.INCIDENT, RiskKind.UNTRUE)


class PlanScope(TextChoices):
    """Which facilities a plan covers."""

    ALL = "all", _("全部在册机构")
    COMMUNITIES = "communities", _("指定社区（村）")
    TYPES = "types", _("指定机构类型")
    CLASSES = "classes", _("指定风险等级")
