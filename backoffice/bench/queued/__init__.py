"""Feeds that come through a RabbitMQ: what their benchmarks have in common."""
