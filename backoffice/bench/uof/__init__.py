"""Sportradar's feed through a RabbitMQ of our own."""
