"""Rules: functions that say which rows break an official check, with everything a reader needs to know about it.

A rule's parameters name what it reads, and the engine supplies them:

* a table of this year's return in lower case, underscores free to place: ``episodes``, ``placed_adoption``, ``oc2``;
* the same table of last year's return: ``previous_episodes``;
* a view of the standard (a function marked ``@view``) by its name;
* ``period`` (a ``Period``), ``authority``, ``postcodes``, ``providers``, ``working_days``, ``input_format``.

If one of them is absent the rule is skipped and the report says why. A parameter with the default ``None`` is
optional: the rule runs without it.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar

from csc_data.declare.slots import TableRef
from csc_data.declare.tables import CellCheck, Item, Table
from csc_data.errors import StandardError
from csc_data.typed.columns import Mask
from csc_data.typed.rows import Flags
from csc_data.versions import Version, Window, years_before

Severity = Literal["error", "query"]
Dimension = Literal["completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy"]
Fidelity = Literal["exact", "may over-report", "may under-report"]
Origin = Literal["official", "own", "structure", "local"]

CONTEXT = frozenset({"period", "authority", "postcodes", "providers", "working_days", "input_format"})
"""Parameter names that are neither tables nor views."""


@dataclass(frozen=True)
class Period:
    """The reporting period: first and last day, both included, and the version it belongs to."""

    start: dt.date
    end: dt.date
    version: Version

    def earlier(self, years: int) -> tuple[dt.date, dt.date]:
        """First and last day so many years earlier; 29 February falls on 28 February in other years."""
        return years_before(self.start, years), years_before(self.end, years)


@dataclass(frozen=True)
class Parameter:
    """One thing a rule or view reads. ``table`` is set when a family binds the name to a table."""

    name: str
    optional: bool = False
    table: str | None = None


@dataclass(frozen=True)
class Rule:
    """One official (or structural, or local) check.

    ``function`` returns a mask over the rows of its first table, or ``Flags``; it is None for checks of single cells,
    which stand in ``cells``, and of what a reader of payloads noticed (``form_fault``, a kind of ``FORM_FAULTS``). ``label``
    says what breaking it means to whoever sends the return, where the collection tells such rules apart.
    """

    code: str
    title: str
    why: str
    fix: str
    fields: tuple[str, ...]
    severity: Severity
    dimension: Dimension
    window: Window
    per: str
    fidelity: Fidelity
    fidelity_note: str
    departure: str
    origin: Origin
    detail: str = ""
    parameters: tuple[Parameter, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    function: Callable[..., Any] | None = None
    module: str = ""
    cells: tuple[tuple[Item, CellCheck], ...] = ()
    premise: bool = False
    set_note: str = ""
    label: str = ""
    form_fault: str = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the rule's function directly, as a test or a notebook would."""
        if self.function is None:
            raise TypeError(f"Rule {self.code} is a check of single cells and has no function.")
        return self.function(*args, **kwargs, **self.constants)

    @property
    def tables(self) -> tuple[TableRef, ...]:
        """The tables of the fields it concerns, first the one whose rows it judges."""
        return tuple(dict.fromkeys(TableRef.of(name.partition(".")[0]) for name in self.fields))


Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")
Flagged = TypeVar("Flagged", bound="Mask | Flags")

if TYPE_CHECKING:

    class FunctionRule(Rule, Generic[Parameters, Flagged]):
        """A rule to a type checker, which can be called as its function can."""

        def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Flagged:
            """What the function gives."""


@dataclass(frozen=True)
class RuleFamily:
    """Rules that differ only in a table, field, code or number: one function, one rule a case."""

    rules: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)


@dataclass(frozen=True)
class View:
    """A derived value that several rules share, worked out once a return."""

    name: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the view's function directly."""
        return self.function(*args, **kwargs)


if TYPE_CHECKING:

    class FunctionView(View, Generic[Parameters, Value]):
        """A view to a type checker, which can be called as its function can."""

        def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
            """What the function gives."""


def rule(
    code: str,
    *,
    fields: Sequence[str],
    severity: Severity = "error",
    dimension: Dimension = "consistency",
    since: str | None = None,
    until: str | None = None,
    per: str = "row",
    fidelity: Fidelity = "exact",
    fidelity_note: str = "",
    departure: str = "",
    origin: Origin = "official",
    premise: bool = False,
    set_note: str = "",
    label: str = "",
) -> Callable[[Callable[Parameters, Flagged]], FunctionRule[Parameters, Flagged]]:
    """Declare a rule. The docstring holds a sentence, then ``Why:`` and ``Fix:`` paragraphs.

    Args:
        code: official code.
        fields: the items concerned, as "Table.ITEM" ("Table_last.ITEM" for last year's); the first one's table is the
            one whose rows are judged when the function returns a mask.
        severity: "error" or "query", by the official source.
        dimension: the data quality dimension the fault belongs to.
        since: first year in force.
        until: last year in force.
        per: what one issue is: "row", the subject of the return ("child", "worker"), "return", the name of a parent table,
            or "value" (rows that share the value of the first field).
        fidelity: whether the check can be exact with what a return holds.
        fidelity_note: why not, if it cannot.
        departure: how and why this differs from the validator in common use, if it does.
        origin: "official", "own" for a check of ours on records that no official source states, or "local" for one that an
            authority or region adds.
        label: what breaking it means to whoever sends the return, where the collection tells such rules apart.
        premise: whether what other rules report means nothing while this one fails; the verdict then leads with it.
        set_note: what one note for the whole return may say that explains all it finds, where the collection takes one.
    """

    def declare(function: Callable[Parameters, Flagged]) -> FunctionRule[Parameters, Flagged]:
        declared: Any = _rule(
            function, code, fields, severity, dimension, Window.of(since, until), per, fidelity, fidelity_note, departure,
            origin, {}, premise, set_note, label,
        )  # fmt: skip
        return declared

    return declare


def rule_family(
    cases: Mapping[str, Mapping[str, Any]],
    *,
    fields: Sequence[str],
    severity: Severity = "error",
    dimension: Dimension = "consistency",
    since: str | None = None,
    until: str | None = None,
    per: str = "row",
    fidelity: Fidelity = "exact",
    fidelity_note: str = "",
    departure: str = "",
    origin: Origin = "official",
    label: str = "",
) -> Callable[[Callable[..., Mask | Flags]], RuleFamily]:
    """Declare rules that share one function.

    Args:
        cases: by official code, the values of the function's extra parameters. A ``Table`` binds the parameter to that
            table's rows. The keys "since", "until", "severity", "departure", "fidelity", "fidelity_note" and "label"
            override what is given for the family.
        fields: as for ``rule``, with ``{parameter}`` filled in from the case; so is the docstring.

    The other arguments are those of ``rule``.
    """

    def declare(function: Callable[..., Mask | Flags]) -> RuleFamily:
        rules = []
        for code, case in cases.items():
            own = dict(case)
            window = Window.of(own.pop("since", since), own.pop("until", until))
            rules.append(
                _rule(
                    function,
                    code,
                    fields,
                    own.pop("severity", severity),
                    dimension,
                    window,
                    per,
                    own.pop("fidelity", fidelity),
                    own.pop("fidelity_note", fidelity_note),
                    own.pop("departure", departure),
                    origin,
                    own,
                    label=own.pop("label", label),
                )
            )
        return RuleFamily(tuple(rules))

    return declare


def view(function: Callable[Parameters, Value]) -> FunctionView[Parameters, Value]:
    """Declare a view: a derived value shared by rules. Its parameters are named as a rule's are."""
    declared: Any = View(function.__name__, _parameters(function, {}), function)
    return declared


def _rule(
    function: Callable[..., Any],
    code: str,
    fields: Sequence[str],
    severity: Severity,
    dimension: Dimension,
    window: Window,
    per: str,
    fidelity: Fidelity,
    fidelity_note: str,
    departure: str,
    origin: Origin,
    case: Mapping[str, Any],
    premise: bool = False,
    set_note: str = "",
    label: str = "",
) -> Rule:
    words = {name: _word(value) for name, value in case.items()}
    title, detail, why, fix = read_docstring(function, code, words)
    return Rule(
        code=code,
        title=title,
        why=why,
        fix=fix,
        detail=detail,
        fields=tuple(field.format(**words) for field in fields),
        severity=severity,
        dimension=dimension,
        window=window,
        per=per.format(**words),
        fidelity=fidelity,
        fidelity_note=fidelity_note,
        departure=" ".join(departure.split()),
        origin=origin,
        parameters=_parameters(function, case),
        constants={name: value for name, value in case.items() if not _is_table(value)},
        function=function,
        module=function.__module__,
        premise=premise,
        set_note=set_note,
        label=label,
    )


def _parameters(function: Callable[..., Any], case: Mapping[str, Any]) -> tuple[Parameter, ...]:
    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        bound = case.get(parameter.name)
        if parameter.name in case and not _is_table(bound):
            continue
        parameters.append(Parameter(parameter.name, parameter.default is None, _table_name(bound)))
    return tuple(parameters)


def _table_name(bound: object) -> str | None:
    return bound.__name__ if isinstance(bound, type) and issubclass(bound, Table) else None


def _is_table(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Table)


def _word(value: Any) -> str:
    if _is_table(value):
        return str(value.__name__)
    if hasattr(value, "title") and not isinstance(value, str):
        return str(value.title)
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)


def read_docstring(function: Callable[..., Any], code: str, words: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Split a rule's docstring into its sentence, detail, Why and Fix.

    Raises:
        StandardError: one of sentence, Why or Fix is missing.
    """
    text = inspect.cleandoc(function.__doc__ or "").format(**words)
    paragraphs = [
        " ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", re.sub(r"\n(Why|Fix):", r"\n\n\1:", text))
    ]
    why = " ".join(paragraph.removeprefix("Why:").strip() for paragraph in paragraphs if paragraph.startswith("Why:"))
    fix = " ".join(paragraph.removeprefix("Fix:").strip() for paragraph in paragraphs if paragraph.startswith("Fix:"))
    plain = [paragraph for paragraph in paragraphs if paragraph and not paragraph.startswith(("Why:", "Fix:"))]
    if not (plain and why and fix):
        raise StandardError(f"Rule {code}: the docstring needs a sentence, a Why: and a Fix: paragraph.")
    return plain[0], " ".join(plain[1:]), why, fix
