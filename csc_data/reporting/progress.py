"""A progress bar for work that takes longer than a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from csc_data.reporting.terminal import width_from_environment
from csc_data.validation.run import Progress as ReportProgress
from csc_data.visible import visible

PATIENCE = 1.0
"""Seconds of work before the bar is shown."""


@contextmanager
def progress_bar(stream: IO[str]) -> Iterator[ReportProgress]:
    """Give a function to report how far the work is; the bar appears when it takes long and wipes itself at the end."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        _Steps(),
        TimeElapsedColumn(),
        console=Console(file=stream, stderr=True, width=width_from_environment()),
        transient=True,
    )
    task = bar.add_task("starting", total=None)
    patience = threading.Timer(PATIENCE, bar.start)
    patience.daemon = True
    patience.start()

    def report_progress(done: int, steps: int, what: str) -> None:
        bar.tasks[0].total = steps or None
        bar.update(task, completed=done, description=visible(what))

    try:
        yield report_progress
    finally:
        patience.cancel()
        patience.join()
        bar.stop()


class _Steps(ProgressColumn):
    """ "12/320", or nothing while the number of steps is not known."""

    def render(self, task: Task) -> Text:
        return Text("") if task.total is None else MofNCompleteColumn().render(task)
