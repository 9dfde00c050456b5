"""Jobs on Apache Spark: one submission a row, by ``mapInPandas``; needs the extra ``spark`` and Java on the driver.

A worker reads the submissions, the store's earlier returns and the key from the paths that the driver names, so these must
be on storage that all machines see. It writes nothing: results come back to the driver, which alone writes to the store. So
a task that Spark tries twice, or runs twice at once, does no harm.

Functions and jobs travel pickled, and the library itself does not: every machine must have the same installed. Each worker
says what it has before it does anything, and the driver refuses results of another.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from csc_data.errors import UsageError
from csc_data.metadata.installed import collections, local_rules
from csc_data.metadata.snapshot import fingerprint
from csc_data.reference.postcodes import installed_directory
from csc_data.store.executors import Failure, Limits, Processes, largest_first
from csc_data.version import VERSION

J = TypeVar("J")
R = TypeVar("R")

WAVE = 32
"""Jobs a core of the cluster that are sent at once; their results come back together, and are written down."""

_GIVEN = "number long, job binary"
_GIVES = "number long, result binary, environment string"

_MISSING = (
    "Spark is not installed. Install it with: pip install 'csc-data[spark]'. It needs Java 17 or later. On this machine "
    "alone --workers N does the same."
)
_NO_START = (
    "Spark did not start on {url}: {error}. It needs Java 17 or later (JAVA_HOME), and a cluster that can be reached. On "
    "this machine alone --workers N does the same."
)
_FAILED = (
    "The Spark job failed ({error}). Look at the log of its executors. Every machine needs the same csc-data installed for "
    "the Python that PYSPARK_PYTHON names."
)


class Spark:
    """On a Spark cluster. The session ends with the block: ``with Spark("spark://host:7077") as executor``.

    Args:
        url: the master, as Spark writes it.
        limits: what a job may take, each in a process of its own on its worker.

    Raises:
        UsageError: Spark is not installed.
    """

    def __init__(self, url: str, limits: Limits = Limits()) -> None:  # noqa: B008  it is never changed
        if find_spec("pyspark") is None:
            raise UsageError(_MISSING)
        self._url, self._limits = url, limits
        self._session: Any = None

    def __enter__(self) -> Spark:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.stop()
            self._session = None

    def __call__(self, function: Callable[[J], R], jobs: Sequence[J]) -> Iterator[tuple[J, R | Failure]]:
        """Run the function over the jobs.

        Raises:
            UsageError: Spark does not start, the job fails as a whole, or a worker has other libraries than the driver.
        """
        waiting: list[Any] = largest_first(jobs)
        if not waiting:
            return
        cores = self.session().sparkContext.defaultParallelism
        ours = environment()
        for start in range(0, len(waiting), WAVE * cores):
            wave = waiting[start : start + WAVE * cores]
            for number, result, theirs in self._run(function, wave, cores):
                _refuse_other(ours, json.loads(theirs))
                yield wave[number], pickle.loads(result)

    def session(self) -> Any:
        """The Spark session, which is begun on first use.

        Raises:
            UsageError: Spark does not start.
        """
        if self._session is None:
            from pyspark.sql import SparkSession

            if self._url.startswith("local"):
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            try:
                self._session = SparkSession.builder.master(self._url).appName("csc-data").getOrCreate()
            except Exception as error:
                raise UsageError(_NO_START.format(url=self._url, error=type(error).__name__)) from None
        return self._session

    def _run(self, function: Callable[[Any], Any], jobs: list[Any], cores: int) -> list[tuple[int, bytes, str]]:
        """What a wave of jobs gives: each with its number in the wave."""
        tasks = min(cores, len(jobs))
        # The largest first in every task, and about as much in each.
        dealt = [number for task in range(tasks) for number in range(task, len(jobs), tasks)]
        rows = [(number, bytearray(pickle.dumps((function, jobs[number])))) for number in dealt]
        limits = self._limits
        given = self._session.createDataFrame(self._session.sparkContext.parallelize(rows, tasks), _GIVEN)
        try:
            gives = given.mapInPandas(lambda frames: _done(frames, limits), _GIVES).collect()
        except Exception as error:
            raise UsageError(_FAILED.format(error=type(error).__name__)) from None
        return [(row["number"], bytes(row["result"]), row["environment"]) for row in gives]


def _done(frames: Iterator[Any], limits: Limits) -> Iterator[Any]:
    """On a worker: what each job of a task gives, each in a process of its own."""
    here = json.dumps(environment())
    with Processes(1, limits) as executor:
        for frame in frames:
            for number, content in zip(frame["number"], frame["job"], strict=True):
                function, job = pickle.loads(content)
                ((_, result),) = executor(function, [job])
                yield pd.DataFrame({"number": [number], "result": [pickle.dumps(result)], "environment": [here]})


def _refuse_other(ours: dict[str, str], theirs: dict[str, str]) -> None:
    others = [name for name in ours if theirs.get(name) != ours[name]]
    if others:
        shown = ", ".join(
            name if name == "catalogues" else f"{name} {theirs.get(name)} in place of {ours[name]}" for name in others
        )
        raise UsageError(
            f"The workers of Spark have other libraries than this machine: {shown}. Install the same on every machine, for "
            "the Python that PYSPARK_PYTHON names; nothing of what they gave was kept."
        )


def environment() -> dict[str, str]:
    """What the bytes of a result rest on, besides the job: versions of libraries, and the catalogues of all standards."""
    standards = [named.standard(version) for named in collections().values() for version in named.versions]
    catalogues = [f"{standard.id} {fingerprint(standard)} {' '.join(local_rules(standard))}" for standard in standards]
    return {
        "csc-data": VERSION,
        "catalogues": hashlib.sha256("\n".join(catalogues).encode()).hexdigest(),
        "postcodes": installed_directory(),
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
        "numpy": np.__version__,
        "Python": ".".join(map(str, sys.version_info[:2])),
    }
