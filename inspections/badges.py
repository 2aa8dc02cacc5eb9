"""Looks of the states and results of supervision (ux.md §4.5)."""

from portal.core import badges

badges.register(
    "inspection.result",
    {
        "no_issue": ("ok", "check-circle-fill"),
        "fixed_on_site": ("info", "info-circle-fill"),
        "rectify": ("warn", "flag-fill"),
        "critical": ("danger", "exclamation-triangle-fill"),
        "transferred": ("danger", "send"),
        "not_cooperating": ("danger", "x-octagon-fill"),
        "not_operating": ("closed", "slash-circle"),
        "unreachable": ("warn", "question-circle"),
    },
)
badges.register(
    "finding",
    {
        "open": ("warn", "flag-fill"),
        "in_progress": ("progress", "arrow-repeat"),
        "reported": ("info", "send"),
        "returned": ("danger", "x-octagon-fill"),
        "closed": ("ok", "check-circle-fill"),
        "transferred": ("danger", "send"),
        "disputed": ("progress", "chat-left-text"),
    },
)
badges.register(
    "finding.severity",
    {
        "critical": ("danger", "exclamation-triangle-fill"),
        "major": ("warn", "exclamation-triangle-fill"),
        "minor": ("neutral", "dash-circle"),
    },
)
_KINDS = {
    "visit": ("closed", "geo-alt"),
    "administrative": ("closed", "journal-text"),
    "joint": ("closed", "people"),
}
badges.register("inspection.kind", _KINDS)
badges.register("inspectionplan.kind", _KINDS)
badges.register(
    "inspectionplan",
    {
        "draft": ("neutral", "pencil-square"),
        "proposed": ("progress", "person-check"),
        "in_force": ("info", "calendar-event"),
        "closed": ("closed", "check-circle-fill"),
    },
)
badges.register(
    "checklistversion",
    {
        "draft": ("neutral", "pencil-square"),
        "proposed": ("progress", "person-check"),
        "published": ("ok", "check-circle-fill"),
        "superseded": ("closed", "slash-circle"),
    },
)
badges.register(
    "selfcheck", {"open": ("neutral", "pencil-square"), "submitted": ("ok", "check-circle-fill")}
)
badges.register(
    "delegateditem",
    {
        "proposed": ("progress", "person-check"),
        "confirmed": ("ok", "check-circle-fill"),
        "ended": ("closed", "slash-circle"),
    },
)
badges.register(
    "facilityrisk.risk_class",
    {
        "low": ("ok", "check-circle-fill"),
        "medium": ("warn", "exclamation-triangle-fill"),
        "high": ("danger", "exclamation-triangle-fill"),
    },
)
