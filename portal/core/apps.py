from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "portal.core"
    label = "core"
    verbose_name = _("平台基础")

    def ready(self) -> None:
        """Find every app's transition tables (R26), their words and its outbox handlers."""
        autodiscover_modules("workflow", "tasks", "accounts", "exports", "trail", "acts")
