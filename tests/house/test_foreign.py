"""Sentences of Django's are seen in answers to forms, in either language, and only there."""

from __future__ import annotations

import pytest
from django import forms
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.house.foreign import foreign_words
from tests.house.forms_at_large import Tally, fault_in
from tests.house.forms_found import forms_of


class Plain(forms.Form):
    """A form that nobody has reworded."""

    name = forms.CharField(max_length=1)
    day = forms.DateField()


def refused() -> str:
    """What Django says of it, drawn by Django."""
    return str(Plain({"name": "示例", "day": "x"}).errors)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_sentences_of_django_are_seen_in_each_language(language: str) -> None:
    with override(language):
        assert len(foreign_words(refused())) == 2
        several = forms.formset_factory(Plain)
        assert foreign_words(str(several({}).non_form_errors()))
    assert not foreign_words("<p>请选择社区（村）</p><p>日期请按“2026-11-03”填写</p>")


def test_only_pages_are_looked_through() -> None:
    words = refused()
    assert "Django says" in fault_in(HttpResponse(words))
    assert fault_in(HttpResponse("<h1>", status=502)) == "status 502"
    assert not fault_in(HttpResponse("<h1>机构</h1>"))
    assert not fault_in(StreamingHttpResponse([words]))
    assert not fault_in(JsonResponse({"said": words}))


def says_it_in_its_own_words(get_response):
    """Middleware that answers each form as a page with a form that nobody has reworded would."""
    return lambda request: (
        HttpResponse(refused()) if request.method == "POST" else get_response(request)
    )


@pytest.mark.django_db
def test_a_form_that_is_refused_in_words_of_django_is_a_fault(settings) -> None:
    """Planted before every page: the tally holds it against the form."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.says_it_in_its_own_words"]
    client = Client()
    form = next(
        each
        for each in forms_of(client, "anonymous", reverse("account_signup"))
        if "username" in each.names
    )
    tally = Tally("account_signup", tuple(sorted(form.names)), form)
    tally.send(client, 0, lambda: None)
    [(name, fault, _values)] = tally.faults
    assert (name, fault[:11]) == ("account_signup", "Django says")
