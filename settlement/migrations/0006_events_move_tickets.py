"""A ticket's state changes when an event is written, to what the event says, and in no other way.

The event must follow the last one and start where the ticket stands; its transfer must be that of
the ticket, to the cent. What was said and done is never edited.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION settlement_events_move_tickets() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    moved bigint;
    wrong record;
BEGIN
    IF TG_RELID <> 'public.settlement_settlementevent'::regclass THEN
        RAISE EXCEPTION 'Tickets move by their events alone.';
    END IF;
    UPDATE settlement_ticket t
       SET status = w.after_status, result = w.after_result, payout = w.after_payout,
           cashed_out_stake = w.cashed_out_stake, cashed_out_amount = w.cashed_out_amount,
           settled_ticks = w.settled_ticks, version = w.sequence
      FROM written w
      LEFT JOIN wallet_transfer x ON x.id = w.transfer
      LEFT JOIN wallet_account a ON a.id = x.player_account_id
     WHERE t.id = w.ticket_id AND t.version = w.sequence - 1 AND t.status = w.before_status
       AND t.result = w.before_result AND t.payout = w.before_payout
       AND w.xact = pg_current_xact_id()
       AND w.created_at BETWEEN transaction_timestamp() AND clock_timestamp()
       AND (w.transfer IS NULL
            OR x.kind = 'SETTLEMENT' AND x.key = 'ticket:' || w.ticket_id || ':' || w.sequence
               AND x.reference_id = t.bet_id AND a.player_id = t.player_id
               AND x.currency_id = t.currency_id
               AND w.difference = CASE WHEN x.credit_account_id = x.player_account_id
                                       THEN x.amount ELSE -x.amount END);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved = (SELECT count(*) FROM written) THEN
        RETURN NULL;
    END IF;

    -- Only to say why. A ticket that did move stands where its event ends.
    SELECT w.ticket_id, w.sequence,
           CASE
           WHEN t.id IS NULL THEN 'there is no such ticket'
           WHEN w.xact <> pg_current_xact_id()
                OR w.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
           THEN 'it must carry the time and the number of the transaction that writes it'
           WHEN t.version <> w.sequence - 1 OR t.status <> w.before_status
                OR t.result <> w.before_result OR t.payout <> w.before_payout
           THEN 'it does not start where the ticket stands'
           ELSE 'its transfer is not the difference that it names'
           END AS complaint
      INTO wrong
      FROM written w LEFT JOIN settlement_ticket t ON t.id = w.ticket_id
     WHERE t.id IS NULL OR t.version <> w.sequence LIMIT 1;
    RAISE EXCEPTION 'Event % of ticket % is refused: %. Settle through settlement.services.',
        wrong.sequence, wrong.ticket_id, wrong.complaint
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
REVOKE EXECUTE ON FUNCTION settlement_events_move_tickets() FROM PUBLIC;

CREATE TRIGGER events_move_tickets AFTER INSERT ON settlement_settlementevent
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_events_move_tickets();

CREATE FUNCTION settlement_refuse_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A ticket''s state can''t be changed by hand: it moves when an event is written '
        '(settlement.services).' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER tickets_move_only_by_events BEFORE UPDATE ON settlement_ticket
    FOR EACH ROW WHEN (pg_trigger_depth() = 0
        AND (OLD.status, OLD.result, OLD.payout, OLD.cashed_out_stake, OLD.cashed_out_amount,
             OLD.version)
            IS DISTINCT FROM
            (NEW.status, NEW.result, NEW.payout, NEW.cashed_out_stake, NEW.cashed_out_amount,
             NEW.version))
    EXECUTE FUNCTION settlement_refuse_by_hand();
CREATE TRIGGER tickets_begin_open BEFORE INSERT ON settlement_ticket
    FOR EACH ROW WHEN (NEW.version <> 0 OR NEW.status <> 'OPEN' OR NEW.result <> 'NONE'
        OR NEW.payout <> 0 OR NEW.cashed_out_stake <> 0 OR NEW.cashed_out_amount <> 0
        OR NEW.settled_ticks IS NOT NULL)
    EXECUTE FUNCTION settlement_refuse_by_hand();

CREATE TRIGGER tickets_keep_the_time_of_their_result BEFORE UPDATE OF settled_ticks
    ON settlement_ticket
    FOR EACH ROW WHEN (OLD.settled_ticks IS NOT NULL AND NEW.settled_ticks IS NULL)
    EXECUTE FUNCTION settlement_refuse_by_hand();

CREATE FUNCTION settlement_refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused. Say something new instead.',
        TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION settlement_facts_are_their_writers() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM 1 FROM written w
      WHERE w.xact <> pg_current_xact_id()
         OR w.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
         OR w.id > (SELECT last_value FROM settlement_ticketfact_id_seq) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'A fact of % is refused: it must carry the number, time and transaction that '
            'the database gives it.', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ticket_facts_carry_their_own_time AFTER INSERT ON settlement_ticketfact
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_facts_are_their_writers();
CREATE TRIGGER market_facts_carry_their_own_time AFTER INSERT ON settlement_marketfact
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_facts_are_their_writers();

CREATE TRIGGER ticket_facts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_ticketfact
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();
CREATE TRIGGER market_facts_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_marketfact
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_settlementevent
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();
CREATE TRIGGER reviews_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_review
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_history();

-- One sequence numbers both: the greater number was written down later, whichever it speaks of.
ALTER TABLE settlement_marketfact ALTER COLUMN id DROP IDENTITY;
ALTER TABLE settlement_marketfact
    ALTER COLUMN id SET DEFAULT nextval('settlement_ticketfact_id_seq');

CREATE TRIGGER closed_reviews_stay_closed BEFORE UPDATE ON settlement_review
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION settlement_refuse_rewriting_history();

ALTER TABLE settlement_dueticket SET (autovacuum_vacuum_scale_factor = 0,
                                      autovacuum_vacuum_threshold = 5000);
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM settlement_settlementevent) OR EXISTS (SELECT FROM settlement_ticketfact)
       OR EXISTS (SELECT FROM settlement_marketfact) THEN
        RAISE EXCEPTION 'What was said and done would be lost: this can''t be migrated backwards.';
    END IF;
END
$$;
ALTER TABLE settlement_marketfact ALTER COLUMN id DROP DEFAULT;
ALTER TABLE settlement_marketfact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
ALTER TABLE settlement_dueticket RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
DROP TRIGGER closed_reviews_stay_closed ON settlement_review;
DROP TRIGGER reviews_are_never_removed ON settlement_review;
DROP TRIGGER events_are_append_only ON settlement_settlementevent;
DROP TRIGGER market_facts_carry_their_own_time ON settlement_marketfact;
DROP TRIGGER ticket_facts_carry_their_own_time ON settlement_ticketfact;
DROP FUNCTION settlement_facts_are_their_writers();
DROP TRIGGER market_facts_are_append_only ON settlement_marketfact;
DROP TRIGGER ticket_facts_are_append_only ON settlement_ticketfact;
DROP FUNCTION settlement_refuse_rewriting_history();
DROP TRIGGER tickets_keep_the_time_of_their_result ON settlement_ticket;
DROP TRIGGER tickets_begin_open ON settlement_ticket;
DROP TRIGGER tickets_move_only_by_events ON settlement_ticket;
DROP FUNCTION settlement_refuse_by_hand();
DROP TRIGGER events_move_tickets ON settlement_settlementevent;
DROP FUNCTION settlement_events_move_tickets();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0005_facts_events_and_reviews"),
        ("wallet", "0009_postings_reach_rows_by_index"),
    ]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
