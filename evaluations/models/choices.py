"""What the evaluation's nouns choose from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role

# Who works with evaluations in the office, whatever the community.
OFFICE_READERS = (Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)


class Method(models.TextChoices):
    """How an item is looked into."""

    OBSERVE = "observe", _("现场观察")
    DOCUMENTS = "documents", _("查阅资料")
    INTERVIEW = "interview", _("访谈")
    QUESTIONNAIRE = "questionnaire", _("问卷")


class RoundKind(models.TextChoices):
    """Why a round is held."""

    REGULAR = "regular", _("定期评估")
    SELF = "self", _("年度自评")
    AGAIN = "again", _("再次评估")


class Field(models.TextChoices):
    """What a member of the committee knows about."""

    HEALTH = "health", _("卫生健康管理")
    MEDICAL = "medical", _("妇幼保健、儿科")
    FIRE = "fire", _("消防、应急")
    MARKET = "market", _("市场监管、食品安全")
    EDUCATION = "education", _("学前教育、托育")
    PARENT = "parent", _("家长代表")
    COMMUNITY = "community", _("社区代表")


class Ground(models.TextChoices):
    """Why a member stays away; the values are those of the rules."""

    INSPECTED = "inspected", _("近期检查过该机构")
    COMMUNITY = "community", _("机构在本人所在社区")
    MEMBER = "member", _("本人是该机构成员")
    KINSHIP = "kinship", _("亲属关系")
    EMPLOYMENT = "employment", _("近三年任职关系")
    INVESTMENT = "investment", _("投资、合作关系")
    DISPUTE = "dispute", _("投诉、纠纷关系")
    OTHER = "other", _("其他可能影响公正的关系")


class PanelKind(models.TextChoices):
    """What a panel was drawn for."""

    SCORING = "scoring", _("评分")
    OBJECTION = "objection", _("异议复核")


class MeetingKind(models.TextChoices):
    """What a meeting of the committee is about."""

    MODERATION = "moderation", _("合议")
    DECISION = "decision", _("审定")


class Choice(models.TextChoices):
    """A vote."""

    YES = "yes", _("同意")
    NO = "no", _("不同意")
    ABSTAIN = "abstain", _("弃权")


class AmendmentKind(models.TextChoices):
    """Why a published result changes."""

    CORRECTION = "correction", _("更正")
    LOWER = "lower", _("降低等级")
    SUSPEND = "suspend", _("暂停使用等级")
    RESTORE = "restore", _("恢复使用等级")


class Grade(models.TextChoices):
    """The grade of a facility; the best is A."""

    A = "A", _("A级")
    B = "B", _("B级")
    C = "C", _("C级")
    D = "D", _("D级")
