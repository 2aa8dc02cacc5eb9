from django.apps import AppConfig
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    name = "inspections"
    label = "inspections"
    verbose_name = _("巡查检查")

    def ready(self) -> None:
        """Let the pages know how the states look, and the ground what to load."""
        from portal.core import dues, reference  # ruff: ignore[import-outside-top-level]
        from portal.core.administration import figures  # ruff: ignore[import-outside-top-level]
        from portal.core.staffing import certificates  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .actions.checklists import (  # ruff: ignore[import-outside-top-level]
            load_checklists,
            load_delegated,
        )
        from .models.choices import RiskClass, RiskKind  # ruff: ignore[import-outside-top-level]
        from .queries.field import due_for  # ruff: ignore[import-outside-top-level]
        from .queries.people import held_by  # ruff: ignore[import-outside-top-level]
        from .workflow import InspectionKind, Severity  # ruff: ignore[import-outside-top-level]

        reference.also("checklists", load_checklists)
        reference.also("delegated", load_delegated)
        dues.register(due_for)
        certificates.register(held_by)
        figures.named("findings", Severity.choices)
        figures.named("inspections", InspectionKind.choices)
        figures.named("risk", [*Severity.choices, *RiskClass.choices])
        for kind, about in RiskKind.choices:
            told = [
                (f"{kind}_{s}", format_lazy("{}（{}）", about, how)) for s, how in Severity.choices
            ]
            figures.named("risk.fact_points", told)
