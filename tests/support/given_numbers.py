"""The numbers that a command which tries many cases is given."""

import argparse


def given_numbers(description: str | None, **defaults: int) -> list[int]:
    """The whole numbers on the command line, in the order of their names; each may be left out.

    Args:
        description: what ``--help`` says of the command.
        defaults: by name, the number where none is given.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    for name, number in defaults.items():
        parser.add_argument(name, type=int, nargs="?", default=number, help=f"{number:,} unless given")
    options = parser.parse_args()
    return [getattr(options, name) for name in defaults]
