from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    label = "evaluations"
    verbose_name = _("质量评估")

    def ready(self) -> None:
        """Let the pages know how the states look, and the ground what to load."""
        from portal.core import reference  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .actions.indicators import load_draft  # ruff: ignore[import-outside-top-level]

        reference.also("indicators", load_draft)
