"""The project: settings, URL table, Celery, and the portal-wide apps."""

from .celery import app as celery_app

__all__ = ["celery_app"]
