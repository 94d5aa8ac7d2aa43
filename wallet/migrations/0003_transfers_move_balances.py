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

LOCK_ACCOUNTS = f"""
CREATE FUNCTION wallet_lock_accounts(ids bigint[])
    RETURNS TABLE (account_id bigint, currency varchar, balance bigint, version bigint,
                   status varchar, player varchar)
    LANGUAGE sql VOLATILE SECURITY DEFINER {BY_PRIMARY_KEY}
AS $$
    SELECT a.id, a.currency_id, a.balance, a.version, p.status, p.external_id
      FROM wallet_account a JOIN wallet_player p ON p.id = a.player_id
     WHERE a.id = ANY (ids)
     ORDER BY a.id
       FOR NO KEY UPDATE OF a
$$;
"""

# An account moves in the caller's order; rows are written in the order of their keys, so that two
# callers who share keys wait for each other and never in a circle.
# One call for a posting, since each further one costs as much as the work. The second statement's
# snapshot is younger than the locks: a key or a balance that we waited for is seen.
POST_TRANSFERS = """
CREATE FUNCTION wallet_post_transfers(
        by_actor text, asked_keys text[], kinds text[], account_ids bigint[], house_kinds text[],
        changes bigint[], currencies text[], reference_kinds text[], reference_ids text[],
        reasons text[], notes text[])
    RETURNS TABLE (keys text[], ids bigint[], balances bigint[], sequences bigint[],
                   at timestamptz, earlier_keys text[])
    LANGUAGE plpgsql VOLATILE
    SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    moment timestamptz;
BEGIN
    PERFORM wallet_lock_accounts(account_ids);
    moment := clock_timestamp();  -- Not the statement's: that is from before the wait.
    RETURN QUERY
    WITH earlier AS (
        SELECT t.key FROM wallet_transfer t WHERE t.key = ANY (asked_keys)
    ), posted AS (
        INSERT INTO wallet_transfer
            (key, kind, player_account_id, debit_account_id, credit_account_id, amount,
             currency_id, player_balance_after, account_sequence, reference_kind, reference_id,
             actor, reason, note, created_at)
        SELECT p.key, p.kind, p.account_id,
               CASE WHEN p.change > 0 THEN house.id ELSE p.account_id END,
               CASE WHEN p.change > 0 THEN p.account_id ELSE house.id END,
               abs(p.change), p.currency,
               a.balance + sum(p.change) OVER in_account,
               a.version + row_number() OVER in_account,
               p.reference_kind, p.reference_id, by_actor, p.reason, p.note, moment
          FROM unnest(asked_keys, kinds, account_ids, house_kinds, changes, currencies,
                      reference_kinds, reference_ids, reasons, notes)
               WITH ORDINALITY AS p (key, kind, account_id, house_kind, change, currency,
                                     reference_kind, reference_id, reason, note, place)
          JOIN wallet_account a ON a.id = p.account_id
          JOIN wallet_account house ON house.player_id IS NULL
               AND house.kind = p.house_kind AND house.currency_id = p.currency
         WHERE p.key NOT IN (SELECT earlier.key FROM earlier)
        WINDOW in_account AS (PARTITION BY p.account_id ORDER BY p.place)
         ORDER BY p.key
        RETURNING id, key, player_balance_after, account_sequence)
    SELECT array_agg(t.key::text ORDER BY t.id), array_agg(t.id ORDER BY t.id),
           array_agg(t.player_balance_after ORDER BY t.id),
           array_agg(t.account_sequence ORDER BY t.id), moment,
           (SELECT array_agg(earlier.key::text) FROM earlier)
      FROM posted t;
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
    IF TG_RELID <> 'public.wallet_transfer'::regclass THEN
        RAISE EXCEPTION 'Balances move by the ledger alone.';
    END IF;
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
               WHEN p.status <> 'ACTIVE' AND w.kind IN ('DEPOSIT', 'WITHDRAWAL', 'STAKE')
               THEN 'the player is blocked or closed'
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
          LEFT JOIN wallet_player p ON p.id = a.player_id
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

-- With it anybody could hang the function on a table of his own.
REVOKE EXECUTE ON FUNCTION wallet_move_balances() FROM PUBLIC;

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
DROP FUNCTION wallet_post_transfers(
    text, text[], text[], bigint[], text[], bigint[], text[], text[], text[], text[], text[]);
DROP FUNCTION wallet_lock_accounts(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0002_currencies")]
    operations = [
        migrations.RunSQL(
            LOCK_ACCOUNTS + POST_TRANSFERS + MOVE_BALANCES + ONLY_BY_TRANSFERS, BACKWARDS
        )
    ]
