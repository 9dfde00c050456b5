"""Progress for whoever is watching the terminal."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc_data.validation.run import Progress


def progress_on_stderr(quiet: bool) -> AbstractContextManager[Progress | None]:
    """A progress bar on stderr for long work, or none if nobody is watching or it is not wanted."""
    if quiet or not getattr(sys.stderr, "isatty", bool)():
        return nullcontext()
    from csc_data.reporting.progress import progress_bar

    return progress_bar(sys.stderr)
