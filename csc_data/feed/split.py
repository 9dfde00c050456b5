"""Which records of a payload can be sent, and which are held back, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.form_rules import LABELS
from csc_data.errors import InputError, UsageError, sealed
from csc_data.feed.payload import Object, Payload, form_of, read_payload
from csc_data.files.sources import AnyPath
from csc_data.gaps import GapKind
from csc_data.report import Report, validate

HELD_COLUMNS = ("file", "position", "child", "pointer", "line", "rule", "label", "reason")


@dataclass(frozen=True)
class Split:
    """A payload in two: what can be sent, and what is held back.

    Attributes:
        sendable: records that can be sent, in the order in which they were given.
        held_back: records that cannot.
        reasons: one row a finding that holds a record back (``HELD_COLUMNS``). It names children.
        report: everything that was found.
    """

    sendable: list[Object]
    held_back: list[Any]
    reasons: pd.DataFrame
    report: Report


@sealed
def split(given: AnyPath | Iterable[AnyPath], standard: Standard, *, hold_back: str = LABELS[0]) -> Split:
    """Check a payload and tell the records that can be sent from those that are held back.

    Args:
        given: the payload: a file, or a folder or zip of them.
        standard: the standard to check against.
        hold_back: the mildest finding that holds a record back: "will be refused", "against the guidance" or "ours".

    Raises:
        UsageError: the standard has no JSON form, or there is no such finding.
        InputError: the payload cannot be read.
    """
    if hold_back not in LABELS:
        raise UsageError(f"There is no finding {hold_back!r}. Give one of: {', '.join(LABELS)}.")
    form_of(standard)
    payload = read_payload(given)
    report = validate(given, standard)
    if any(gap.kind is GapKind.RULES_CRASHED for gap in report.gaps):
        raise InputError(
            "A check failed to run, so that it is not known what can be sent. See which: csc-data validate"
        )
    grave = LABELS[: LABELS.index(hold_back) + 1]
    reasons = _reasons(report, grave)
    held = set(zip(reasons["file"], reasons["position"], strict=True)) | _no_objects(payload)
    sendable: list[Object] = []
    held_back: list[Any] = []
    for request in payload.requests:
        for position, record in enumerate(request.records):
            (held_back if (request.file, position) in held else sendable).append(record)
    return Split(sendable, held_back, reasons, report)


def _no_objects(payload: Payload) -> set[tuple[str, int]]:
    """Entries that are no records at all."""
    return {
        (request.file, position)
        for request in payload.requests
        for position, record in enumerate(request.records)
        if type(record) is not dict
    }


def _reasons(report: Report, labels: Iterable[str]) -> pd.DataFrame:
    """What holds records back; what concerns a request as a whole does not."""
    issues = report.official.issues
    rules = report.ret.standard.rules
    of_requests = [code for code, rule in rules.items() if rule.per == "return"]
    chosen = issues[issues["label"].isin(list(labels)) & ~issues["rule"].isin(of_requests)]
    position = chosen["pointer"].str.extract(r"^/(\d+)", expand=False).fillna(-1).astype("int64")
    titles = chosen["rule"].astype("str").map(lambda code: rules[code].title)
    frame = chosen.assign(position=position, reason=titles)[list(HELD_COLUMNS)]
    return frame.sort_values(["file", "position"], kind="stable", ignore_index=True)
