"""The feed's benchmark: from a socket to the balances, beside a Celery task for each message."""
