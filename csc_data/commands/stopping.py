"""Ctrl-C, and requests of the system to end: one way out, on which everything is tidied up."""

from __future__ import annotations

import signal
import time
from types import FrameType

STOPPED = "stopped; nothing half-written is left behind."
"""What is said when a run was stopped."""

AGAIN = 1.0
"""Seconds after which a stop that was not heeded is asked for again: code of libraries can swallow it."""

_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
_HAS_ALARM = hasattr(signal, "setitimer")

_asked = -AGAIN


class Stopped(KeyboardInterrupt):
    """The run was asked to end. (Python ends a program by the signal itself once a plain ``KeyboardInterrupt`` has passed
    through code made at run time, as named tuples are, although it was caught further out.)
    """


def heed_stops() -> None:
    """Let every request to end raise ``Stopped``, once; more of them soon after do not disturb tidying up.

    What whoever started the program told it to ignore (``nohup``) stays ignored.
    """
    for number in _STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    if _HAS_ALARM:
        signal.signal(signal.SIGALRM, _stop)


def no_more_stops() -> None:
    """Ignore requests to end: the program is about to, and a traceback at the very end would help nobody."""
    if _HAS_ALARM:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    global _asked
    if time.monotonic() - _asked < AGAIN / 2:
        return
    _asked = time.monotonic()
    if _HAS_ALARM:
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise Stopped
