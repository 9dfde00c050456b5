"""What people do about issues: state, owner, note and explanation of each, kept in one file from check to check.

The file is the user's: it has the name that they gave it, nothing of it is kept elsewhere, and it changes nothing of what a
check finds or says. It holds identifiers and what people wrote about records, so it is to be kept as the return is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.errors import InputError, UsageError, sealed
from csc_data.files import limits
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.writing import json_text, replacing
from csc_data.results.issue_keys import IssueKey
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.returns.read import Return

FORMAT = "csc-data work 1"
CONTENT = "identifiers, and what people wrote about records: keep and send it as you would the return"


class State(StrEnum):
    """How far the work on an issue is."""

    TO_DO = "to do"
    ASKED = "asked"
    CORRECTED = "corrected at source"
    EXPLAINED = "explained"


@dataclass(frozen=True)
class Entry:
    """The work on one issue, or on all of a rule.

    Attributes:
        state: how far it is.
        owner: who does it.
        note: what they want to remember; it is sent nowhere.
        explanation: why the records are right as they are, for whoever collects the return.
        changed: when it was last changed, in UTC, as ISO 8601 to the second.
        values: fingerprint of the values that were looked at; "" where it stands for all of a rule.
    """

    state: State = State.TO_DO
    owner: str = ""
    note: str = ""
    explanation: str = ""
    changed: str = ""
    values: str = ""

    @property
    def says_something(self) -> bool:
        """Whether it differs from what is taken of an issue that nobody has touched."""
        return self.state is not State.TO_DO or any((self.owner, self.note, self.explanation))


UNTOUCHED = Entry()
"""What is taken of an issue that nobody has touched."""


@dataclass
class Work:
    """Everything that was noted about the issues of one return.

    Attributes:
        standard: name of the standard that the return was checked against.
        authority: ONS code of the authority; "" if it is not known.
        issues: the entry of each issue that somebody has touched.
        rules: by code, the entry that holds for all issues of a rule which have none of their own.
        changes: how often something was noted since it was read.
    """

    standard: str
    authority: str = ""
    issues: dict[IssueKey, Entry] = field(default_factory=dict)
    rules: dict[str, Entry] = field(default_factory=dict)
    _digest: str | None = field(default=None, repr=False, compare=False)
    changes: int = field(default=0, repr=False, compare=False)

    @classmethod
    def on(cls, ret: Return) -> Work:
        """Nothing done yet about a return."""
        return cls(ret.standard.id, ret.authority.ons_code if ret.authority else "")

    @classmethod
    @sealed
    def read(cls, path: str | PathLike[str]) -> Work:
        """Read a work file.

        Raises:
            InputError: there is no such file, or it cannot be read as one; the message says what is wrong where.
        """
        name = printable_path(path)
        try:
            content = read_bytes(path, limits.WORK_BYTES)
        except NotReadError as error:
            raise InputError(f"{name} cannot be read: {error}. {_HOW_TO_MAKE}") from None
        return cls._of(_document(content, name), content)

    @classmethod
    def of_content(cls, content: bytes, name: str) -> Work:
        """Read a work file that is held in memory.

        Raises:
            InputError: as ``read``.
        """
        return cls._of(_document(content, name), content)

    @classmethod
    def _of(cls, document: Mapping[str, Any], content: bytes) -> Work:
        return cls(
            document["standard"],
            document.get("authority", ""),
            {_key(part): _entry(part) for part in document["issues"]},
            {part["rule"]: _entry(part) for part in document["rules"]},
            _digest_of(content),
        )

    @sealed
    def save(self, path: str | PathLike[str]) -> None:
        """Write it, whole or not at all.

        Raises:
            UsageError: another file stands there, it was changed by somebody else since it was read, or the folder cannot
                be written to.
        """
        self._refuse_others(Path(path))
        content = self.content()
        with replacing(path) as temporary:
            temporary.write_bytes(content)
        self._digest = _digest_of(content)

    def content(self) -> bytes:
        """The bytes of its file."""
        return "".join(json_text(self._outline())).encode()

    def _refuse_others(self, path: Path) -> None:
        if not path.exists():
            return
        name = printable_path(path)
        try:
            content = read_bytes(path, limits.WORK_BYTES)
            _document(content, name)
        except (InputError, NotReadError):
            raise UsageError(
                f"{name} is no work file of csc-data, and is not written over. Choose another name."
            ) from None
        if _digest_of(content) != self._digest:
            raise UsageError(
                f"{name} was changed by somebody else since it was opened, and is not written over. Save under another "
                "name, or open it again and repeat what you changed."
            )

    def _outline(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "contains_child_level_values": True,
            "content": CONTENT,
            "standard": self.standard,
            "authority": self.authority,
            "rules": [{"rule": code, **_written(entry)} for code, entry in sorted(self.rules.items())],
            "issues": [
                {"rule": key.rule, "subject": key.subject, "table": key.table, "row": list(key.row), **_written(entry)}
                for key, entry in sorted(self.issues.items())
            ],
        }

    def refuse_other_return(self, ret: Return) -> None:
        """See to it that the work is not shown beside a return that it is not about.

        Raises:
            UsageError: it is about another collection or authority.
        """
        collection, own = ret.standard.collection.id, self.standard.partition("/")[0]
        authority = ret.authority.ons_code if ret.authority else ""
        if own != collection or (authority and self.authority and authority != self.authority):
            whose = f" of {self.authority}" if self.authority else ""
            raise UsageError(
                f"The work file is about {self.standard}{whose}, and the return is another. Give the work file of this one."
            )

    def set_issue(self, key: IssueKey, entry: Entry) -> None:
        """Note something about an issue, now; an entry that says nothing is taken out."""
        self.changes += 1
        _set(self.issues, key, entry)

    def set_rule(self, rule: str, entry: Entry) -> None:
        """Note something about all issues of a rule that have no entry of their own, now."""
        self.changes += 1
        _set(self.rules, rule, entry)

    def text_for_rule(self, rule: str) -> str:
        """What is to be pasted as the note on a rule: the explanation for all, then those of its issues, each once."""
        common = self.rules.get(rule, UNTOUCHED).explanation
        by_text: dict[str, list[str]] = {}
        for key, entry in sorted(self.issues.items()):
            if key.rule == rule and entry.explanation:
                by_text.setdefault(entry.explanation, []).append(key.subject)
        return "\n".join([*([common] if common else []), *(_of_subjects(*texts) for texts in by_text.items())])

    def text_for_subject(self, subject: str) -> str:
        """What is to be pasted as the note on one child or worker: the explanations of their issues, a rule a line."""
        lines: dict[str, None] = {}
        for key, entry in sorted(self.issues.items()):
            if key.subject == subject and entry.explanation:
                lines[f"{key.rule}: {entry.explanation}"] = None
        return "\n".join(lines)


def now() -> str:
    """The time as entries have it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def schema() -> dict[str, Any]:
    """The JSON Schema of a work file."""
    text = files("csc_data.results").joinpath("work.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _set(entries: dict[Any, Entry], key: Any, entry: Entry) -> None:
    if not entry.says_something:
        entries.pop(key, None)
    elif replace(entries.get(key, UNTOUCHED), changed="") != replace(entry, changed=""):
        entries[key] = replace(entry, changed=now())


def _of_subjects(explanation: str, subjects: Iterable[str]) -> str:
    names = ", ".join(dict.fromkeys(filter(None, subjects)))
    return f"{names}: {explanation}" if names else explanation


def _written(entry: Entry) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(entry).items() if value}


def _key(part: Mapping[str, Any]) -> IssueKey:
    return IssueKey(part["rule"], part.get("subject", ""), part.get("table", ""), tuple(part.get("row", ())))


def _entry(part: Mapping[str, Any]) -> Entry:
    texts = {name: part.get(name, "") for name in ("owner", "note", "explanation", "changed", "values")}
    return Entry(State(part.get("state", State.TO_DO).strip().lower()), **texts)


def _digest_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


_HOW_TO_MAKE = (
    "A work file is made by csc-data app, or from a workbook by: csc-data work import report.xlsx --work work.json"
)


def _document(content: bytes, name: str) -> dict[str, Any]:
    """What a work file says.

    Raises:
        InputError: it is none, another version wrote it, or parts of it are wrong.
    """
    from jsonschema import Draft202012Validator

    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(f"{name} is no work file of csc-data, or it is damaged. {_HOW_TO_MAKE}") from None
    form = document.get("format") if isinstance(document, dict) else None
    if not isinstance(form, str) or not form.startswith("csc-data work "):
        raise InputError(f"{name} is no work file of csc-data. {_HOW_TO_MAKE}")
    if form != FORMAT:
        raise InputError(
            f"{name} was written by another version of csc-data. Read it with that version, or a newer one."
        )
    faults = [_fault(error) for error in Draft202012Validator(schema()).iter_errors(document)]
    if faults:
        named = "\n  ".join(faults[: limits.NAMED_FAULTS])
        more = f"\n  and {len(faults) - limits.NAMED_FAULTS} more" if len(faults) > limits.NAMED_FAULTS else ""
        raise InputError(f"{name} cannot be read as a work file:\n  {named}{more}")
    return document


def _fault(error: Any) -> str:
    """Where a part is wrong, and what it must be; nothing of what stands there."""
    path = [f"number {step + 1}" if isinstance(step, int) else str(step) for step in error.absolute_path]
    wanted = {
        "required": f"lacks {', '.join(name for name in error.validator_value if name not in error.instance)}"
        if error.validator == "required"
        else "",
        "type": f"must be of the kind {error.validator_value}",
        "pattern": "is none of: " + ", ".join(State) if path[-1:] == ["state"] else "has another form",
        "additionalProperties": "has a name that csc-data does not know",
        "maxLength": f"is longer than {error.validator_value:,} characters" if error.validator == "maxLength" else "",
    }
    return f"{', '.join(path) or 'the file'} {wanted.get(error.validator, 'is not as it must be')}"
