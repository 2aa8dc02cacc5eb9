-- The two logins of the portal and what each may do. Run by a superuser inside the portal's
-- database, as often as you like: the launcher, the tests and the container's first start all
-- use this one file. Passwords are set elsewhere (the embedded cluster needs none: its socket
-- lies in a folder only its owner can enter).
--
-- portal_owner  owns the database and its schema; migrations run as it
-- portal_app    everything else; may not create, and loses more by migrations (append-only tables)

DO $$
DECLARE
    login text;
BEGIN
    FOREACH login IN ARRAY ARRAY['portal_owner', 'portal_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = login) THEN
            EXECUTE format('CREATE ROLE %I', login);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
            login
        );
    END LOOP;
    EXECUTE format('ALTER DATABASE %I OWNER TO portal_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO portal_app', current_database());
END
$$;

ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_app;

ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
