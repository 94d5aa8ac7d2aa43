"""What our own servers of several providers have in common. It knows nothing of Django."""
