"""What would a bet pay? Nothing is stored."""

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice.api import schema
from backoffice.api.base import ApiView, reply
from backoffice.api.bodies import body_of
from backoffice.api.errors import Refused
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.explain import structure_of
from settlement.rules.payout import settle
from settlement.rules.quote import LONGEST_LINE, answered, bet_of
from settlement.rules.short_forms import full_form


class Quote(ApiView):
    """Prices one bet."""

    permission = "settlement.quote_bet"
    most_bytes = LONGEST_LINE

    @schema.quote
    def post(self, request: Request) -> HttpResponse:
        """Price a bet: what it pays, exactly and rounded, and why."""
        asked = body_of(request)
        if not isinstance(asked, dict):
            raise Refused(422, "invalid", "A bet is a JSON object.")
        try:
            settled = settle(*bet_of(full_form(asked)))
        except NeedsDecision as reason:
            raise Refused(422, "needs_decision", str(reason)) from None
        except (RulesRefusal, msgspec.ValidationError, ArithmeticError) as refusal:
            raise Refused(422, "invalid", str(refusal)) from None
        return reply(answered(settled) | {"structure": structure_of(settled)})
