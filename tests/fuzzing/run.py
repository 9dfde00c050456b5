"""Fuzzes the readers for so long, guided by coverage: ``python -m tests.fuzzing.run [TARGET...] --seconds 60``.

Needs the extra ``fuzz``. What breaks a target is made as small as it gets and kept in ``tests/fuzzing/found/TARGET``, where
an ordinary test replays it for ever. The exit code is 1 when something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).parents[1]
FOUND = Path(__file__).parent / "found"
sys.path.insert(0, str(TESTS))

MOST_BYTES = 2048
"""Length of an input. What can break a reader shows in a few rows."""

INSTRUMENTED = ["csc_data.reading", "csc_data.typed.texts", "csc_data.typed.kinds", "csc_data.declare.xml_form"]


def main(arguments: Sequence[str]) -> int:
    """Fuzz each target in a process of its own."""
    parser = argparse.ArgumentParser(description="Fuzz the readers.")
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="csv, xml, xml_both_ways, workbook, encodings, typed; all if none"
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, help="folder in which inputs that reach something new are kept")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        crash, *limits = options.targets
        _fuzz(options.inside, Path(crash), limits)
        return 0
    from fuzzing.targets import TARGETS

    broken = [
        target
        for target in options.targets or TARGETS
        if not _run(target, options.seconds, options.seed, options.corpus)
    ]
    sys.stdout.write(f"Broken: {', '.join(broken)}. See {FOUND}.\n" if broken else "Nothing was found.\n")
    return 1 if broken else 0


def _run(target: str, seconds: int, seed: int, kept: Path | None) -> bool:
    """Whether the target withstands it."""
    from fuzzing.targets import TARGETS

    sys.stdout.write(f"--- {target}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as temporary:
        corpus = (kept or Path(temporary)) / target
        corpus.mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(TARGETS[target].seeds):
            (corpus / f"seed{number}").write_bytes(start)
        crash = Path(temporary) / "crash"
        limits = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={MOST_BYTES}",
            "-timeout=20",
            "-len_control=0",
        ]
        done = _inside(
            target, crash, *limits, f"-exact_artifact_path={crash}.libfuzzer", "-print_final_stats=1", str(corpus)
        )
        if not done.returncode:
            return True
        if crash.exists():
            _keep(target, crash.read_bytes())
    return False


def _keep(target: str, content: bytes) -> None:
    """Keep what breaks a target, made smaller as long as it still does."""
    size = len(content) // 2 or 1
    while size:
        position = 0
        while position < len(content):
            shorter = content[:position] + content[position + size :]
            content, position = (shorter, position) if _breaks(target, shorter) else (content, position + size)
        size //= 2
    folder = FOUND / target
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(content).hexdigest()[:12]
    path.write_bytes(content)
    sys.stdout.write(f"Found: {path}\n")


def _breaks(target: str, content: bytes) -> bool:
    from fuzzing.targets import TARGETS

    try:
        TARGETS[target].run(content)
    except Exception:  # whatever it is, it is what was looked for
        return True
    return False


def _inside(target: str, crash: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tests.fuzzing.run", "--inside", target, "--", str(crash), *options]
    return subprocess.run(command, cwd=TESTS.parent, check=False)


def _fuzz(target: str, crash: Path, options: Sequence[str]) -> None:
    """Give the process to the fuzzer. What breaks the target is left in a file."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from fuzzing.targets import TARGETS

    def run(data: bytes) -> None:
        try:
            TARGETS[target].run(data)
        except Exception:
            crash.write_bytes(data)
            raise

    atheris.Setup([sys.argv[0], *options], run)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
