"""One function over many jobs, by whatever runs it: this process, several processes, or Apache Spark.

Every executor gives each job with what the function made of it, or with why it made nothing, in whatever order they come.
What is made is the same, byte for byte: a job is plain data, and nothing passes from job to job.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from csc_data.errors import InputError, UnexpectedError, UsageError, is_fault
from csc_data.files import limits

try:
    import resource
except ImportError:  # Windows: memory is not capped there
    resource = None  # type: ignore[assignment]

FEWEST_BYTES = 2048 * limits.MIB
"""The least that memory can be limited to: what the library sets aside before it reads anything is counted too."""

J = TypeVar("J", bound="JobOfSize")
R = TypeVar("R")


class JobOfSize(Protocol):
    """A job, which says how large it is."""

    @property
    def size(self) -> int:
        """Bytes of what is read."""


@dataclass(frozen=True)
class Limits:
    """What a job may take: bytes of memory (where the system can cap it: Linux) and seconds."""

    memory: int = limits.JOB_MEMORY_BYTES
    seconds: float = limits.JOB_SECONDS


@dataclass(frozen=True)
class Failure:
    """Why a job made nothing.

    Attributes:
        kind: "unreadable" (the input), "unusable" (what was asked), or "crashed" (it failed, or went over a limit).
        reason: in words; never a value of a record.
    """

    kind: Literal["unreadable", "unusable", "crashed"]
    reason: str


Outcome: TypeAlias = "tuple[J, R | Failure]"

Executor: TypeAlias = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[tuple[Any, Any]]]
"""Called with a function and jobs; gives each job with its result, or a ``Failure``. The function is one of a module."""


def attempted(function: Callable[[J], R], job: J) -> R | Failure:
    """What a function makes of a job, or why it makes nothing."""
    try:
        return function(job)
    except InputError as error:
        return Failure("unreadable", str(error))
    except UsageError as error:
        return Failure("unusable", str(error))
    except UnexpectedError as error:
        return Failure("crashed", str(error))
    except BaseException as error:
        if not is_fault(error):
            raise
        return Failure("crashed", str(UnexpectedError.of(error)))


def serial(function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[tuple[J, R | Failure]]:
    """In this process, one after the other, without limits: a job that takes the process down takes the run down."""
    for job in jobs:
        yield job, attempted(function, job)


def largest_first(jobs: Iterable[J]) -> list[J]:
    """The jobs, the largest first, so that none is left for the end."""
    return sorted(jobs, key=lambda job: -job.size)


class Processes:
    """In processes of their own, so many at a time, the largest jobs first.

    A process does one job at a time, and the next job after it, so that what it loads is loaded once for many small jobs.
    A process that fails, or takes more than a job may, ends with that job, and another takes its place. They end with the
    block: ``with Processes(2) as executor``.

    Args:
        workers: how many at a time.
        limits: what a job may take.
    """

    def __init__(self, workers: int = 1, limits: Limits = Limits()) -> None:
        self.workers, self.limits = workers, limits
        self._workers: list[_Worker] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __call__(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[tuple[J, R | Failure]]:
        """Run the function over the jobs."""
        waiting: queue.SimpleQueue[J | None] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[J, R | Failure] | BaseException] = queue.SimpleQueue()
        for job in largest_first(jobs):
            waiting.put(job)
        busy = min(self.workers, len(jobs))
        self._workers += [_Worker(self.limits) for _ in range(busy - len(self._workers))]
        running = []
        for worker in self._workers[:busy]:
            waiting.put(None)
            keep = threading.Thread(target=_keep_busy, args=(worker, function, waiting, done), daemon=True)
            running.append(keep)
            keep.start()
        finished = False
        try:
            for _ in range(len(jobs)):
                outcome = done.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
            finished = True
        finally:
            if not finished:
                self._end()
            for keep in running:
                keep.join()

    def _end(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers = []


def _keep_busy(
    worker: _Worker, function: Callable[[Any], Any], waiting: queue.SimpleQueue[Any], done: queue.SimpleQueue[Any]
) -> None:
    """Give a process one job after the other."""
    try:
        while not worker.stopped and (job := waiting.get()) is not None:
            done.put((job, worker.run(function, job)))
    except BaseException as error:
        done.put(error)


class _Worker:
    """A process that does jobs one at a time. It is started when there is a job, and again after it has ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: Any = None
        self._connection: Connection | None = None
        self._folder = ""
        self.stopped = False
        self._changing = threading.Lock()

    def run(self, function: Callable[[Any], Any], job: Any) -> Any:
        """What a function makes of a job, or why it makes nothing."""
        with self._changing:
            if self.stopped:
                return Failure("crashed", "The run was stopped.")
            if self._process is None:
                self._start()
            process, connection = self._process, self._connection
        assert connection is not None
        try:
            connection.send((function, job))
            if not connection.poll(self._limits.seconds):
                self._end()
                return Failure(
                    "crashed", f"It took more than the {self._limits.seconds:,.0f} seconds that a job may take."
                )
            return connection.recv()
        except (EOFError, OSError):
            process.join(5)
            code = process.exitcode
            self._end()
            return Failure("crashed", _ended(code))

    def stop(self) -> None:
        """End the process, whatever it does."""
        with self._changing:
            self.stopped = True
        self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._folder = tempfile.mkdtemp(prefix="csc-data-")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._limits.memory, self._folder), daemon=True)
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        with self._changing:
            if self._process is not None:
                with suppress(OSError, ValueError):
                    self._process.kill()
                    self._process.join()
                    self._process.close()
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.close()
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._process, self._connection, self._folder = None, None, ""


def _ended(code: int | None) -> str:
    how = "without a word" if code is None else f"with signal {-code}" if code < 0 else f"with exit code {code}"
    return f"Its process ended {how}: most likely it took more memory than a job may take, or than there is."


def _work(connection: Connection, memory: int, folder: str) -> None:
    """What a process does: job after job, until nobody gives it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    tempfile.tempdir = folder
    if resource is not None:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _discard_output()
    try:
        while True:
            connection.send(attempted(*connection.recv()))
    except (EOFError, OSError):
        shutil.rmtree(folder, ignore_errors=True)


def _discard_output() -> None:
    """Let whatever is printed be discarded, by compiled code too: it may hold values of records."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        with suppress(OSError):
            os.dup2(nowhere, stream)
