"""What forms ask for, as plain functions from what one person works on and the form to the page that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlencode

from csc_data.app.pages import NoSuchPageError
from csc_data.app.session import Session, Supply
from csc_data.app.settings import fill_in_from_beside, save_beside
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable, written_together
from csc_data.results.work import Entry, State, Work
from csc_data.results.worklist_import import LONGEST_TEXT

KINDS = ("this_year", "last_year", "providers", "earlier")
"""The kinds of files that are given."""

REPORTS = ("report.html", "report.xlsx", "run.zip")
"""What is saved into a folder at once."""


@dataclass(frozen=True)
class Form:
    """What a form sends: its fields, and by field the files that were chosen, with their contents."""

    fields: Mapping[str, str]
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """A field without blanks around it; "" if it was not sent."""
        return self.fields.get(name, "").strip()


Action: TypeAlias = Callable[[Session, Form], str]
"""Does what a form asks for, and gives the address of the page that follows."""

CHECKS = frozenset({"/check", "/check-again", "/switch"})
"""Actions after which a check is to be made."""


def choose(session: Session, form: Form) -> str:
    """Take what was given for the check. What is left blank stays as it was, or settings beside the return fill it in."""
    before = session.this_year.path
    for kind in KINDS:
        files, path = dict(form.files.get(kind, {})), form.text(f"{kind}_path").strip("\"'")
        if files and path and path != getattr(session, kind).path:
            raise UsageError("Either choose files or give a path, not both, of one kind.")
        if files:
            setattr(session, kind, Supply(files=files))
        elif path:
            setattr(session, kind, Supply(path=_whole_path(path)))
        elif form.text(f"{kind}_remove"):
            setattr(session, kind, Supply())
    session.standard, session.authority = form.text("standard"), form.text("authority")
    if session.this_year.path != before:
        session.notice = fill_in_from_beside(session)
    return "/results"


def again(session: Session, form: Form) -> str:
    """Read what stands at the paths once more."""
    return _after(form, "/results")


def switch(session: Session, form: Form) -> str:
    """Switch a rule off, or on again."""
    code = form.text("code")
    if code not in {result.rule.code for result in session.checked.report.results}:
        raise NoSuchPageError
    if form.text("off"):
        session.off.add(code)
    else:
        session.off.discard(code)
    return _after(form, "/rules")


def find(session: Session, form: Form) -> str:
    """Look for a text. It is kept here, so that no identifier stands in an address."""
    page = form.text("page")
    if page not in ("/issues", "/children"):
        raise NoSuchPageError
    asked = {name: value for name, value in form.fields.items() if name not in ("words", "page", "find") and value}
    words = form.text("words")[:LONGEST_TEXT]
    if words:
        if words not in session.searches:
            session.searches.append(words)
        asked["find"] = str(session.searches.index(words))
    return f"{page}?{urlencode(asked)}" if asked else page


def note_issue(session: Session, form: Form) -> str:
    """Note something about an issue, or about all of its rule."""
    number = form.text("issue")
    row = session.checked.issues.row(int(number)) if number.isdecimal() else None
    if row is None:
        raise NoSuchPageError
    session.note_issue(str(row["rule"]), int(number), _entry(form))
    session.notice = _noted(session, f"The note on rule {row['rule']} is kept.")
    return _after(form, "/issues")


def note_rule(session: Session, form: Form) -> str:
    """Note something about all issues of a rule."""
    code = form.text("code")
    if code not in {result.rule.code for result in session.checked.report.results}:
        raise NoSuchPageError
    session.note_rule(code, _entry(form))
    session.notice = _noted(session, f"The note for all of rule {code} is kept.")
    return _after(form, "/rules")


def _noted(session: Session, what: str) -> str:
    if session.work_path:
        return f"{what} It is saved in {session.work_path}."
    return f"{what} It is in no file yet: save it under Work before you close csc-data."


def save_work(session: Session, form: Form) -> str:
    """Save what was noted in a file that the user names."""
    session.save_work(form.text("path").strip("\"'"))
    session.notice = f"The work is saved in {session.work_path}. From now on every note is saved there at once."
    return "/work"


def open_work(session: Session, form: Form) -> str:
    """Work on with what was noted earlier: a file that is chosen, or the path of one."""
    path, files = form.text("path").strip("\"'"), form.files.get("work", {})
    if files:
        [(name, content), *_] = files.items()
        session.open_work(Work.of_content(content, name))
        session.notice = f"{name} is opened. Give its path under Save to save what you note from now on."
    else:
        whole = _whole_path(path)
        session.open_work(Work.read(whole), whole)
        session.notice = f"{whole} is opened. What you note from now on is saved there at once."
    return "/work" if session.check else "/"


def save_settings(session: Session, form: Form) -> str:
    """Write down beside the return what was given, so that next time its folder is enough."""
    path = save_beside(session)
    left = [name for kind, name in _GIVEN_AS_FILES.items() if getattr(session, kind).files]
    aside = f" Not in it, as files were chosen and no path given: {', '.join(left)}." if left else ""
    session.notice = (
        f"The settings are saved in {path}. Next time give the path of its folder, and the rest is filled in.{aside}"
    )
    return "/work"


_GIVEN_AS_FILES = {"last_year": "the return before", "providers": "Ofsted's lists", "earlier": "the earlier run"}


def import_work(session: Session, form: Form) -> str:
    """Take over what colleagues noted in a workbook or worklist."""
    files = form.files.get("worklist", {})
    if not files:
        raise UsageError("Choose the workbook or worklist.csv that colleagues filled in.")
    [(name, content), *_] = files.items()
    imported = session.import_worklist(content, name)
    aside = f" Not taken over: {'; '.join(imported.left_aside[:10])}." if imported.left_aside else ""
    more = f" And {len(imported.left_aside) - 10} more." if len(imported.left_aside) > 10 else ""
    session.notice = _noted(session, f"{imported.changed:,} issues are noted as {name} has them.{aside}{more}")
    return "/work"


def save_reports(session: Session, form: Form) -> str:
    """Write report, workbook and run into a folder that the user names."""
    folder = Path(_whole_path(form.text("folder").strip("\"'"), there=False))
    report = session.checked.report
    ensure_writable(folder / name for name in REPORTS)
    with written_together():
        report.to_html(folder / "report.html", include_values=bool(form.text("values")), complete_list="report.xlsx")
        report.to_excel(folder / "report.xlsx", include_values=bool(form.text("values")))
        report.save(folder / "run.zip")
    session.notice = (
        f"{', '.join(REPORTS)} are saved in {folder}. They name children; keep them as you would the return."
    )
    return "/work"


def _entry(form: Form) -> Entry:
    try:
        state = State(form.text("state") or State.TO_DO)
    except ValueError:
        raise NoSuchPageError from None
    texts = {name: form.text(name) for name in ("owner", "note", "explanation")}
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise UsageError(f"A text may have {LONGEST_TEXT:,} characters. Shorten it.")
    return Entry(state, **texts)


def _whole_path(path: str, *, there: bool = True) -> str:
    """A path from the root, so that it means the same wherever csc-data was started."""
    if not path:
        raise UsageError("Choose a file, or give a path.")
    whole = Path(path).expanduser()
    if not whole.is_absolute():
        raise UsageError(f"Give the whole path, such as {Path.home() / 'return'}.")
    if there and not whole.exists():
        raise UsageError("There is nothing at that path. Copy it from the address bar of the folder's window.")
    return str(whole)


def page_of(form: Form, otherwise: str) -> str:
    """The page that a form was on, to show at the top of it what is wrong with the form."""
    return _after(form, otherwise).partition("#")[0]


def _after(form: Form, otherwise: str) -> str:
    """The page that the form was on, if it says so: one of ours, never an address elsewhere."""
    address = form.text("next")
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else otherwise


ACTIONS: Mapping[str, Action] = {
    "/check": choose,
    "/check-again": again,
    "/switch": switch,
    "/find": find,
    "/note-issue": note_issue,
    "/note-rule": note_rule,
    "/save-work": save_work,
    "/open-work": open_work,
    "/save-settings": save_settings,
    "/import-work": import_work,
    "/save-reports": save_reports,
}
"""What forms ask for, by their paths."""
