"""Which columns of which tables are sealed, and how a row becomes 32 bytes.

A row is the JSON array of its columns' texts: null where there is nothing, times as microseconds
since 1970, bytes in hexadecimal. Its digest is the SHA-256 of that in UTF-8.
"""

from dataclasses import dataclass

FACT = "id xact source ticks key:bytes content message actor reason note batch created_at:time"
AS_TEXT = {
    "": '{row}."{name}"::text',
    "bytes": "encode({row}.\"{name}\", 'hex')",
    "time": 'trunc(extract(epoch FROM {row}."{name}") * 1000000)::text',
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A form of sealing a table. It never changes: more columns make a new form of the table.

    The table has an `id`, its writer's `xact` with an index on both, and `created_at`.
    """

    table: str
    form: int
    columns: str

    @property
    def names(self) -> list[str]:
        """Return the columns' names, in the order in which they are sealed."""
        return [column.partition(":")[0] for column in self.columns.split()]

    def digest(self, row: str) -> str:
        """Return the SQL expression of a row's digest."""
        columns = (column.partition(":") for column in self.columns.split())
        texts = ", ".join(AS_TEXT[kind].format(row=row, name=name) for name, _, kind in columns)
        return f"sha256(convert_to(array_to_json(ARRAY[{texts}])::text, 'UTF8'))"


SEALED = (
    Sealed(
        "wallet_transfer",
        1,
        "id xact key kind player_account_id debit_account_id credit_account_id amount currency_id "
        "player_balance_after account_sequence reference_kind reference_id actor reason note "
        "created_at:time",
    ),
    Sealed(
        "settlement_ruleset", 1, "id xact settings in_force_from:time note actor created_at:time"
    ),
    Sealed("settlement_marketfact", 1, f"{FACT} market_id event_id kind certainty"),
    Sealed("settlement_ticketfact", 1, f"{FACT} ticket_id kind position"),
    Sealed(
        "settlement_settlementevent",
        1,
        "id xact ticket_id sequence kind source actor reason note created_at:time before_status "
        "before_result before_payout after_status after_result after_payout cashed_out_stake "
        "cashed_out_amount settled_ticks difference transfer batch ticket_facts market_facts legs",
    ),
    # Where an act stands moves on; what was asked for does not.
    Sealed(
        "settlement_batch",
        1,
        "id xact key act maker reason note content digest:bytes total why_asked reverses_id "
        "created_at:time",
    ),
    Sealed(
        "settlement_approval",
        1,
        "id xact batch_id step maker checker digest:bytes note created_at:time",
    ),
    Sealed("settlement_actlimit", 1, "id xact role currency_id most actor created_at:time"),
)
BY_NAME = {(sealed.table, sealed.form): sealed for sealed in SEALED}
NEWEST = {sealed.table: sealed for sealed in sorted(SEALED, key=lambda sealed: sealed.form)}
