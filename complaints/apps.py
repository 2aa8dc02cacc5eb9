from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

FIGURE_WORDS = (
    ("first", _("第一次")),
    ("second", _("第二次")),
    ("third", _("第三次")),
    ("step", _("每多一次加")),
    ("least", _("最少")),
    ("most", _("最多")),
    ("count", _("件数")),
    ("days", _("天数")),
    ("track_prefix", _("查询，同一网段")),
    ("track_number", _("查询，同一编号")),
    ("track_site", _("查询，全站")),
    ("submit_prefix", _("提交，同一网段")),
    ("submit_site", _("提交，全站")),
)


class ComplaintsConfig(AppConfig):
    name = "complaints"
    label = "complaints"
    verbose_name = _("投诉举报")

    def ready(self) -> None:
        """Let the pages know how the states of a complaint look."""
        from portal.core.administration import figures  # ruff: ignore[import-outside-top-level]

        from . import badges  # ruff: ignore[import-outside-top-level, unused-import]
        from .models.choices import Category, PauseKind  # ruff: ignore[import-outside-top-level]

        figures.named("complaints", [*Category.choices, *FIGURE_WORDS])
        figures.named("complaints.pause_working_days", PauseKind.choices)
