"""Zips: nothing of them is unpacked to disk, no more than the limits into memory, and every member is read or refused."""

from __future__ import annotations

import io
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from csc_data.errors import InputError
from csc_data.files import limits
from csc_data.reading import Supplied, TableShape, read_supplied

SHAPES = {
    "Header": TableShape("Header", ("CHILD", "SEX", "DOB"), frozenset({"CHILD", "SEX", "DOB"}), ("header",)),
    "Episodes": TableShape("Episodes", ("CHILD", "DECOM", "LS"), frozenset({"CHILD", "DECOM", "LS"}), ("episodes",)),
}
HEADER = b"CHILD,SEX,DOB\n1,M,01/02/2010\n"
EPISODES = b"CHILD,DECOM,LS\n1,01/04/2025,C2\n"


def packed(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content, method)
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_supplied(path, SHAPES)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/header.csv", "header.csv"),
        ("../../header.csv", "header.csv"),
        ("a/../header.csv", "a/header.csv"),
        ("C:\\Users\\header.csv", "Users/header.csv"),
        ("..\\header.csv", "header.csv"),
        ("\\\\server\\share\\header.csv", "server/share/header.csv"),
        ("h\x1b[31mea\u202eder.csv", "h\\x1b[31mea\\u202eder.csv"),
        ("CON.csv", "CON.csv"),
        ("kön.csv", "kön.csv"),
        ("x" * 500 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_a_member_is_read_whatever_its_name_and_shown_as_a_plain_path(tmp_path: Path, name: str, shown: str) -> None:
    before = set(tmp_path.rglob("*"))
    supplied = read_supplied(packed(tmp_path / "r.zip", (name, HEADER)), SHAPES)
    assert [file.name for file in supplied.files] == [f"{tmp_path / 'r.zip'}/{shown}"]
    assert len(supplied.tables["Header"].lines) == 1
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "r.zip"}


def entry(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.flag_bits |= flags
    return made


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
        message = refused(packed(tmp_path / "r.zip", (entry("header.csv", kind | 0o777), b"/etc/passwd")))
        assert "header.csv: it is a link or a special file; pack the file itself" in message
        assert "passwd" not in message


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = packed(tmp_path / "r.zip", ("header.csv", HEADER), ("header.csv", HEADER))
    assert "the zip has two members of this name" in refused(path)


def test_a_zip_within_a_zip_is_refused_and_never_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    packed(inner, ("header.csv", HEADER))  # type: ignore[arg-type]
    for name in ("2026.zip", "2026.ZIP"):
        path = packed(tmp_path / "r.zip", ("header.csv", HEADER), (name, inner.getvalue()))
        assert f"{name}: a zip within the zip is not read; unpack it and give what is in it" in refused(path)
    assert "it is a zip or document, but no workbook" in refused(
        packed(tmp_path / "r.zip", ("header.csv", inner.getvalue()))
    )


def test_a_zip_of_two_years_says_to_give_one_folder(tmp_path: Path) -> None:
    path = packed(tmp_path / "r.zip", ("all/2025/header.csv", HEADER), ("all/2026/header.csv", HEADER))
    message = refused(path)
    assert f"{path}: its folders all/2025, all/2026 hold the same tables" in message
    assert "and the one before it with --previous" in message


def test_a_zip_without_files_says_so(tmp_path: Path) -> None:
    assert "the zip holds no files" in refused(packed(tmp_path / "r.zip", ("folder/", b""), ("__MACOSX/._a.csv", b"x")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_without_a_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = packed(tmp_path / "r.zip", ("header.csv", HEADER), method=method)
    assert "it is packed in an unusual way; unpack it and give the folder" in refused(path)


def test_a_password_is_told(tmp_path: Path) -> None:
    path = packed(tmp_path / "r.zip", ("header.csv", HEADER))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "header.csv: it is protected by a password; unpack it and give the folder" in refused(path)


def central(path: Path) -> tuple[bytearray, int]:
    """The bytes of a zip and where the entry of its first member begins."""
    content = bytearray(path.read_bytes())
    return content, content.index(b"PK\x01\x02")


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "r.zip", ("header.csv", HEADER), ("episodes.csv", EPISODES), method=zipfile.ZIP_STORED)
    content, first = central(path)
    second = content.index(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    path.write_bytes(content)
    assert "its members overlap" in refused(path)


@pytest.mark.parametrize("size", [5, 1000])
def test_a_size_that_is_not_true_is_refused(tmp_path: Path, size: int) -> None:
    path = packed(tmp_path / "r.zip", ("header.csv", HEADER))
    content, first = central(path)
    content[first + 24 : first + 28] = struct.pack("<I", size)
    path.write_bytes(content)
    assert "header.csv: it is" in refused(path)


def in_little_memory(path: Path, mebibytes: int = 400) -> str:
    """What another process, which may use so much memory, says about a file."""
    code = (
        "import sys; from csc_data.reading import read_supplied; from csc_data.errors import InputError\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r}); from test_hostile_zips import SHAPES\n"
        "try: read_supplied(sys.argv[1], SHAPES); print('read')\n"
        "except InputError as error: print(error)\n"
        "print('PEAK', next(one.split()[1] for one in open('/proc/self/status') if one.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    message, peak = done.stdout.split("PEAK")
    assert int(peak) < mebibytes * 1024, f"{peak} KiB"
    return message


def test_a_bomb_that_lies_about_its_size_does_not_go_off(tmp_path: Path) -> None:
    """It says 5 bytes, and would unpack to 1 GiB."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    piece = b"0" * limits.MIB
    bomb = b"".join([*(packer.compress(piece) for _ in range(1024)), packer.flush()])
    path = packed(tmp_path / "r.zip", ("header.csv", b"0" * 5), method=zipfile.ZIP_STORED)
    content, first = central(path)
    start = content.index(b"header.csv") + len(b"header.csv")
    shift = len(bomb) - 5
    content[8:10] = content[first + 10 : first + 12] = struct.pack("<H", 8)
    content[18:22] = content[first + 20 : first + 24] = struct.pack("<I", len(bomb))
    end = content.index(b"PK\x05\x06")
    content[end + 16 : end + 20] = struct.pack("<I", first + shift)
    path.write_bytes(content[:start] + bomb + content[start + 5 :])
    assert "The return cannot be read" in in_little_memory(path)


def test_a_list_of_very_many_members_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    for count in (limits.ZIP_MEMBERS + 1, 2_000_000):
        entries = entry * count
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count % 65536, count % 65536, len(entries), 0, 0)
        path.write_bytes(entries + end)
        message = in_little_memory(path)
        assert f"it has {count:,} members" in message or "the zip is damaged or of an unknown kind" in message


def test_no_more_is_unpacked_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csc_data.files.zips.opened.__wrapped__.__defaults__", (80,))
    path = packed(tmp_path / "r.zip", ("header.csv", HEADER), ("episodes.csv", EPISODES), ("x.csv", HEADER))
    assert "x.csv: with it more than 80 bytes would be unpacked, which is the limit" in refused(path)


def test_a_zip_cut_off_anywhere_is_refused_in_words(tmp_path: Path) -> None:
    whole = packed(tmp_path / "r.zip", ("header.csv", HEADER), ("episodes.csv", EPISODES * 40)).read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 100)):
        (tmp_path / "r.zip").write_bytes(whole[:length])
        assert "the zip is damaged or of an unknown kind; unpack it and give the folder" in refused(tmp_path / "r.zip")


def test_a_zip_with_any_byte_changed_is_read_or_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path / "r.zip", ("header.csv", HEADER), ("episodes.csv", EPISODES)).read_bytes()
    for position in range(len(whole)):
        for change in (0xFF, 0x01):
            broken = bytearray(whole)
            broken[position] ^= change
            (tmp_path / "r.zip").write_bytes(broken)
            read_or_refused(lambda: read_supplied(tmp_path / "r.zip", SHAPES))


def read_or_refused(read: Callable[[], Supplied]) -> None:
    try:
        supplied = read()
    except InputError as error:
        assert str(error).startswith("The return cannot be read")
    else:
        assert all(len(table.lines) <= 1 for table in supplied.tables.values())
