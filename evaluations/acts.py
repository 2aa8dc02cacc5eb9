"""What the acts of the evaluations are called where their rights are given."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core import acts

acts.name(
    "indicatorset",
    {
        "edit": _("修改"),
        "propose": _("提出审定"),
        "hand_back": _("退回"),
        "publish": _("发布"),
        "retire": _("停用"),
    },
)
acts.name(
    "evaluationround",
    {
        "edit": _("设置"),
        "draw": _("抽取评估委员"),
        "start": _("启动评估"),
        "open_scoring": _("开始评分"),
        "close_self": _("结束自评"),
        "substitute": _("递补评估委员"),
        "moderate": _("公开评分，进入合议"),
        "send_facts": _("送机构核对事实"),
        "propose_notice": _("提出公示结果"),
        "announce": _("进入公示"),
        "close_notice": _("结束公示"),
        "call": _("召集会议"),
        "decide": _("记下会议决定"),
        "reconsider": _("重新合议"),
        "propose_result": _("提出公布结果"),
        "finish": _("结束评估"),
        "cancel": _("取消评估"),
    },
)
acts.name(
    "scoresheet",
    {
        "score": _("评分"),
        "submit": _("提交"),
        "return": _("退回"),
        "recuse": _("回避"),
    },
)
acts.name(
    "selfassessment",
    {
        "edit": _("填写内容"),
        "submit": _("提交"),
        "reopen": _("退回"),
    },
)
acts.name(
    "skippeditem",
    {
        "ask": _("提出不适用"),
        "approve": _("同意"),
        "refuse": _("决定不同意"),
    },
)
acts.name(
    "moderation",
    {
        "discuss": _("发言"),
        "agree": _("记下一致意见"),
        "reopen": _("重新打开"),
    },
)
acts.name(
    "meeting",
    {
        "hold": pgettext_lazy("right", "召开会议"),
        "vote": _("记下表决"),
        "close": _("会议定稿"),
    },
)
acts.name(
    "objection",
    {
        "assign": _("指定复核人"),
        "propose": _("提出复核意见"),
        "hand_back": _("退回"),
        "uphold": _("审定异议成立"),
        "reject": _("审定维持结果"),
        "withdraw": _("撤回"),
    },
)
acts.name(
    "amendment",
    {
        "grant": _("同意"),
        "refuse": _("决定不同意"),
    },
)
acts.name(
    "improvementplan",
    {
        "submit": _("提交"),
        "hand_back": _("退回"),
        "accept": _("审核通过"),
        "ask_again": _("申请复评"),
    },
)
