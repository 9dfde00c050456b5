"""Folders, links, pipes, devices and odd names: what is read, what is refused and how that is said. Nothing ever hangs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.runs import as_nobody

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import InputError, UsageError
from csc_data.files.sources import snapshot
from csc_data.reading import TableShape, read_supplied
from csc_data.returns.given import read_tables

HEADER = b"CHILD,SEX,DOB\nQZ1XW,M,01/02/2010\n"
EPISODES = b"CHILD,DECOM,LS\nQZ1XW,01/12/2025,C2\n"
SHAPES = {
    "Header": TableShape("Header", ("CHILD", "SEX", "DOB"), frozenset({"CHILD", "SEX", "DOB"}), ("header",)),
    "Episodes": TableShape("Episodes", ("CHILD", "DECOM", "LS"), frozenset({"CHILD", "DECOM", "LS"}), ("episodes",)),
}
STANDARD = "ssda903/2025-26"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (made / "header.csv").write_bytes(HEADER)
    (made / "episodes.csv").write_bytes(EPISODES)
    return made


def a_socket(path: Path) -> None:
    # A socket's path may be short only, so it is bound from within its folder.
    code = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, path.name], cwd=path.parent, check=True)


def a_link_out(path: Path) -> None:
    outside = path.parent.parent / "outside.csv"
    outside.write_bytes(EPISODES)
    path.symlink_to(outside)


REFUSED: list[tuple[str, Callable[[Path], Any], str]] = [
    ("a folder named as a file", Path.mkdir, "this is a folder, not a file"),
    ("a pipe", os.mkfifo, "this is a pipe, not a file"),
    ("a socket", a_socket, "this is a socket, not a file"),
    ("a link to a device", lambda path: path.symlink_to("/dev/zero"), "this is a link that leads out of the folder"),
    ("a link out of the folder", a_link_out, "this is a link that leads out of the folder"),
    ("a link to nowhere", lambda path: path.symlink_to("nowhere.csv"), "this is a link that leads nowhere"),
    ("a link to itself", lambda path: path.symlink_to(path.name), "this is a link that cannot be followed"),
    ("a second file of a table", lambda path: path.with_name("Episodes 2.csv").write_bytes(EPISODES), "a second file with"),
    ("a name that colours", lambda path: path.with_name("\x1b[31m\n.csv").write_bytes(b"%PDF"), r"\x1b[31m\n.csv: it is a"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
@pytest.mark.parametrize("previous", [False, True], ids=["this year", "last year"])
def test_what_is_no_file_of_the_folder_is_refused(
    make: Callable[[Path], Any],
    words: str,
    previous: bool,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(folder / "x.csv")
    good = tmp_path / "episodes.csv"
    good.write_bytes(EPISODES)
    given = [str(good), "--previous", str(folder)] if previous else [str(folder)]
    assert main(["validate", *given, "--standard", STANDARD]) == 3
    message = capsys.readouterr().err
    assert words in message
    assert str(folder) in message
    assert "\x1b" not in message


@pytest.mark.parametrize("given", ["/dev/zero", "/dev/null", "/dev/random", "/proc/self/status"])
def test_a_device_and_a_file_that_never_stands_still_are_refused(given: str) -> None:
    if not Path(given).exists():
        pytest.skip(f"this system has no {given}")
    with pytest.raises(InputError, match=r"this is a device, not a file|it changed while it was being read"):
        read_supplied(given, SHAPES)


def test_a_pipe_that_is_given_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "episodes.csv")
    with pytest.raises(InputError, match="this is a pipe, not a file; save what comes out of it in a file"):
        read_supplied(tmp_path / "episodes.csv", SHAPES)


def test_a_file_that_may_not_be_read_is_refused(folder: Path) -> None:
    (folder / "episodes.csv").chmod(0)
    folder.chmod(0o755)
    ((code, message),) = as_nobody(["validate", str(folder), "--standard", STANDARD], out=folder / "out")
    assert code == 3
    assert "episodes.csv: you may not read it; close it elsewhere or ask for permission" in message


def test_links_within_the_folder_and_to_it_are_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "episodes.csv").rename(folder / ".hidden")
    (folder / "episodes.csv").symlink_to(".hidden")
    (folder / "loop").symlink_to(folder)
    (tmp_path / "link").symlink_to(folder)
    assert set(read_supplied(tmp_path / "link", SHAPES).tables) == {"Header", "Episodes"}


def test_the_same_file_under_two_names_is_read_once(folder: Path) -> None:
    os.link(folder / "episodes.csv", folder / "again.csv")
    for given in (folder, [folder, folder / "header.csv"], [folder, folder]):
        supplied = read_supplied(given, SHAPES)
        assert len(supplied.tables["Episodes"].lines) == 1
        assert any("read once" in note.message for note in supplied.notes)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"episodes\n.csv", r"episodes\n.csv"),
        (b"episodes\x1b[31m.csv", r"episodes\x1b[31m.csv"),
        (b"episodes\xff.csv", r"episodes\xff.csv"),
        ("episodes\u202e.csv".encode(), r"episodes\u202e.csv"),
        (b"e" * 251 + b".csv", "e" * 251 + ".csv"),
    ],
)
def test_a_file_of_any_name_is_read_and_its_name_shown_as_it_is(name: bytes, shown: str, folder: Path) -> None:
    try:
        (folder / "episodes.csv").rename(os.fsdecode(os.fsencode(folder) + b"/" + name))
    except OSError:
        pytest.skip("this system cannot have such a name")
    supplied = read_supplied(folder, SHAPES)
    assert supplied.tables["Episodes"].file == f"{folder}/{shown}"


def test_files_are_as_they_were_when_they_were_found(folder: Path) -> None:
    taken = snapshot(folder)
    (folder / "episodes.csv").write_bytes(EPISODES * 9)
    (folder / "header.csv").unlink()
    supplied = read_supplied(taken, SHAPES)
    assert len(supplied.tables["Episodes"].lines) == 1
    assert supplied.files[0].bytes == len(EPISODES)
    assert "Header" in supplied.tables


def test_a_large_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "census.xml"
    path.write_text("<Message><Header></Header><Children></Children></Message>")
    standard = csc_data.standard("cin/2025-26")
    taken = snapshot(path)
    assert "Header" in read_tables(taken, standard).tables
    path.write_text("<Message><Header></Header></Message>")
    with pytest.raises(InputError, match=r"census\.xml: it changed while it was being read"):
        read_tables(taken, standard)
    path.unlink()
    with pytest.raises(InputError, match=r"census\.xml: "):
        read_tables(taken, standard)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (7, "not a value of type int"),
        ([7], "not as a value of type int"),
        ([None], "not as nothing"),
        ("", "An empty path was given"),
        ("a\0b", "it holds a NUL character"),
    ],
)
def test_what_is_no_path_is_refused_as_a_mistake_of_the_call(given: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        csc_data.read(given, STANDARD)


def test_paths_may_be_bytes_and_an_authority_a_number(folder: Path) -> None:
    for given in (os.fsencode(folder), [os.fsencode(folder)], iter([folder])):
        ret = csc_data.read(given, STANDARD, authority=302)
        assert ret.authority is not None
        assert ret.authority.name == "Barnet"
        assert "Episodes" in ret.supplied.tables


def test_an_empty_folder_and_one_of_folders_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(tmp_path)]) == 3
    assert "the folder holds no files" in capsys.readouterr().err
    (tmp_path / "2026").mkdir()
    assert main(["validate", str(tmp_path)]) == 3
    assert "it has the folders 2026: give one of them" in capsys.readouterr().err


def test_values_that_stand_for_column_names_are_not_shown() -> None:
    frame = pd.DataFrame([["QZ2XW", "QZ3XW"]], columns=["QZ1XW", "QZ1XW"])
    with pytest.raises(InputError, match="columns 1, 2 have one name") as error:
        csc_data.read({"Episodes": frame}, STANDARD)
    assert "QZ" not in str(error.value)
    ret = csc_data.read({"Episodes": frame.set_axis(["QZ1XW", "C2"], axis=1)}, STANDARD)
    assert any("column 1, column 2" in note.message for note in ret.supplied.notes)
    assert "QZ" not in str(ret.supplied.notes)
