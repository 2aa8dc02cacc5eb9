"""Sections that hold a list of rows as cards: added and removed with or without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from portal.core.forms import PortalForm, PortalFormSet

from .sections import SectionForm, plain

MOST_ROWS = 60  # what one page can hold; the law's own numbers are remarked


class SectionRows(PortalFormSet):
    """The rows; one left wholly blank does not count."""

    nothing: ClassVar[Any] = ""  # the words for no row at all

    def clean(self) -> None:
        """At least one row."""
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError(self.nothing, code="none")

    @property
    def drafts(self) -> list[dict[str, Any]]:
        """What was typed in each row."""
        return [{name: form[name].data for name in form.fields} for form in self.forms]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What the filled rows mean, as far as they are sound."""
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        return [dict(row) for row in rows if row]


def rows_of(form: type[PortalForm], kind: type[SectionRows]) -> Any:
    """The class of a list of `form`s."""
    return forms.formset_factory(
        form,
        formset=kind,
        extra=0,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    )


class RowsSectionForm(SectionForm):
    """A section with a list; `rows` are its cards, `rows_name` their prefix."""

    row_form: ClassVar[type[PortalForm]]
    row_list: ClassVar[Any]
    remove_label: ClassVar[Any] = ""

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, stored=stored, **kwargs)
        first = stored.get(self.rows_name) or [{}]
        bound = data if self.is_bound else None
        self.rows: Any = self.row_list(bound, initial=first, prefix=self.rows_name)
        for row in self.rows.forms:
            row.empty_permitted = True
            # Whatever the draft held, a row counts by what is in it now.
            row.initial = {} if row.is_bound else row.initial

    def is_valid(self) -> bool:
        """The form and every row; all are looked at, so that one summary holds all errors."""
        return all([super().is_valid(), self.rows.is_valid()])

    @property
    def draft(self) -> dict[str, Any]:
        """What was typed, the rows with it; radios stay the words of the page."""
        return {**super().draft, self.rows_name: self.rows.drafts}

    def draft_with_row(self) -> dict[str, Any]:
        """What was typed, and one more blank row."""
        blank = dict.fromkeys(self.row_form.base_fields, "")
        return {**self.draft, self.rows_name: [*self.rows.drafts, blank][:MOST_ROWS]}

    def draft_without_row(self, number: str) -> dict[str, Any]:
        """What was typed, but for one row (counted from 0)."""
        kept = [row for index, row in enumerate(self.rows.drafts) if str(index) != number]
        return {**self.draft, self.rows_name: kept}

    @property
    def answers(self) -> dict[str, Any]:
        """What it means, as the rules and the register read it."""
        rows = [{name: plain(row[name]) for name in row} for row in self.rows.answers]
        return {**super().answers, self.rows_name: rows}


def typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as typed, with a dash where nothing is."""
    return {name: "—" if value in {None, ""} else value for name, value in row.items()}


__all__ = ["MOST_ROWS", "RowsSectionForm", "SectionRows", "rows_of", "typed"]
