"""``python -m csc_data`` and the program ``csc-data``: listens for Ctrl-C before anything else is loaded."""

from __future__ import annotations

import sys

from csc_data.commands.stopping import STOPPED, heed_stops, no_more_stops


def main() -> None:
    """Run the command line as a program of its own."""
    try:
        heed_stops()
        if getattr(sys, "frozen", False):  # a process of a batch is this program, started to do what another says
            import multiprocessing

            multiprocessing.freeze_support()
        from csc_data.commands.cli import run

        run()
    except KeyboardInterrupt:
        no_more_stops()
        sys.stderr.write(f"csc-data: {STOPPED}\n")
        sys.exit(3)
    finally:
        no_more_stops()


if __name__ == "__main__":
    main()
