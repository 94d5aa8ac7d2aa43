"""What a bet pays, as pure functions."""
