"""When a submission is accepted, as data: a dated policy in a TOML file, and the verdict by it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.errors import UsageError
from csc_data.files.own_files import parse_own_file, read_own_file
from csc_data.gaps import GapKind
from csc_data.store.receipt import PolicyUsed, Verdict
from csc_data.visible import printable, printable_path

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome

SEVERITIES = ("error", "query")
ORIGINS = ("official", "own", "structure", "local")

_THRESHOLDS = ("blocks", "rows", "share")


@dataclass(frozen=True)
class Threshold:
    """When a rule that fails blocks: never, or above so many rows, or above such a share of the rows it judged."""

    blocks: bool = True
    rows: int = 0
    share: float = 0.0

    def exceeded(self, failed: int, judged: int) -> bool:
        """Whether a rule with so many failing rows, of so many that it judged, blocks."""
        return self.blocks and failed > self.rows and failed > self.share * judged


@dataclass(frozen=True)
class Policy:
    """What keeps a submission from being accepted.

    Attributes:
        used: its name, date and hash, as receipts name it.
        severities: of the rules that block when they fail.
        origins: of the rules that block when they fail.
        gaps: kinds of what was not checked, or does not agree, that block.
        rules: by official code, what holds of single rules instead.
    """

    used: PolicyUsed
    severities: frozenset[str]
    origins: frozenset[str]
    gaps: frozenset[str]
    rules: Mapping[str, Threshold]

    @classmethod
    def read(cls, path: str | PathLike[str] | None = None) -> Policy:
        """The policy in a TOML file; that of the package when left out.

        Raises:
            UsageError: it cannot be read, or says something that is no policy; the message says what and where.
        """
        if path is None:
            own = files("csc_data.store").joinpath("policy.toml").read_text(encoding="utf-8")
            return cls._of(Path("policy.toml"), own)
        named = Path(path)
        return cls._of(
            named, read_own_file(named, give="Give a policy in TOML.", save="Save the policy as text in UTF-8.")
        )

    @classmethod
    def _of(cls, path: Path, text: str) -> Policy:
        try:
            content = parse_own_file(path, text)
            return _policy(content, hashlib.sha256(text.encode()).hexdigest())
        except ValueError as error:
            raise UsageError(f"The policy {printable_path(path)} cannot be used: {printable(str(error))}.") from None

    def _blocking(self, rule: Mapping[str, Any]) -> bool:
        own = self.rules.get(rule["rule"])
        if own is None and (rule["severity"] not in self.severities or rule["origin"] not in self.origins):
            return False
        return (own or Threshold()).exceeded(int(rule["rows"]), int(rule["rows_checked"]))

    def verdict(self, outcome: Outcome) -> tuple[Verdict, list[str]]:
        """How a submission that could be read is to be answered, and why, the gravest reason first."""
        rules: list[dict[str, Any]] = outcome.rules.to_dict("records")  # type: ignore[assignment]
        failed = [rule for rule in rules if rule["status"] == "failed"]
        blocking = [rule for rule in failed if self._blocking(rule)]
        grave = [gap.message for gap in outcome.gaps if gap.kind in self.gaps]
        other = [gap.message for gap in outcome.gaps if gap.kind not in self.gaps]
        rest = len(failed) - len(blocking)
        milder = [*other, *([f"{_many(rest)} found what does not block."] if rest else [])]
        reasons = [*grave, *map(_reason, blocking), *_not_run(rules), *milder]
        if grave or blocking:
            return "returned", reasons
        return ("accepted with issues" if milder else "accepted"), reasons


def _not_run(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many official rules did not run, by the reason: nothing is said of what they check."""
    skipped = Counter(rule["reason"] for rule in rules if rule["status"] == "skipped" and rule["origin"] == "official")
    return [f"{_many(count)} did not run: {reason}." for reason, count in sorted(skipped.items())]


def _many(rules: int) -> str:
    return f"{rules:,} {'rule' if rules == 1 else 'rules'}"


def _reason(rule: Mapping[str, Any]) -> str:
    rows = int(rule["rows"])
    return f"Rule {rule['rule']}: {rows:,} {'row' if rows == 1 else 'rows'}. {rule['title']}"


def _policy(content: Any, sha256: str) -> Policy:
    """The policy that a document says. Raises ValueError, with what is wrong in words, if it says none."""
    if not isinstance(content, dict) or (unknown := content.keys() - {"name", "date", "blocking", "rules"}):
        raise ValueError(f"it holds {', '.join(sorted(unknown))}, which is no part of a policy")
    name, date, blocking = content.get("name"), content.get("date"), content.get("blocking")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it has no name")
    if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
        raise ValueError("it has no date, written like date = 2026-04-01")
    if not isinstance(blocking, dict) or blocking.keys() != {"severities", "origins", "gaps"}:
        raise ValueError("[blocking] must say severities, origins and gaps, and nothing else")
    return Policy(
        PolicyUsed(printable(name), date.isoformat(), sha256),
        _words(blocking["severities"], "severities", SEVERITIES),
        _words(blocking["origins"], "origins", ORIGINS),
        _words(blocking["gaps"], "gaps", tuple(map(str, GapKind))),
        _thresholds(content.get("rules", {})),
    )


def _words(given: Any, name: str, known: tuple[str, ...]) -> frozenset[str]:
    if not isinstance(given, list) or not all(word in known for word in given):
        raise ValueError(f"{name} of [blocking] must be a list of: {', '.join(known)}")
    return frozenset(given)


def _thresholds(given: Any) -> dict[str, Threshold]:
    if not isinstance(given, dict):
        raise ValueError("[rules] must hold a table for each rule")
    made = {}
    for code, said in given.items():
        if not isinstance(said, dict) or not said or said.keys() - set(_THRESHOLDS):
            raise ValueError(f"[rules.{code}] must say {' or '.join(_THRESHOLDS)}, and nothing else")
        blocks, rows, share = said.get("blocks", True), said.get("rows", 0), said.get("share", 0.0)
        if not isinstance(blocks, bool):
            raise ValueError(f"blocks of [rules.{code}] must be true or false")
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
            raise ValueError(f"rows of [rules.{code}] must be a number of rows")
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
            raise ValueError(f"share of [rules.{code}] must be between 0 and 1")
        made[code] = Threshold(blocks, rows, float(share))
    return made
