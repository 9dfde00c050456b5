"""Moves every boundary of the measures by one day, and holds that a hand case breaks.

``python -m tests.standards.moved_boundaries`` tries them all and lists those that no case sees; the suite tries a sample.
A boundary is moved in the running function: its code is compiled anew from the source with one place changed.
"""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.measure_examples import engine_of, examples_of, wrong_in

from csc_data.declare import Dates, Measure, MeasureFamily, View
from csc_data.declare.collection import Standard
from csc_data.metadata.installed import collections

MODULES = {
    "ssda903": (
        "measures.adoption", "measures.care_leavers", "measures.health", "measures.placements", "measures.stability",
        "measures.starting_and_ceasing", "views.populations",
    ),
    "cin": ("measures.need", "measures.protection"),
}  # fmt: skip
"""Modules with boundaries, by collection; those of breakdowns have tests of their own."""

NO_DAYS = {"_FAR"}
"""What is compared with these is no number of days: miles lie on no boundary."""

UNSEEN = {
    ("same_carer", "in_care_since.at_latest.on(young).plus_months(30) +1"): "no day lies 30 months before 31 March",
    ("same_carer", "in_care_since.at_latest.on(young).plus_months(30) <= period.end"): "the same",
    ("duration", "begun.plus_months(6) -1"): "no day lies 6 months before 31 March",
    ("duration", "begun.plus_months(6) >= period.end"): "the same",
    ("reviewed_on_time", "rows.CPPreviewDate <= period.end"): "a review of the last day is neither early nor late",
}
"""Boundaries that no case can see, by function and place, with the reason."""

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE}
_SPANS = ("within", "inside")
_SHIFTS = ("plus_days", "plus_months", "plus_years")


@dataclass(frozen=True)
class Boundary:
    """One boundary: module and function it stands in, its line, and how it is moved."""

    collection: str
    module: str
    function: str
    line: int
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.collection} {self.module}:{self.line} {self.function}: {self.what}"


def boundaries() -> Iterator[Boundary]:
    """Every boundary of the measures, in the order of the source."""
    for collection, names in MODULES.items():
        for name in names:
            for function in _functions(_tree(collection, name)):
                for number, (line, what) in enumerate(_Mover(-1).all_in(function)):
                    if (function.name, what) not in UNSEEN:
                        yield Boundary(collection, name, function.name, line, number, what)


def breaks_a_case(boundary: Boundary) -> bool:
    """Whether a hand case gives another figure when the boundary is moved."""
    collection = collections()[boundary.collection]
    with _moved(boundary):
        for examples in examples_of(boundary.collection).values():
            for example in examples:
                for version in reversed(collection.versions):
                    if version in example.window:
                        if _differs(example, collection.standard(version)):
                            return True
                        break
    return False


def _differs(example: Any, standard: Standard) -> bool:
    try:
        engine = engine_of(example, standard)
        return bool(wrong_in(example, engine, standard))
    except Exception:  # a case that fails to run is broken too
        return True


@contextmanager
def _moved(boundary: Boundary) -> Iterator[None]:
    module = _module(boundary.collection, boundary.module)
    function = _function_of(getattr(module, boundary.function))
    tree = _tree(boundary.collection, boundary.module)
    (function_node,) = (node for node in _functions(tree) if node.name == boundary.function)
    _Mover(boundary.number).visit(function_node)
    code = _code_named(compile(ast.fix_missing_locations(tree), inspect.getfile(module), "exec"), boundary.function)
    before = function.__code__
    function.__globals__["_moved_by"] = _moved_by
    function.__code__ = code
    try:
        yield
    finally:
        function.__code__ = before
        del function.__globals__["_moved_by"]


def _moved_by(day: Any, days: int) -> Any:
    return day.plus_days(days) if isinstance(day, Dates) else day + dt.timedelta(days)


class _Mover(ast.NodeTransformer):
    """Moves node boundary, told by its number; -1 moves none and counts them."""

    def __init__(self, number: int) -> None:
        self._number, self.met = number, []  # type: ignore[var-annotated]

    def all_in(self, node: ast.AST) -> list[tuple[int, str]]:
        self.visit(node)
        met: list[tuple[int, str]] = self.met
        return met

    def _is_next(self, node: Any, what: str) -> bool:
        self.met.append((node.lineno, what))
        return len(self.met) - 1 == self._number

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        other = _OTHER.get(type(node.ops[0]))
        if len(node.ops) == 1 and other and not names & NO_DAYS and self._is_next(node, ast.unparse(node)):
            node.ops[0] = other()
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _SPANS:
            for number, days in ((-2, 1), (-2, -1), (-1, 1), (-1, -1)):
                if self._is_next(node, f"{ast.unparse(node)}, {'first' if number == -2 else 'last'} {days:+}"):
                    node.args[number] = _call(node.args[number], days)
        if name in _SHIFTS:
            for days in (1, -1):
                if self._is_next(node, f"{ast.unparse(node)} {days:+}"):
                    return _call(node, days)
        return node


def _call(day: ast.expr, days: int) -> ast.Call:
    return ast.Call(ast.Name("_moved_by", ast.Load()), [day, ast.Constant(days)], [])


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _module(collection: str, name: str) -> ModuleType:
    return importlib.import_module(f"csc_data.standards.{collection}.{name}")


def _tree(collection: str, name: str) -> ast.Module:
    return ast.parse(inspect.getsource(_module(collection, name)))


def _function_of(declared: Any) -> FunctionType:
    if isinstance(declared, MeasureFamily):
        declared = declared.measures[0]
    function: FunctionType = declared.function if isinstance(declared, Measure | View) else declared
    return function


def _code_named(code: CodeType, name: str) -> CodeType:
    return next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)


def main() -> int:
    """Try every boundary; list those that no case sees."""
    tried, unseen = 0, []
    for tried, boundary in enumerate(boundaries(), start=1):  # noqa: B007
        if not breaks_a_case(boundary):
            unseen.append(boundary)
            sys.stdout.write(f"no case sees {boundary}\n")
    sys.stdout.write(f"{tried} boundaries moved, {len(unseen)} seen by no case\n")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
