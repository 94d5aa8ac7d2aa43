"""A balance moves when a transfer is written, by exactly its amount, and in no other way.

The functions run with the owner's rights: the application's role may neither update an account
nor take its row lock by itself. Their `search_path` is fixed, so that nobody can put a table of
his own in front of ours. They reach accounts by primary key, however many: a plan made for a
thousand rows, or from statistics that are not there yet, would read the whole table for one.
"""

from django.db import migrations

BY_PRIMARY_KEY = """
    SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
"""

# The keys are looked up by a statement of its own, whose snapshot is younger than the locks.
BEGIN_POSTING = f"""
CREATE FUNCTION wallet_begin_posting(ids bigint[], keys text[])
    RETURNS TABLE (account_id bigint, currency varchar, balance bigint, version bigint,
                   status varchar, player varchar, earlier_transfer_id bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER {BY_PRIMARY_KEY}
AS $$
BEGIN
    RETURN QUERY
        SELECT a.id, a.currency_id, a.balance, a.version, p.status, p.external_id, NULL::bigint
          FROM wallet_account a JOIN wallet_player p ON p.id = a.player_id
         WHERE a.id = ANY (ids)
         ORDER BY a.id
           FOR NO KEY UPDATE OF a;
    RETURN QUERY
        SELECT NULL::bigint, NULL::varchar, NULL::bigint, NULL::bigint, NULL::varchar,
               NULL::varchar, t.id
          FROM wallet_transfer t WHERE t.key = ANY (keys);
END
$$;
"""

WRITE_TRANSFERS = """
CREATE FUNCTION wallet_write_transfers(
        by_actor text, keys text[], kinds text[], account_ids bigint[], house_kinds text[],
        changes bigint[], currencies text[], balances_after bigint[], sequences bigint[],
        reference_kinds text[], reference_ids text[], reasons text[], notes text[])
    RETURNS TABLE (ids bigint[], at timestamptz)
    LANGUAGE plpgsql VOLATILE
    SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    WITH posted AS (
        INSERT INTO wallet_transfer
            (key, kind, player_account_id, debit_account_id, credit_account_id, amount,
             currency_id, player_balance_after, account_sequence, reference_kind, reference_id,
             actor, reason, note)
        SELECT p.key, p.kind, p.account_id,
               CASE WHEN p.change > 0 THEN house.id ELSE p.account_id END,
               CASE WHEN p.change > 0 THEN p.account_id ELSE house.id END,
               abs(p.change), p.currency, p.balance_after, p.sequence,
               p.reference_kind, p.reference_id, by_actor, p.reason, p.note
          FROM unnest(keys, kinds, account_ids, house_kinds, changes, currencies, balances_after,
                      sequences, reference_kinds, reference_ids, reasons, notes)
               WITH ORDINALITY AS p (key, kind, account_id, house_kind, change, currency,
                                     balance_after, sequence, reference_kind, reference_id,
                                     reason, note, place)
          JOIN wallet_account house ON house.player_id IS NULL
               AND house.kind = p.house_kind AND house.currency_id = p.currency
         ORDER BY p.place
        RETURNING id, created_at)
    SELECT array_agg(posted.id ORDER BY posted.id), min(posted.created_at) FROM posted;
END
$$;
"""

# What foreign keys would check row by row, locking the house's few accounts for everybody, is
# checked here for all rows at once. Accounts are never removed and never change their currency.
MOVE_BALANCES = f"""
CREATE FUNCTION wallet_move_balances() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER {BY_PRIMARY_KEY}
AS $$
DECLARE
    wrong record;
BEGIN
    UPDATE wallet_account a
       SET balance = a.balance + moved.change, version = a.version + moved.transfers
      FROM (SELECT player_account_id, count(*) AS transfers,
                   sum(CASE WHEN credit_account_id = player_account_id
                            THEN amount ELSE -amount END) AS change
              FROM written GROUP BY player_account_id) moved
     WHERE a.id = moved.player_account_id;

    SELECT checked.* INTO wrong FROM (
        SELECT w.key,
               CASE
               WHEN a.player_id IS NULL OR house.id IS NULL OR house.player_id IS NOT NULL
               THEN 'a transfer moves money between one player and the house'
               WHEN a.currency_id <> w.currency_id OR house.currency_id <> w.currency_id
               THEN 'both sides must be accounts of its currency'
               WHEN house.kind <> CASE w.kind WHEN 'STAKE' THEN 'HOUSE_STAKES'
                                              WHEN 'SETTLEMENT' THEN 'HOUSE_PAYOUTS'
                                              WHEN 'ADJUSTMENT' THEN 'HOUSE_ADJUSTMENTS'
                                              ELSE 'HOUSE_CASH' END
               THEN 'the house account is not the one for this kind of transfer'
               WHEN w.account_sequence <> a.version - w.later
               THEN 'its number in the account does not follow the last one'
               WHEN w.player_balance_after <> a.balance - w.later_change
               THEN 'the running balance does not follow from the last one'
               END AS complaint
          FROM (SELECT f.*, count(*) OVER after_it AS later,
                       coalesce(sum(CASE WHEN credit_account_id = player_account_id
                                         THEN amount ELSE -amount END) OVER after_it, 0)
                           AS later_change
                  FROM written f
                WINDOW after_it AS (PARTITION BY player_account_id
                                    ORDER BY account_sequence DESC
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) w
          LEFT JOIN wallet_account a ON a.id = w.player_account_id
          LEFT JOIN wallet_account house
            ON house.id = CASE WHEN w.credit_account_id = w.player_account_id
                               THEN w.debit_account_id ELSE w.credit_account_id END) checked
     WHERE complaint IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Transfer % is refused: %. Post through wallet.services.post_transfers.',
            wrong.key, wrong.complaint USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER transfers_move_balances AFTER INSERT ON wallet_transfer
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION wallet_move_balances();
"""

# pg_trigger_depth() is 0 for a statement of anybody's own, and more inside our trigger.
ONLY_BY_TRANSFERS = """
CREATE FUNCTION wallet_refuse_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Accounts can''t be changed by hand: a balance moves when a transfer is posted '
        '(wallet.services.post_transfers), and an account opens empty.'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER accounts_move_only_by_transfers BEFORE UPDATE ON wallet_account
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION wallet_refuse_by_hand();
CREATE TRIGGER accounts_open_empty BEFORE INSERT ON wallet_account
    FOR EACH ROW WHEN (NEW.version <> 0 OR NEW.balance <> 0)
    EXECUTE FUNCTION wallet_refuse_by_hand();
CREATE TRIGGER accounts_are_never_removed BEFORE DELETE OR TRUNCATE ON wallet_account
    FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_by_hand();
"""

BACKWARDS = """
DROP TRIGGER accounts_are_never_removed ON wallet_account;
DROP TRIGGER accounts_open_empty ON wallet_account;
DROP TRIGGER accounts_move_only_by_transfers ON wallet_account;
DROP FUNCTION wallet_refuse_by_hand();
DROP TRIGGER transfers_move_balances ON wallet_transfer;
DROP FUNCTION wallet_move_balances();
DROP FUNCTION wallet_write_transfers(
    text, text[], text[], bigint[], text[], bigint[], text[], bigint[], bigint[], text[], text[],
    text[], text[]);
DROP FUNCTION wallet_begin_posting(bigint[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0002_currencies")]
    operations = [
        migrations.RunSQL(
            BEGIN_POSTING + WRITE_TRANSFERS + MOVE_BALANCES + ONLY_BY_TRANSFERS, BACKWARDS
        )
    ]
