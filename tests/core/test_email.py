"""E-mail beside the inbox: constant, opted into, tried again, given up, sent again."""

import datetime as dt
import logging

import pytest
from django.core import mail as sent
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from portal.core import actions, mail, outbox
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, Outbox
from portal.core.topics import Topic
from portal.embedded.urls import BadUrlError, mail_settings
from tests import makers as make

AT = make.AT
ADDRESS = "canary-address@example.test"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


class Refusing(BaseEmailBackend):
    """A mail server that is away: its own words would quote the address."""

    left = 0

    def send_messages(self, letters):
        if Refusing.left > 0:
            Refusing.left -= 1
            raise ConnectionRefusedError(f"no route for {letters[0].to[0]}")
        sent.outbox.extend(letters)
        return len(letters)


@pytest.fixture(autouse=True)
def _mail_on(settings):
    settings.MAIL_ON = True
    settings.EMAIL_BACKEND = LOCMEM
    settings.PUBLIC_ORIGIN = "https://portal.example.cn"
    sent.outbox = []


def reader(*topics, **fields):
    return make.clerk(email=ADDRESS, mail_topics=[*topics], **fields)


def told(person, kind="filing.submitted", once="1", at=AT):
    """A message about a filing with telling names, delivered."""
    filing = make.filing()
    filing.facility_name = "小太阳托育园"
    filing.save()
    outbox.notify([person], kind, filing, at=at, once=once)
    outbox.drain(at)
    return filing


@pytest.mark.django_db
@pytest.mark.proves("sec:C7", "prod:M3")
@pytest.mark.parametrize("kind", sorted(set(outbox._wordings) - {"expiry.reminder"}))
def test_every_letter_is_the_same_and_tells_nothing(kind, settings):
    """Whatever the message says: no facility, no number, no link but to the sign-in page."""
    person = reader(*Topic.values)
    settings.EMAIL_BACKEND = LOCMEM
    filing = make.filing()
    noun = filing
    outbox.post(
        "email",
        {"to": str(person.pk), "message": str(noun.pk)},
        dedup_key=f"email:{kind}",
        at=AT,
    )
    outbox.drain(AT)
    (letter,) = sent.outbox
    assert letter.subject == "寺坡街道托育服务平台有一条新消息"
    assert letter.body == (
        "寺坡街道托育服务平台有一条新消息，请登录查看。\n\n"
        "https://portal.example.cn/accounts/login/\n\n"
        "不想再收到邮件，可以登录后在“消息”页面的“邮件提醒”里关闭。"
    )
    assert letter.to == [ADDRESS]


@pytest.mark.django_db
@pytest.mark.proves("prod:M5")
def test_the_inbox_always_and_a_letter_for_the_chosen_group_only():
    both = reader(Topic.TASK)
    other = reader(Topic.RESULT)
    silent = reader()
    for person in (both, other, silent):
        told(person)
    assert Notification.objects.filter(kind="filing.submitted").count() == 3
    assert len(sent.outbox) == 1


@pytest.mark.django_db
def test_a_message_makes_one_letter_with_an_id_of_its_own():
    person = reader(Topic.TASK)
    filing = told(person)
    outbox.notify([person], "filing.submitted", filing, at=AT, once="1")
    outbox.drain(AT)
    (letter,) = sent.outbox
    message = Notification.objects.get(to=person)
    assert letter.extra_headers["Message-ID"] == f"<{message.pk}@portal.example.cn>"


@pytest.mark.django_db
def test_nothing_is_queued_while_mail_is_off(settings):
    settings.MAIL_ON = False
    told(reader(Topic.TASK))
    assert Notification.objects.count() == 1
    assert not Outbox.objects.filter(kind="email").exists()


@pytest.mark.django_db
@pytest.mark.proves("sec:F10")
def test_a_server_that_is_away_three_times_gets_the_letter_once(settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.left = 3
    at = AT
    with caplog.at_level(logging.ERROR):
        told(reader(Topic.TASK))
        for _ in range(5):
            at += outbox.BACKOFF_LIMIT
            outbox.drain(at)
    assert len(sent.outbox) == 1
    row = Outbox.objects.get(kind="email")
    assert (row.attempts, row.failed_at, row.last_error) == (4, None, "")
    assert ADDRESS not in caplog.text
    assert "portal.core.mail.NotSent" in caplog.text


def given_up(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.left = 10_000
    person, at = reader(Topic.TASK), AT
    told(person)
    for _ in range(outbox.MAIL_TRIES + 5):
        at += outbox.BACKOFF_LIMIT
        outbox.drain(at)
    return person, Outbox.objects.get(kind="email"), at


@pytest.mark.django_db
def test_after_the_last_try_it_waits_for_a_person(settings):
    _person, row, at = given_up(settings)
    assert row.attempts == outbox.MAIL_TRIES
    assert row.failed_at is not None
    assert row.last_error == "ConnectionRefusedError"
    assert outbox.standing_still(at, dt.timedelta(0)) == 0
    assert ADDRESS not in str(row.payload)


@pytest.mark.django_db
@pytest.mark.proves("prod:M6")
def test_the_administrator_sees_it_and_sends_it_again(settings, client):
    person, row, at = given_up(settings)
    client.force_login(make.user("sysadmin"))
    page = client.get(reverse("core:undelivered")).content.decode()
    assert person.display_name in page
    assert "ConnectionRefusedError" in page
    assert ADDRESS not in page
    Refusing.left = 0
    again = reverse("core:send_again", args=[row.payload["message"]])
    client.post(again)
    outbox.drain(at + dt.timedelta(days=3650))
    assert len(sent.outbox) == 1
    assert AuditEvent.objects.filter(act="letter.sent_again").count() == 1
    answer = client.post(again, follow=True).content.decode()
    assert "已经不在未送达之列" in answer
    assert "没有未送达的邮件" in answer


@pytest.mark.django_db
def test_who_has_left_or_changed_his_mind_gets_nothing():
    person = reader(Topic.TASK)
    outbox.post("email", {"to": str(person.pk), "message": "m"}, dedup_key="e", at=AT)
    actions.choose_mail(ADDRESS, [], by=Actor.person(person), at=AT)
    outbox.drain(AT)
    assert sent.outbox == []
    assert Outbox.objects.get(dedup_key="e").done_at == AT


@pytest.mark.django_db
def test_the_choice_is_kept_and_needs_an_address(client):
    person = make.operator()
    client.force_login(person)
    url = reverse("core:mail_settings")
    answer = client.post(url, {"email": "", "topics": ["todo"]}).content.decode()
    assert "请填写邮箱地址" in answer
    for _twice in range(2):
        client.post(url, {"email": ADDRESS, "topics": ["todo", "reminder"]})
    person.refresh_from_db()
    assert (person.email, person.mail_topics) == (ADDRESS, ["todo", "reminder"])
    assert AuditEvent.objects.filter(act="account.mail_chosen").count() == 1
    line = AuditEvent.objects.get(act="account.mail_chosen")
    assert ADDRESS not in str(line.detail)


@pytest.mark.django_db
def test_where_mail_is_off_the_page_says_so(client, settings):
    settings.MAIL_ON = False
    client.force_login(make.operator())
    page = client.get(reverse("core:mail_settings")).content.decode()
    assert "还没有开通邮件" in page
    assert 'name="email"' not in page


def test_a_fault_names_its_kind_and_not_the_address(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    Refusing.left = 1
    with pytest.raises(mail.NotSent) as fault:
        mail.send(ADDRESS, "m", "示例平台")
    assert str(fault.value) == "ConnectionRefusedError"
    assert fault.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {"backend": "dummy"}),
        ("console:", {"backend": "console"}),
        ("file:", {"backend": "filebased"}),
        (
            "smtp://portal%40example.cn:p%3Aw@mail.example.cn",
            {"backend": "smtp", "host": "mail.example.cn", "port": "587", "tls": "start",
             "user": "portal@example.cn", "password": "p:w"},
        ),
        ("smtps://u:p@[::1]:4650", {"host": "::1", "port": "4650", "tls": "whole"}),
        ("smtp+plain://localhost", {"host": "localhost", "port": "25", "tls": "", "user": ""}),
    ],
)  # fmt: skip
def test_an_address_of_a_mail_server_is_read(url, expected):
    read = mail_settings(url)
    assert {key: read[key] for key in expected} == expected


@pytest.mark.parametrize("url", ["mail.example.cn", "http://mail", "smtp://", "smtp://h:x1"])
def test_a_bad_one_is_refused_without_being_repeated(url):
    with pytest.raises(BadUrlError) as fault:
        mail_settings(url.replace("//", "//user:geheim@") if "//h" in url else url)
    assert "geheim" not in str(fault.value)
