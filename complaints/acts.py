"""What the acts of the complaints are called where their rights are given."""

from django.utils.translation import gettext_lazy as _

from portal.core import acts
from portal.core.roles import Role

acts.name(
    "complaint",
    {
        "acknowledge": _("确认收到"),
        "report": _("记向公安或主管部门报告"),
        "propose_category": _("调整类别"),
        "confirm_category": _("确认调整类别"),
        "refuse_category": _("不同意调整类别"),
        "raise_alarm": _("转为紧急举报"),
        "accept": _("受理"),
        "reject": _("不予受理"),
        "assign": _("分派或移交"),
        "assist": _("加协办人"),
        "remind": _("催办"),
        "describe": _("标题和摘要"),
        "note": _("写内部记录"),
        "add_file": _("加入材料"),
        "pass_on_place": _("记为未登记线索"),
        "investigate": _("开始核查"),
        "write": _("给投诉人留言"),
        "ask": _("向投诉人提问"),
        "resume": _("不再等待，继续办理"),
        "request_statement": _("请机构说明"),
        "pause": _("暂停计时"),
        "end_pause": _("恢复计时"),
        "extend": _("延长期限"),
        "refer": _("转有关部门"),
        "open_inspection": _("安排检查"),
        "merge": _("并入另一件"),
        "separate": _("恢复单独办理"),
        "ask_contact": _("申请查看联系方式"),
        "propose_reply": _("提出答复"),
        "hand_back": _("退回答复"),
        "approve_reply": _("审签答复"),
        "propose_outcome": _("公示处理结果"),
        "take_over": _("纪工委受理"),
        "answer_discipline": _("纪工委答复投诉人"),
        "ask_discipline": _("纪工委向投诉人提问"),
        "resume_discipline": _("纪工委继续办理"),
        "hold": _("保留，不按期销毁"),
        "lift_hold": _("解除保留"),
    },
)
acts.name(
    "statementrequest",
    {
        "rewrite": _("修改"),
        "release": _("核对后发出"),
        "hand_back": _("退回"),
        "answer": _("填写说明"),
    },
)
acts.name(
    "contactreveal",
    {
        "grant": _("同意"),
        "refuse": _("决定不同意"),
        "open": _("打开查看"),
    },
)
# An urgent report goes on only after these two (R9), and nobody else sees it.
for _right in ("complaint.acknowledge", "complaint.report"):
    acts.keep(_right, Role.RED_LANE, why="red_lane")
