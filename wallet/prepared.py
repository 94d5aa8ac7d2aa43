"""Statements planned once for each connection: planning is most of a small posting's time."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def fetch_all(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a constant statement and return its rows; the server binds the values.

    Only for statements whose plan does not hang on the values: after five runs PostgreSQL may keep
    a plan made for any. Arrays are given as text (`text_array`, `number_array`) and cast there.
    """
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement.encode(), values, prepare=True).fetchall()


def fetch_planned(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement that is planned for these values: for sets of any size, and fresh tables.

    A kept plan would remember a table as it was when it was made: empty, perhaps.
    """
    return run(statement, values).fetchall()


def execute_planned(statement: str, values: Sequence[Any]) -> int:
    """Run such a statement for what it does; return how many rows it touched."""
    return run(statement, values).rowcount


def run(statement: str, values: Sequence[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
    """Run a statement with values that the server binds."""
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        return cursor.execute(statement.encode(), values, prepare=False)


def copy_rows(statement: str, rows: str) -> None:
    """Write rows, ready in COPY's text format; what the database says against it is Django's."""
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as into,
    ):
        into.write(rows.encode())


def text_array(values: Sequence[str]) -> str:
    """Return PostgreSQL's literal for an array of text: a third of the driver's own time."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        escaped = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
        joined = '","'.join(escaped)
    return f'{{"{joined}"}}' if values else "{}"


def number_array(values: Sequence[int]) -> str:
    """Return PostgreSQL's literal for an array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"
