"""How a worker tells its children to finish: by a byte that they share, and nothing else.

It needs no database, which may be away just then, and no lock, which a child that was killed could
have kept.
"""

import mmap


class SharedFlag:
    """A flag of a process and of all that it forks from now on."""

    def __init__(self) -> None:
        self.shared = mmap.mmap(-1, 1)

    def set(self) -> None:
        """Raise it for good."""
        self.shared[0] = 1

    def is_set(self) -> bool:
        """Whether it was raised."""
        return self.shared[0] == 1
