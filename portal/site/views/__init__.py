"""The pages of the roof, as the URL table names them."""

from .desk import desk_home, panel_home
from .public import (
    accessibility,
    contact,
    disclosure_filings,
    facilities,
    facility,
    facility_short,
    guide_filing,
    home,
    privacy,
    sitemap,
)
from .signup import signup

__all__ = [
    "accessibility",
    "contact",
    "desk_home",
    "disclosure_filings",
    "facilities",
    "facility",
    "facility_short",
    "guide_filing",
    "home",
    "panel_home",
    "privacy",
    "signup",
    "sitemap",
]
