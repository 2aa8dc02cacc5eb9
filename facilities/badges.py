"""Looks of the register's states where the word means another thing than elsewhere (ux.md §4.5)."""

from portal.core import badges

badges.register(
    "facility.operating",
    {
        "preparing": ("neutral", "dash-circle"),
        "open": ("ok", "check-circle-fill"),
        "suspended": ("warn", "exclamation-triangle-fill"),
        "closed": ("closed", "slash-circle"),
    },
)
badges.register(
    "statutoryfiling.status",
    {
        "none": ("warn", "exclamation-triangle-fill"),
        "submitted": ("info", "send"),
        "filed": ("ok", "check-circle-fill"),
        "nonconforming": ("danger", "x-octagon-fill"),
        "changed": ("info", "info-circle-fill"),
        "cancelled": ("closed", "slash-circle"),
        "unknown": ("neutral", "question-circle"),
    },
)
