"""Sportradar UOF: client, parser and translation."""
