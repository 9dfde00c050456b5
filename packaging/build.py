"""Build the program as one folder, and see that it runs where there is no Python: ``python packaging/build.py --out DIR``.

Needs the extra ``packaging``. With ``--smoke`` the folder is moved to another place and started with an empty environment:
it must find in the return of the fixtures what the library finds, write its reports, and serve the working screen.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RETURN = ROOT / "fixtures" / "ssda903" / "returns" / "2025-26"
PROGRAM = "csc-data.exe" if sys.platform == "win32" else "csc-data"
PATIENCE = 120
"""Seconds that the packaged program may take to start."""


def build(out: Path) -> Path:
    """Make the folder of the program below ``out``; gives the program in it."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        wheel_options = ["--quiet", "--quiet", "--quiet", "--no-deps", "--wheel-dir", work / "wheel"]
        run(sys.executable, "-m", "pip", "wheel", *wheel_options, ROOT)
        (wheel,) = (work / "wheel").glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(work / "installed")
        # The package as it would be installed comes before one that is installed from a checkout.
        environment = {**os.environ, "PYTHONPATH": str(work / "installed")}
        options = ["--noconfirm", "--log-level", "WARN", "--distpath", out, "--workpath", work / "build"]
        recipe = ROOT / "packaging" / "csc-data.spec"
        run(sys.executable, "-m", "PyInstaller", *options, recipe, folder=work, environment=environment)
    return out / "csc-data" / PROGRAM


def smoke(program: Path) -> None:
    """Run the program as on a machine that has nothing else. Raises AssertionError if it does not do what it must."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(program.parent, folder / "elsewhere")
        shutil.copytree(RETURN, folder / "return")
        moved, out = folder / "elsewhere" / program.name, folder / "out"
        start = time.monotonic()
        call = [moved, "validate", "return/this_year", "--previous", "return/last_year", "--authority", "Barnet"]
        call += ["--providers", "return/providers.csv", "--out", out, "--format", "html,xlsx,csv,parquet,json,run"]
        ran = subprocess.run(call, cwd=folder, env=nothing(), capture_output=True, text=True, timeout=PATIENCE)
        say(f"checked the return in {time.monotonic() - start:.1f} s: exit code {ran.returncode}")
        assert ran.returncode == 1, ran.stdout + ran.stderr
        assert not ran.stderr, ran.stderr
        found = json.loads((out / "report.json").read_text(encoding="utf-8"))
        assert {rule["rule"]: rule["issues"] for rule in found["rules"]} == expected(), "not what the library finds"
        assert {"report.html", "report.xlsx", "issues.parquet", "run.zip"} <= {path.name for path in out.iterdir()}
        for words in (
            ["standards", "list"],
            ["rules", "show", "388"],
            ["catalogue", "tables", "--out", folder / "tables"],
        ):
            again = subprocess.run([moved, *words], cwd=folder, env=nothing(), capture_output=True, text=True)
            assert again.returncode == 0, again.stderr
        app(moved, folder)


def expected() -> dict[str, int]:
    """How many issues of each rule the library finds in the same return."""
    import csc_data

    report = csc_data.validate(
        RETURN / "this_year", previous=RETURN / "last_year", authority="Barnet", providers=RETURN / "providers.csv"
    )
    return dict(zip(report.rules["rule"], report.rules["issues"].tolist(), strict=True))


def app(program: Path, folder: Path) -> None:
    """Start the working screen, ask for its first page, and stop it."""
    served = subprocess.Popen(
        [program, "app", "--no-browser"],
        cwd=folder,
        env=nothing(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert served.stdout is not None
        printed = ""
        while not (address := re.search(r"http://127\.0\.0\.1:\d+\S*", printed)):
            line = served.stdout.readline()
            assert line, f"the app ended: {printed}"
            printed += line
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
        assert b"csc-data" in first_page(opener, address[0])
        say("the working screen starts")
    finally:
        served.terminate()
        served.wait(PATIENCE)


def first_page(opener: urllib.request.OpenerDirector, address: str) -> bytes:
    """What stands at an address, which is printed shortly before it is listened to."""
    start = time.monotonic()
    while True:
        try:
            with opener.open(address, timeout=PATIENCE) as page:
                return bytes(page.read())
        except OSError:
            if time.monotonic() - start > PATIENCE:
                raise
            time.sleep(0.2)


def nothing() -> dict[str, str]:
    """An empty environment; Windows itself needs two names."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if sys.platform == "win32"}


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(*words: object, folder: Path = ROOT, environment: dict[str, str] | None = None) -> None:
    """Run a program that must succeed; one that runs in the checkout would find the package there."""
    subprocess.run([str(word) for word in words], check=True, cwd=folder, env=environment)


def main() -> None:
    """Build, and try what was built if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "dist", help="where the folder csc-data is made (default: dist)"
    )
    parser.add_argument("--smoke", action="store_true", help="also run what was built with an empty environment")
    parser.add_argument("--smoke-only", action="store_true", help="run what was built there before")
    options = parser.parse_args()
    start = time.monotonic()
    if options.smoke_only:
        smoke(options.out.resolve() / "csc-data" / PROGRAM)
        return
    program = build(options.out.resolve())
    size = sum(path.stat().st_size for path in program.parent.rglob("*") if path.is_file()) / 2**20
    say(f"built {program.parent} in {time.monotonic() - start:.0f} s, {size:,.0f} MiB")
    if options.smoke:
        smoke(program)


if __name__ == "__main__":
    main()
