"""Waits for its parent's end, then clears the folder that the parent could not."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from backoffice.embedded import storage


def main() -> None:
    """Read until the parent's end of the pipe is closed; a byte means it cleared up itself."""
    if not sys.stdin.buffer.read(1):
        storage.clear(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
