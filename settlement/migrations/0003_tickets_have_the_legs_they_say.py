"""A ticket's selections come with it, all of them, and what was agreed never changes.

Selections of one builder group are one leg. The check of the rows that are there costs a set of
tickets one query; that some are there at all is looked at when the transaction commits.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION settlement_legs_fit() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    wrong record;
BEGIN
    SELECT t.bet_id, t.legs, t.bankers, has.legs AS has_legs, has.bankers AS has_bankers INTO wrong
      FROM (SELECT s.ticket_id, count(*) AS selections, max(s.position) AS last,
                   count(DISTINCT CASE s."group" WHEN '' THEN 'p' || s.position
                                                 ELSE 'g' || s."group" END) AS legs,
                   count(DISTINCT CASE s."group" WHEN '' THEN 'p' || s.position
                                                 ELSE 'g' || s."group" END)
                       FILTER (WHERE s.banker) AS bankers
              FROM (SELECT DISTINCT ticket_id FROM written) w
              JOIN settlement_selection s ON s.ticket_id = w.ticket_id
             GROUP BY s.ticket_id) has
      LEFT JOIN settlement_ticket t ON t.id = has.ticket_id
     WHERE t.id IS NULL OR has.legs <> t.legs OR has.bankers <> t.bankers
        OR has.selections <> t.selection_count OR has.last <> has.selections
        OR NOT EXISTS (SELECT FROM wallet_currency c WHERE c.code = t.currency_id)
        OR NOT EXISTS (SELECT FROM settlement_ruleset r WHERE r.id = t.rule_set_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Ticket % says % legs (% bankers), its selections make % (%), '
            'or it has no currency or rule set. Bring tickets in through settlement.intake.', wrong.bet_id, wrong.legs,
            wrong.bankers, wrong.has_legs, wrong.has_bankers
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER selections_make_the_ticket AFTER INSERT ON settlement_selection
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_legs_fit();

CREATE FUNCTION settlement_ticket_has_selections() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM 1 FROM settlement_selection WHERE ticket_id = NEW.id LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Ticket % has no selections. Bring tickets in through settlement.intake.',
            NEW.bet_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER tickets_have_selections AFTER INSERT ON settlement_ticket
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION settlement_ticket_has_selections();

CREATE FUNCTION settlement_refuse_changing_the_bet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was bet never changes (% of %). Void the ticket and take in another.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER tickets_keep_what_was_bet BEFORE UPDATE ON settlement_ticket
    FOR EACH ROW WHEN (
        (OLD.id, OLD.bet_id, OLD.content_hash, OLD.provider, OLD.provider_bet_id, OLD.player_id,
         OLD.currency_id, OLD.rule_set_id, OLD.stake, OLD.cash_stake, OLD.kind, OLD.system,
         OLD.selection_count, OLD.legs, OLD.bankers, OLD.lines, OLD.each_way, OLD.free_bet_ref, OLD.placed_at,
         OLD.accepted_at, OLD.created_at)
        IS DISTINCT FROM
        (NEW.id, NEW.bet_id, NEW.content_hash, NEW.provider, NEW.provider_bet_id, NEW.player_id,
         NEW.currency_id, NEW.rule_set_id, NEW.stake, NEW.cash_stake, NEW.kind, NEW.system,
         NEW.selection_count, NEW.legs, NEW.bankers, NEW.lines, NEW.each_way, NEW.free_bet_ref, NEW.placed_at,
         NEW.accepted_at, NEW.created_at))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER selections_keep_what_was_bet BEFORE UPDATE ON settlement_selection
    FOR EACH ROW WHEN (
        (OLD.id, OLD.ticket_id, OLD.position, OLD.provider, OLD.outcome_id, OLD.place_outcome_id,
         OLD.line, OLD."group", OLD.price, OLD.part_price, OLD.place_fraction, OLD.place_price,
         OLD.banker)
        IS DISTINCT FROM
        (NEW.id, NEW.ticket_id, NEW.position, NEW.provider, NEW.outcome_id, NEW.place_outcome_id,
         NEW.line, NEW."group", NEW.price, NEW.part_price, NEW.place_fraction, NEW.place_price,
         NEW.banker))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER events_keep_what_they_are BEFORE UPDATE ON settlement_sportevent
    FOR EACH ROW WHEN ((OLD.id, OLD.provider, OLD.ref) IS DISTINCT FROM
                       (NEW.id, NEW.provider, NEW.ref))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER markets_keep_what_they_are BEFORE UPDATE ON settlement_market
    FOR EACH ROW WHEN ((OLD.id, OLD.event_id, OLD.ref, OLD.specifiers) IS DISTINCT FROM
                       (NEW.id, NEW.event_id, NEW.ref, NEW.specifiers))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER outcomes_keep_what_they_are BEFORE UPDATE ON settlement_outcome
    FOR EACH ROW WHEN ((OLD.id, OLD.market_id, OLD.ref, OLD.line) IS DISTINCT FROM
                       (NEW.id, NEW.market_id, NEW.ref, NEW.line)
                       OR (OLD.ref = '' AND OLD.name <> NEW.name))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER events_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_sportevent
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER markets_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_market
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER outcomes_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER tickets_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_changing_the_bet();
CREATE TRIGGER selections_are_never_removed BEFORE DELETE OR TRUNCATE ON settlement_selection
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_changing_the_bet();

ALTER TABLE settlement_ticket SET (fillfactor = 85);
ALTER TABLE settlement_selection SET (fillfactor = 85);
CREATE INDEX ticket_by_placing ON settlement_ticket USING brin (placed_at);
"""

BACKWARDS = """
DROP INDEX ticket_by_placing;
ALTER TABLE settlement_selection RESET (fillfactor);
ALTER TABLE settlement_ticket RESET (fillfactor);
DROP TRIGGER outcomes_are_never_removed ON settlement_outcome;
DROP TRIGGER markets_are_never_removed ON settlement_market;
DROP TRIGGER events_are_never_removed ON settlement_sportevent;
DROP TRIGGER outcomes_keep_what_they_are ON settlement_outcome;
DROP TRIGGER markets_keep_what_they_are ON settlement_market;
DROP TRIGGER events_keep_what_they_are ON settlement_sportevent;
DROP TRIGGER selections_are_never_removed ON settlement_selection;
DROP TRIGGER tickets_are_never_removed ON settlement_ticket;
DROP TRIGGER selections_keep_what_was_bet ON settlement_selection;
DROP TRIGGER tickets_keep_what_was_bet ON settlement_ticket;
DROP FUNCTION settlement_refuse_changing_the_bet();
DROP TRIGGER tickets_have_selections ON settlement_ticket;
DROP FUNCTION settlement_ticket_has_selections();
DROP TRIGGER selections_make_the_ticket ON settlement_selection;
DROP FUNCTION settlement_legs_fit();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_rule_sets_are_append_only")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
