from django.core.management.base import BaseCommand

from portal.core import clock, outbox
from portal.core.tasks import run_calendar


class Command(BaseCommand):
    help = "Do what falls due now and deliver it, without Celery; safe to run twice."

    def handle(self, *args: object, **options: object) -> None:
        at = clock.now()
        for job, count in run_calendar(at).items():
            self.stdout.write(f"{job}: {count}")
        self.stdout.write(f"delivered: {outbox.drain(at)}")
