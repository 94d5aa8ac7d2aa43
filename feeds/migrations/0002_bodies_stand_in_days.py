"""Messages' bodies stand in a partition for each day, so that old days can go as a whole.

Days are made and dropped by two functions with the owner's rights; the second one never touches the
last week. A body that stands is never changed.
"""

from django.db import migrations

FORWARDS = """
CREATE TABLE feeds_messagebody (
    message_id bigint NOT NULL,
    received_on date NOT NULL,
    raw bytea NOT NULL,
    PRIMARY KEY (message_id, received_on)
) PARTITION BY RANGE (received_on);

CREATE FUNCTION feeds_make_days() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    day date;
    name text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('feeds_make_days'));
    FOR day IN SELECT (now() AT TIME ZONE 'UTC')::date + n FROM generate_series(-1, 14) n LOOP
        name := 'feeds_messagebody_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF feeds_messagebody '
                           'FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION feeds_make_days() FROM PUBLIC;

CREATE FUNCTION feeds_drop_days(keep integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    part record;
    dropped integer := 0;
BEGIN
    IF keep IS NULL OR keep < 7 THEN
        RAISE EXCEPTION 'Message bodies are kept for at least 7 days.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('feeds_make_days'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'feeds_messagebody'::regclass
           AND right(c.relname, 8) < to_char((now() AT TIME ZONE 'UTC')::date - keep, 'YYYYMMDD')
    LOOP
        EXECUTE format('ALTER TABLE feeds_messagebody DETACH PARTITION %I', part.relname);
        EXECUTE format('DROP TABLE %I', part.relname);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
REVOKE EXECUTE ON FUNCTION feeds_drop_days(integer) FROM PUBLIC;

CREATE FUNCTION feeds_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % is refused. What was received stays as it came.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER bodies_stay_as_they_came BEFORE UPDATE OR DELETE OR TRUNCATE ON feeds_messagebody
    FOR EACH STATEMENT EXECUTE FUNCTION feeds_refuse_rewriting();
CREATE TRIGGER messages_are_never_removed BEFORE DELETE OR TRUNCATE ON feeds_feedmessage
    FOR EACH STATEMENT EXECUTE FUNCTION feeds_refuse_rewriting();
CREATE TRIGGER messages_keep_what_they_are BEFORE UPDATE ON feeds_feedmessage
    FOR EACH ROW WHEN ((OLD.id, OLD.feed, OLD.sha256, OLD.received_at) IS DISTINCT FROM
                       (NEW.id, NEW.feed, NEW.sha256, NEW.received_at))
    EXECUTE FUNCTION feeds_refuse_rewriting();
CREATE TRIGGER subjects_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feeds_messagesubject
    FOR EACH STATEMENT EXECUTE FUNCTION feeds_refuse_rewriting();

ALTER TABLE feeds_feedmessage SET (fillfactor = 85);
SELECT feeds_make_days();
"""

BACKWARDS = """
ALTER TABLE feeds_feedmessage RESET (fillfactor);
DROP TRIGGER subjects_are_never_changed ON feeds_messagesubject;
DROP TRIGGER messages_keep_what_they_are ON feeds_feedmessage;
DROP TRIGGER messages_are_never_removed ON feeds_feedmessage;
DROP TABLE feeds_messagebody;
DROP FUNCTION feeds_refuse_rewriting();
DROP FUNCTION feeds_drop_days(integer);
DROP FUNCTION feeds_make_days();
"""


class Migration(migrations.Migration):
    dependencies = [("feeds", "0001_inbox")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
