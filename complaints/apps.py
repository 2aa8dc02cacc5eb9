from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    label = "complaints"
    verbose_name = _("投诉举报")

    def ready(self) -> None:
        """Let the pages know how the states of a complaint look."""
        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
