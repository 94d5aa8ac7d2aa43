"""What was asked for, agreed and done by hand is never edited; only where an act stands moves on.

An act that a second person has to agree to runs after he did, and not before.
"""

from importlib import import_module

from django.db import migrations

events = import_module("settlement.migrations.0006_events_move_tickets")
start = events.FORWARDS.index("CREATE FUNCTION settlement_events_move_tickets()")
EVENTS_BEFORE = events.FORWARDS[start : events.FORWARDS.index("REVOKE EXECUTE")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
# An event that names an act is its maker's, or that of whoever accepted what was held.
EVENTS_AFTER = (
    EVENTS_BEFORE.replace(
        "      LEFT JOIN wallet_account a ON a.id = x.player_account_id\n",
        "      LEFT JOIN wallet_account a ON a.id = x.player_account_id\n"
        "      LEFT JOIN settlement_batch b ON b.id = w.batch\n",
    )
    .replace(
        "       AND (w.transfer IS NULL\n",
        "       AND (w.batch IS NULL OR b.maker = w.actor)\n       AND (w.transfer IS NULL\n",
    )
    .replace(
        "           ELSE 'its transfer",
        "           WHEN w.batch IS NOT NULL AND NOT EXISTS (SELECT FROM settlement_batch b\n"
        "                WHERE b.id = w.batch AND b.maker = w.actor)\n"
        "           THEN 'it names an act of somebody else'\n"
        "           ELSE 'its transfer",
    )
)

FORWARDS = """
CREATE FUNCTION settlement_acts_move_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.xact <> pg_current_xact_id() OR NEW.done_at IS NOT NULL
           OR (NEW.state = 'WAITING') <> (NEW.why_asked <> '')
           OR NEW.state NOT IN ('WAITING', 'RUNNING') THEN
            RAISE EXCEPTION 'An act begins waiting for somebody who agrees, or running: %.', NEW.act
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - 'state' - 'done_at') <> (to_jsonb(OLD) - 'state' - 'done_at') THEN
        RAISE EXCEPTION 'What was asked for in act % can''t be changed: take it back and act anew.',
            OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('WAITING', 'RUNNING'), ('WAITING', 'REFUSED'),
                                      ('WAITING', 'RETURNED'), ('RUNNING', 'DONE')) THEN
        RAISE EXCEPTION 'Act % is % and can''t become %.', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'WAITING' AND NOT EXISTS (
           SELECT FROM settlement_approval a WHERE a.batch_id = OLD.id
              AND (NEW.state, a.step) IN (('RUNNING', 'ACCEPTED'), ('RETURNED', 'RETURNED'),
                                          ('REFUSED', 'REFUSED'), ('REFUSED', 'WITHDRAWN'))) THEN
        RAISE EXCEPTION 'Act % waits until somebody other than its maker has decided about it.',
            OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER acts_move_on BEFORE INSERT OR UPDATE ON settlement_batch
    FOR EACH ROW EXECUTE FUNCTION settlement_acts_move_on();
CREATE TRIGGER acts_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_batch
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();

CREATE FUNCTION settlement_lines_are_done_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Line % of act % is done: what became of it can''t be changed.',
        OLD.position, OLD.batch_id USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER act_lines_are_done_once BEFORE UPDATE ON settlement_batchline
    FOR EACH ROW WHEN (OLD.state <> 'WAITING'
        OR (OLD.id, OLD.batch_id, OLD.position, OLD.ticket_id, OLD.bet_id, OLD.version, OLD.expected)
           IS DISTINCT FROM
           (NEW.id, NEW.batch_id, NEW.position, NEW.ticket_id, NEW.bet_id, NEW.version, NEW.expected))
    EXECUTE FUNCTION settlement_lines_are_done_once();

CREATE FUNCTION settlement_lines_are_their_acts() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM FROM (SELECT DISTINCT batch_id FROM written) w JOIN settlement_batch b ON b.id = w.batch_id
      WHERE CASE TG_OP WHEN 'INSERT' THEN b.xact <> pg_current_xact_id()
                       ELSE b.state <> 'RUNNING' END;
    IF FOUND THEN
        RAISE EXCEPTION 'Lines are written with their act, and done while it runs: % is refused.',
            TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER act_lines_come_with_their_act AFTER INSERT ON settlement_batchline
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_lines_are_their_acts();
CREATE TRIGGER act_lines_are_done_while_it_runs AFTER UPDATE ON settlement_batchline
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_lines_are_their_acts();

-- What is said by hand is a part of an act that runs, in its maker's name and words.
CREATE FUNCTION settlement_acts_stand_behind_their_facts() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    said bigint := (SELECT count(*) FROM written WHERE source = 'OPERATOR');
    stood_for bigint;
BEGIN
    IF said = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_RELID = 'public.settlement_ticketfact'::regclass THEN
        SELECT count(*) INTO stood_for
          FROM written w
          JOIN settlement_batch b ON b.id = w.batch AND b.maker = w.actor AND b.reason = w.reason
                                 AND b.note = w.note AND b.state = 'RUNNING'
          JOIN settlement_batchline l ON l.ticket_id = w.ticket_id AND l.batch_id = w.batch
                                     AND l.state = 'WAITING'
         WHERE w.source = 'OPERATOR';
    ELSE
        SELECT count(*) INTO stood_for
          FROM written w
          JOIN settlement_batch b ON b.id = w.batch AND b.maker = w.actor AND b.reason = w.reason
                                 AND b.note = w.note AND b.state = 'RUNNING'
                                 AND (b.act LIKE 'MARKET%' OR b.act = 'UNDO')
         WHERE w.source = 'OPERATOR';
    END IF;
    IF stood_for <> said THEN
        RAISE EXCEPTION 'What is said by hand in % needs an act that runs, of the same person, reason '
            'and note: act through settlement.acts.services.', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER acts_stand_behind_ticket_facts AFTER INSERT ON settlement_ticketfact
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_acts_stand_behind_their_facts();
CREATE TRIGGER acts_stand_behind_market_facts AFTER INSERT ON settlement_marketfact
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_acts_stand_behind_their_facts();
CREATE TRIGGER act_lines_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_batchline
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();

CREATE FUNCTION settlement_approvals_are_their_acts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.xact <> pg_current_xact_id()
       OR NOT EXISTS (SELECT FROM settlement_batch b WHERE b.id = NEW.batch_id
                         AND b.maker = NEW.maker AND b.digest = NEW.digest
                         AND b.state = 'WAITING') THEN
        RAISE EXCEPTION 'An approval is about what the maker of a waiting act was shown: act %.',
            NEW.batch_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER approvals_are_their_acts BEFORE INSERT ON settlement_approval
    FOR EACH ROW EXECUTE FUNCTION settlement_approvals_are_their_acts();
CREATE TRIGGER approvals_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_approval
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();
CREATE TRIGGER act_limits_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_actlimit
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM settlement_batch) THEN
        RAISE EXCEPTION 'What was done by hand would be lost: this can''t be migrated backwards.';
    END IF;
END
$$;
DROP TRIGGER act_limits_are_append_only ON settlement_actlimit;
DROP TRIGGER approvals_are_append_only ON settlement_approval;
DROP TRIGGER approvals_are_their_acts ON settlement_approval;
DROP FUNCTION settlement_approvals_are_their_acts();
DROP TRIGGER acts_stand_behind_market_facts ON settlement_marketfact;
DROP TRIGGER acts_stand_behind_ticket_facts ON settlement_ticketfact;
DROP FUNCTION settlement_acts_stand_behind_their_facts();
DROP TRIGGER act_lines_are_done_while_it_runs ON settlement_batchline;
DROP TRIGGER act_lines_come_with_their_act ON settlement_batchline;
DROP FUNCTION settlement_lines_are_their_acts();
DROP TRIGGER act_lines_are_never_removed ON settlement_batchline;
DROP TRIGGER act_lines_are_done_once ON settlement_batchline;
DROP FUNCTION settlement_lines_are_done_once();
DROP TRIGGER acts_are_never_removed ON settlement_batch;
DROP TRIGGER acts_move_on ON settlement_batch;
DROP FUNCTION settlement_acts_move_on();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0010_acts_by_hand")]
    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL(EVENTS_AFTER, EVENTS_BEFORE),
    ]
