"""Settings in the app: what stands in ``csc-data.toml`` fills in what was not given, and is written down when asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from csc_data.app.session import Session, Supply
from csc_data.errors import InputError, UsageError
from csc_data.files.own_outputs import SETTINGS_FILE
from csc_data.files.settings import read_settings, settings_beside
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.writing import replacing
from csc_data.metadata.installed import standard as known_standard
from csc_data.reference.local_authorities import find_authority
from csc_data.results.work import Work
from csc_data.visible import printable_path

KINDS = {"previous": "last_year", "providers": "providers", "previous_run": "earlier"}
"""The kinds of files that settings name, by option."""


def fill_in(session: Session, values: Mapping[str, Any]) -> list[str]:
    """Let settings, or options of the command line, stand for what was not given.

    Args:
        session: what one person works on.
        values: by option, what it says; others than the app takes are left aside.

    Returns:
        The options that stood for something.

    Raises:
        UsageError, InputError: a file is not there or cannot be read, or a standard or authority is not known.
    """
    filled = []
    for option, kind in KINDS.items():
        if values.get(option) and not getattr(session, kind):
            setattr(session, kind, _supplied(values[option]))
            filled.append(option)
    if values.get("standard") and not session.standard:
        session.standard = known_standard(values["standard"]).id
        filled.append("standard")
    if values.get("authority") and not session.authority:
        session.authority = find_authority(values["authority"]).ons_code
        filled.append("authority")
    if values.get("skip") and not session.off:
        session.off.update(values["skip"])
        filled.append("skip")
    if values.get("work") and session.work is None and not session.work_path:
        path = whole_path(values["work"])
        if path.exists():
            session.open_work(Work.read(path), str(path))
        else:
            session.work_path = str(path)
        filled.append("work")
    return filled


def fill_in_from_beside(session: Session) -> str:
    """Let the settings beside the return stand for what was not given; which they were, in words, "" if there are none.

    Raises:
        UsageError, InputError: as ``fill_in``, or the settings cannot be used.
    """
    beside = settings_beside([session.this_year.path]) if session.this_year.path else None
    if beside is None:
        return ""
    settings = read_settings(beside)
    names = [settings.names[option] for option in fill_in(session, settings.values)]
    return f"Settings of {printable_path(beside)} are filled in: {', '.join(names)}." if names else ""


def save_beside(session: Session) -> Path:
    """Write down what was given, beside the return, so that next time its folder is enough.

    Raises:
        UsageError: the return was not given as a folder, a settings file stands there already, or it cannot be written.
    """
    folder = Path(session.this_year.path)
    if not session.this_year.path or not folder.is_dir():
        raise UsageError("Settings stand in the folder of the return. Give the path of that folder under Files first.")
    path = folder / SETTINGS_FILE
    if path.exists():
        raise UsageError(f"{printable_path(path)} is there already and is not written over. Change it in an editor.")
    settings = {
        "standard": session.standard,
        "authority": session.authority,
        "previous": session.last_year.path,
        "providers": session.providers.path,
        "previous_run": session.earlier.path,
        "work": session.work_path,
        "skip": sorted(session.off),
    }
    lines = [f"{name} = {_toml(value)}\n" for name, value in settings.items() if value]
    if not lines:
        raise UsageError(
            "There is nothing to write down: choose the authority, or give the other files by their paths."
        )
    try:
        content = "".join(lines).encode()
    except UnicodeEncodeError:
        raise UsageError("A path has characters that cannot be written down. Rename the folder or file.") from None
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return path


def _toml(value: str | Sequence[str]) -> str:
    """A text, or texts in brackets, as TOML has them: as JSON does, but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def whole_path(path: str) -> Path:
    """A path from the root, so that it means the same wherever the app was started."""
    return Path(path).expanduser().absolute()


def _supplied(given: str | Sequence[str]) -> Supply:
    paths = [whole_path(path) for path in ([given] if isinstance(given, str) else given)]
    for path in paths:
        if not path.exists():
            raise InputError(f"{printable_path(path)} is not there. Correct the path, or leave it out.")
    if len(paths) == 1:
        return Supply(path=str(paths[0]))
    try:
        return Supply(files={path.name: read_bytes(path) for path in paths})
    except NotReadError as error:
        raise InputError(f"{' or '.join(map(printable_path, paths))} cannot be read: {error}.") from None
