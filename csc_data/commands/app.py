"""The working screen in a browser: ``csc-data app``."""

from __future__ import annotations

import argparse
import importlib.util
from typing import TYPE_CHECKING, Any

from csc_data.commands.arguments import PROVIDERS_HELP, Several, SeveralFiles
from csc_data.commands.exit_codes import CLEAN
from csc_data.errors import InputError, UsageError
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.app.session import Session

_NEEDED = ("starlette", "uvicorn", "python_multipart")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "app",
        help="check a return and work through its issues in the browser",
        description="Serve the working screen to this machine alone, and open it in the browser. Nothing is kept on disk "
        "but what you save, and nothing is sent anywhere.",
    )
    command.add_argument("paths", nargs="*", metavar="PATH", help="folder or file of the return, to be filled in")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument("--previous", metavar="PATH", help="the return before this one, such as last year's")
    command.add_argument("--authority", metavar="NAME", help="ONS code, DfE number or name of the local authority")
    command.add_argument("--providers", action=SeveralFiles, metavar="FILE", help=PROVIDERS_HELP)
    command.add_argument("--skip", action=Several, default=[], metavar="CODE", help="do not run these rules (101,388)")
    command.add_argument("--previous-run", metavar="RUN", help="the run saved at an earlier check, to see what is new")
    command.add_argument(
        "--work", metavar="WORKFILE", help="the work file: opened if it is there, and every note is saved in it at once"
    )
    command.add_argument("--port", type=_port, default=0, metavar="N", help="where to listen; a free port if left out")
    command.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    command.set_defaults(run=_serve, reads=("paths", "previous", "providers", "previous_run"))


def _serve(options: argparse.Namespace) -> int:
    if lacking := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        raise UsageError(
            f"The app needs packages that are not installed ({', '.join(lacking)}). Install them with: "
            'pip install "csc-data[app]"'
        )
    from csc_data.app.server import serve

    serve(_session(options), options.port, browser=not options.no_browser)
    return CLEAN


def _session(options: argparse.Namespace) -> Session:
    """What the form is filled in with."""
    from csc_data.app.session import Session, Supply
    from csc_data.app.settings import fill_in, whole_path

    if len(options.paths) > 1:
        raise UsageError("csc-data app takes the path of one folder or file. Choose several files on its first page.")
    session = Session()
    for path in map(whole_path, options.paths):
        if not path.exists():
            raise InputError(f"{printable_path(path)} is not there. Correct the path, or leave it out.")
        session.this_year = Supply(path=str(path))
    fill_in(session, vars(options))
    return session


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 1 to 65535")
    return int(text)
