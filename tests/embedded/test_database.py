"""The tests' own ground: the flush brings back exactly what was there, whatever a test did."""

import psycopg
import pytest
from django.db import connection

from portal.embedded.logins import APP, OWNER
from tests.database import NAME, SeededDatabase

TABLES = """
    CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text,
                         twice text GENERATED ALWAYS AS (word || word) STORED);
    CREATE TABLE child (parent_id bigint REFERENCES parent);
    CREATE TABLE evidence (line text);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
    CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse();
    INSERT INTO parent (word) VALUES ('甲'), ('乙');
    INSERT INTO evidence VALUES ('first');
"""


@pytest.fixture
def database(cluster):
    seeded = SeededDatabase(cluster.url())
    seeded.create()
    yield seeded
    seeded.drop()


def test_the_first_contents_come_back(cluster, database):
    with psycopg.connect(cluster.url(OWNER, NAME)) as owner:
        owner.execute(TABLES)
    database.snapshot()
    with psycopg.connect(cluster.url(APP, NAME), autocommit=True) as app:
        before = app.execute("SELECT * FROM parent ORDER BY id").fetchall()
        app.execute("INSERT INTO child VALUES (1)")
        app.execute("UPDATE parent SET word = '丙' WHERE id = 1")
        app.execute("DELETE FROM parent WHERE id = 2")
        app.execute("INSERT INTO evidence VALUES ('second')")
        with pytest.raises(psycopg.errors.RaiseException, match="append only"):
            app.execute("DELETE FROM evidence")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT FROM seed.parent")
        database.restore()
        assert app.execute("SELECT * FROM parent ORDER BY id").fetchall() == before
        assert app.execute("SELECT * FROM child").fetchall() == []
        assert app.execute("SELECT * FROM evidence").fetchall() == [("first",)]
        [(number,)] = app.execute("INSERT INTO parent (word) VALUES ('丁') RETURNING id").fetchall()
        assert number == 3


def test_it_does_nothing_before_its_time(cluster):
    seeded = SeededDatabase(cluster.url())
    with pytest.raises(RuntimeError, match="before snapshot"):
        seeded.restore()
    with pytest.raises(RuntimeError, match="not been created"):
        assert seeded.connection


@pytest.mark.django_db
def test_tests_act_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == (APP, NAME)
