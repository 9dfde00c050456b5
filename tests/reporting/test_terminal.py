"""What a person sees at the terminal, and what a pipe gets."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest

from csc_data.commands.cli import main
from csc_data.reporting import progress, terminal

FOLDER = Path(__file__).parents[2] / "fixtures" / "ssda903" / "returns" / "2025-26"
CENSUS = FOLDER.parents[2] / "cin" / "returns" / "2025-26" / "census.xml"
GIVEN = ["validate", str(FOLDER / "this_year"), "--previous", str(FOLDER / "last_year"), "--authority", "Barnet"]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [None, 60])
def test_a_pipe_gets_plain_text_with_whole_lines_and_words(
    columns: int | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", str(columns))
    assert main(GIVEN) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    assert "…" not in out
    assert "checked against ssda903/2025-26, as 82% of 209 dates lie in its period and next to none after it\n" in out
    head, _, rest = out.partition("rule          children  rows  what is wrong")
    rows = rest.partition("more rules")[0].splitlines()[1:-1]
    assert len(rows) >= terminal.WORST_RULES
    assert all(len(row) <= (columns or terminal.PIPED_WIDTH) for row in rows)
    assert "11 tables, and 11 of last year's return, read from 22 files" in head


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_gets_colour_and_lines_that_fit(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    main(GIVEN)
    assert "\x1b[1;31mErrors to correct" in screen.getvalue()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert max(map(len, plain.splitlines())) <= width


def test_it_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(GIVEN)
    out, _ = capsys.readouterr()
    assert "no provider list (give it with --providers FILE): 219" in out
    assert "Next\n  --out DIR writes every issue" in out
    assert "csc-data rules show INT17 --standard ssda903/2025-26" in out
    main([*GIVEN, "--out", str(tmp_path), "--format", "csv,json"])
    out, _ = capsys.readouterr()
    assert f"{tmp_path / 'issues.csv'}: every issue with its file, line and child" in out
    assert "report.html" not in out


def test_it_says_what_was_read_in_any_form(capsys: pytest.CaptureFixture[str]) -> None:
    main(["validate", str(CENSUS), "--only", "8500"])
    assert "11 tables read from 1 file\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "standard", "evidence"),
    [
        (FOLDER / "this_year", "SSDA903/2023-24", "it looks like ssda903/2025-26: 82% of 209 dates"),
        (CENSUS, "cin/2024-25", "Header.Year states the year 2026, but the return was checked against cin/2024-25"),
    ],
)
def test_a_return_of_another_year_is_noticed(
    given: Path, standard: str, evidence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(given), "--standard", standard]) == 3
    verdict = capsys.readouterr().out.split("This version")[0]
    assert evidence in verdict
    assert "not a pass" in verdict


def test_one_child_has_an_issue(capsys: pytest.CaptureFixture[str]) -> None:
    main([*GIVEN, "--only", "142"])
    assert "\n1 of 58 children has an issue." in capsys.readouterr().out


def test_many_rules_switched_off_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    main([*GIVEN, "--only", "142"])
    assert "switched off for this run: 320 rules" in capsys.readouterr().out


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([*GIVEN, "--quiet", "--out", str(tmp_path), "--format", "csv"]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["validate", "absent"], 3, "absent: there is no such file"),
        (["validate", str(FOLDER), "--standard", "ssda904/2025-26"], 2, "such as cin/"),
        (["validate", str(FOLDER), "--standard", "ssda903/1999-00"], 2, "Known years"),
        (["validate", str(FOLDER), "--format", "word"], 2, "Choose from html, "),
        ([*GIVEN, "--format", "xlsx"], 2, "--out DIR"),
        ([*GIVEN[:3], "absent"], 3, "Last year's return cannot be read:\n  absent: there is no such file"),
        ([*GIVEN, "--providers", "absent.csv"], 3, "absent.csv: there is no such file"),
        (["validate", __file__], 3, f"found in {__file__}"),
        ([*GIVEN[:-1], "Atlantis"], 2, "Atlantis"),
        ([*GIVEN, "--only", "99999"], 2, "has no rule 99999"),
        (["validate", str(FOLDER)], 3, "Give the one that holds the tables"),
        (["compare", "absent.zip", "absent.zip"], 3, "absent.zip: there is no such file"),
    ],
)
def test_errors_say_what_is_wrong(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert (out, message in err, "Traceback" in err) == ("", True, False), err


def test_the_bar_shows_when_work_is_long_and_wipes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    screen = Screen()
    with progress.progress_bar(screen) as tell:
        tell(0, 0, "reading the return")
        time.sleep(0.3)
        tell(3, 320, "rule 142")
        time.sleep(0.3)
    shown = screen.getvalue()
    assert "reading the return" in shown
    assert "3/320" in shown
    assert shown.rstrip().endswith("\x1b[2K")


def test_short_work_shows_no_bar() -> None:
    screen = Screen()
    with progress.progress_bar(screen) as tell:
        tell(1, 2, "rule 142")
    assert "rule 142" not in screen.getvalue()
