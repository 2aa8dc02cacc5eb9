from django.core.management.base import BaseCommand

from portal.core import clock
from portal.core.reference import load_reference


class Command(BaseCommand):
    help = "Load rights, law packs, holidays, communities and offices; safe to run again."

    def handle(self, *args: object, **options: object) -> None:
        done = load_reference(at=clock.now())
        new = ", ".join(f"{kind} {count}" for kind, count in done.items() if count)
        self.stdout.write(f"reference data: {new or 'nothing new'}")
