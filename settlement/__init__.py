"""How bets end: rules, the fold, tickets, facts and what was done about them."""
