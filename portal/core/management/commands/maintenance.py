from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.core import maintenance


class Command(BaseCommand):
    help = "Read-only on or off: pages are shown, nothing is taken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", choices=["on", "off", "ask"])

    def handle(self, *args: object, **options: Any) -> None:
        if options["state"] == "on":
            maintenance.begin()
        elif options["state"] == "off":
            maintenance.end()
        self.stdout.write("on" if maintenance.is_on() else "off")
