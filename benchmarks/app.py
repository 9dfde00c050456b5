"""How long somebody waits for the pages of the app: ``python benchmarks/app.py [--children N]``.

Hands over an invented return full of faults as a browser does, and times the first result and every page, as it is opened
first and the median of five times after that: seconds by the clock, and of the processor, which say more on a busy machine.
Targets: the first result within 3 seconds of the upload, each page within 0.3.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from data import make

warnings.simplefilter("ignore")

from starlette.testclient import TestClient  # noqa: E402

from csc_data.app import pages  # noqa: E402
from csc_data.app.server import application  # noqa: E402
from csc_data.app.session import Session  # noqa: E402

PORT, TOKEN, TIMES = 8123, "token", 5
ADDRESS = f"http://127.0.0.1:{PORT}"


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor that something takes."""
    clock, processor = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=2500)
    options = parser.parse_args()
    pages.load_templates()
    session = Session()
    client = TestClient(application(session, TOKEN, PORT, lambda: None), base_url=ADDRESS, headers={"origin": ADDRESS})
    client.get("/", params={"token": TOKEN})
    with tempfile.TemporaryDirectory() as folder:
        given = make("ssda903/2025-26", Path(folder) / "return", options.children, spoilt=True)
        sent = [
            (kind, (file.name, file.read_bytes()))
            for kind, where in (("this_year", given.now), ("last_year", given.before))
            if where is not None
            for file in sorted(Path(where).iterdir())
        ]
    form = {"standard": "ssda903/2025-26", "authority": "E09000003"}

    def first() -> None:
        answer = client.post("/check", files=sent, data=form)
        while answer.url.path == "/checking":
            time.sleep(0.05)
            answer = client.get("/checking")

    clock, processor = timed(first)
    check = session.checked
    print(
        f"{options.children:,} children, {len(check.report.issues):,} flagged rows, {len(check.issues.table):,} issues"
    )
    print(f"{'first result':50} {clock:6.2f} s  {processor:6.2f} CPU s")
    while client.get("/quality").headers.get("refresh"):
        time.sleep(0.2)
    child = check.numbers[str(check.counts_by_subject.index[0])]
    client.post("/find", data={"page": "/issues", "words": "episode"})
    rule = check.issues.rules[0]
    paths = (
        "/results", "/rules", f"/rule?code={rule}", "/issues", "/issues?sort=child&page=100", "/issues?find=0",
        "/issues?state=to+do&table=Episodes&severity=error", "/children", f"/record?number={child}",
        f"/record?number={child}&sort=child", "/work", "/quality",
    )  # fmt: skip
    for path in paths:
        opened, *times = [timed(lambda path=path: client.get(path)) for _ in range(1 + TIMES)]
        usual = [statistics.median(seconds) for seconds in zip(*times, strict=True)]
        shown = (
            f"{words} {clock:6.3f} s {processor:6.3f} CPU s"
            for words, (clock, processor) in (("first", opened), ("then", usual))
        )
        print(f"{path:50} {'  '.join(shown)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
