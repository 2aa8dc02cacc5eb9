"""The facility's pages of complaints."""

from .statements import statement, statement_answer, statements

__all__ = ["statement", "statement_answer", "statements"]
