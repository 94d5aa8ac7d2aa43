"""A house checkpoint is computed where the transfers are; nobody says what it holds.

The function runs with the owner's rights: the application's role may call it (roles.py), but not
write a checkpoint. No transaction below the snapshot's xmin can still bring a transfer along.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION wallet_checkpoint_house_accounts() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    last_xact xid8;
    last_id bigint;
    new_xact xid8;
    new_id bigint;
    written bigint;
BEGIN
    SELECT c.through_xact, c.through_id INTO last_xact, last_id
      FROM wallet_housecheckpoint c
     ORDER BY c.through_xact DESC, c.through_id DESC LIMIT 1;
    IF NOT FOUND THEN
        last_xact := '0';
        last_id := 0;
    END IF;
    SELECT t.xact, t.id INTO new_xact, new_id
      FROM wallet_transfer t
     WHERE t.xact < horizon AND (t.xact, t.id) > (last_xact, last_id)
     ORDER BY t.xact DESC, t.id DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    INSERT INTO wallet_housecheckpoint (account_id, balance, through_xact, through_id)
    SELECT a.id, coalesce(c.balance, 0) + coalesce(m.change, 0), new_xact, new_id
      FROM wallet_account a
      LEFT JOIN wallet_housecheckpoint c
        ON c.account_id = a.id AND (c.through_xact, c.through_id) = (last_xact, last_id)
      LEFT JOIN (
          SELECT CASE WHEN credit_account_id = player_account_id THEN debit_account_id
                      ELSE credit_account_id END AS account_id,
                 sum(CASE WHEN credit_account_id = player_account_id THEN -amount
                          ELSE amount END) AS change
            FROM wallet_transfer
           WHERE xact < horizon AND (xact, id) > (last_xact, last_id)
           GROUP BY 1) m ON m.account_id = a.id
     WHERE a.player_id IS NULL
     ORDER BY a.id
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

REVOKE EXECUTE ON FUNCTION wallet_checkpoint_house_accounts() FROM PUBLIC;
"""

BACKWARDS = "DROP FUNCTION wallet_checkpoint_house_accounts()"


class Migration(migrations.Migration):
    dependencies = [("wallet", "0005_transfers_carry_their_own_time")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
