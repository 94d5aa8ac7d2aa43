"""What can go wrong when LSports is asked: each with a sentence for an operator."""


class LsportsTrouble(Exception):
    """LSports did not answer as it should; the text says how."""

    status: int | None = None
    may_pass = True


class Unreachable(LsportsTrouble):
    """Nobody answers, or nobody that could be trusted: what was asked may have been heard."""


class Failed(LsportsTrouble):
    """LSports says that it failed."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Refused(LsportsTrouble):
    """LSports understood us, and refuses."""

    may_pass = False

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Busy(Refused):
    """LSports asks us to wait."""

    may_pass = True


class Unexpected(LsportsTrouble):
    """Somebody answers what LSports would not."""
