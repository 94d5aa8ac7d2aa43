"""What was asked for, agreed and done by hand is never edited; only where an act stands moves on.

An act that a second person has to agree to runs after he did, and not before.
"""

from django.db import migrations

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
              AND a.step = CASE NEW.state WHEN 'RUNNING' THEN 'ACCEPTED'
                                          WHEN 'RETURNED' THEN 'RETURNED' ELSE a.step END
              AND a.step <> 'ASKED') THEN
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
DROP TRIGGER act_lines_are_never_removed ON settlement_batchline;
DROP TRIGGER act_lines_are_done_once ON settlement_batchline;
DROP FUNCTION settlement_lines_are_done_once();
DROP TRIGGER acts_are_never_removed ON settlement_batch;
DROP TRIGGER acts_move_on ON settlement_batch;
DROP FUNCTION settlement_acts_move_on();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0010_acts_by_hand")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
