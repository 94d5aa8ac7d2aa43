"""PostgreSQL and Valkey of our own, from wheels: nothing to install, nothing left behind.

This package imports only the standard library, so that it can run before anything else works.
"""

from backoffice.embedded.services import EmbeddedServices
from backoffice.embedded.storage import ServicesUnavailable

__all__ = ["EmbeddedServices", "ServicesUnavailable"]
