"""A world of fixtures whose whole story follows from a seed."""

from dataclasses import dataclass
from functools import cached_property

from feeds.lsports.sandbox.bodies import Message
from feeds.lsports.sandbox.options import Options


@dataclass(frozen=True, slots=True)
class Happening:
    told_at: int
    timestamp: int
    package: str
    fixture: str
    body: bytes
    message: Message | None = None
    followed: bool | None = None


DEFAULT = Options()


@dataclass(frozen=True)
class World:
    seed: int = 1
    fixtures: int = 5000
    start: int = 0
    span: float = 3600
    odds: int = 1
    options: Options = DEFAULT

    @cached_property
    def cast(self) -> tuple[str, ...]:
        return ()

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        return ()
