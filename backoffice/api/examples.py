"""Examples for the API's description."""

from typing import Any

TICKET: dict[str, Any] = {
    "bet_id": "T-1",
    "provider": "sportradar",
    "player": "P-1",
    "currency": "EUR",
    "stake": "10.00",
    "kind": "single",
    "placed_at": "2026-11-21T10:00:00Z",
    "selections": [
        {
            "event": "sr:match:935448",
            "market": "204",
            "specifiers": "setnr=1|gamenr=2|pointnr=1",
            "outcome": "4",
            "price": "2.50",
            "event_name": "Abel – Brandt",
        }
    ],
}
DOUBLE: dict[str, Any] = TICKET | {
    "bet_id": "T-2",
    "kind": "double",
    "selections": [
        {"event": "sr:match:935448", "market": "1", "outcome": "1", "price": "1.80"},
        {"event": "sr:match:935449", "market": "1", "outcome": "2", "price": "2.10"},
    ],
}
TAKEN_IN = {"bet_id": "T-1", "status": "created", "url": "/api/v1/tickets/T-1/"}
RESULTS = {
    "created": 1,
    "repeated": 0,
    "refused": 1,
    "results": [
        {"bet_id": "T-1", "status": "created", "code": None, "field": None, "error": None},
        {
            "bet_id": "T-2",
            "status": "refused",
            "code": "insufficient_funds",
            "field": "stake",
            "error": "P-1 holds 0.00 EUR: too little for 10.00 EUR.",
        },
    ],
}
PROBLEM = {
    "type": "about:blank",
    "title": "Conflict",
    "status": 409,
    "code": "insufficient_funds",
    "detail": "P-1 holds 0.00 EUR: too little for 10.00 EUR.",
    "field": "stake",
}
QUOTE: dict[str, Any] = {
    "type": "double",
    "stake": "10.00",
    "currency": "EUR",
    "legs": [{"price": "1.80", "result": "win"}, {"price": "2.10", "result": "void"}],
}
ORDER: dict[str, Any] = {
    "act": "SETTLE",
    "reason": "PROVIDER_DOWN",
    "note": "Odds88 has not answered since noon; the score is from the league's page.",
    "tickets": [{"bet_id": "T-1", "result": "WIN"}],
}
ACCEPTANCE: dict[str, Any] = {
    "act": "ACCEPT_RESULT",
    "reason": "PROVIDER_DOWN",
    "note": "The feed is silent; Odds88 says so when it is asked.",
    "lookup": 17,
    "token": "eyJkaWdlc3Qi…",
}
LOOK_UP: dict[str, Any] = {
    "bet_id": "O-1",
    "provider": "odds88",
    "asked_at": "2026-11-21T21:45:00+00:00",
    "calls": [16, 17],
    "lookup": 17,
    "status": "accepted",
    "reject_reason": None,
    "cancellation": None,
    "complaint": None,
    "sentences": ["At Odds88 the bet is accepted."],
    "differs": True,
    "fields": [
        {"field": "status", "ours": "OPEN", "theirs": "SETTLED", "differs": True},
        {"field": "result", "ours": None, "theirs": "WIN", "differs": True},
        {"field": "payout", "ours": None, "theirs": "25.00 EUR", "differs": True},
        {"field": "stake", "ours": "10.00 EUR", "theirs": "10.00 EUR", "differs": False},
        {"field": "leg 1: E-1 · 1 · X", "ours": None, "theirs": "WIN", "differs": True},
    ],
}
NO_ANSWER = {
    "type": "about:blank",
    "title": "Gateway Timeout",
    "status": 504,
    "code": "timed_out",
    "detail": "Odds88 did not answer within 10 s.",
}
