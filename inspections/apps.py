from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    name = "inspections"
    label = "inspections"
    verbose_name = _("巡查检查")

    def ready(self) -> None:
        """Let the pages know how the states look, and the ground what to load."""
        from portal.core import reference  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .actions.checklists import (  # ruff: ignore[import-outside-top-level]
            load_checklists,
            load_delegated,
        )

        reference.also("checklists", load_checklists)
        reference.also("delegated", load_delegated)
