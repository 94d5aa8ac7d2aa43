"""How truths are told, for the layers above the wallet."""

from wallet.invariants import Row, Truth

__all__ = ["Row", "Truth"]
