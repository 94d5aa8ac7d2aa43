"""The guards of what was bet look at statements that name it, and leave settlement's alone.

Comparing all columns of each row that settlement writes was a fifth of the writing.
"""

from django.db import migrations

TICKET = (
    "id bet_id content_hash provider provider_bet_id player_id currency_id rule_set_id stake "
    "cash_stake kind system selection_count legs bankers lines each_way free_bet_ref placed_at "
    "accepted_at created_at"
).split()
SELECTION = (
    "id ticket_id position provider outcome_id place_outcome_id line group price part_price "
    "place_fraction place_price banker"
).split()


def guard(name: str, table: str, columns: list[str], *, named: bool) -> str:
    """Return the statements that put a guard in another one's place."""
    quoted = [f'"{column}"' for column in columns]
    old, new = (", ".join(f"{row}.{column}" for column in quoted) for row in ("OLD", "NEW"))
    of = f" OF {', '.join(quoted)}" if named else ""
    return f"""
DROP TRIGGER {name} ON {table};
CREATE TRIGGER {name} BEFORE UPDATE{of} ON {table}
    FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))
    EXECUTE FUNCTION settlement_refuse_changing_the_bet();
"""


def guards(*, named: bool) -> str:
    """Return both guards."""
    return guard("tickets_keep_what_was_bet", "settlement_ticket", TICKET, named=named) + guard(
        "selections_keep_what_was_bet", "settlement_selection", SELECTION, named=named
    )


class Migration(migrations.Migration):
    dependencies = [("settlement", "0008_legs_are_written_by_index")]
    operations = [migrations.RunSQL(guards(named=True), guards(named=False))]
