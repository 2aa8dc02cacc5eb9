"""The servers a fresh machine lacks, started from wheels, and their supervisor.

Nothing here is imported by the web code except `urls`; production sets DATABASE_URL,
DATABASE_OWNER_URL and REDIS_URL and none of these servers is started.
"""
