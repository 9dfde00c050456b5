"""Drafts of standards: a proposal written by hand as TOML or JSON, laid over the version it builds on. Data, no code."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from pandera.typing.pandas import Series

from csc_data.declare.codes import Codes
from csc_data.declare.collection import Standard
from csc_data.declare.rules import Period, Rule
from csc_data.declare.tables import Item, Table, item
from csc_data.declare.verification import Verification
from csc_data.errors import StandardError, UsageError
from csc_data.files import limits
from csc_data.files.own_files import parse_own_file, read_own_file
from csc_data.metadata.code_sets import code_sets
from csc_data.metadata.installed import concepts
from csc_data.metadata.installed import standard as find_standard
from csc_data.metadata.shape import root_tables
from csc_data.typed.kinds import Code, DateKind, DateTimeKind, Number, Postcode, Text
from csc_data.versions import Version, Window, Year
from csc_data.visible import printable, printable_path

_KINDS = {"text": Text, "code": Code, "number": Number, "postcode": Postcode}
"""Kinds of item by the word a draft uses."""


@dataclass(frozen=True)
class Case:
    """What a draft says of its reasons; "" where it says nothing."""

    title: str
    need: str = ""
    use: str = ""
    shared_back: str = ""
    alternatives: str = ""
    justification: str = ""


class DraftStandard(Standard):
    """A version of a standard with a proposal laid over it.

    Attributes:
        base: the version it builds on.
        first_year: first reporting year, or version, the proposal would hold for.
        published: day on which the specification is, or is to be, published, if said.
        case: its reasons.
        concept_of: concept of the crosswalk that an added item holds, by "Table.ITEM".
        indicators_of: indicators an added item would serve, by "Table.ITEM".
        follows: changes that follow from others without being written in the draft, in words.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.base = find_standard(document["base"])
        super().__init__(self.base.collection, self.base.version)
        self.first_year = _version(document["year"], self.base)
        self.published = _day(document["published"]) if "published" in document else None
        self.case = Case(**{name: document[name] for name in Case.__dataclass_fields__ if name in document})
        self.concept_of: dict[str, str] = {}
        self.indicators_of: dict[str, tuple[str, ...]] = {}
        self.follows: list[str] = []
        problems = _DraftBuilder(self, document).problems
        if self.first_year <= self.base.version:
            problems.append(f"year: {self.first_year} does not come after that of the base, {self.base.version}")
        if problems:
            raise UsageError("\n  ".join(["The draft cannot be laid over " + self.base.id + ":", *problems]))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it by its document."""
        return DraftStandard, (self._document,)

    @property
    def id(self) -> str:
        """ "ssda903/2027-28 (draft)"."""
        return f"{self.collection.id}/{self.first_year} (draft)"

    @property
    def period(self) -> Period:
        """First and last day of the first reporting year."""
        return Period(*self.collection.calendar.period(self.first_year), self.first_year)

    @property
    def verification(self) -> Verification:
        """A draft has no official document."""
        return Verification()


def read_draft(path: str | PathLike[str]) -> DraftStandard:
    """Read a draft.

    Raises:
        UsageError: the file cannot be read, is no TOML or JSON, does not follow the schema, or does not fit the version it
            builds on; every fault is listed.
    """
    source = Path(path)
    text = read_own_file(source, give="Give a draft as a TOML or JSON file.", save="Save it so.")
    try:
        document = parse_own_file(source, text)
    except ValueError as error:
        form = "JSON" if source.suffix.lower() == ".json" else "TOML"
        raise UsageError(f"{printable_path(source)} is no draft written as {form}: {error}.") from None
    return draft(document)


def draft(document: Mapping[str, Any]) -> DraftStandard:
    """A draft from its document, as read from TOML or JSON. Raises UsageError as ``read_draft``."""
    import jsonschema

    plain = json.loads(json.dumps(document, default=str))
    if not isinstance(plain, dict):  # records, perhaps, which the message of the schema would show
        raise UsageError("This is no draft of a standard: a draft is one object, with title, base and year.")
    validator = jsonschema.Draft202012Validator(draft_schema())
    faults = sorted(validator.iter_errors(plain), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        messages = [
            f"{_where(fault.absolute_path)}: {printable(fault.message, 300)}" for fault in faults[: limits.NAMED_FAULTS]
        ]
        if len(faults) > len(messages):
            messages.append(f"and {len(faults) - len(messages):,} more faults")
        raise UsageError("\n  ".join(["The draft does not follow its schema:", *messages]))
    return DraftStandard(plain)


def draft_schema() -> dict[str, Any]:
    """The JSON Schema of a draft."""
    text = files("csc_data.metadata").joinpath("draft.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _where(path: Iterable[object]) -> str:
    """ "add.items, number 2, kind": people count from one."""
    parts = [f"number {part + 1}" if isinstance(part, int) else str(part) for part in path]
    return ", ".join(parts) or "the draft"


def _version(text: str, base: Standard) -> Version:
    """The version that is proposed: a year where the base is one."""
    try:
        return Year(text) if isinstance(base.version, Year) else Version.of(text)
    except StandardError as error:
        raise UsageError(f"year: {error}") from None


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"published: {text} is not a day. Write it yyyy-mm-dd.") from None


class _DraftBuilder:
    """Lays the parts of a document over the tables, items and rules of a draft's base; collects what does not fit."""

    def __init__(self, standard: DraftStandard, document: Mapping[str, Any]) -> None:
        self._draft, self._base = standard, standard.base
        self.problems: list[str] = []
        self._models = dict(self._base.models)
        self._items = {table: dict(items) for table, items in self._base.items.items()}
        self._rules = dict(self._base.rules)
        added, changed, removed = (document.get(name, {}) for name in ("add", "change", "remove"))
        self._add_tables(added.get("tables", []))
        decided = {*removed.get("rules", []), *(rule["code"] for rule in changed.get("rules", []))}
        self._remove_items(removed.get("items", []), decided)
        self._add_items(added.get("items", []))
        self._change_items(changed.get("items", []))
        self._change_codes(added.get("codes", []), changed.get("codes", []), removed.get("codes", []))
        self._remove_rules(removed.get("rules", []))
        self._change_rules(changed.get("rules", []))
        self._add_rules(added.get("rules", []))
        standard.models = {
            name: model.bound_to(standard.version, self._items[name]) for name, model in self._models.items()
        }
        standard.items, standard.rules = self._items, self._rules

    def _add_tables(self, tables: Sequence[Mapping[str, Any]]) -> None:
        child = self._base.collection.subject.item
        root = root_tables(self._base)[0]
        for table in tables:
            name = table["name"]
            if name in self._models:
                self.problems.append(f"add.tables: {self._base.id} already has a table {name}")
                continue
            parent = self._base.models[root].as_declared()
            self._models[name] = type(name, (Table,), {"__doc__": table["definition"]}, key=[child], parent=parent)
            self._items[name] = {child: replace(self._base.items[root][child], table=name)}

    def _add_items(self, items: Sequence[Mapping[str, Any]]) -> None:
        for added in items:
            field = added["item"]
            table, _, name = field.partition(".")
            if table not in self._items:
                self.problems.append(f"add.items: there is no table {table}; tables: {', '.join(self._items)}")
            elif name in self._items[table]:
                self.problems.append(f"add.items: {self._base.id} already has an item {field}")
            else:
                self._items[table][name] = self._new_item(table, name, added)
                self._draft.indicators_of[field] = tuple(added.get("indicators", ()))
                if "concept" in added:
                    self._link(field, added["concept"])

    def _link(self, field: str, concept: str) -> None:
        if concept in concepts():
            self._draft.concept_of[field] = concept
        else:
            self.problems.append(f"add.items: {field} names the concept {concept}, which the crosswalk does not have")

    def _new_item(self, table: str, name: str, added: Mapping[str, Any]) -> Item:
        declared = item(
            added["title"],
            definition=added["definition"],
            mandatory=added.get("needed") == "always",
            codes=self._new_codes(added),
            **{text: added[text] for text in ("how", "why", "condition") if text in added},
        )
        model: type[Table] = type(
            table, (Table,), {name: declared, "__annotations__": {name: self._kind(added["kind"])}}
        )
        return model.declared_items()[name]

    def _kind(self, name: str) -> Any:
        """The kind of an item as a table declares it; dates are written as the collection writes its own."""
        if name != "date":
            return _KINDS[name]
        every = [other.kind for items in self._base.items.values() for other in items.values()]
        dates = (type(kind) for kind in every if isinstance(kind, DateKind) and not isinstance(kind, DateTimeKind))
        return Series[next(dates, DateKind)]  # type: ignore[misc]

    def _new_codes(self, added: Mapping[str, Any]) -> Codes | None:
        if "codes" in added:
            return Codes(added["title"].lower(), added["codes"])
        if "codes_of" in added:
            like = self._item(added["codes_of"], "add.items")
            return like.codes if like else None
        return None

    def _item(self, field: str, where: str) -> Item | None:
        """An item as it stands so far; None, and a problem, if there is none."""
        table, _, name = field.partition(".")
        known = self._items.get(table, {}).get(name)
        if known is None:
            self.problems.append(f"{where}: {self._base.id} has no item {field}")
        return known

    def _change_items(self, items: Sequence[Mapping[str, Any]]) -> None:
        for change in items:
            changed = self._item(change["item"], "change.items")
            if changed is None:
                continue
            replaced = {
                name: change[name] for name in ("title", "definition", "how", "why", "condition") if name in change
            }
            if "needed" in change:
                always = change["needed"] == "always"
                replaced |= {"mandatory": always, "required": changed.required if always else None}
            self._items[changed.table][changed.name] = replace(changed, **replaced)

    def _remove_items(self, fields: Sequence[str], decided: Collection[str]) -> None:
        """Remove items, and what rules say of them; the draft says otherwise of the rules ``decided``."""
        gone = {field for field in fields if self._item(field, "remove.items")}
        for field in gone:
            table, _, name = field.partition(".")
            del self._items[table][name]
        for code, rule in self._base.rules.items():
            left = tuple(field for field in rule.fields if field not in gone)
            if left == rule.fields or code in decided:
                continue
            if left:
                cells = tuple(pair for pair in rule.cells if pair[0].field not in gone)
                self._rules[code] = replace(rule, fields=left, cells=cells)
                consequence = "has to be rewritten without the items removed"
            else:
                del self._rules[code]
                consequence = "goes, as all its items do"
            if rule.origin != "structure":
                self._draft.follows.append(f"Rule {code} {consequence}.")

    def _change_codes(self, added: Sequence[Any], changed: Sequence[Any], removed: Sequence[Any]) -> None:
        for where, step in (("remove.codes", removed), ("change.codes", changed), ("add.codes", added)):
            for change in step:
                self._change_code(where, change)

    def _change_code(self, where: str, change: Mapping[str, str]) -> None:
        changed = self._item(change["item"], where)
        if changed is None:
            return
        if changed.codes is None:
            self.problems.append(f"{where}: {change['item']} has no code set")
            return
        labels = changed.codes.at(self._base.version)
        code, adding = change["code"], where == "add.codes"
        if (code in labels) == adding:
            held = "already has" if adding else "has no"
            self.problems.append(f"{where}: the code set of {change['item']} {held} code {code}")
            return
        labels = {known: label for known, label in labels.items() if known != code or where != "remove.codes"}
        if where != "remove.codes":
            labels[code] = change["label"]
        self._replace_codes(changed.codes, Codes(changed.codes.title, labels, note=changed.codes.note))

    def _replace_codes(self, old: Codes, new: Codes) -> None:
        """Change a code set in every item that uses it."""
        for code_set in code_sets(user for items in self._items.values() for user in items.values()).values():
            if code_set.codes.title == old.title and code_set.codes.members == old.members:
                for user in code_set.items:
                    self._items[user.table][user.name] = replace(user, codes=new)

    def _remove_rules(self, codes: Sequence[str]) -> None:
        for code in codes:
            if code not in self._base.rules:
                self.problems.append(f"remove.rules: {self._base.id} has no rule {code}")
            self._rules.pop(code, None)

    def _change_rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        for change in rules:
            if change["code"] not in self._rules:
                self.problems.append(f"change.rules: there is no rule {change['code']} to change")
                continue
            replaced = {name: change[name] for name in ("title", "why", "fix", "severity") if name in change}
            if "fields" in change and self._known(change["fields"], f"change.rules {change['code']}"):
                replaced["fields"] = tuple(change["fields"])
            self._rules[change["code"]] = replace(self._rules[change["code"]], **replaced)

    def _add_rules(self, rules: Sequence[Mapping[str, Any]]) -> None:
        for added in rules:
            if added["code"] in self._rules:
                self.problems.append(f"add.rules: {self._base.id} already has a rule {added['code']}")
            elif self._known(added["fields"], f"add.rules {added['code']}"):
                self._rules[added["code"]] = Rule(
                    code=added["code"], title=added["title"], why=added.get("why", ""), fix=added.get("fix", ""),
                    fields=tuple(added["fields"]), severity=added["severity"], dimension="consistency", window=Window(),
                    per="row", fidelity="exact", fidelity_note="", departure="", origin="official",
                )  # fmt: skip

    def _known(self, fields: Sequence[str], where: str) -> bool:
        items = [self._item(field, where) for field in fields]
        return None not in items
