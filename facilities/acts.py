"""What the acts of the register are called where their rights are given."""

from django.utils.translation import gettext_lazy as _

from portal.core import acts

acts.name(
    "filing",
    {
        "edit": _("填写内容"),
        "submit": _("提交"),
        "take": _("接收"),
        "note": _("写审核记录"),
        "request_correction": _("要求补正"),
        "propose": _("提出意见"),
        "assign": _("分派"),
        "remind": _("催办"),
        "hand_back": _("退回"),
        "register": _("审定登记"),
        "decline": _("审定不予登记"),
        "supplement": _("补充材料"),
        "publish": _("公示不予登记"),
        "withdraw": _("撤回"),
        "revoke": _("取消已登记的申请"),
        "initiate": _("提出注销"),
    },
)
# A clerk reviews what he took down himself where there is no other, and what the office began.
acts.mostly_two("filing", "take", "note", "request_correction", "propose")
acts.name(
    "operatingpause",
    {
        "begin": _("开始暂停"),
        "prolong": _("延长暂停"),
        "resume": _("恢复运营"),
        "cancel": _("取消暂停"),
        "note": _("写核对记录"),
    },
)
acts.name(
    "statutoryfiling",
    {
        "check": _("核对备案情况"),
        "miss": _("记为未备案"),
        "submit": _("记为已提交"),
        "file": _("记为已备案"),
        "refuse": _("记为不符合"),
        "change": _("记为已变更"),
        "cancel": _("记为已注销"),
        "doubt": _("记为待核实"),
    },
)
acts.name(
    "lead",
    {
        "verify": _("核实"),
        "guide": _("指导登记"),
        "transfer": _("移送"),
        "link": _("对应到机构"),
        "close": _("结案"),
        "reopen": _("重新打开"),
        "publish": _("提出公示"),
    },
)
acts.name(
    "transfer",
    {
        "acknowledge": _("记下收到"),
        "answer": _("记下答复"),
    },
)
acts.name(
    "joinrequest",
    {
        "admit": _("同意加入"),
        "refuse": _("不同意"),
    },
)
acts.name(
    "facilitymerge",
    {
        "merge": _("审定合并"),
        "decline": _("决定不同意"),
        "withdraw": _("撤回"),
    },
)
