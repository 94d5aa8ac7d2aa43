"""The Django project, and everything that people and clients touch."""
