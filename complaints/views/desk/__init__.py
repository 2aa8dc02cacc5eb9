"""The office's pages of complaints."""

from .cases import complaint, complaints

__all__ = ["complaint", "complaints"]
