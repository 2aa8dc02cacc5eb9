"""What every view is made of: whom it lets in, what it shows, which act it offers.

Each decorator writes the view's policy on it (`view.policy`); the house test walks the URL table
and fails on a view without one. Out of reach is 404; in reach but not allowed is 403; an act
whose state has passed leads back to the noun with a sentence. GET and HEAD run read-only (R28).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import audit, clock, permissions
from .actors import Actor
from .models import User
from .statemachine import TransitionNotOpen

View = Callable[..., HttpResponse]
READ = ("GET", "HEAD")
READ_AND_WRITE = ("GET", "HEAD", "POST")


class Request(HttpRequest):
    """A request inside a page: somebody is signed in (but on public pages), the time is fixed."""

    user: User
    actor: Actor
    at: dt.datetime
    today: dt.date  # the Shanghai day of the request


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; an empty form is a sent form too."""
    return request.POST if request.method == "POST" else None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a view declares about itself, read by the permission matrix."""

    kind: str
    model: type | None = None
    transition: str = ""
    roles: frozenset[str] = frozenset()
    methods: tuple[str, ...] = READ
    key: str = ""


def public(*, methods: Iterable[str] = READ) -> Callable[[View], View]:
    """A page for everybody, without an account."""

    def decorate(view: View) -> View:
        guarded = _finish(_prepare(view), Policy("public", methods=tuple(methods)))
        return login_not_required(guarded)

    return decorate


def signed_in(*, methods: Iterable[str] = READ) -> Callable[[View], View]:
    """A page for every person with an account, about that person."""

    def decorate(view: View) -> View:
        return never_cache(_finish(_prepare(view), Policy("signed_in", methods=tuple(methods))))

    return decorate


def lists(
    model: type, *, roles: Iterable[str], methods: Iterable[str] = READ
) -> Callable[[View], View]:
    """A page about many nouns, for the holders of a role; each sees what is within his reach."""
    return _for_roles("lists", model, roles, tuple(methods))


def makes(model: type, *, roles: Iterable[str]) -> Callable[[View], View]:
    """A page on which a holder of a role begins a new noun."""
    return _for_roles("makes", model, roles, READ_AND_WRITE)


def shows(
    model: type,
    *,
    key: str = "id",
    roles: Iterable[str] = (),
    audited: str | Callable[[Any], str] = "",
    only: Callable[[Any, User], bool] | None = None,
    methods: Iterable[str] = READ,
) -> Callable[[View], View]:
    """A page about one noun within reach.

    `audited` names the act of reading protected data, or tells it by the noun ("" for none);
    `only` asks the noun for whom the page is, before anything is noted as read.
    """
    wanted = frozenset(roles)

    def decorate(view: View) -> View:
        def page(request: Request, **kwargs: Any) -> HttpResponse:
            noun = _fetch(request, model, key, kwargs)
            if wanted and not request.user.has_role(*wanted):
                raise PermissionDenied
            if only and not only(noun, request.user):
                raise PermissionDenied
            if what := audited(noun) if callable(audited) else audited:
                with_line = audit.line(what, noun, by=request.actor, at=request.at)
                audit.write_alone(with_line)
            return _read_only_unless_post(view)(request, noun, **kwargs)

        policy = Policy("shows", model, "", wanted, tuple(methods), key)
        return never_cache(_finish(_prepare(wraps(view)(page), read_only=False), policy))

    return decorate


def offers(
    model: type, transition: str, *, key: str = "id", after: str = ""
) -> Callable[[View], View]:
    """A page about one noun within reach, for a person who may perform this transition on it.

    `after` names the page that tells it is done: a second press leads there too.
    """

    def decorate(view: View) -> View:
        def page(request: Request, **kwargs: Any) -> HttpResponse:
            noun = _fetch(request, model, key, kwargs)
            if not permissions.holds_right(request.user, transition, noun):
                raise PermissionDenied
            if noun.state in noun.machine[transition].sources:
                try:
                    return _read_only_unless_post(view)(request, noun, **kwargs)
                except TransitionNotOpen:
                    noun.refresh_from_db()
            if after and noun.state == noun.machine[transition].target:
                told = reverse(after, args=[getattr(noun, key)])
                return HttpResponseRedirect(told, status=303)
            return _moved_on(request, noun)

        policy = Policy("offers", model, transition, frozenset(), READ_AND_WRITE, key)
        return never_cache(_finish(_prepare(wraps(view)(page), read_only=False), policy))

    return decorate


def _for_roles(
    kind: str, model: type, roles: Iterable[str], methods: tuple[str, ...]
) -> Callable[[View], View]:
    wanted = frozenset(roles)

    def decorate(view: View) -> View:
        def page(request: Request, **kwargs: Any) -> HttpResponse:
            if not request.user.has_role(*wanted):
                raise PermissionDenied
            return view(request, **kwargs)

        policy = Policy(kind, model, "", wanted, methods)
        return never_cache(_finish(_prepare(wraps(view)(page)), policy))

    return decorate


def _fetch(request: Request, model: Any, key: str, kwargs: dict[str, Any]) -> Any:
    """The noun named in the path, or 404 as if it did not exist."""
    visible = model.objects.visible_to(request.user)
    if together := getattr(model, "shown_with", ()):
        visible = visible.select_related(*together)
    try:
        noun = visible.get(**{key: kwargs.pop(key)})
    except model.DoesNotExist:
        raise Http404 from None
    return permissions.reached(request.user, noun)


def _moved_on(request: HttpRequest, noun: Any) -> HttpResponse:
    """Somebody else was faster, or the form was sent twice: say where it stands now."""
    text = _("这条记录现在是“%(state)s”，不用再办理这一步。") % {"state": noun.get_state_display()}
    messages.info(request, text)
    return HttpResponseRedirect(noun.url_for(request.user), status=303)


def _prepare(view: View, *, read_only: bool = True) -> View:
    """Fix the time and the actor of the request; reading pages cannot write."""
    inner = _read_only_unless_post(view) if read_only else view

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        prepared = cast(Request, request)
        prepared.at = clock.now()
        prepared.today = clock.day_of(prepared.at)
        if request.user.is_authenticated:
            prepared.actor = Actor.person(request.user)
        else:
            prepared.actor = Actor.resident()
        return inner(prepared, *args, **kwargs)

    return page


def _read_only_unless_post(view: View) -> View:
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in READ:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            return view(request, *args, **kwargs)

    return page


def _finish(view: View, policy: Policy) -> View:
    """Open to the policy's methods only; what answers GET answers HEAD (RFC 9110 §9.1)."""
    if "GET" in policy.methods:
        policy = replace(policy, methods=tuple(dict.fromkeys(("GET", "HEAD", *policy.methods))))
    guarded = require_http_methods(list(policy.methods))(view)
    guarded.policy = policy  # type: ignore[attr-defined]
    return guarded
