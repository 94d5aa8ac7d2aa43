"""A world's story, told through the sandbox as time goes by."""

from feeds.sandboxes import playing
from feeds.sportradar.sandbox.telling import publish
from feeds.sportradar.sandbox.vendor import Vendor
from feeds.sportradar.sandbox.world import Happening, World


class Playing(playing.Playing[Happening]):
    """A thread that tells a story: at the times it has, or faster, or without a pause."""

    def __init__(self, vendor: Vendor, world: World, *, pace: float | None = 1) -> None:
        super().__init__(
            lambda: world.happenings,
            lambda one: publish(vendor, one.body, product=one.product, sport=one.sport),
            start=world.start,
            pace=pace,
        )
        vendor.ends.append(self.stop)
