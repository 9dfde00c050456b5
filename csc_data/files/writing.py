"""Writing files whole or not at all, and the files of one run all or none.

Files are written in a staging folder beside their places, so that putting them there is a renaming, which is never half
done. What stood there before is kept until every file is in its place, and put back if one cannot be.

Nothing is forced onto the disk (fsync): the promise is about runs that fail or are stopped, not about power that fails, a
report can be made again from the return, and waiting for the disk once a file would make the catalogue slow.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import signal
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from csc_data.errors import CscDataError, UnexpectedError, UsageError
from csc_data.files.inputs import Inputs
from csc_data.visible import printable_path

try:
    import fcntl
except ImportError:  # Windows, browsers
    fcntl = None  # type: ignore[assignment]

STAGING = re.compile(r"\.csc-data-[0-9a-f]{16}\.part")
"""Name of the folder beside the files of a run in which they are written."""

ABANDONED = 24 * 60 * 60
"""Seconds after which the staging folder of a run that was killed is cleared away by the next."""

LOCK_PATIENCE = 30.0
"""Seconds to wait for another program that holds a lock on the folder, as a run does while it puts its files in place."""

_LOCK_PAUSE = 0.05

_PROBE = b"\0" * 4096
_NEW, _BEFORE = "new", "before"

_STOPS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGALRM") if hasattr(signal, name)
]

_WHAT_TO_DO = {
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS),
        "Choose another folder; if the file is open in another program, close it there.",
    ),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Free some space or choose another disk."),
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


@contextmanager
def sparing(inputs: Inputs) -> Iterator[None]:
    """Refuse, within this block, to write over anything that is read: whatever is written passes through this module.

    Blocks within one another add up. A block belongs to its thread.
    """
    token = _spared.set(_spared.get() | inputs)
    try:
        yield
    finally:
        _spared.reset(token)


@contextmanager
def written_together() -> Iterator[None]:
    """Put the files that are written within this block in place at its end: all of them, or none if the block fails.

    Within another such block it is the outermost that counts. A block belongs to its thread.

    Raises:
        UsageError: a file cannot be put in place. Those that were are as before, or the message says which are not; or
            another program keeps the folder locked; or what was written cannot be removed, of which the message says where.
    """
    if _current.get() is not None:
        yield
        return
    files = _Files()
    token = _current.set(files)
    try:
        with files.cleared_if_stopped():
            try:
                yield
                with files.nobody_else(), _undisturbed():
                    files.replace_targets()
                    files.clear()
            except BaseException as error:
                with _undisturbed():
                    left = files.clear()
                if left and isinstance(error, Exception):
                    raise _not_cleared(left, error) from None
                raise
    finally:
        _current.reset(token)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of ``path`` only when all went well.

    A file that stands there keeps its permissions; of a link, the link is replaced and what it points to left alone.

    Raises:
        UsageError: the folder or the file cannot be written to, the file is one that is read, or the disk is full.
    """
    target = Path(path).absolute()
    _refuse_input(Path(path))
    with written_together():
        files = _current.get()
        assert files is not None
        try:
            yield files.stage(target)
        except BaseException as error:
            files.forget(target)
            if isinstance(error, OSError):
                raise _cannot_write(Path(path), error) from None
            raise


def ensure_writable(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Refuse files that cannot be written, before any work is done for them. Leaves nothing behind.

    Raises:
        UsageError: a folder cannot be made or written to, a file must not be replaced, as it is one that is read or for
            another reason, or the disk is full.
    """
    files, targets = _Files(), list(paths)
    with files.cleared_if_stopped():
        try:
            for path in targets:
                _refuse_input(Path(path))
            for path in targets:
                try:
                    files.stage(Path(path).absolute()).write_bytes(_PROBE)
                except OSError as error:
                    raise _cannot_write(Path(path), error) from None
        finally:
            with _undisturbed():
                files.clear()


def write_document(document: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write JSON-ready data as a document; see ``json_text``.

    Raises:
        UsageError: as ``replacing``.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(json_text(document))


def json_text(document: Mapping[str, Any]) -> Iterator[str]:
    """JSON-ready data as the text of a document, piece by piece.

    Characters that are not seen are escaped, those too for which JSON does not ask it: half a surrogate pair is no UTF-8,
    and a turn of direction would make the text read otherwise than it is.
    """
    for piece in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(document):
        yield piece if piece.isprintable() else "".join(_escaped(character) for character in piece)
    yield "\n"


def _escaped(character: str) -> str:
    return character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]


class _Files:
    """The files of one block: written in staging folders, put in place together."""

    def __init__(self) -> None:
        self._staging: dict[Path, Path] = {}
        self._staged: dict[Path, Path] = {}
        self._made: list[Path] = []
        self._kept: set[Path] = set()
        self._written: set[tuple[Path, str]] = set()
        # A file descriptor to be let go of when tidying up needs one and there is none.
        self._spare: int | None = None

    def stage(self, target: Path) -> Path:
        """Where to write a file that is to stand at ``target``."""
        if target.exists() and not target.is_file():
            what = "it is a folder" if target.is_dir() else "it is no ordinary file"
            raise IsADirectoryError(errno.EISDIR, what)
        folder = target.parent
        if folder not in self._staging:
            self._open(folder)
        temporary = self._staging[folder] / _NEW / target.name
        self._written.add((self._staging[folder], target.name))
        temporary.touch()
        if target.is_file() and not target.is_symlink():
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, "it is write-protected")
            with suppress(OSError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR)
        self._staged[target] = temporary
        return temporary

    def _open(self, folder: Path) -> None:
        """Make a staging folder in a folder, which is made too if it is not there."""
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        if not (missing[-1].parent if missing else folder).is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "its folder is a file")
        self._made += missing[::-1]
        folder.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(folder)
        staging = folder / f".csc-data-{secrets.token_hex(8)}.part"
        self._staging[folder] = staging  # before it is there, so that a stop at any moment finds what to clear
        try:
            (staging / _NEW).mkdir(parents=True)
        except OSError:
            with suppress(OSError):
                staging.rmdir()
            del self._staging[folder]
            raise
        if self._spare is None:
            with suppress(OSError):
                self._spare = os.open(os.devnull, os.O_RDONLY)

    def _let_go_of_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def forget(self, target: Path) -> None:
        """Drop a file whose writing failed."""
        if temporary := self._staged.pop(target, None):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    @contextmanager
    def nobody_else(self) -> Iterator[None]:
        """Wait for other runs that are putting files into the same folders, so that no two sets are mixed."""
        with ExitStack() as held:
            for folder in sorted(self._staging) if len(self._staged) > 1 else ():
                held.enter_context(_locked(folder))
            yield

    def replace_targets(self) -> None:
        """Rename every file to its place; if one cannot be, put back what stood there before."""
        try:
            # One file alone is replaced or not: there is nothing to put back.
            for target in self._staged if len(self._staged) > 1 else ():
                self._set_aside(target)
            for target, temporary in self._staged.items():
                try:
                    temporary.replace(target)
                except OSError as error:
                    raise _cannot_write(target, error) from None
        except BaseException:
            self._put_back()
            raise

    def _set_aside(self, target: Path) -> None:
        """Keep what stands at a target: by a second name, or as a copy where a file cannot have two."""
        if not os.path.lexists(target):
            return
        kept = self._before(target)
        try:
            kept.parent.mkdir(exist_ok=True)
            try:
                os.link(target, kept, follow_symlinks=False)
            except (OSError, NotImplementedError):
                shutil.copy2(target, kept, follow_symlinks=False)
        except OSError as error:
            raise _cannot_write(target, error) from None

    def _before(self, target: Path) -> Path:
        return self._staging[target.parent] / _BEFORE / target.name

    def _put_back(self) -> None:
        """Undo what ``replace_targets`` did. What was done is seen on the disk, so that it can be undone from anywhere."""
        stuck = []
        for target, temporary in self._staged.items() if len(self._staged) > 1 else ():
            if os.path.lexists(temporary):
                continue
            kept = self._before(target)
            try:
                if os.path.lexists(kept):
                    kept.replace(target)
                else:
                    target.unlink(missing_ok=True)
            except OSError:
                there = os.path.lexists(kept)
                stuck.append(f"{target} is new" + (f"; the file before it is {kept}" if there else ""))
                if there:
                    self._kept.add(self._staging[target.parent])
        if stuck:
            raise UsageError("\n  ".join(["The files could be neither all replaced nor all put back:", *stuck]))

    @contextmanager
    def cleared_if_stopped(self) -> Iterator[None]:
        """Clear again if a stop came in the moment before stops are held off, in which nothing was cleared yet."""
        try:
            yield
        except KeyboardInterrupt:
            with _undisturbed():
                self.clear()
            raise

    def clear(self) -> list[Path]:
        """Remove the staging folders, and folders that were made for files that did not come. Returns what is left."""
        clearing = set(self._staging.values()) - self._kept
        for staging, name in self._written:
            # By name: to list a folder takes a file descriptor, and that there is none may be why this run failed.
            for file in (staging / _NEW / name, staging / _BEFORE / name) if staging in clearing else ():
                with suppress(OSError):
                    file.unlink(missing_ok=True)
        for staging in clearing:
            for folder in (staging / _NEW, staging / _BEFORE, staging):
                with suppress(OSError):
                    folder.rmdir()
            if os.path.lexists(staging):
                shutil.rmtree(staging, ignore_errors=True)
            if os.path.lexists(staging):
                self._let_go_of_spare()
                with suppress(OSError):
                    _remove_by_name(staging)
        self._let_go_of_spare()
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()
        return sorted(staging for staging in clearing if os.path.lexists(staging))


_current: ContextVar[_Files | None] = ContextVar("files written together", default=None)
_spared: ContextVar[Inputs] = ContextVar("files that are read", default=Inputs())  # noqa: B039  it is never changed


def _refuse_input(target: Path) -> None:
    if (read := _spared.get().at(target.absolute())) is not None:
        same = "" if read == target.absolute() else f" ({printable_path(read)})"
        raise UsageError(
            f"{printable_path(target)} would be written over, and it is a file that is read{same}. Nothing was written. "
            "Choose another folder or name for what is to be written."
        )


def _cannot_write(target: Path, error: OSError) -> UsageError:
    # pyarrow puts "Error writing bytes to file. Detail: [errno 28] " before the reason.
    reason = (error.strerror or type(error).__name__).rpartition("] ")[2]
    advice = _WHAT_TO_DO.get(error.errno or 0, "Choose another folder or name.")
    return UsageError(f"{target} cannot be written ({reason}). {advice}")


def _remove_by_name(folder: Path) -> None:
    """Remove a folder with all that is in it, with one file descriptor at a time."""
    for name in os.listdir(folder):  # noqa: PTH208
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            _remove_by_name(path)
        else:
            path.unlink()
    folder.rmdir()


def _not_cleared(left: list[Path], error: Exception) -> CscDataError:
    """What to say of a run that failed and whose staging folders cannot be removed."""
    why = error if isinstance(error, CscDataError) else UnexpectedError.of(error)
    folders = "\n  ".join(f"{folder} could not be removed, and may hold records: delete it." for folder in left)
    return type(why)(f"{why}\n  {folders}")


def _clear_abandoned(folder: Path) -> None:
    """Remove staging folders that killed runs of ours left long ago, unless they keep what stood there before."""
    with suppress(OSError):
        for staging in folder.glob(".csc-data-*.part"):
            known = staging.lstat()
            ours = STAGING.fullmatch(staging.name) and stat.S_ISDIR(known.st_mode) and _is_mine(known)
            if ours and time.time() - known.st_mtime > ABANDONED and not (staging / _BEFORE).exists():
                shutil.rmtree(staging, ignore_errors=True)


def _is_mine(known: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or known.st_uid == os.geteuid()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other runs from putting files into a folder, where the system can.

    Raises:
        UsageError: another program keeps the lock.
    """
    if fcntl is None:
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        _wait_for_lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _wait_for_lock(handle: int, folder: Path) -> None:
    """Take the lock of a folder. Where there are no locks, as on some network drives, it is done without."""
    until = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise UsageError(
                    f"Another program has kept {folder} locked for {LOCK_PATIENCE:.0f} seconds, so that nothing was written "
                    "there. Wait until it has finished, or choose another folder."
                ) from None
            time.sleep(_LOCK_PAUSE)
        except OSError:
            return
        else:
            return


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and requests to end wait until the block is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    before: dict[int, Any] = {}
    try:
        for stop in _STOPS:
            if signal.getsignal(stop) not in (None, signal.SIG_IGN):
                before[stop] = signal.getsignal(stop)
                signal.signal(stop, lambda number, frame: waiting.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in waiting:
        signal.raise_signal(number)
