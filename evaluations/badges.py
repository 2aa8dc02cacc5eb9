"""Looks of the evaluation's states (ux.md §4.5)."""

from portal.core import badges

badges.register(
    "evaluationround",
    {
        "setup": ("neutral", "pencil-square"),
        "self_assessment": ("info", "clipboard-check"),
        "scoring": ("progress", "pen"),
        "moderation": ("progress", "people"),
        "fact_check": ("info", "eye"),
        "notice": ("warn", "megaphone"),
        "decision": ("progress", "person-check"),
        "final": ("ok", "check-circle-fill"),
        "cancelled": ("closed", "slash-circle"),
    },
)
badges.register(
    "scoresheet",
    {
        "not_started": ("neutral", "dash-circle"),
        "in_progress": ("progress", "pen"),
        "submitted": ("ok", "check-circle-fill"),
        "returned": ("warn", "arrow-repeat"),
        "recused": ("closed", "slash-circle"),
    },
)
badges.register(
    "selfassessment",
    {
        "draft": ("neutral", "pencil-square"),
        "submitted": ("ok", "check-circle-fill"),
        "lapsed": ("warn", "exclamation-triangle-fill"),
    },
)
badges.register(
    "skippeditem",
    {
        "asked": ("info", "question-circle"),
        "approved": ("closed", "dash-circle"),
        "refused": ("neutral", "pen"),
    },
)
badges.register("moderation", {"open": ("warn", "people"), "agreed": ("ok", "check-circle-fill")})
badges.register(
    "meeting",
    {
        "called": ("info", "calendar-event"),
        "held": ("progress", "people"),
        "closed": ("ok", "check-circle-fill"),
    },
)
badges.register(
    "objection",
    {
        "filed": ("info", "flag"),
        "in_review": ("progress", "eye"),
        "proposed": ("progress", "person-check"),
        "upheld": ("ok", "check-circle-fill"),
        "rejected": ("closed", "dash-circle"),
        "withdrawn": ("closed", "slash-circle"),
    },
)
badges.register(
    "amendment",
    {
        "proposed": ("progress", "person-check"),
        "granted": ("ok", "check-circle-fill"),
        "refused": ("closed", "slash-circle"),
    },
)
badges.register(
    "improvementplan",
    {
        "due": ("warn", "clock-history"),
        "submitted": ("info", "send"),
        "returned": ("warn", "arrow-repeat"),
        "accepted": ("progress", "arrow-repeat"),
        "done": ("ok", "check-circle-fill"),
    },
)
badges.register(
    "indicatorset",
    {
        "draft": ("neutral", "pencil-square"),
        "proposed": ("progress", "person-check"),
        "published": ("ok", "check-circle-fill"),
        "retired": ("closed", "slash-circle"),
    },
)
GRADES = {"A": "ok", "B": "info", "C": "neutral", "D": "danger"}
badges.register(
    "evaluation.grade",
    {grade: (family, "award") for grade, family in GRADES.items()},
)
badges.register(
    "decision.grade",
    {grade: (family, "award") for grade, family in GRADES.items()},
)
