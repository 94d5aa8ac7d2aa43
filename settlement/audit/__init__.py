"""The audit's hash chain: rows that must stay are sealed, block by block, and looked at again."""
