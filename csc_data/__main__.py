"""``python -m csc_data`` and the program ``csc-data``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line."""
    from csc_data.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
