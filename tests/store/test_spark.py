"""A Spark cluster of two workers gives what this process gives, byte for byte. It is not skipped: it fails without Spark."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import pytest
from support.submissions import DAMAGES, codes, contents, write_manifest, write_sound

from csc_data.errors import UsageError
from csc_data.store.batch import batch
from csc_data.store.executors import serial

pytestmark = [
    pytest.mark.spark,
    # Spark says that it does not support the newest pandas in full; what is used of it is held by this test.
    pytest.mark.filterwarnings("ignore::UserWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

CLUSTER = "local-cluster[2,1,1024]"
"""Two workers, each a process of its own with a core and 1,024 MiB."""


def test_two_workers_of_spark_give_what_serial_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from csc_data.store.spark import Spark

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    given = tmp_path / "given"
    lines = [write_sound(given, number, codes()[20 + number], 20 + number) for number in range(4)]
    lines += [damage(given, code) for damage, code in zip(DAMAGES, codes(), strict=False)]
    manifest = write_manifest(lines, given / "manifest.csv")
    alone = batch(manifest, tmp_path / "serial", executor=serial)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pyspark")
        with Spark(CLUSTER) as executor:
            together = batch(manifest, tmp_path / "spark", executor=executor)
            executors = executor.session().sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    assert executors == 3  # the driver is counted with the two
    assert together.rows == alone.rows
    assert len(contents(tmp_path / "serial")) > 4 * 7
    assert contents(tmp_path / "spark") == contents(tmp_path / "serial")


def test_results_of_workers_with_another_library_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from csc_data.store import spark

    ours = spark.environment()
    spark._refuse_other(ours, dict(ours))
    with pytest.raises(UsageError, match=r"csc-data 0\.0\.9 in place of"):
        spark._refuse_other(ours, {**ours, "csc-data": "0.0.9"})
    with pytest.raises(UsageError, match="other libraries than this machine: catalogues"):
        spark._refuse_other(ours, {**ours, "catalogues": "another"})
