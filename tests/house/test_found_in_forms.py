"""What the run of every form has found, each fault once more by itself."""

from __future__ import annotations

import pytest
from django import forms
from django.template.loader import render_to_string

from inspections.forms.field import PNG, SampleForm, SignForm
from portal.core.forms import PortalForm, PortalFormSet
from tests.house.foreign import foreign_words
from tests.inspections import makers as make


@pytest.mark.django_db
@pytest.mark.parametrize("letters", ["字", "=", "%%%", "\ud800", "iVBORw0KGgo="])
def test_a_drawing_that_is_no_picture_is_refused_in_words(letters: str) -> None:
    """Letters beyond ASCII were a fault."""
    person = make.inspector()
    typed = {"role": "inspector", "user": str(person.pk), "drawn": PNG + letters}
    form = SignForm(typed, {}, team=[person])
    assert "签字没有存下来，请再签一次" in form.errors["picture"]


def test_whose_papers_were_looked_at_is_named_in_our_words() -> None:
    (words,) = SampleForm({"in_order": "x"}).errors["in_order"]
    assert "人员证件" in words
    assert "order" not in words


class _Row(PortalForm):
    name = forms.CharField(label="名称")


@pytest.mark.parametrize("template", ["components/formset.html", "my/_rows.html"])
def test_rows_without_their_count_are_refused_in_our_words_alone(template: str) -> None:
    """Somebody has left out the hidden field that says how many rows there are."""
    rows = forms.formset_factory(_Row, formset=PortalFormSet)({"form-INITIAL_FORMS": "0"})
    assert not rows.is_valid()
    assert foreign_words(str(rows.management_form))  # as Django draws it
    page = render_to_string(template, {"formset": rows, "rows": rows})
    assert 'name="form-TOTAL_FORMS"' in page
    assert foreign_words(page) == []
