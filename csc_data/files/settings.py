"""Settings that are written down once, in ``csc-data.toml``: what would otherwise stand on every command line.

A settings file says values and nothing else: no code, and no package of rules, is taken from it, and no setting shows more
of a record than the command line asks for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from csc_data.errors import UsageError
from csc_data.files.own_outputs import SETTINGS_FILE
from csc_data.names import did_you_mean
from csc_data.visible import printable, printable_path

_MOST_BYTES = 1 << 20

_Reader: TypeAlias = Callable[[Any, Path], Any]
"""What a value is for an option, from what the file says and the folder of the file; raises ValueError, saying how to
write it.
"""


def _text(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('a text in quotes, such as "Barnet"')
    return value


def _texts(value: Any, folder: Path) -> list[str]:
    entries = [value] if isinstance(value, str | int) and not isinstance(value, bool) else value
    if not isinstance(entries, list) or not all(isinstance(entry, str | int) and str(entry) for entry in entries):
        raise ValueError('texts in brackets, such as ["101", "388"]')
    return [str(entry) for entry in entries]


def _path(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('a path in quotes, such as "last_year", from the folder of the settings')
    return str(folder / value)


def _paths(value: Any, folder: Path) -> list[str]:
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries:
        raise ValueError('paths in brackets, such as ["homes.xlsx", "care.xlsx"], from the folder of the settings')
    return [_path(entry, folder) for entry in entries]


def _days(value: Any, folder: Path) -> list[dt.date]:
    if not (isinstance(value, list) and len(value) == 2 and all(type(day) is dt.date for day in value)):
        raise ValueError("the first and the last day in brackets, such as [2025-04-01, 2026-03-31]")
    return value


_SETTINGS: Mapping[str, tuple[str, _Reader]] = {
    "standard": ("standard", _text),
    "authority": ("authority", _text),
    "period": ("period", _days),
    "previous": ("previous", _path),
    "providers": ("providers", _paths),
    "only": ("only", _texts),
    "skip": ("skip", _texts),
    "fail_on": ("fail_on", _text),
    "out": ("out", _path),
    "formats": ("format", lambda value, folder: ",".join(_texts(value, folder))),
    "previous_run": ("previous_run", _path),
    "work": ("work", _path),
    "pseudonymise": ("pseudonymise", _path),
    "assumptions": ("assumptions", _path),
    "supplier": ("supplier", _text),
    "system_version": ("system_version", _text),
    "extract": ("extract", _text),
    "stage": ("stage", _text),
    "names": ("names", _text),
    "sent": ("sent", _path),
}
"""Every setting: the option that it stands for, and how its value is read."""


@dataclass(frozen=True)
class Settings:
    """What a settings file says.

    Attributes:
        path: the file.
        values: by option, what it says.
        names: by option, the name of the setting.
    """

    path: Path
    values: Mapping[str, Any]
    names: Mapping[str, str]


def read_settings(path: Path) -> Settings:
    """Read a settings file.

    Raises:
        UsageError: it cannot be read, is not TOML, or says something that is no setting; every fault is listed.
    """
    import tomllib

    from csc_data.files.sources import NotReadError, read_bytes

    name = printable_path(path)
    try:
        document = tomllib.loads(read_bytes(path, _MOST_BYTES).decode("utf-8-sig"))
    except NotReadError as error:
        raise UsageError(f"The settings {name} cannot be read: {error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The settings {name} are not text in UTF-8. Save them as such.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error).partition("(")[2].rstrip(")") or "somewhere"
        raise UsageError(
            f'The settings {name} are not TOML {where}. Write a line a setting: authority = "Barnet".'
        ) from None
    values, faults = dict[str, Any](), list[str]()
    for key, value in document.items():
        if key not in _SETTINGS:
            faults.append(f"there is no setting {printable(key)}.{did_you_mean(key, _SETTINGS) or _known()}")
            continue
        option, read = _SETTINGS[key]
        try:
            values[option] = read(value, path.parent)
        except ValueError as error:
            faults.append(f"{key} must be {error}.")
    if faults:
        raise UsageError("\n".join([f"The settings {name} cannot be used:", *(f"  {fault}" for fault in faults)]))
    return Settings(path, values, {option: key for key, (option, _) in _SETTINGS.items() if option in values})


def _known() -> str:
    return f" There are: {', '.join(_SETTINGS)}."


def settings_beside(paths: Sequence[str]) -> Path | None:
    """The settings file in the folder of a return; None if there is none.

    Raises:
        UsageError: the paths lie in several folders with one each.
    """
    folders = {path if path.is_dir() else path.parent for path in map(Path, paths)}
    beside = [folder / SETTINGS_FILE for folder in sorted(folders) if (folder / SETTINGS_FILE).is_file()]
    if len(beside) > 1:
        raise UsageError(
            f"There are several settings files: {', '.join(map(printable_path, beside))}. Name one with --settings FILE."
        )
    return beside[0] if beside else None
