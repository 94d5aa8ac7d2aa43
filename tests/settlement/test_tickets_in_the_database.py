"""If Python were wrong, the database keeps what was bet: for the application and for its owner."""

from collections.abc import Iterable
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError, ProgrammingError

from settlement.models import Outcome, RuleSet, Selection, Ticket
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, builder, legs, selection

AGREED = {
    "settlement_ticket": "bet_id = 'T-2'; content_hash = '\\x00'; provider = 'ODDS88'; "
    "provider_bet_id = 'R'; player_id = player_id + 1; currency_id = 'USD'; rule_set_id = 2; "
    "stake = stake + 1; cash_stake = 0; kind = 'ACCUMULATOR'; system = '1/1'; legs = legs + 1; "
    "bankers = 1; lines = lines + 1; each_way = NOT each_way; free_bet_ref = 'F'; "
    "placed_at = placed_at - interval '1 second'; accepted_at = accepted_at + interval '1 second'; "
    "created_at = now() + interval '1 day'; id = id + 1000; stake = 1, status = 'CANCELLED'",
    "settlement_selection": "ticket_id = ticket_id + 1; position = position + 10; "
    "provider = 'ODDS88'; outcome_id = outcome_id + 1; place_outcome_id = outcome_id; line = '1'; "
    "\"group\" = 'A'; price = '9.99'; price = NULL; part_price = '2'; place_fraction = '1/5'; "
    "place_price = '1.5'; banker = NOT banker; id = id + 1000; price = '9', win_factor = '1'",
    "settlement_ruleset": "settings = '{}'; in_force_from = now(); note = 'x'; actor = 'x'",
}
REWRITING = [
    *(
        f"UPDATE {table} SET {change}"
        for table, changes in AGREED.items()
        for change in changes.split("; ")
    ),
    *(
        f"{act} {table}{more}"
        for table in AGREED
        for act, more in (("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))
    ),
]
WHAT_IS_BET_ON = [
    "UPDATE settlement_sportevent SET ref = 'E-9'",
    "UPDATE settlement_sportevent SET provider = 'ODDS88'",
    "UPDATE settlement_market SET ref = '9'",
    "UPDATE settlement_market SET specifiers = 'total=9'",
    "UPDATE settlement_market SET event_id = 1",
    "UPDATE settlement_outcome SET ref = 'Y'",
    "UPDATE settlement_outcome SET line = '9'",
    "UPDATE settlement_outcome SET market_id = 1",
]
SWITCHING_OFF = [
    "ALTER TABLE settlement_ticket DISABLE TRIGGER ALL",
    "ALTER TABLE settlement_selection DISABLE TRIGGER USER",
    "DROP TRIGGER tickets_keep_what_was_bet ON settlement_ticket",
    "ALTER TABLE settlement_ticket DROP CONSTRAINT ticket_takes_the_stake_or_nothing",
    "CREATE OR REPLACE FUNCTION settlement_legs_fit() RETURNS trigger AS '' LANGUAGE sql",
    "DELETE FROM settlement_outcome",
    "DELETE FROM settlement_market",
    "DELETE FROM settlement_sportevent",
]


def taken(statements: Iterable[str], owner: psycopg.Connection) -> list[str]:
    """Return the statements that the database did not refuse because of a rule."""
    through = []
    for statement in statements:
        try:
            owner.execute(statement.encode())
        except psycopg.errors.IntegrityConstraintViolation:
            continue
        through.append(statement)
    return through


@pytest.mark.parametrize("statement", [*REWRITING, *WHAT_IS_BET_ON, *SWITCHING_OFF])
def test_the_applications_role_may_not_change_what_was_bet(
    player: FundedPlayer, statement: str
) -> None:
    accepted(bet(player))

    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_trigger_stops_even_the_owner(own_database: str) -> None:
    accepted(bet(FundedPlayer.create("100.00"), bet_id="T-1"))
    FundedPlayer.create()
    before = [list(model.objects.values()) for model in (Ticket, Selection, RuleSet)]

    with psycopg.connect(databases.owner_url(own_database), autocommit=True) as owner:
        assert taken(REWRITING, owner) == []

    assert [list(model.objects.values()) for model in (Ticket, Selection, RuleSet)] == before


def test_even_the_owner_can_not_lay_another_outcome_under_a_bet(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    accepted(bet(player), bet(player, selection(2, outcome="", outcome_name="A"),
                              provider="lsports"))  # fmt: skip

    with psycopg.connect(databases.owner_url(own_database), autocommit=True) as owner:
        through = taken((f"{one} WHERE id = 2" for one in WHAT_IS_BET_ON), owner)

    assert through == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE settlement_ticket SET settled_ticks = 1",
        "UPDATE settlement_selection SET win_factor = '1/3', void_factor = '0', result = 'WIN'",
        "UPDATE settlement_selection SET place_win_factor = '1', place_void_factor = '0'",
        "UPDATE settlement_selection SET deduction_percent = '15', starting_price = '4.50'",
        "UPDATE settlement_sportevent SET name = 'A v B', start_at = now()",
        "UPDATE settlement_market SET name = 'Result'",
        "UPDATE settlement_outcome SET name = 'A'",
    ],
)
def test_what_settlement_writes_may_be_written(player: FundedPlayer, statement: str) -> None:
    accepted(bet(player))

    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1


TICKET = {
    "bet_id": "'T-1'", "content_hash": "'\\x00'", "provider": "'MANUAL'", "provider_bet_id": "''",
    "player_id": "%(player)s", "currency_id": "'EUR'", "rule_set_id": "1", "stake": "1000",
    "cash_stake": "0", "kind": "'SINGLE'", "system": "''", "selection_count": "1", "legs": "1",
    "bankers": "0", "lines": "1", "each_way": "false", "free_bet_ref": "''", "placed_at": "now()",
    "accepted_at": "now()",
}  # fmt: skip
SELECTION = {
    "ticket_id": "%(ticket)s", "position": "1", "provider": "''", "outcome_id": "%(outcome)s",
    "line": "''", '"group"': "''", "price": "'2.50'", "banker": "false",
}  # fmt: skip
Row = dict[str, str]


def insert(table: str, row: Row, **values: Any) -> int:
    """Write a row whose columns are given as SQL; return its id."""
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING id", values)
        return int(cursor.fetchone()[0])


def write(player: FundedPlayer, ticket: Row, *selections: Row) -> None:
    """Write a ticket and its selections in a transaction of its own, past all Python."""
    accepted(bet(player, bet_id="seen before"))
    outcome = Outcome.objects.get().pk
    with transaction.atomic():
        number = insert("settlement_ticket", TICKET | ticket, player=player.player.pk)
        for one in selections:
            insert("settlement_selection", SELECTION | one, ticket=number, outcome=outcome)
        check_as_at_commit()


def check_as_at_commit() -> None:
    """Run the checks that wait for the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_rows_that_the_tables_below_change_are_good_ones(player: FundedPlayer) -> None:
    write(player, {}, {})

    assert Ticket.objects.get(bet_id="T-1").selections.count() == 1


NOT_A_TICKET: list[tuple[str, Row, str]] = [
    ("no bet_id", {"bet_id": "''"}, "ticket_has_a_bet_id"),
    ("a bet_id used before", {"bet_id": "'seen before'"}, "ticket_bet_id_is_used_once"),
    ("an unknown provider", {"provider": "'BWIN'"}, "ticket_provider_is_known"),
    ("an unknown kind", {"kind": "'LUCKY16'"}, "ticket_kind_is_known|legs_fit"),
    ("an unknown status", {"status": "'WON'"}, "moves when an event is written"),
    ("settled at once", {"status": "'SETTLED'"}, "moves when an event is written"),
    ("nobody's", {"player_id": "0"}, "player_id.* is not present in table"),
    ("a stake of nothing", {"stake": "0"}, "ticket_stake_is_positive"),
    ("a negative stake", {"stake": "-5"}, "stake_is_positive|amounts_are_not"),
    ("half of the stake taken", {"cash_stake": "500"}, "ticket_takes_the_stake_or_nothing"),
    ("more than the stake taken", {"cash_stake": "1001"}, "ticket_takes_the_stake_or_nothing"),
    ("cash for a free bet", {"cash_stake": "1000", "free_bet_ref": "'F'"}, "takes_the_stake_or"),
    ("no lines", {"lines": "0"}, "ticket_has_lines_and_legs"),
    ("a single with two legs", {"legs": "2"}, "ticket_legs_fit_its_kind"),
    ("an accumulator with one", {"kind": "'ACCUMULATOR'"}, "ticket_legs_fit_its_kind"),
    ("a banker in an accumulator",
     {"kind": "'ACCUMULATOR'", "legs": "2", "bankers": "1"}, "ticket_legs_fit_its_kind"),
    ("a Lucky 15 with three", {"kind": "'LUCKY15'", "legs": "3"}, "ticket_legs_fit_its_kind"),
    ("a Lucky 15 with four, one a banker",
     {"kind": "'LUCKY15'", "legs": "4", "bankers": "1"}, "ticket_legs_fit_its_kind"),
    ("a system of bankers",
     {"kind": "'SYSTEM'", "system": "'1/1'", "bankers": "1"}, "ticket_legs_fit_its_kind"),
    ("a system without its folds", {"kind": "'SYSTEM'"}, "names_the_folds_of_a_system"),
    ("a system in words", {"kind": "'SYSTEM'", "system": "'all'"}, "names_the_folds_of_a_system"),
    ("a single with folds", {"system": "'1/1'"}, "ticket_names_the_folds_of_a_system"),
    ("an unknown currency", {"currency_id": "'QQQ'"}, "no currency or rule set"),
    ("an unknown rule set", {"rule_set_id": "0"}, "no currency or rule set"),
    ("an exotic that says more legs than it has", {"kind": "'TOTE'", "legs": "2"}, "make 1"),
    ("a banker that no selection is", {"kind": "'TOTE'", "bankers": "1"}, r"make 1 \(0\)"),
]  # fmt: skip
NOT_SELECTIONS: list[tuple[str, list[Row], str]] = [
    ("none", [], "Ticket T-1 has no selections. Bring tickets in through settlement.intake."),
    ("one that is not the first", [{"position": "2"}], "its selections make"),
    ("two for one leg", [{}, {"position": "2"}], "its selections make"),
    ("a banker that the ticket has not", [{"banker": "true"}], r"make 1 \(1\)"),
    ("an unknown provider", [{"provider": "'BWIN'"}], "selection_provider_is_known"),
    ("an unknown result", [{"result": "'WON'"}], "selection_result_is_known"),
    ("half of its factors", [{"win_factor": "'1'"}], "selection_has_both_factors_or_none"),
    ("an outcome that is not there", [{"outcome_id": "0"}], "outcome_id.* is not present in table"),
    ("a price in words", [{"price": "'evens'"}], "selection_numbers_are_exact"),
    ("an empty price", [{"price": "''"}], "selection_numbers_are_exact"),
    ("a negative price", [{"price": "'-2'"}], "selection_numbers_are_exact"),
    ("a price with an exponent", [{"price": "'1e3'"}], "selection_numbers_are_exact"),
    ("a price with a line's end", [{"price": "E'2\\n'"}], "selection_numbers_are_exact"),
    ("a price that divides by zero", [{"price": "'5/0'"}], "selection_numbers_are_exact"),
    ("a factor with a comma", [{"win_factor": "'0,5'", "void_factor": "'0'"}], "are_exact"),
]


@pytest.mark.parametrize(("what", "changes", "complaint"), NOT_A_TICKET)
def test_a_ticket_that_makes_no_sense_is_refused(
    player: FundedPlayer, what: str, changes: Row, complaint: str
) -> None:
    with pytest.raises(DatabaseError, match=complaint):
        write(player, changes, {})

    assert Ticket.objects.get().bet_id == "seen before"


@pytest.mark.parametrize(("what", "selections", "complaint"), NOT_SELECTIONS)
def test_selections_that_do_not_make_the_ticket_are_refused(
    player: FundedPlayer, what: str, selections: list[Row], complaint: str
) -> None:
    with pytest.raises(DatabaseError, match=complaint):
        write(player, {}, *selections)

    assert Ticket.objects.get().bet_id == "seen before"


def test_a_ticket_without_selections_does_not_survive_its_commit(own_database: str) -> None:
    player = FundedPlayer.create("100.00")

    with pytest.raises(IntegrityError, match="has no selections"), transaction.atomic():
        insert("settlement_ticket", TICKET, player=player.player.pk)

    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("what", "selections", "kind", "group"),
    [
        ("a leg more for a double", legs(2), "double", ""),
        ("a leg more for an exotic", legs(2), "exotic", ""),
        ("a part more for a builder", builder("X", "Y"), "single", "A"),
    ],
)
def test_no_selection_is_added_later(
    player: FundedPlayer, what: str, selections: list[dict[str, Any]], kind: str, group: str
) -> None:
    (ticket,) = accepted(bet(player, *selections, kind=kind))
    last = Selection.objects.order_by("position").last()
    assert last

    row = SELECTION | {"position": "3", '"group"': f"'{group}'"}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert("settlement_selection", row, ticket=ticket.ticket_id, outcome=last.outcome_id)

    assert Selection.objects.count() == 2


def write_backwards(player: FundedPlayer, ticket: Row) -> None:
    """Write one selection, and then the ticket that it belongs to."""
    outcome = Outcome.objects.get().pk
    with transaction.atomic():
        insert("settlement_selection", SELECTION, ticket=777777, outcome=outcome)
        insert("settlement_ticket", ticket, player=player.player.pk)
        check_as_at_commit()


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("too few for its legs", {"kind": "'DOUBLE'", "legs": "2"}),
        ("an unknown currency", {"currency_id": "'QQQ'"}),
        ("an unknown rule set", {"rule_set_id": "0"}),
    ],
)
def test_selections_are_counted_also_when_they_are_written_before_their_ticket(
    player: FundedPlayer, what: str, changes: Row
) -> None:
    """The foreign key waits for the commit, so the order of the rows is the writer's choice."""
    accepted(bet(player, bet_id="seen before"))

    with pytest.raises(IntegrityError):
        write_backwards(player, TICKET | {"id": "777777"} | changes)

    assert Ticket.objects.get().bet_id == "seen before"


@pytest.mark.parametrize(
    ("what", "begins"),
    [
        ("yesterday", "now() - interval '1 day'"),
        ("a moment ago", "clock_timestamp() - interval '1 millisecond'"),
        ("for ever", "'-infinity'"),
    ],
)
def test_no_rule_set_reaches_back(db: None, what: str, begins: str) -> None:
    row = {"settings": "'{}'", "in_force_from": begins, "note": "'new'", "actor": "'me'"}

    with pytest.raises(IntegrityError, match="can't reach back"), transaction.atomic():
        insert("settlement_ruleset", row)

    assert RuleSet.objects.count() == 1


@pytest.mark.parametrize("empty", ["note", "actor"])
def test_a_rule_set_says_who_and_why(db: None, empty: str) -> None:
    row = {"settings": "'{}'", "in_force_from": "now() + interval '1 hour'",
           "note": "'new'", "actor": "'me'"}  # fmt: skip

    with pytest.raises(IntegrityError, match="ruleset_says_who_and_why"), transaction.atomic():
        insert("settlement_ruleset", row | {empty: "''"})


@pytest.mark.parametrize(
    ("what", "table", "row", "complaint"),
    [
        ("an event twice", "settlement_sportevent",
         {"provider": "'MANUAL'", "ref": "'E-1'", "name": "''"}, "sport_event_is_known_once"),
        ("an event of an unknown provider", "settlement_sportevent",
         {"provider": "'BWIN'", "ref": "'E-2'", "name": "''"}, "sport_event_provider_is_known"),
        ("an event without its reference", "settlement_sportevent",
         {"provider": "'MANUAL'", "ref": "''", "name": "''"}, "sport_event_has_a_ref"),
        ("a market twice", "settlement_market",
         {"event_id": "%(event)s", "ref": "'1'", "specifiers": "''", "name": "''"},
         "market_is_known_once"),
        ("an outcome twice", "settlement_outcome",
         {"market_id": "%(market)s", "ref": "'X'", "name": "''", "line": "''"},
         "outcome_is_known_once_by_ref"),
        ("an outcome that nothing names", "settlement_outcome",
         {"market_id": "%(market)s", "ref": "''", "name": "''", "line": "''"},
         "outcome_has_a_ref_or_a_name"),
    ],
)  # fmt: skip
def test_what_can_be_bet_on_is_known_once(
    player: FundedPlayer, what: str, table: str, row: Row, complaint: str
) -> None:
    accepted(bet(player))
    outcome = Outcome.objects.select_related("market").get()

    with pytest.raises(IntegrityError, match=complaint), transaction.atomic():
        insert(table, row, event=outcome.market.event_id, market=outcome.market_id)
