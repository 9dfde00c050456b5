"""The command line as people type it: options repeated, names in any case, and complaints in our own words."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from support.runs import RETURN

from csc_data.commands.cli import main

GIVEN = str(RETURN / "this_year")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("", "csc-data is followed by one of: app, validate, "),
        ("validat", "There is no command csc-data validat. Did you mean validate?"),
        ("rules lisst", "There is no command csc-data rules lisst. Did you mean list?"),
        ("validate", "csc-data validate needs PATH. See csc-data validate --help."),
        ("items", "csc-data items needs --standard."),
        ("validate x --fail-on maybe", "--fail-on cannot be maybe. Choose from error, query, never."),
        ("validate x --outt d", "csc-data validate has no option --outt. Did you mean --out?"),
        ("validate x --pre d", "--pre could be any of --previous, --previous-run. Write it out."),
        ("validate x --out", "--out lacks what it takes: --out DIR."),
        ("validate x --period 2025-04-01", "--period FIRST LAST"),
        ("validate x --period 2025-04-01 soon", "'soon' is not a day; write it yyyy-mm-dd"),
        ("validate x --quiet=3", "--quiet takes no value."),
        (
            "synthesise --standard ssda903/2025-26 --out x --children many",
            "--children takes a whole number, not 'many'.",
        ),
        ("standards list more", "csc-data standards list does not take more as well."),
        (f"validate {GIVEN} --only 101 102", "To name several rules write --only 101,102"),
        ("rules show 99999", "No version of any standard has a rule 99999."),
        ("rules show INT99 --standard ssda903/2025-26", "has no rule INT99. Did you mean INT"),
    ],
)
def test_a_wrong_call_is_told_in_words(call: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert not [word for word in ("usage:", "error:", "argument ", "invalid", "(choose from") if word in err]


def test_options_take_commas_and_can_be_repeated_and_paths_stand_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(path) for path in sorted((RETURN / "this_year").glob("*.csv"))]
    main(["validate", files[0], "--only", "101,int17", "--only", "388", *files[1:], "--skip", "InT17"])
    out = capsys.readouterr().out
    assert f"{len(files)} tables read from {len(files)} files" in out
    assert "319 rules were switched off" in out


def test_a_rule_is_shown_in_the_latest_version_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "show", "int17"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("As in ssda903/2026-27, the latest version that has the rule.\nINT17 (")


def test_names_are_known_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "--standard", "SSDA903/2025-26", "--table", "hEADER"]) == 0
    assert main(["validate", GIVEN, "--only", "101", "--authority", "BARNET", "--fail-on", "Never"]) == 0
    assert "Barnet" in capsys.readouterr().out


def test_an_invented_return_is_checked_as_it_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synthesise", "--standard", "ssda903/2025-26", "--children", "12", "--out", str(tmp_path)]) == 0
    assert main(["validate", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "is an invented return" in err
    assert "and 11 of last year's return" in out
    assert "no provider list" not in out


def test_a_key_is_made_for_its_owner_alone_and_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.txt"
    assert main(["key", str(key)]) == 0
    content = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert content.strip() not in capsys.readouterr().out
    assert main(["key", str(key)]) == 2
    assert key.read_text() == content
    out = tmp_path / "out"
    given = ["validate", GIVEN, "--only", "388", "--quiet", "--out", str(out), "--format", "csv"]
    assert main([*given, "--pseudonymise", str(key)]) == 1
    assert main(["key", str(tmp_path / "absent" / "key.txt")]) == 2


class Notebook:
    """A stream of which nothing is known but that it can be written to."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.mark.parametrize(
    "call", [["validate", GIVEN, "--only", "388"], ["validate", GIVEN, "--json"], ["standards", "list"]]
)
def test_output_may_have_been_replaced(call: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Notebook(), Notebook()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    assert main(call) in (0, 1)
    assert "ssda903" in out.text
    assert "failed" not in err.text


def test_the_program_may_find_its_streams_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    from csc_data.commands import messages

    for name in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{name}", Notebook())
    for name in ("lastResort",):
        monkeypatch.setattr(f"logging.{name}", None)
    for hook in ("sys.excepthook", "sys.unraisablehook", "threading.excepthook", "warnings.showwarning"):
        monkeypatch.setattr(hook, None)
    messages.silence_libraries()
    messages.silence_compiled_code()
    messages.flush_streams()
