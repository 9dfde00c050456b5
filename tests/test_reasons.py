"""Reasons are data: every kind has words, wrong facts are told where the reason is made, and nothing matches prose."""

from __future__ import annotations

import inspect
import pickle
import re
from pathlib import Path

import pytest

import csc_data
from csc_data.files.refusals import Refusal
from csc_data.reading.row_faults import RowFault
from csc_data.reasons import ReasonKind, SkipReason, in_words

PACKAGE = Path(csc_data.__file__).parent
MATCHED_PROSE = re.compile(r"""\bin str\(error\)|\.reason [!=]= ["'A-Z]|str\(error\) [!=]=|\.reason\.startswith""")
ALLOWED = {"old_workbooks.py"}
"""The library for old workbooks tells a password by the words of its exception alone."""


@pytest.mark.parametrize(
    "kind", [*SkipReason, *Refusal, *RowFault], ids=lambda kind: f"{type(kind).__name__}.{kind.name}"
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
    assert in_words([reason, SkipReason.NO_PREVIOUS(), reason]) == f"{reason}; no previous year"
    assert pickle.loads(pickle.dumps(reason)) == reason


def test_no_module_matches_prose() -> None:
    matching = {
        f"{path.name}: {match[0]}"
        for path in PACKAGE.rglob("*.py")
        for match in MATCHED_PROSE.finditer(path.read_text(encoding="utf-8"))
        if path.name not in ALLOWED
    }
    assert not matching
