"""Kinds and results; the values are the keys of the regulation pack (domain.md §7.3)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    C1 = "C1", _("虐待、性侵、体罚、走失")
    C2 = "C2", _("食物中毒、传染病、严重受伤")
    C3 = "C3", _("消防等重大安全隐患")
    C4 = "C4", _("没有登记备案、超范围收托")
    C5 = "C5", _("人员没有资格证、健康证")
    C6 = "C6", _("人太多、老师太少、监控不合格")
    C7 = "C7", _("饭菜、卫生问题")
    C8 = "C8", _("收费、退费、合同")
    C9 = "C9", _("服务态度、环境、噪声、接送拥堵")
    C10 = "C10", _("咨询")
    C11 = "C11", _("意见建议")
    C12 = "C12", _("反映街道工作人员的问题")
    C13 = "C13", _("信访申诉求决")
    C14 = "C14", _("政府信息公开申请")


class Lane(TextChoices):
    """Which way a case goes; who sees it hangs on this."""

    NORMAL = "normal", _("普通")
    RED = "red", _("紧急专线")
    DISCIPLINE = "discipline", _("纪工委")


class Severity(TextChoices):
    CRITICAL = "critical", _("重大")
    MAJOR = "major", _("较大")
    MINOR = "minor", _("一般")


class Channel(TextChoices):
    WEB = "web", _("网上")
    COUNTER = "counter", _("来访")
    PHONE = "phone", _("来电")
    LETTER = "letter", _("来信")
    HOTLINE = "hotline", _("12345 工单")


class Result(TextChoices):
    UPHELD = "upheld", _("属实")
    PARTLY = "partly", _("部分属实")
    NOT_UPHELD = "not_upheld", _("不属实")
    CANNOT_TELL = "cannot_tell", _("无法查实")


class RejectGround(TextChoices):
    NOT_OURS = "not_ours", _("不属于本街道或本部门职责")
    IN_COURT = "in_court", _("已进入诉讼、仲裁、复议")
    REPEATED = "repeated", _("同一事项已经答复")
    NO_FACTS = "no_facts", _("没有可以核查的线索")
    NOT_CHILDCARE = "not_childcare", _("与婴幼儿照护无关")


class Satisfaction(TextChoices):
    GOOD = "good", _("满意")
    FAIR = "fair", _("基本满意")
    POOR = "poor", _("不满意")


class Organ(TextChoices):
    """To whom a red case was reported."""

    POLICE = "police", _("公安机关")
    HEALTH = "health", _("卫生健康部门")
    MARKET = "market", _("市场监管部门")
    FIRE = "fire", _("消防救援机构")
    CIVIL = "civil", _("民政部门")
    OTHER = "other", _("其他主管部门")


class PauseKind(TextChoices):
    """Why a clock stands still; every other reason lets it run (domain.md §7.3)."""

    QUESTION = "question", _("等待投诉人补充")
    CORRECTION = "correction", _("补正材料")
    EXPERT = "expert", _("检测、鉴定")


class MessageKind(TextChoices):
    ORIGINAL = "original", _("补充")
    MESSAGE = "message", _("留言")
    QUESTION = "question", _("提问")
    ANSWER = "answer", _("回答")
    REJECTION = "rejection", _("不予受理告知")
    REPLY = "reply", _("答复")
    REVIEW = "review", _("复核申请")
    WITHDRAWAL = "withdrawal", _("撤回申请")


class StepKind(TextChoices):
    """What stands in the timeline of a case."""

    RECEIVED = "received", _("收到")
    ACKNOWLEDGED = "acknowledged", _("值守人确认")
    REPORTED = "reported", _("已向主管部门报告")
    CATEGORY = "category", _("调整类别")
    ALARM = "alarm", _("转为紧急")
    ACCEPTED = "accepted", _("受理")
    REJECTED = "rejected", _("不予受理")
    ASSIGNED = "assigned", _("分派")
    NOTE = "note", _("内部记录")
    FILE = "file", _("街道加入材料")
    ASKED = "asked", _("向投诉人提问")
    ANSWERED = "answered", _("投诉人回复")
    STATEMENT = "statement", _("机构情况说明")
    REFERRED = "referred", _("转办")
    INSPECTION = "inspection", _("安排检查")
    MERGED = "merged", _("合并")
    PAUSED = "paused", _("暂停计时")
    RESUMED = "resumed", _("恢复计时")
    EXTENDED = "extended", _("延长期限")
    PROPOSED = "proposed", _("提出答复")
    HANDED_BACK = "handed_back", _("退回答复")
    CLOSED = "closed", _("办结")
    RATED = "rated", _("投诉人评价")
    REVIEW = "review", _("申请复核")
    WITHDRAWN = "withdrawn", _("撤回")
    OUTCOME = "outcome", _("提请公示处理结果")
    CONTACT = "contact", _("查看联系方式")
    HOLD = "hold", _("保留")
    ERASED = "erased", _("销毁")
