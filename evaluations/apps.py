from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

FIGURE_WORDS = (
    ("of", _("每几位委员")),
    ("at_least", _("其中至少到会几位")),
    ("new", _("新登记的机构")),
    ("failed", _("最低等级的机构")),
    ("regular", _("其他机构")),
)


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    label = "evaluations"
    verbose_name = _("质量评估")

    def ready(self) -> None:
        """Let the pages know how the states look, and the ground what to load."""
        from portal.core import reference  # ruff: ignore[import-outside-top-level]
        from portal.core.administration import figures  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .actions.indicators import load_draft  # ruff: ignore[import-outside-top-level]
        from .models.choices import Grade  # ruff: ignore[import-outside-top-level]

        reference.also("indicators", load_draft)
        figures.named("evaluations", [*Grade.choices, *FIGURE_WORDS])
