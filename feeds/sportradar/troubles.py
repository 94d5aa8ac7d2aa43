"""What can go wrong when Sportradar is asked: each with a sentence for an operator."""


class SportradarTrouble(Exception):
    """Sportradar did not answer as it should; the text says how."""


class Unreachable(SportradarTrouble):
    """Nobody answers, or nobody that could be trusted: what was asked may have been heard."""


class Failed(SportradarTrouble):
    """Sportradar says that it failed."""


class Refused(SportradarTrouble):
    """Sportradar understood us, and refuses."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Busy(Refused):
    """Sportradar asks us to wait."""

    def __init__(self, sentence: str, retry_after: float | None) -> None:
        super().__init__(sentence, 429)
        self.retry_after = retry_after


class Unexpected(SportradarTrouble):
    """Somebody answers what Sportradar would not."""
