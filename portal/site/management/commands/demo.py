from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core import clock
from portal.core.models import User
from portal.site import demo


class Command(BaseCommand):
    help = "Load made-up data to try the portal with; --accounts shows who may sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are accounts already"
        )
        parser.add_argument(
            "--accounts", action="store_true", help="show the accounts; alone, load nothing"
        )

    def handle(self, *args: object, **options: Any) -> None:
        if settings.PRODUCTION or not settings.DEMO:
            raise CommandError("演示数据只能装入演示环境 / demo data are for DEMO=1 only")
        if options["if_empty"] or not options["accounts"]:
            self._load(quiet=options["if_empty"])
        if options["accounts"]:
            self._show()

    def _load(self, *, quiet: bool) -> None:
        if demo.is_loaded():
            if quiet:
                return
            raise CommandError("已有账号，没有改动任何数据 / there are accounts, nothing changed")
        told = demo.tell(clock.now())
        self.stdout.write(f"演示数据已装入 / demo data loaded: {len(told)} filings")

    def _show(self) -> None:
        names = [post.username for post in demo.STAFF]
        there = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        if not there:
            self.stdout.write("没有演示账号 / no demo accounts")
            return
        self.stdout.write(f"演示账号 / demo accounts, 密码 / password: {demo.PASSWORD}")
        width = max(map(len, there))
        for post in demo.STAFF:
            if post.username in there:
                self.stdout.write(f"  {post.username:<{width}}  {post.post}")
