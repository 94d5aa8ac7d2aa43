"""Several reads that show the same moment: a page tells no ticket as open that it shows paid."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all that is read within be as it stood at the first read; nothing may be written."""
    if connection.in_atomic_block:  # It has begun to read already: a transaction of the caller's.
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
