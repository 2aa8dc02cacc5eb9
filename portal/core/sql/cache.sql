-- Django's database cache: lock-out counters survive the loss of the broker (ruling R16).
CREATE TABLE portal_cache (
    cache_key varchar(255) PRIMARY KEY,
    value     text NOT NULL,
    expires   timestamptz NOT NULL
);
CREATE INDEX portal_cache_expires ON portal_cache (expires);
