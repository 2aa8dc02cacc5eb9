"""Kinds and forms of a facility; the values are the keys of the regulation packs."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FacilityType(TextChoices):
    INDEPENDENT = "independent", _("独立托育机构")
    KINDERGARTEN = "kindergarten", _("幼儿园托班")
    WORKPLACE = "workplace", _("单位福利性托育")
    COMMUNITY = "community", _("社区托育")
    FAMILY = "family", _("家庭托育点")


class LegalForm(TextChoices):
    PUBLIC_INSTITUTION = "public_institution", _("事业单位")
    SOCIAL_SERVICE = "social_service", _("社会服务机构（非营利）")
    FOR_PROFIT = "for_profit", _("营利性")


class OperatingModel(TextChoices):
    PRIVATE = "private", _("民办")
    PUBLIC = "public", _("公办")
    PUBLIC_BUILT = "public_built", _("公办民营")
    PUBLICLY_AIDED = "publicly_aided", _("民办公助")


class Tenure(TextChoices):
    OWNED = "owned", _("自有")
    LEASED = "leased", _("租赁")
    FREE_USE = "free_use", _("无偿使用")


class ClassType(TextChoices):
    INFANT = "infant", _("乳儿班")
    TODDLER = "toddler", _("托小班")
    OLDER = "older", _("托大班")
    MIXED = "mixed", _("混合班")


class ServiceForm(TextChoices):
    FULL_DAY = "full_day", _("全日托")
    HALF_DAY = "half_day", _("半日托")
    HOURLY = "hourly", _("计时托")
    TEMPORARY = "temporary", _("临时托")


class FeeUnit(TextChoices):
    """The value is the word itself: it is read as it stands, "1680 元/月"."""

    MONTH = "月", _("月")
    DAY = "天", _("天")
    HOUR = "小时", _("小时")
    ONCE = "次", _("次")


class Weekday(TextChoices):
    MON = "mon", _("周一")
    TUE = "tue", _("周二")
    WED = "wed", _("周三")
    THU = "thu", _("周四")
    FRI = "fri", _("周五")
    SAT = "sat", _("周六")
    SUN = "sun", _("周日")


class MealSource(TextChoices):
    OWN_KITCHEN = "own_kitchen", _("自办食堂")
    CATERED = "catered", _("集中配餐")
    NONE = "none", _("不供餐")


class SectionKey(TextChoices):
    """The parts of a report, in their usual order, and their names everywhere."""

    REGISTRATION = "registration", _("登记信息")
    PREMISES = "premises", _("场所与托位")
    SERVICES = "services", _("服务与收费")
    STAFF = "staff", _("工作人员")
    CERTIFICATES = "certificates", _("证照材料")
    SAFETY = "safety", _("视频监控与安保")
    CLOSURE = "closure", _("停办安排")


class EmergencyPlan(TextChoices):
    NATURAL_DISASTER = "natural_disaster", _("自然灾害")
    INFECTIOUS_DISEASE = "infectious_disease", _("传染病")
    FOOD_POISONING = "food_poisoning", _("食物中毒")
    STAMPEDE = "stampede", _("踩踏")
    FIRE = "fire", _("火灾")
    VIOLENCE = "violence", _("暴力侵害")


class FireManager(TextChoices):
    FULL_TIME = "full_time", _("有，专职")
    PART_TIME = "part_time", _("有，兼职")
    NONE = "none", _("还没有")


class FilingSource(TextChoices):
    ONLINE = "online", _("网上报送")
    COUNTER = "counter", _("窗口代报")


class ChangeTile(TextChoices):
    """What an operator can report as changed (figures life.change_sections, life.at_once)."""

    NAME = "name", _("机构名称")
    LICENCE = "licence", _("统一社会信用代码或登记证照")
    MANAGER = "manager", _("法定代表人或机构负责人")
    PREMISES = "premises", _("场所、楼层、面积或租期")
    CLASSES = "classes", _("班级和托位")
    SERVICES = "services", _("服务和收费")
    CERTIFICATES = "certificates", _("证照材料")
    SAFETY = "safety", _("视频监控与安保")
    ENROLMENT = "enrolment", _("在托人数和空余托位")
    STAFF = "staff", _("工作人员")
    MOVE = "move", _("搬到别的地址")
    BRANCH = "branch", _("开办分园")
    CLOSING = "closing", _("停办")


class FilingKind(TextChoices):
    INITIAL = "initial", _("首次报送")
    CHANGE = "change", _("变更报送")
    CLOSURE = "closure", _("停办报送")


class Proposal(TextChoices):
    REGISTER = "register", _("准予登记")
    DECLINE = "decline", _("不予登记")


class MemberRole(TextChoices):
    MANAGER = "manager", _("负责人")
    EDITOR = "editor", _("填报员")


class StaffPost(TextChoices):
    MANAGER = "manager", _("负责人")
    CARER = "carer", _("保育人员")
    HEALTH = "health", _("卫生保健人员")
    GUARD = "guard", _("保安人员")
    COOK = "cook", _("炊事人员")
    OTHER = "other", _("其他人员")


class EmploymentKind(TextChoices):
    FULL_TIME = "full_time", _("全职")
    PART_TIME = "part_time", _("兼职")


class StaffPaperKind(TextChoices):
    HEALTH = "health", _("健康证")
    LETTER = "letter", _("查询告知函")
    QUALIFICATION = "qualification", _("资格证书")
    TRAINING = "training", _("岗位培训")
    GUARD = "guard", _("保安员证")


class LeaveReason(TextChoices):
    RESIGNED = "resigned", _("本人辞职")
    ENDED = "ended", _("合同到期")
    DISMISSED = "dismissed", _("解除合同")
    MOVED = "moved", _("调到其他机构")
    NOT_LISTED = "not_listed", _("变更报送中不再列出")
    OTHER = "other", _("其他")
