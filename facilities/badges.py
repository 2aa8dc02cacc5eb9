"""Looks of the register's states where the word means another thing than elsewhere (ux.md §4.5)."""

from django.utils.translation import gettext_lazy as _

from facilities.workflow import StatutoryFilingStatus as Status
from portal.core import badges
from portal.core.badges import Badge

badges.register(
    "facility.operating",
    {
        "preparing": ("neutral", "dash-circle"),
        "open": ("ok", "check-circle-fill"),
        "suspended": ("warn", "exclamation-triangle-fill"),
        "closed": ("closed", "slash-circle"),
    },
)
badges.register(
    "statutoryfiling.status",
    {
        "none": ("warn", "exclamation-triangle-fill"),
        "submitted": ("info", "send"),
        "filed": ("ok", "check-circle-fill"),
        "nonconforming": ("danger", "x-octagon-fill"),
        "changed": ("info", "info-circle-fill"),
        "cancelled": ("closed", "slash-circle"),
        "unknown": ("neutral", "question-circle"),
    },
)
badges.register(
    "operatingpause",
    {
        "planned": ("info", "calendar-event"),
        "running": ("warn", "exclamation-triangle-fill"),
        "ended": ("ok", "check-circle-fill"),
        "cancelled": ("closed", "slash-circle"),
    },
)
badges.register(
    "lead",
    {
        "new": ("info", "flag"),
        "verified": ("progress", "eye"),
        "guided": ("progress", "journal-text"),
        "filed": ("ok", "check-circle-fill"),
        "transferred": ("info", "send"),
        "closed": ("closed", "slash-circle"),
    },
)
badges.register(
    "transfer",
    {
        "sent": ("info", "send"),
        "acknowledged": ("progress", "envelope-check"),
        "answered": ("ok", "check-circle-fill"),
    },
)
badges.register(
    "facilitymerge",
    {
        "proposed": ("progress", "hourglass-split"),
        "done": ("ok", "check-circle-fill"),
        "declined": ("closed", "slash-circle"),
        "withdrawn": ("neutral", "dash-circle"),
    },
)

# The health department's line in public words: a missing filing is a fact, not a verdict.
STATUTORY: dict[str, Badge] = {
    Status.FILED: Badge("ok", "check-circle-fill", _("卫健部门已备案")),
    Status.CHANGED: Badge("info", "info-circle-fill", _("卫健部门备案已变更")),
    Status.SUBMITTED: Badge("info", "send", _("已向卫健部门提交")),
    Status.NONE: Badge("warn", "dash-circle", _("未备案")),
    Status.NONCONFORMING: Badge("danger", "x-octagon-fill", _("卫健部门告知不符合")),
    Status.CANCELLED: Badge("closed", "slash-circle", _("卫健部门备案已注销")),
    Status.UNKNOWN: Badge("neutral", "question-circle", _("备案情况待核实")),
}
