"""LSports TRADE: client, parser and translation."""
