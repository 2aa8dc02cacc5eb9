"""What the acts of the inspections are called where their rights are given."""

from django.utils.translation import gettext_lazy as _

from portal.core import acts

acts.name(
    "inspection",
    {
        "propose": _("提出检查"),
        "approve": _("批准检查"),
        "hand_back": _("退回"),
        "assign": _("安排人员"),
        "replace": _("更换人员"),
        "send_others": _("检查中换人"),
        "postpone": _("改期"),
        "start": _("开始检查"),
        "record": _("记录检查"),
        "finish": _("记录完成"),
        "reopen": _("重新打开"),
        "sign": _("签名"),
        "complete": _("结束检查"),
        "end": _("未能检查的结束"),
        "cancel": _("取消检查"),
        "acknowledge": _("确认收到"),
        "object": _("提出异议"),
        "answer_objection": _("答复异议"),
        "propose_publication": _("提出公示"),
    },
)
acts.name(
    "finding",
    {
        "plan": _("填整改计划"),
        "report": _("报告整改完成"),
        "ask_extension": _("申请延期"),
        "extend": _("同意延期"),
        "refuse_extension": _("不同意延期"),
        "dispute": _("提出异议"),
        "uphold": _("维持问题"),
        "annul": _("撤销问题"),
        "close": _("复查通过"),
        "return": _("复查不通过"),
        "transfer": _("移送"),
        "take_back": _("收回移送"),
        "settle": _("移送后结案"),
        "remind": _("催办"),
        "publish": _("提出公示"),
    },
)
# Whoever found a lesser one looks at it again himself.
acts.mostly_two("finding", "close", "return", "settle")
acts.name(
    "inspectionplan",
    {
        "edit": _("修改"),
        "propose": _("提出审定"),
        "approve": _("批准"),
        "hand_back": _("退回"),
        "draw": _("随机抽取"),
        "schedule": _("安排检查"),
        "close": _("结束计划"),
    },
)
acts.name(
    "checklistversion",
    {
        "edit": _("修改"),
        "propose": _("提出审定"),
        "publish": _("发布"),
        "hand_back": _("退回"),
    },
)
acts.name(
    "selfcheck",
    {
        "record": _("填写内容"),
        "submit": _("提交"),
    },
)
acts.name(
    "delegateditem",
    {
        "edit": _("修改"),
        "confirm": _("确认"),
        "end": _("停用"),
    },
)
