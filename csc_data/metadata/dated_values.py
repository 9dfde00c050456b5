"""The groups of codes and the thresholds that a rule reads, so that a year in which they change can be told.

They are found by following the names that the rule's function uses, through the views and helpers of its standard.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from csc_data.declare.codes import Codes, Group, Threshold
from csc_data.declare.rules import Rule, View
from csc_data.versions import Version

Dated = Codes | Group | Threshold[Any]


def dated_values(rule: Rule, views: Mapping[str, View]) -> dict[str, Dated]:
    """What a rule reads that may change with the years, by a name for people."""
    values: dict[str, Dated] = {}
    for name, value in rule.constants.items():
        if isinstance(value, (Codes, Group, Threshold)):
            values[_name(name, value)] = value
    for item, check in rule.cells:
        if item.codes and check.fault != "blank":
            values[f"codes of {item.field}"] = item.codes
    if rule.module and isinstance(rule.function, FunctionType):
        package = rule.module.partition(".rules")[0]
        used: list[Callable[..., Any]] = [rule.function]
        used += [views[parameter.name].function for parameter in rule.parameters if parameter.name in views]
        for name, value in _followed(used, package):
            values.setdefault(name, value)
    return values


def value_at(value: Dated, version: Version) -> str:
    """A value in one year, in words: codes in their order, or the threshold."""
    if isinstance(value, Threshold):
        limit = value.at(version)
        return ", ".join(map(str, limit)) if isinstance(limit, tuple) else str(limit)
    return ", ".join(sorted(value.at(version)))


def _name(name: str, value: Dated) -> str:
    return name.strip("_").lower().replace("_", " ") if isinstance(value, Threshold) else value.title


def _followed(functions: list[Callable[..., Any]], package: str) -> Iterator[tuple[str, Dated]]:
    queue, seen = list(functions), set()
    while queue:
        function = queue.pop(0)
        if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith(package):
            continue
        seen.add(function)
        for name, value in _used(function, package):
            if isinstance(value, (Codes, Group, Threshold)):
                yield _name(name, value), value
            elif isinstance(value, View):
                queue.append(value.function)
            elif callable(value):
                queue.append(value)


def _used(function: FunctionType, package: str) -> Iterator[tuple[str, Any]]:
    for name, attribute in _global_names(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith(package):
            name, value = attribute, vars(value).get(attribute)
        if value is not None:
            yield name, value


@cache
def _global_names(code: CodeType) -> tuple[tuple[str, str], ...]:
    """Every global name that code loads, with the attribute taken of it ("" if none); nested code included."""
    names = []
    instructions = list(dis.get_instructions(code))
    for instruction, after in zip(instructions, [*instructions[1:], None], strict=True):
        if instruction.opname == "LOAD_GLOBAL":
            takes = after is not None and after.opname in ("LOAD_ATTR", "LOAD_METHOD")
            names.append((str(instruction.argval), str(after.argval) if after is not None and takes else ""))
    nested = (name for part in code.co_consts if isinstance(part, CodeType) for name in _global_names(part))
    return tuple(dict.fromkeys([*names, *nested]))
