"""The working screen in a browser: ``csc-data app``."""

from __future__ import annotations

import argparse
import importlib.util
from typing import Any

from csc_data.commands.exit_codes import CLEAN
from csc_data.errors import UsageError

_NEEDED = ("starlette", "uvicorn", "python_multipart")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "app",
        help="check a return and work through its issues in the browser",
        description="Serve the working screen to this machine alone, and open it in the browser. Nothing is kept on disk "
        "but what you save, and nothing is sent anywhere.",
    )
    command.add_argument("--port", type=_port, default=0, metavar="N", help="where to listen; a free port if left out")
    command.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    command.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    if lacking := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        raise UsageError(
            f"The app needs packages that are not installed ({', '.join(lacking)}). Install them with: "
            'pip install "csc-data[app]"'
        )
    from csc_data.app.server import serve
    from csc_data.app.session import Session

    serve(Session(), options.port, browser=not options.no_browser)
    return CLEAN


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 1 to 65535")
    return int(text)
