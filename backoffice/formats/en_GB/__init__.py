"""How this desk writes dates and numbers."""
