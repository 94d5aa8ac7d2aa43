"""Odds88: client, parser and translation."""
