"""Reasons are data: every kind has words, wrong facts are told where the reason is made, and nothing matches prose."""

from __future__ import annotations

import inspect
import json
import pickle
import re
import zipfile
from pathlib import Path

import pytest

import csc_data
from csc_data.conversion.refusals import ConversionRefusal
from csc_data.files.refusals import Refusal
from csc_data.gaps import GapReason
from csc_data.reading.notes import NoteKind, Tolerated
from csc_data.reading.problems import Problem, UnreadableReturnError
from csc_data.reading.row_faults import RowFault
from csc_data.reasons import ReasonKind, SkipReason, in_words
from csc_data.reference.list_notes import ListNote, ListRefusal
from csc_data.results.run_refusals import RunRefusal
from csc_data.returns.return_notes import Evidence, Remedy, ReturnNote

KINDS: list[type[ReasonKind]] = [
    ConversionRefusal, Evidence, GapReason, ListNote, ListRefusal, Problem, Refusal, Remedy, ReturnNote, RowFault,
    RunRefusal, SkipReason, Tolerated,
]  # fmt: skip
PACKAGE = Path(csc_data.__file__).parent
MATCHED_PROSE = re.compile(
    r"""\bin str\(error\)|\.reason [!=]= ["'A-Z]|str\(error\) [!=]=|\.reason\.startswith"""
    r"""|\.(?:message|words)[ .](?:[!=]= ?["']|startswith|endswith)|["'] in \w+\.(?:message|words)\b"""
)


@pytest.mark.parametrize(
    "kind", [kind for kinds in KINDS for kind in kinds], ids=lambda kind: f"{type(kind).__name__}.{kind.name}"
)
def test_every_kind_has_words_and_knows_its_facts(kind: ReasonKind) -> None:
    assert all(
        parameter.kind is not parameter.VAR_KEYWORD for parameter in inspect.signature(kind.wording).parameters.values()
    )
    with pytest.raises(TypeError):
        kind(no_such_fact="x")


def test_a_reason_tells_its_facts_and_what_was_lacking() -> None:
    reason = SkipReason.TABLE_MISSING("Reviews_last", table="Reviews", whose="last year")
    assert reason.kind is SkipReason.TABLE_MISSING and reason.facts == {"table": "Reviews", "whose": "last year"}
    assert reason.lacking == ("Reviews_last",)
    assert str(reason) == reason.words == "table Reviews of last year not supplied"
    assert in_words([reason, SkipReason.NO_PREVIOUS(none="no previous year"), reason]) == f"{reason}; no previous year"
    assert pickle.loads(pickle.dumps(reason)) == reason


def test_no_module_matches_prose() -> None:
    matching = {
        f"{path.name}: {match[0]}"
        for path in PACKAGE.rglob("*.py")
        for match in MATCHED_PROSE.finditer(path.read_text(encoding="utf-8"))
    }
    assert not matching


def test_every_enum_of_reasons_is_held_here() -> None:
    declared = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"^class (\w+)\(ReasonKind\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert declared == {kinds.__name__ for kinds in KINDS}


def test_notes_of_what_is_tolerated_hold_their_facts(tmp_path: Path) -> None:
    (tmp_path / "episodes.csv").write_text("CHILD;DECOM;RNE;LS;CIN;PLACE;SECRET\n\n1;01/04/2025;S;C2;N1;U1;x\n")
    notes = {note.reason.kind: note for note in csc_data.read(tmp_path, "ssda903/2025-26").supplied.notes}
    assert notes[Tolerated.DELIMITER].reason.facts == {"delimiter": ";"}
    assert notes[Tolerated.BLANK_ROWS].reason.facts["lines"].first == (2,)
    missing = notes[Tolerated.COLUMNS_MISSING]
    assert missing.kind is NoteKind.MISSING_COLUMN
    assert missing.reason.facts["table"] == "Episodes" and "REC" in missing.reason.facts["items"]
    assert notes[Tolerated.OTHER_COLUMNS].message == "not part of Episodes, passed over: column 7"


def test_what_cannot_be_read_says_why_as_data(tmp_path: Path) -> None:
    (tmp_path / "episodes.csv").write_bytes(b"%PDF-1.7")
    (tmp_path / "header.csv").write_text("CHILD,CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n")
    with pytest.raises(UnreadableReturnError) as refused:
        csc_data.read(tmp_path, "ssda903/2025-26")
    assert [problem.reason.kind for problem in refused.value.problems] == [Problem.NOT_TEXT, Problem.NO_HEADER]
    assert refused.value.problems[0].reason.facts["because"].kind is Refusal.IS_PDF
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


def test_a_saved_run_keeps_reasons_as_data_and_runs_without_them_are_read(tmp_path: Path) -> None:
    (tmp_path / "episodes.csv").write_text('CHILD;DECOM;RNE;LS;CIN;PLACE\n1;01/04/2025;S;C2;N1;U1\n2;"x\n')
    report = csc_data.validate(tmp_path / "episodes.csv", "ssda903/2025-26")
    report.save(tmp_path / "new.run")
    reasons = csc_data.read_run(tmp_path / "new.run").reasons()
    assert {"enum": "Tolerated", "kind": "another delimiter", "lacking": [], "facts": {"delimiter": ";"}} in reasons[
        "notes"
    ]
    assert len(reasons["notes"]) == len(report.summary()["notes"])
    skipped = reasons["rules"]["101"][0]
    assert skipped["enum"] == "SkipReason" and skipped["lacking"]
    assert sum(rows["rows"] for rows in reasons["unreadable"]) == len(report.ret.supplied.unreadable) > 0
    with zipfile.ZipFile(tmp_path / "new.run") as new, zipfile.ZipFile(tmp_path / "old.run", "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name == "run.json":
                outline = json.loads(content)
                del outline["reasons"]
                content = json.dumps(outline).encode()
            old.writestr(zipfile.ZipInfo(name), content)
    assert csc_data.read_run(tmp_path / "old.run").reasons() == {}
