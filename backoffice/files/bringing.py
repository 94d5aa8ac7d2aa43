"""A file's tickets brought in, a thousand at a time, each thousand a transaction of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from backoffice.files.found import Found
from backoffice.intake import Answer, bring_in
from settlement.intake import MOST_AT_ONCE

Work = Callable[[Sequence[Mapping[str, Any]], str], list[Answer]]
Refuse = Callable[[Found, str], None]


@dataclass(slots=True)
class Imported:
    """What came of a file so far. `reached` is the last line that was dealt with."""

    rows: int = 0
    tickets: int = 0
    created: int = 0
    repeated: int = 0
    refused: int = 0
    reached: int = 0


def bring(found: Iterable[Found], *, actor: str, work: Work, refuse: Refuse) -> Iterator[Imported]:
    """Deal with all that was found, and yield the count after each thousand."""
    into = Imported()
    left = iter(found)
    while some := list(islice(left, MOST_AT_ONCE)):
        answers = work([one.ticket for one in some if one.ticket is not None], actor)
        for one, error in zip(some, told(some, answers), strict=True):
            if error:
                refuse(one, error)
        count(into, some, answers)
        yield into


def told(some: Sequence[Found], answers: Iterable[Answer]) -> Iterator[str]:
    """Yield why each was refused, or nothing."""
    given = iter(answers)
    for one in some:
        answer = None if one.ticket is None else next(given)
        if answer is None:
            yield one.error
        else:
            yield one.sentence(answer) if answer.status == "refused" else ""


def count(into: Imported, some: Sequence[Found], answers: Sequence[Answer]) -> None:
    """Add a batch to what came of the file."""
    into.rows += sum(len(one.rows) for one in some)
    into.tickets += len(some)
    into.created += sum(answer.status == "created" for answer in answers)
    into.repeated += sum(answer.status == "repeated" for answer in answers)
    into.refused = into.tickets - into.created - into.repeated
    into.reached = some[-1].rows[-1].line


def for_good(tickets: Sequence[Mapping[str, Any]], actor: str) -> list[Answer]:
    """Take the tickets in."""
    return bring_in(tickets=tickets, actor=actor)


def rolled_back(tickets: Sequence[Mapping[str, Any]], actor: str) -> list[Answer]:
    """Take the tickets in as if for good, and take it all back."""
    with transaction.atomic():
        answers = bring_in(tickets=tickets, actor=actor)
        transaction.set_rollback(True)
    return answers
