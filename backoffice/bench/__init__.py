"""Figures against peers and limits: every side in one run, in turns, in a scratch database.

`manage.py bench` makes the database and starts the measuring command in a child process whose
settings also install the peers.
"""
