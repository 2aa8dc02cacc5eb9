"""Tables in and out: Excel workbooks that were inspected, and files no spreadsheet calculates."""

from .columns import Column, Value, title_key
from .inspection import Workbook, inspect_workbook
from .reading import Row, Table, read_table
from .refusal import SheetRefused
from .writing import (
    XLSX,
    Cell,
    marked_errors,
    neutral,
    template_workbook,
    write_csv,
    write_table,
)

__all__ = [
    "XLSX",
    "Cell",
    "Column",
    "Row",
    "SheetRefused",
    "Table",
    "Value",
    "Workbook",
    "inspect_workbook",
    "marked_errors",
    "neutral",
    "read_table",
    "template_workbook",
    "title_key",
    "write_csv",
    "write_table",
]
