"""The state of a ticket from all that was said of it: pure, whatever order it came in."""
