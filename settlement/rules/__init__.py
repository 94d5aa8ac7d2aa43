"""What a bet pays: exact, pure, and able to say why."""
