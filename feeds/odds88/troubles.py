"""What can go wrong when Odds88 is asked: each with a sentence for an operator."""

from enum import StrEnum


class Trouble(StrEnum):
    """Why an answer is none. The first four are nothing that another bet would change."""

    UNREACHABLE = "UNREACHABLE"
    TIMED_OUT = "TIMED_OUT"
    BUSY = "BUSY"
    CREDENTIALS = "CREDENTIALS"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    UNKNOWN_BET = "UNKNOWN_BET"
    UNREADABLE = "UNREADABLE"


AT_ODDS88 = frozenset({Trouble.UNREACHABLE, Trouble.TIMED_OUT, Trouble.BUSY, Trouble.CREDENTIALS})


class Odds88Trouble(Exception):
    """Odds88 did not answer as it should; the text says how."""

    trouble = Trouble.UNREACHABLE


class Unreachable(Odds88Trouble):
    """Nobody answers, or nobody that could be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Odds88 can't be reached: {reason}.")


class TimedOut(Unreachable):
    """Nobody answered in time."""

    trouble = Trouble.TIMED_OUT


class CutOff(Unreachable):
    """The connection ended before an answer came."""


class Failed(Unreachable):
    """Odds88 says that it failed."""

    trouble = Trouble.FAILED

    def __init__(self, status: int, detail: str) -> None:
        Exception.__init__(self, f"Odds88 failed ({status}{detail and ': '}{detail}).")


class Busy(Odds88Trouble):
    """Odds88 asks us to wait."""

    trouble = Trouble.BUSY

    def __init__(self, retry_after: float) -> None:
        super().__init__("Odds88 asks us to wait: it was asked too often (429). Try again later.")
        self.retry_after = retry_after


class WrongCredentials(Odds88Trouble):
    """Odds88 does not take our client id and password."""

    trouble = Trouble.CREDENTIALS


class Unexpected(Odds88Trouble):
    """Somebody answers what Odds88 would not: a page, a redirect, megabytes."""

    trouble = Trouble.UNREADABLE


class Refused(Odds88Trouble):
    """Odds88 understood us, and refuses."""

    trouble = Trouble.REFUSED


class UnknownBet(Odds88Trouble):
    """Odds88 does not know the bet."""

    trouble = Trouble.UNKNOWN_BET
