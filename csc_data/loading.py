"""Loading many modules at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def modules_loading() -> Iterator[None]:
    """Hold garbage collection off while modules are loaded, where it was on.

    What modules are made of stays until the process ends. To look through all of it for garbage, again and again while it
    grows, takes more than a tenth of the time of starting, and finds next to nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
