"""What a message is about, as far as a person's choice of channels goes (ux.md §2.2, Bell)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """The four groups of messages; e-mail is chosen by group, the inbox gets all of them."""

    TASK = "todo", _("待办：需要您办理的事")
    RESULT = "result", _("结果：您报送的事有了结果")
    REMINDER = "reminder", _("提醒：期限快到或已过")
    SYSTEM = "system", _("系统：账号和成员的变化")
