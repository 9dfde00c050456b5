"""The proof of a batch at full size: ``python -m tests.store.many prove`` and ``python -m tests.store.many time``.

``prove`` makes 153 submissions of realistic sizes, 12 of them damaged, and shows that each has its row and the damaged ones
the right reason, that every executor gives the same bytes whatever the order, and that a run that is killed at random
moments ends as if it had not been. ``time`` checks submissions of 500 children and reports what one costs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pyarrow.parquet as pq
from support.submissions import CARE, DAMAGES, Listed, codes, drawn, renamed, write_manifest, write_tables, write_zip

from csc_data.store.receipt import read_receipt

AUTHORITIES = 153
MEMORY_MIB = 1536
SPEED_UP = 1.8
KILLS = 20


def sizes(count: int, largest: int) -> list[int]:
    """How many children each submission is about: a few hundred for most, thousands for a few, from 300 to ``largest``."""
    draw = random.Random(7)
    each = [min(largest, max(300, round(draw.lognormvariate(6.2, 0.6)))) for _ in range(count)]
    return [largest, *each[1:]] if count else []


def make(folder: Path, count: int, damaged: bool, largest: int) -> list[Listed]:
    """Submissions in a folder: damaged ones first, if they are wanted, and sound ones of the other authorities."""
    folder.mkdir(parents=True)
    named = codes()
    lines = [damage(folder, code) for damage, code in zip(DAMAGES, named, strict=False)] if damaged else []
    sound = count - len(lines)
    for number, children in enumerate(sizes(sound, largest)):
        code = named[(len(lines) + number) % len(named)]
        step = max(300, children // 300 * 300)
        tables = renamed(drawn(CARE, step, number % 3)[0], "CHILD", f"{number}x")
        path = folder / f"{code}_{number}"
        made = write_tables(tables, path) if number % 3 else write_zip([tables], path.with_suffix(".zip"))
        lines.append(Listed(made.name, code, *CARE.split("/"), outcome="returned", words="Rule "))
    assert len({line.path for line in lines}) == count
    return lines


def run(manifest: Path, store: Path, *options: str) -> tuple[dict[str, object], float]:
    """A batch by the command line: its run, and the seconds it took."""
    began = time.monotonic()
    call = [sys.executable, "-m", "csc_data", "batch", str(manifest), "--store", str(store), "--json", *options]
    done = subprocess.run(call, capture_output=True, text=True)
    if done.returncode not in (0, 1, 3) or "Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(call)}\nexit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout), time.monotonic() - began


def hashes(store: Path) -> dict[str, str]:
    """The hash of every part and receipt, whatever the run is called."""
    files = [*store.glob("runs/*/*/*/*/*/*.parquet"), *store.glob("submissions/*/*/*/*/receipt.json")]
    return {"/".join(path.parts[-3:]): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def hold(what: str, holds: bool) -> None:
    """Say whether something holds, and end if it does not."""
    print(f"{'holds' if holds else 'FAILS'}: {what}", flush=True)  # noqa: T201
    if not holds:
        raise SystemExit(1)


def prove(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="many-") as name:
        folder = Path(name)
        lines = make(folder / "given", options.submissions, damaged=True, largest=options.largest)
        manifest = write_manifest(lines, folder / "manifest.csv")
        lines = [replace(line, path=f"given/{line.path}") for line in lines]
        write_manifest(lines, manifest)
        prove_rows(lines, manifest, folder, options)
        prove_executors(lines, folder, options)
        prove_kills(manifest, folder, options)


def prove_rows(lines: Sequence[Listed], manifest: Path, folder: Path, options: argparse.Namespace) -> None:
    document, alone = run(manifest, folder / "one")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = {row["name"]: row for row in document["rows"]}  # type: ignore[attr-defined]
    hold(f"all {len(lines)} submissions have a row", rows.keys() == {line.path for line in lines})
    wrong = [
        line.path
        for line in lines
        for row in [rows[line.path]]
        if (row["verdict"] if row["status"] == "checked" else row["status"]) != line.outcome
        or line.words not in row["reasons"][0]
    ]
    hold(
        f"the {len(DAMAGES)} damaged ones have the right outcome and reason, and the others theirs ({wrong})", not wrong
    )
    hold(
        "no reason is a traceback", not any("Traceback" in row["reasons"][0] for row in rows.values() if row["reasons"])
    )
    hold(f"no process took more than {MEMORY_MIB} MiB: {peak:,.0f}", peak <= MEMORY_MIB)
    _, together = run(manifest, folder / "two", "--workers", "2")
    print(f"seconds: {alone:.1f} by one worker, {together:.1f} by two: {alone / together:.2f} times as fast")  # noqa: T201
    if options.speed:
        hold(f"two workers are {SPEED_UP} times as fast", alone / together >= SPEED_UP)


def prove_executors(lines: Sequence[Listed], folder: Path, options: argparse.Namespace) -> None:
    expected = hashes(folder / "one")
    for number, chosen in enumerate((["--workers", "2"], ["--workers", "4"], ["--workers", "16"], *spark(options))):
        shuffled = random.Random(number).sample(list(lines), len(lines))
        manifest = write_manifest(shuffled, folder / f"shuffled{number}.csv")
        run(manifest, folder / f"other{number}", *chosen)
        hold(
            f"{len(expected)} files are the same with {' '.join(chosen)}", hashes(folder / f"other{number}") == expected
        )


def spark(options: argparse.Namespace) -> list[list[str]]:
    return [["--spark", options.spark]] if options.spark else []


def standing(store: Path) -> dict[Path, int]:
    """The receipts that are there, each with when it was written."""
    return {path: path.stat().st_mtime_ns for path in store.glob("submissions/*/*/*/*/receipt.json")}


def prove_kills(manifest: Path, folder: Path, options: argparse.Namespace) -> None:
    store, draw = folder / "killed", random.Random(11)
    complete: dict[Path, int] = {}
    all_but_one = len(standing(folder / "one")) - 1
    for number in range(options.kills):
        call = [sys.executable, "-m", "csc_data", "batch", str(manifest), "--store", str(store)]
        batch = subprocess.Popen(
            [*call, "--workers", "2", "--resume"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Never the last: once a run has ended, the next call begins another.
        wanted = min(all_but_one, len(complete) + draw.randrange(0, 2 + 2 * options.submissions // options.kills))
        while len(standing(store)) < wanted and batch.poll() is None:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.4))
        os.killpg(batch.pid, signal.SIGKILL)
        batch.wait()
        now = standing(store)
        hold(f"kill {number + 1}: {len(now)} receipts, those before untouched", complete.items() <= now.items())
        for path in now:
            read_receipt(path)
        for path in store.glob("runs/*/*/*/*/*/*.parquet"):
            pq.read_table(path, partitioning=None)
        complete = now
    run(manifest, store, "--workers", "2", "--resume")
    hold("the end is as if nothing had been killed", hashes(store) == hashes(folder / "one"))
    hold(
        "nothing was run twice to completion",
        all(path.stat().st_mtime_ns == moment for path, moment in complete.items()),
    )
    hold("nothing half is left", not list((store / "staging").glob("*")) if (store / "staging").exists() else True)
    hold("one run was taken up again and again", len(list(store.glob("runs/*"))) == 1)


def timed(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="many-") as name:
        folder = Path(name)
        given = folder / "given"
        given.mkdir()
        bases = [drawn(CARE, options.children, seed)[0] for seed in range(8)]
        lines = []
        for number in range(options.submissions):
            code, round_ = codes()[number % 153], number // 153
            path = write_tables(renamed(bases[number % 8], "CHILD", f"{number}x"), given / f"{code}_{number}")
            lines.append(
                Listed(f"given/{path.name}", code, *CARE.split("/"), received=f"2026-05-{4 + round_:02d}T09:00:00Z")
            )
        manifest = write_manifest(lines, folder / "manifest.csv")
        extra = spark(options)[0] if options.spark else ["--workers", str(options.workers)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        document, seconds = run(manifest, folder / "store", *extra)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert len(document["rows"]) == options.submissions  # type: ignore[arg-type]
        assert all(row["status"] == "checked" for row in document["rows"])  # type: ignore[attr-defined]
        size = sum(path.stat().st_size for path in (folder / "store").glob("runs/**/*") if path.is_file())
        kept = sum(path.stat().st_size for path in (folder / "store").glob("submissions/**/*") if path.is_file())
        each = cpu / options.submissions
        print(  # noqa: T201
            f"{options.submissions} submissions of {options.children} children, {' '.join(extra)}: {seconds:.0f} s, "
            f"{cpu:.0f} CPU seconds, {each:.3f} a submission; results {size / options.submissions / 1024:.0f} KiB, "
            f"originals {kept / options.submissions / 1024:.0f} KiB a submission.\n"
            f"Worked out from that, not measured: 10,000 submissions take {each * 10_000 / 16 / 60:.1f} minutes on 16 cores "
            "that are free, if they are as fast."
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(required=True)
    proving = actions.add_parser("prove")
    proving.add_argument("--submissions", type=int, default=AUTHORITIES)
    proving.add_argument("--largest", type=int, default=6000)
    proving.add_argument("--kills", type=int, default=KILLS)
    proving.add_argument(
        "--speed", action="store_true", help="fail if two workers are not faster, on a machine that is free"
    )
    proving.add_argument("--spark", metavar="URL", help="hold a Spark cluster against the others too")
    proving.set_defaults(act=prove)
    timing = actions.add_parser("time")
    timing.add_argument("--submissions", type=int, default=300)
    timing.add_argument("--children", type=int, default=500)
    timing.add_argument("--workers", type=int, default=2)
    timing.add_argument("--spark", metavar="URL")
    timing.set_defaults(act=timed)
    options = parser.parse_args()
    options.act(options)


if __name__ == "__main__":
    main()
