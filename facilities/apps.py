from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    name = "facilities"
    label = "facilities"
    verbose_name = _("机构登记")

    def ready(self) -> None:
        """Let the pages know how the register's states look, and the ground what to load."""
        from portal.core import reference  # ruff: ignore[import-outside-top-level]
        from portal.core.administration import figures  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .actions.phrases import load_phrases  # ruff: ignore[import-outside-top-level]
        from .models.choices import (  # ruff: ignore[import-outside-top-level]
            ClassType,
            FacilityType,
        )

        reference.also("phrases", load_phrases)
        figures.named("setting", ClassType.choices)
        figures.named("safety", FacilityType.choices)
