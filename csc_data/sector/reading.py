"""Reading exchange files of many authorities, or a store of submissions, into one ``Sector``.

Whatever is not read is listed with the reason, and whatever is set aside is said. The order of files makes no difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from csc_data.errors import InputError, UsageError, sealed
from csc_data.reference.local_authorities import LocalAuthority, authorities
from csc_data.sector.exchanges import RANKED_STAGES, Counted, Exchange, NoExchangeError, exchange_of
from csc_data.sector.groups import OwnGroups, with_groups
from csc_data.sector.pooled import (
    AUTHORITIES,
    INDICATOR_COUNTS,
    INDICATORS,
    ITEM_COUNTS,
    ITEMS,
    RAN,
    RULE_COUNTS,
    RULES,
    Sector,
    frame_from,
    frame_of,
)
from csc_data.sector.stores import NOT_AUDITED, STORE_FILE, exchanges_of_store
from csc_data.visible import printable, printable_path

_MOST_LISTED = 10


@dataclass(frozen=True)
class _Read:
    """What was read: exchange files by their names, and what could not be, with the reason."""

    exchanges: dict[str, Exchange]
    unreadable: tuple[str, ...]
    said: tuple[str, ...] = ()


@sealed
def read_exchanges(
    source: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    standard: str | None = None,
    groups: OwnGroups | None = None,
) -> Sector:
    """Pool exchange files (or the submissions of a store), one of each authority: the one of the latest stage.

    Rules are compared only where their texts are equal: the one that most authorities ran is compared, and authorities that
    ran another are missing there.

    Args:
        source: a folder, looked through with all within; files; or the folder of a store.
        standard: the standard to keep, as "ssda903/2025-26", where there are several.
        groups: a CSV file (columns: authority, and supplier, extract or both), or suppliers by authority, in place of what
            the authorities declare.

    Raises:
        UsageError: there are no files, they are of several standards and none was chosen, none is of the chosen one, or the
            groups cannot be read.
        InputError: no file can be read.
    """
    read = _read(source)
    if not read.exchanges:
        raise InputError("\n  ".join(["No exchange file could be read:", *read.unreadable[:_MOST_LISTED]]))
    said = [*read.said]
    chosen = _latest(_of_commonest_period(_of_standard(read.exchanges, standard, said), said), said)
    sector = replace(_pooled(chosen, said), unreadable=read.unreadable)
    return with_groups(sector, groups) if groups is not None else sector


def _read(source: str | PathLike[str] | Iterable[str | PathLike[str]]) -> _Read:
    if isinstance(source, str | PathLike):
        folder = Path(source)
        if (folder / STORE_FILE).is_file():
            return _Read(*exchanges_of_store(folder), (NOT_AUDITED,))
        if not folder.exists():
            raise UsageError(f"There is no folder or file {printable_path(folder)}.")
        paths = sorted(path for path in folder.rglob("*.json") if path.is_file()) if folder.is_dir() else [folder]
        if not paths:
            raise UsageError(f"There is no file that ends in .json in {printable_path(folder)}.")
        named = {path.relative_to(folder).as_posix() if folder.is_dir() else path.name: path for path in paths}
    else:
        named = {str(path): Path(path) for path in source}
        if not named:
            raise UsageError("No files were given.")
    exchanges, unreadable = {}, []
    for name, path in sorted(named.items()):
        try:
            exchanges[name] = exchange_of(path)
        except NoExchangeError as error:
            unreadable.append(f"{printable_path(name)}: {error}")
    return _Read(exchanges, tuple(unreadable))


def _of_standard(exchanges: dict[str, Exchange], standard: str | None, said: list[str]) -> dict[str, Exchange]:
    """Those of the standard that is asked for."""
    many = Counter(exchange.standard for exchange in exchanges.values())
    listed = ", ".join(f"{name} ({count} files)" for name, count in sorted(many.items()))
    if standard is None and len(many) > 1:
        raise UsageError(
            f"The files are of several standards, which are not put together: {listed}. Choose one of them."
        )
    if standard is not None and standard not in many:
        raise UsageError(f"No file is of {printable(standard)}. There are {listed}.")
    if len(many) > 1:
        others = ", ".join(f"{count} of {name}" for name, count in sorted(many.items()) if name != standard)
        said.append(f"Files of other standards are left out: {others}.")
    return {name: exchange for name, exchange in exchanges.items() if standard in (None, exchange.standard)}


def _of_commonest_period(exchanges: dict[str, Exchange], said: list[str]) -> dict[str, Exchange]:
    """Those of the period that most files have; of several as common, the latest."""
    many = Counter(exchange.period for exchange in exchanges.values())
    kept = max(many, key=lambda period: (many[period], *(day or dt.date.min for day in period)))
    others = sorted(name for name, exchange in exchanges.items() if exchange.period != kept)
    if others:
        said.append(f"Files of another period than most are left out: {_listed(others)}.")
    return {name: exchange for name, exchange in exchanges.items() if exchange.period == kept}


def _latest(exchanges: dict[str, Exchange], said: list[str]) -> list[Exchange]:
    """One exchange file of each authority, by its code: of the latest stage, of these the last that was run."""
    by_authority = defaultdict(list)
    for name, exchange in exchanges.items():
        by_authority[exchange.authority].append(
            (RANKED_STAGES.index(exchange.stage), exchange.run_time, exchange.run, name)
        )
    for authority, files in sorted(by_authority.items()):
        *others, (_, _, _, kept) = sorted(files)
        if others:
            left = _listed([f"{name} ({exchanges[name].stage})" for *_, name in others])
            said.append(f"{authority}: {kept} ({exchanges[kept].stage}) counts, and not {left}.")
    return [exchanges[max(files)[-1]] for _, files in sorted(by_authority.items())]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable_path(name) for name in names[:_MOST_LISTED])
    return shown if len(names) <= _MOST_LISTED else f"{shown} and {len(names) - _MOST_LISTED} more"


def _pooled(exchanges: Sequence[Exchange], said: list[str]) -> Sector:
    """The frames of one exchange file of each authority."""
    own = _authorities(exchanges)
    catalogues = Counter(exchange.catalogue for exchange in exchanges)
    if len(catalogues) > 1:
        said.append(
            f"The files come of {len(catalogues)} catalogues of the standard: a rule is compared where its text is equal."
        )
    rules = _together(own, exchanges, "rules", RULE_COUNTS.without("compared"))
    rules = _compared(rules, said)[list(RULES)]
    return Sector(
        own,
        frame_of(RULES, RULES.table(rules)),
        frame_of(ITEMS, ITEMS.table(_together(own, exchanges, "items", ITEM_COUNTS))),
        frame_of(INDICATORS, INDICATORS.table(_together(own, exchanges, "indicators", INDICATOR_COUNTS))),
        tuple(said),
    )


def _authorities(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    known = {authority.ons_code: authority for authority in authorities()}
    named: list[LocalAuthority] = [known[exchange.authority] for exchange in exchanges]
    values: dict[str, Sequence[object]] = {
        "name": [authority.name for authority in named],
        "region": [authority.region for authority in named],
        "size": [exchange.children for exchange in exchanges],
        "version": [exchange.standard.partition("/")[2] for exchange in exchanges],
        "period_start": [exchange.period[0] for exchange in exchanges],
        "period_end": [exchange.period[1] for exchange in exchanges],
    }
    rest = {name: [getattr(exchange, name) for exchange in exchanges] for name in AUTHORITIES.without(*values)}
    return frame_from(AUTHORITIES, values | rest)


def _together(own: pd.DataFrame, exchanges: Sequence[Exchange], what: str, columns: Mapping[str, str]) -> pd.DataFrame:
    """The counts of all authorities, each row after the facts of its authority."""
    parts: list[Counted] = [getattr(exchange, what) for exchange in exchanges]
    at = np.repeat(np.arange(len(parts)), [part.rows for part in parts])
    counts = {
        name: pd.Series([value for part in parts for value in part.columns[name]], dtype=object) for name in columns
    }
    return pd.concat([own.iloc[at].reset_index(drop=True), pd.DataFrame(counts, columns=list(columns))], axis=1)


def _compared(rules: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    """Whether each row takes part: those with the text of their rule that most authorities ran do."""
    ran = rules[rules["status"].isin(RAN)]
    texts = ran.groupby(["rule", "rule_text_hash"], sort=True).size().reset_index(name="many")
    kept = texts.sort_values(["rule", "many"], ascending=[True, False], kind="stable").drop_duplicates("rule")
    text = dict(zip(kept["rule"], kept["rule_text_hash"], strict=True))
    compared = rules["rule_text_hash"].eq(rules["rule"].map(text)) | ~rules["rule"].isin(list(text))
    other = rules[~compared & rules["status"].isin(RAN)]
    for code, rows in other.groupby("rule", sort=True):
        many = "1 authority ran" if len(rows) == 1 else f"{len(rows)} authorities ran"
        said.append(f"Rule {code}: {many} another text of it than most, and is taken as missing there.")
    return rules.assign(compared=compared)
