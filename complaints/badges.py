"""The looks and plain sentences of complaints (ux.md §4.5)."""

from django.utils.translation import gettext_lazy as _

from portal.core import badges

badges.register(
    "complaint",
    {
        "awaiting_complainant": ("warn", "arrow-repeat"),
        "awaiting_facility": ("progress", "arrow-repeat"),
        "reply_proposed": ("progress", "person-check"),
    },
    plain={
        "received": _("我们已收到，正在查看"),
        "accepted": _("已受理，将安排人员调查"),
        "investigating": _("正在调查"),
        "awaiting_complainant": _("需要您补充材料"),
        "awaiting_facility": _("正在向机构了解情况"),
        "referred": _("已转给有关部门办理"),
        "reply_proposed": _("正在调查"),
        "resolved": _("已答复，请查看结果"),
        "reopened": _("已收到您的复核申请"),
        "rejected": _("不属于受理范围，原因和去处见说明"),
        "withdrawn": _("您已撤回"),
        "archived": _("已办结"),
    },
)
badges.register(
    "statementrequest",
    {
        "drafted": ("progress", "person-check"),
        "handed_back": ("warn", "arrow-repeat"),
        "released": ("warn", "clock-history"),
        "answered": ("ok", "check-circle-fill"),
        "lapsed": ("danger", "x-octagon-fill"),
    },
)
badges.register(
    "contactreveal",
    {
        "asked": ("info", "person-check"),
        "granted": ("ok", "check-circle-fill"),
        "refused": ("danger", "x-octagon-fill"),
        "ended": ("closed", "slash-circle"),
    },
)
