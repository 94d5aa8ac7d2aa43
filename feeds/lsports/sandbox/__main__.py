"""python -m feeds.lsports.sandbox: the sandbox without Django."""

import argparse
import sys

import structlog

from feeds.lsports.sandbox.running import add_arguments, run, running

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
parser = argparse.ArgumentParser(prog="python -m feeds.lsports.sandbox", description=__doc__)
add_arguments(parser)
run(running(vars(parser.parse_args())))
