"""Our own servers of LSports TRADE: strict, countable, and wrong on demand.

For tests, campaigns, the bench and the demo. It knows nothing of Django.
"""

from feeds.lsports.sandbox.bodies import Bet, Market
from feeds.lsports.sandbox.options import Layout, Options
from feeds.lsports.sandbox.server import Sandbox
from feeds.lsports.sandbox.world import World

__all__ = ["Bet", "Layout", "Market", "Options", "Sandbox", "World"]
