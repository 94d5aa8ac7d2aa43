"""Provider messages turned into our words; knows no money."""
