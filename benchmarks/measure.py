"""One validation in a process of its own: ``python benchmarks/measure.py STANDARD GIVEN [PREVIOUS]`` prints JSON.

The standard's modules are loaded first; the time is from files to the tables of issues and rules, for the first validation
in the process and for a second one.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from memory import peak_mb

import csc_data


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def once(standard: csc_data.Standard, given: str, previous: str | None) -> tuple[dict[str, float], csc_data.Report]:
    started, cpu_started = time.perf_counter(), cpu()
    report = csc_data.validate(given, standard, previous=previous, authority="Barnet")
    issues = len(report.issues)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "cpu": cpu() - cpu_started, "issues": issues}, report


def main(name: str, given: str, previous: str = "", again: str = "") -> None:
    standard = csc_data.standard(name)
    len(standard.rules)
    first, report = once(standard, given, previous or None)
    rules = report.rules.nlargest(10, "seconds")
    result: dict[str, Any] = {
        **first,
        "peak_mb": peak_mb(),
        "rows": sum(len(source) for source in report.typed.sources.values()),
        "stages": report.seconds,
        "slowest": list(zip(rules["rule"], rules["seconds"], strict=True)),
        "median_rule": float(report.rules["seconds"].median()),
    }
    if again:
        result["second"], _ = once(standard, given, previous or None)
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
