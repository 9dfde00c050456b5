"""The command line: finds the command and turns errors into messages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import csc_data
from csc_data.commands.arguments import Parser
from csc_data.commands.exit_codes import CLEAN, UNREADABLE
from csc_data.commands.messages import flush_streams, say, silence_compiled_code, silence_libraries
from csc_data.commands.printing import until_reader_leaves
from csc_data.commands.stopping import STOPPED
from csc_data.errors import CscDataError, UnexpectedError, UsageError, is_fault
from csc_data.files.inputs import Inputs
from csc_data.files.settings import Settings
from csc_data.files.writing import sparing
from csc_data.loading import modules_loading
from csc_data.visible import printable_path, visible

COMMANDS = (
    "app",
    "validate",
    "work",
    "compare",
    "batch",
    "rerun",
    "history",
    "store",
    "feed",
    "indicators",
    "benefit",
    "burden",
    "check-release",
    "open-data",
    "sector",
    "convert",
    "synthesise",
    "key",
    "standards",
    "rules",
    "items",
    "catalogue",
)
"""The commands in the order in which --help lists them; each is the module of its name."""


def run() -> None:
    """Run the command line as a program of its own."""
    silence_libraries()
    try:
        sys.exit(main(before_work=silence_compiled_code))
    finally:
        flush_streams()


def main(arguments: Sequence[str] | None = None, before_work: Callable[[], None] | None = None) -> int:
    """Run the command line. Returns the exit code; every error is a message on stderr, never a traceback.

    Args:
        arguments: those of the command line; of this program when left out.
        before_work: called when they are understood, before the command is run.
    """
    arguments = _in_lower_case(sys.argv[1:] if arguments is None else arguments)
    try:
        with until_reader_leaves():
            options = _parser(_to_load(arguments)).parse_args(arguments)
            _refuse_empty(arguments)
            if before_work:
                before_work()
            settings: Settings | None = getattr(options, "settings_read", None)
            if settings is not None and not getattr(options, "quiet", False):
                _name_settings(settings, options)
            read = [getattr(options, name) for name in getattr(options, "reads", ())]
            with sparing(Inputs.of(*read, *([settings.path] if settings else []))):
                code: int = options.run(options)
            if not (getattr(options, "quiet", False) or getattr(options, "names_packs", False)):
                _name_unused_packs()
            return code
        return CLEAN
    except CscDataError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say(STOPPED)
        return UNREADABLE
    except BaseException as error:
        if not is_fault(error):
            raise
        say(str(UnexpectedError.of(error)))
        return UNREADABLE


def _name_unused_packs() -> None:
    """Say which installed packs were not used, and why."""
    from csc_data.metadata.installed import set_aside

    for unused in set_aside():
        say(visible(str(unused)))


def _refuse_empty(arguments: Sequence[str]) -> None:
    """An empty argument comes from a variable that is not set, and would be taken for the current folder, or for none."""
    values = (text.partition("=")[2] if text.startswith("--") and "=" in text else text for text in arguments)
    if not all(values):
        raise UsageError(
            "An argument is empty, as when a variable is not set. Give its value, or leave the option out."
        )


def _name_settings(settings: Settings, options: argparse.Namespace) -> None:
    """Say which settings were read, by name."""
    used = [
        name for option, name in settings.names.items() if getattr(options, option, None) == settings.values[option]
    ]
    say(f"settings of {printable_path(settings.path)}: {', '.join(used) or 'none that this command takes'}")


def _in_lower_case(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments, with the name of the command as it is written here."""
    name = arguments[0].lower() if arguments else ""
    return [name, *arguments[1:]] if name in COMMANDS else arguments


def _to_load(arguments: Sequence[str]) -> Sequence[str]:
    """The commands that a call may be about: the one it names first; all where it names none, so that help lists them."""
    first = arguments[0] if arguments else ""
    if first == "--version":
        return ()
    return (first,) if first in COMMANDS else COMMANDS


def _parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    parser = Parser(
        prog="csc-data",
        description="Check England's children's social care returns against their data standards.",
        epilog="Exit codes: 0 clean, 1 issues found, 2 wrong usage or no place to write, 3 input or a row of it that cannot "
        "be read, or a rule that failed to run.",
    )
    parser.add_argument("--version", action="version", version=f"csc-data {csc_data.__version__}")
    choices = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in commands:
        with modules_loading():
            module = import_module(f"csc_data.commands.{command.replace('-', '_')}")
        module.add(choices)
    return parser


if __name__ == "__main__":
    run()
