"""Which bet of Odds88's a ticket is, and what was asked about it: every call is written down."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from feeds.models import CallKind, LookupCall
from feeds.odds88.client import Answer, Bet, Client, NotSet, client
from settlement.models import Ticket
from settlement.vocabulary import Provider

LONGEST_KEPT = 64_000
NO_REQUESTS = ("", ".", "..")  # In an address they are no names.
UNREAD = "\ufffd"  # Stands for what was no text.
LONGEST_SENTENCE = 500
LONGEST_SENT = 2000


class LookUpRefused(Exception):
    """Nothing was asked; the text says why."""


def ticket_at_odds88(number: int) -> Ticket:
    """Return a ticket that Odds88 may be asked about; refuse others, and open transactions.

    Nobody waits for an answer while he holds a lock.
    """
    with transaction.atomic(durable=True):
        return ticket_known_at_odds88(number)


def ticket_known_at_odds88(number: int) -> Ticket:
    """Return a ticket that can be a bet of Odds88's; refuse others."""
    found = Ticket.objects.select_related("player", "currency", "rule_set").get(pk=number)
    if found.provider != Provider.ODDS88:
        raise LookUpRefused(
            f"{found.bet_id} is no bet of Odds88's: its results come from {found.provider.lower()}."
        )
    if not re.fullmatch(settings.ODDS88_PLAYER_ID, found.player.external_id):
        raise LookUpRefused(
            f"Odds88 has no player “{found.player.external_id}”: no id there looks like that. "
            "See ODDS88_PLAYER_ID."
        )
    if bet_of(found).request in NO_REQUESTS:
        raise LookUpRefused(f"{found.bet_id} can't be asked about: it would be another address.")
    return found


def bet_of(ticket: Ticket) -> Bet:
    """Return a ticket's player and request at Odds88."""
    player = ticket.player.external_id
    return Bet(player, (ticket.provider_bet_id or ticket.bet_id).removeprefix(f"{player}:"))


@contextmanager
def asking(given: Client | None) -> Iterator[Client]:
    """Yield the given client, or one of our own; refuse when Odds88 is not set up here."""
    if given is not None:
        yield given
        return
    try:
        ours = client()
    except NotSet as missing:
        raise LookUpRefused(str(missing)) from None
    with closing(ours):
        yield ours


def call(
    ticket: Ticket | None, actor: str, kind: CallKind, ask: Callable[[], Answer]
) -> tuple[LookupCall, Answer]:
    """Ask, and write down what came of it, also when nothing did."""
    asked_at = datetime.now(UTC)
    answer = ask()
    text = answer.body[:LONGEST_KEPT].decode(errors="replace").replace("\0", UNREAD)
    with transaction.atomic(durable=True):
        kept = LookupCall.objects.create(
            ticket=ticket,
            actor=actor,
            kind=kind,
            asked_at=asked_at,
            sent=answer.asked.text[:LONGEST_SENT],
            http_status=answer.status,
            answer=text,
            is_cut=len(answer.body) > LONGEST_KEPT,
            duration_ms=round(answer.duration * 1000),
            tries=answer.tries,
            trouble=answer.trouble or "",
            sentence=answer.sentence[:LONGEST_SENTENCE],
        )
    return kept, answer
