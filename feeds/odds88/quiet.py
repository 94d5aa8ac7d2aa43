"""Is a recovery over? When a while passed in which we listened, and nothing old came."""

LONGEST = 86400.0  # After a day all was told in any case: what is old then came late.
STALLS = 4  # Who does not ask for a quarter of the while was not listening.


class Quiet:
    """The quiet of one connection, by a clock that never goes back."""

    def __init__(self, seconds: float, now: float) -> None:
        self.seconds = seconds
        self.opened = self.since = self.heard = self.left_at = now

    def asked(self, now: float) -> None:
        """Note that we ask for more; what took long in between was no listening."""
        if now - self.left_at > self.seconds / STALLS:
            self.since = now

    def came(self, now: float, *, anything: bool, behind: bool) -> None:
        """Note what came: anything at all, and something that shows that we are behind."""
        self.left_at = now
        if anything:
            self.heard = now
        if behind:
            self.since = now

    @property
    def is_over(self) -> bool:
        """Whether it was quiet for long enough; silence alone proves nothing."""
        return self.heard - self.since >= self.seconds or self.heard - self.opened >= LONGEST
