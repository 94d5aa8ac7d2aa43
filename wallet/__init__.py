"""Who owns what: currencies, players, accounts and the transfers between them."""
