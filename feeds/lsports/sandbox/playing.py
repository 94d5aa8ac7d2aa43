"""A world's story, told through the sandbox as time goes by."""

from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.world import Happening, World
from feeds.sandboxes import playing


class Playing(playing.Playing[Happening]):
    """A thread that tells a story: at the times it has, or faster, or without a pause."""

    def __init__(self, vendor: Vendor, world: World, *, pace: float | None = 1) -> None:
        self.vendor = vendor
        super().__init__(lambda: world.happenings, self.happen, start=world.start, pace=pace)
        vendor.ends.append(self.stop)

    def happen(self, one: Happening) -> None:
        """Tell something, and follow its fixture from now on or no longer."""
        package = self.vendor.package(one.package)
        if one.followed is True:
            package.active[one.fixture] = None
        if one.followed is False:
            package.active.pop(one.fixture, None)
        if one.body:
            package.tell(one.body, one.message)
