"""A provider's result that was asked for can be accepted: as he gave it, to whom it was asked of.

What is written down is what the act's order holds, which nobody can change once it stands.
"""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION settlement_results_are_accepted_as_given() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    said jsonb := NEW.content::jsonb;
BEGIN
    PERFORM FROM settlement_batch b
       JOIN settlement_batchline l ON l.batch_id = b.id AND l.ticket_id = NEW.ticket_id
       CROSS JOIN LATERAL jsonb_array_elements(b.content::jsonb -> 'tickets') AS asked
      WHERE b.id = NEW.batch AND b.act = 'ACCEPT_RESULT' AND asked ->> 'bet_id' = l.bet_id
        AND asked -> 'lookup' = said -> 'lookup'
        AND asked -> 'answer' -> 'source' = said -> 'source'
        AND asked -> 'answer' -> 'result' = said -> 'says'
        AND asked -> 'answer' -> 'ticks' = to_jsonb(NEW.ticks);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'An accepted result is refused: it is not what act % names. '
            'Accept through settlement.acts.services.', NEW.batch
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER results_are_accepted_as_given BEFORE INSERT ON settlement_ticketfact
    FOR EACH ROW WHEN (NEW.kind = 'ACCEPT')
    EXECUTE FUNCTION settlement_results_are_accepted_as_given();
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM settlement_batch WHERE act = 'ACCEPT_RESULT') THEN
        RAISE EXCEPTION 'Accepted results would be lost: this can''t be migrated backwards.';
    END IF;
END
$$;
DROP TRIGGER results_are_accepted_as_given ON settlement_ticketfact;
DROP FUNCTION settlement_results_are_accepted_as_given();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0012_audit_seals"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="batch",
            name="batch_act_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="ticketfact",
            name="ticket_fact_kind_is_known",
        ),
        migrations.AlterField(
            model_name="batch",
            name="act",
            field=models.CharField(
                choices=[
                    ("SETTLE", "Settle"),
                    ("RESETTLE", "Resettle"),
                    ("VOID", "Void"),
                    ("REOPEN", "Reopen"),
                    ("CASH_OUT", "Cash out"),
                    ("CANCEL", "Cancel"),
                    ("REJECT", "Reject"),
                    ("RELEASE", "Release"),
                    ("ACCEPT_RESULT", "Accept result"),
                    ("UNDO", "Undo"),
                    ("ACCEPT", "Accept"),
                    ("DISMISS", "Dismiss"),
                    ("MARKET_SETTLE", "Market settle"),
                    ("MARKET_VOID", "Market void"),
                    ("MARKET_DEDUCT", "Market deduct"),
                    ("MARKET_REOPEN", "Market reopen"),
                ],
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="ticketfact",
            name="kind",
            field=models.CharField(
                choices=[
                    ("RESULT", "Result"),
                    ("SETTLE", "Settle"),
                    ("AMOUNT", "Amount"),
                    ("LEG", "Leg"),
                    ("VOID", "Void"),
                    ("REOPEN", "Reopen"),
                    ("CANCEL", "Cancel"),
                    ("REJECT", "Reject"),
                    ("CASH_OUT", "Cash out"),
                    ("RELEASE", "Release"),
                    ("ACCEPT", "Accept"),
                    ("RETRACTION", "Retraction"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "act__in",
                        [
                            "SETTLE",
                            "RESETTLE",
                            "VOID",
                            "REOPEN",
                            "CASH_OUT",
                            "CANCEL",
                            "REJECT",
                            "RELEASE",
                            "ACCEPT_RESULT",
                            "UNDO",
                            "ACCEPT",
                            "DISMISS",
                            "MARKET_SETTLE",
                            "MARKET_VOID",
                            "MARKET_DEDUCT",
                            "MARKET_REOPEN",
                        ],
                    )
                ),
                name="batch_act_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "RESULT",
                            "SETTLE",
                            "AMOUNT",
                            "LEG",
                            "VOID",
                            "REOPEN",
                            "CANCEL",
                            "REJECT",
                            "CASH_OUT",
                            "RELEASE",
                            "ACCEPT",
                            "RETRACTION",
                        ],
                    )
                ),
                name="ticket_fact_kind_is_known",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
