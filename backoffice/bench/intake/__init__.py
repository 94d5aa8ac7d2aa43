"""The intake's benchmark: tickets as clients write them, until they stand in the books."""
