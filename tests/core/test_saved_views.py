"""A list's conditions kept under a name: one's own, shared, renamed, thrown away."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from portal.core import clock, saving
from portal.core.models import AuditEvent, SavedView, User
from portal.core.roles import Role
from tests import makers
from tests.complaints import makers as make

pytestmark = pytest.mark.django_db
AT = makers.AT
LIST = "desk:complaints"
ROLES = [Role.HANDLER, Role.APPROVER]


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def kept(by: User, name: str = "超期的", query: str = "due=overdue", *, is_shared: bool = False):
    return saving.save_view(
        LIST, name, query, roles=ROLES, is_shared=is_shared, by=make.actor(by), at=AT
    )


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_same_name_again_holds_the_newer_conditions() -> None:
    by = make.handler()
    first, second = kept(by), kept(by, query="category=C8", is_shared=True)
    assert first == second
    view = SavedView.objects.get()
    assert (view.query, view.is_shared, str(view)) == ("category=C8", True, "超期的")
    assert view.url == view.url_for(by) == reverse(LIST) + "?category=C8"
    assert AuditEvent.objects.filter(act="view.saved").count() == 2


def test_who_sees_it_and_who_changes_it() -> None:
    by, colleague, outsider = make.handler(), makers.approver(), make.duty()
    view = kept(by)
    seen = [p for p in (by, colleague, outsider) if SavedView.objects.visible_to(p).exists()]
    assert seen == [by]
    saving.change_view(view, "我们的超期", is_shared=True, by=make.actor(by), at=AT)
    seen = [p for p in (by, colleague, outsider) if SavedView.objects.visible_to(p).exists()]
    assert seen == [by, colleague]
    with pytest.raises(PermissionDenied):
        saving.change_view(view, "x", is_shared=False, by=make.actor(colleague), at=AT)
    with pytest.raises(PermissionDenied):
        saving.delete_view(view, by=make.actor(colleague), at=AT)
    saving.delete_view(view, by=make.actor(by), at=AT)
    assert not SavedView.objects.exists()


def test_one_name_once_and_not_too_many() -> None:
    by = make.handler()
    views = [kept(by, f"第{n}个") for n in range(saving.MOST_VIEWS)]
    with pytest.raises(saving.TooManyViews):
        kept(by, "再一个")
    kept(by, "第1个", "category=C9")  # what is there already may still be changed
    with pytest.raises(saving.NameTaken):
        saving.change_view(views[0], "第1个", is_shared=False, by=make.actor(by), at=AT)
    saving.change_view(views[0], "第0个", is_shared=True, by=make.actor(by), at=AT)


@pytest.mark.proves("ux:36", "prod:K9")
def test_saving_opening_renaming_and_deleting_in_the_list_of_cases() -> None:
    by = make.handler()
    make.complaint("C8")
    other = make.complaint("C9")
    page = signed_in(by)
    where = reverse(LIST) + "?category=C8&q=金丝雀&page=1&due=nonsense"
    shown = page.get(where).content.decode()
    new = reverse("desk:complaint_view_new") + "?category=C8"
    assert f'href="{new}"' in shown
    assert page.get(reverse("desk:complaint_view_new") + "?q=金丝雀").status_code == 302
    assert (
        "13800001234"
        not in page.post(new, {"name": "问 13800001234"}, follow=True)
        .context["form"]
        .errors.as_text()
    )
    assert not SavedView.objects.exists()
    answer = page.post(new, {"name": "收费的"}, follow=True)
    text = answer.content.decode()
    assert "已保存“收费的”" in text
    assert f'href="{reverse(LIST)}?category=C8" aria-current="page"' in text
    assert other.number not in text
    view = SavedView.objects.get()
    assert (view.query, view.is_shared) == ("category=C8", False)
    assert reverse("desk:saved_view", args=[view.pk]) in text


@pytest.mark.proves("prod:K9")
def test_renaming_sharing_and_deleting_through_the_pages() -> None:
    by = make.handler()
    page, view = signed_in(by), kept(by, "收费的", "category=C8")
    edit = reverse("desk:saved_view", args=[view.pk])
    kept(by, "别的")
    assert "已经有一个叫这个名称的" in page.post(edit, {"name": "别的"}).content.decode()
    page.post(edit, {"name": "收费类", "is_shared": "on"})
    colleague = signed_in(make.handler())
    assert "收费类（共享）" in colleague.get(reverse(LIST)).content.decode()
    assert edit not in colleague.get(reverse(LIST)).content.decode()
    assert colleague.post(edit, {"name": "x"}).status_code == 403
    gone = reverse("desk:saved_view_delete", args=[view.pk])
    assert colleague.post(gone).status_code == 403
    assert "共享给同事的也会一起删除" in page.get(gone).content.decode()
    assert "已删除“收费类”" in page.post(gone, follow=True).content.decode()
    assert [each.name for each in SavedView.objects.all()] == ["别的"]


def test_what_somebody_shared_goes_with_him_and_thrown_away_twice_is_once() -> None:
    by, colleague = make.handler(), makers.approver()
    view = kept(by, is_shared=True)
    assert SavedView.objects.visible_to(colleague).exists()
    User.objects.filter(pk=by.pk).update(is_active=False)
    assert not SavedView.objects.visible_to(colleague).exists()
    for _press in range(2):
        saving.delete_view(view, by=make.actor(by), at=AT)
    assert AuditEvent.objects.filter(act="view.deleted").count() == 1
    with pytest.raises(SavedView.DoesNotExist):
        saving.change_view(view, "x", is_shared=False, by=make.actor(by), at=AT)


def test_a_full_list_says_so() -> None:
    by = make.handler()
    for number in range(saving.MOST_VIEWS):
        kept(by, f"第{number}个")
    new = reverse("desk:complaint_view_new") + "?category=C8"
    assert "最多保存 20 个" in signed_in(by).post(new, {"name": "再一个"}).content.decode()
    assert signed_in(by).get(new).status_code == 200
