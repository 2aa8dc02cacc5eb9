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


class MealSource(TextChoices):
    OWN_KITCHEN = "own_kitchen", _("自办食堂")
    CATERED = "catered", _("集中配餐")
    NONE = "none", _("不供餐")


class FilingSource(TextChoices):
    ONLINE = "online", _("网上报送")
    COUNTER = "counter", _("窗口代报")


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
