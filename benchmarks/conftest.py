"""Benchmarks that ask for a database get the one of the tests."""

from tests.conftest import django_db_setup

__all__ = ["django_db_setup"]
