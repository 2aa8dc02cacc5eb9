-- The audit trail: chained by the database, changeable by nobody (security.md §4.3).
-- Runs as portal_owner in migration core.0002.

CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq  bigint NOT NULL,
    hash bytea  NOT NULL
);
INSERT INTO audit_head (seq, hash) VALUES (0, sha256('genesis'));

CREATE FUNCTION audit_canon(e audit_event) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
    SELECT convert_to(jsonb_build_array(
        e.seq,
        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.actor_id, e.actor_label, e.actor_role, e.act, e.object_type, e.object_id,
        e.detail, e.request_id, e.txid, encode(e.prev_hash, 'hex'))::text, 'UTF8')
$$;

CREATE FUNCTION audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE h audit_head;
BEGIN
    SELECT * INTO h FROM audit_head WHERE one FOR UPDATE;  -- serialises the writers until COMMIT
    NEW.seq := h.seq + 1;
    NEW.recorded_at := clock_timestamp();
    NEW.txid := txid_current();
    NEW.prev_hash := h.hash;
    NEW.hash := sha256(audit_canon(NEW));
    UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE one;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_chain();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is not allowed: append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = '42501';
END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The first broken row and why, or nothing.
CREATE FUNCTION audit_verify() RETURNS TABLE (seq bigint, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH w AS (
        SELECT e.seq AS s, e.hash, e.prev_hash, e AS whole,
               lag(e.hash) OVER (ORDER BY e.seq) AS ph,
               lag(e.seq) OVER (ORDER BY e.seq) AS ps
        FROM audit_event e)
    SELECT w.s, CASE
        WHEN w.s <> coalesce(w.ps, 0) + 1 THEN 'row missing before'
        WHEN w.prev_hash <> coalesce(w.ph, sha256('genesis')) THEN 'link broken'
        ELSE 'content altered' END
    FROM w
    WHERE w.hash <> sha256(audit_canon(w.whole))
       OR w.prev_hash <> coalesce(w.ph, sha256('genesis'))
       OR w.s <> coalesce(w.ps, 0) + 1
    UNION ALL
    SELECT h.seq, 'tail removed' FROM audit_head h
    WHERE h.seq <> coalesce((SELECT max(e.seq) FROM audit_event e), 0)
       OR h.hash <> coalesce(
            (SELECT e.hash FROM audit_event e ORDER BY e.seq DESC LIMIT 1), sha256('genesis'))
    ORDER BY 1 LIMIT 1
$$;

-- What the application's login may do: read, and insert the columns that are not the chain's.
REVOKE ALL ON audit_event, audit_head FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE ALL ON audit_event, audit_head FROM portal_app;
        GRANT SELECT ON audit_event, audit_head TO portal_app;
        GRANT INSERT (at, actor_id, actor_label, actor_role, act, object_type, object_id, detail,
                      request_id) ON audit_event TO portal_app;
    END IF;
END $$;
