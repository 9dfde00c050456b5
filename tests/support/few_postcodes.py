"""A part of the installed postcode directory, which is built in a moment."""

from __future__ import annotations

import shutil
from pathlib import Path

from csc_data.reference import postcodes

LETTERS = "JN"
"""First letters of the postcodes that are there."""


def few_postcodes(folder: Path) -> Path:
    """Make a folder as that of the package is, with few of its files."""
    folder.mkdir()
    for letter in LETTERS:
        shutil.copy(postcodes._package_folder() / f"postcodes_{letter}.msgpack.br", folder)
    return folder
