"""Our own server of Odds88's protocol: strict, countable, and wrong on demand.

For tests, campaigns and the demo. It knows nothing of Django.
"""

from feeds.odds88.sandbox.options import Options
from feeds.odds88.sandbox.server import Sandbox

__all__ = ["Options", "Sandbox"]
