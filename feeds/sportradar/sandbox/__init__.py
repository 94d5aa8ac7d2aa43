"""Our own servers of Sportradar's UOF: strict, countable, and wrong on demand.

For tests, campaigns, the bench and the demo. It knows nothing of Django.
"""

from feeds.sportradar.sandbox.bodies import Market, Outcome
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.sandbox.server import Sandbox
from feeds.sportradar.sandbox.world import World

__all__ = ["Market", "Options", "Outcome", "Sandbox", "World"]
