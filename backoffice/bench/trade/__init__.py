"""LSports' packages through a RabbitMQ of our own."""
