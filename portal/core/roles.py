"""The roles of the portal (ruling R4); a person holds any number of them, each with dates."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may be to the office; rights hang on roles, never on names."""

    OPERATOR = "operator", _("机构填报人")
    CLERK = "clerk", _("卫健办经办人")
    APPROVER = "approver", _("审定人（分管副主任）")
    COMMUNITY = "community", _("社区（村）工作人员")
    INSPECTOR = "inspector", _("检查人员")
    HANDLER = "handler", _("投诉承办人")
    RED_LANE = "red_lane", _("紧急专线值守人")
    RESTRICTION_OFFICER = "restriction_officer", _("从业限制信息管理员")
    EVALUATOR = "evaluator", _("评估委员")
    LEADER = "leader", _("领导小组成员")
    AUDITOR = "auditor", _("监督审计（纪工委）")
    SYSADMIN = "sysadmin", _("系统管理员")


# Separation of duty (R4): the auditor watches the writers and therefore writes nothing.
WRITING_ROLES = frozenset(Role) - {Role.AUDITOR, Role.LEADER}
STAFF_ROLES = frozenset(Role) - {Role.OPERATOR, Role.EVALUATOR}
# The system's administrator keeps the machine and the accounts, and reads nothing that is sealed:
# every other role opens filings, staff lists or complaints.
READS_SEALED = frozenset(Role) - {Role.SYSADMIN}


def excluded_by(role: str) -> frozenset[str]:
    """The roles that nobody may hold at the same time as `role` (ruling R4)."""
    found = frozenset[str]()
    if role == Role.AUDITOR:
        found |= WRITING_ROLES
    if role in WRITING_ROLES:
        found |= {Role.AUDITOR}
    if role == Role.SYSADMIN:
        found |= READS_SEALED
    if role in READS_SEALED:
        found |= {Role.SYSADMIN}
    return found
