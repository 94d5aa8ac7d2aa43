"""Settlement's benchmark: messages about single tickets, and markets with many tickets on them."""
