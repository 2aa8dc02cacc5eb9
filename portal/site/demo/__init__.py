"""Made-up data to try the portal with, told through the acts of people, relative to today."""

from .people import PASSWORD, STAFF, is_loaded
from .telling import tell

__all__ = ["PASSWORD", "STAFF", "is_loaded", "tell"]
