"""The app, asked as a browser asks it: what it shows, what it takes, and whom it refuses."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.app_client import ADDRESS, GIVEN, PORT, TOKEN, Client, files
from support.invented import faulty
from support.other_kinds import packs_installed

from csc_data.app import pages, server
from csc_data.app.server import HEADERS, application
from csc_data.app.session import Check, Session, Supply
from csc_data.commands.cli import main
from csc_data.results.work import Entry, State, Work
from csc_data.synthetic.synthesise import synthesise

CHILD = "5265233"

PREPARE = Check.prepare
"""What is worked out beside the pages; tests go without it, but for those of how long pages take."""


def number(client: Client, child: str = CHILD) -> int:
    return client.session.checked.numbers[child]


def issue_of(client: Client, rule: str) -> int:
    table = client.session.checked.issues.table
    return int(table.loc[table["rule"] == rule, "issue"].iloc[0])


# --- Whom it lets in -------------------------------------------------------------------------------------------------


def test_nobody_comes_in_without_the_token() -> None:
    client = Client()
    for path in ("/", "/results", "/issues.csv", "/assets/app.css", "/?token=", "/?token=another"):
        assert client.http.get(path).status_code == 403
    assert client.http.post("/check").status_code == 403


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_do_not_get() -> None:
    client = Client()
    answer = client.http.get("/", params={"token": TOKEN}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ({"host": "evil.example"}, "GET"),
        ({"host": f"127.0.0.1.evil.example:{PORT}"}, "GET"),
        ({"host": "127.0.0.1:9"}, "GET"),
        ({"sec-fetch-site": "cross-site"}, "GET"),
        ({"sec-fetch-site": "same-site"}, "GET"),
        ({"origin": "http://127.0.0.1:9"}, "POST"),
        ({"origin": "null"}, "POST"),
        ({"origin": "https://evil.example"}, "POST"),
    ],
)
def test_another_host_or_origin_is_refused_though_it_has_the_cookie(
    client: Client, headers: dict[str, str], method: str
) -> None:
    assert client.http.request(method, "/close" if method == "POST" else "/", headers=headers).status_code == 403
    assert not client.closed


def test_a_form_without_an_origin_is_refused() -> None:
    client = Client()
    plain = TestClient(application(client.session, TOKEN, PORT, client._close), base_url=ADDRESS)
    plain.get("/", params={"token": TOKEN})
    assert plain.post("/close").status_code == 403


def test_every_response_may_neither_be_kept_nor_framed_nor_fetch_elsewhere(checked: Client) -> None:
    for path in (*pages.PAGES, "/assets/app.js", "/state", "/issues.csv", "/nowhere"):
        answer = checked.http.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS), path
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy


def test_pages_have_no_style_or_script_within_them(checked: Client) -> None:
    for path in (
        *(one for one in pages.PAGES if one not in ("/rule", "/record")),
        "/rule?code=388",
        f"/record?number={number(checked)}",
    ):
        text = checked.http.get(path).text
        assert "<style" not in text and " style=" not in text and " onclick" not in text, path
        assert [one for one in re.findall(r"<script[^>]*>", text) if "src=" not in one] == [], path


# --- What is handed over, and what becomes of it ---------------------------------------------------------------------


def test_files_stay_in_memory(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_disk(*_: object, **__: object) -> None:
        raise AssertionError("a file was put on the disk")

    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, on_disk)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", on_disk)
    large = b"CHILD,SEX\n" + b"1,1\n" * 1_000_000
    answer = client.give(files=[("this_year", ("Header.csv", large))], data={"standard": "ssda903/2025-26"})
    assert answer.status_code == 200
    assert client.session.this_year.files["Header.csv"] == large


def test_more_than_may_be_handed_over_is_refused_in_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.limits, "UPLOAD_BYTES", 1000)
    answer = client.give(files=[("this_year", ("Header.csv", b"x" * 2000))])
    assert "larger than 1000 bytes together" in answer.text
    assert not client.session.this_year


def test_of_two_files_of_one_name_none_is_lost(client: Client) -> None:
    [sent, *_] = files("this_year", "this_year")
    text = client.give(files=[sent, sent]).text
    assert f"Two files are called {sent[1][0]}" in text


def test_what_cannot_be_read_is_said_on_the_page_and_what_was_found_stays(client: Client) -> None:
    client.check()
    answer = client.give(files=[("this_year", ("letter.csv", b"Dear all\n"))])
    assert answer.url.path == "/results"
    assert "There is a problem" in answer.text and "letter.csv" in answer.text
    assert "Errors to correct before the return is submitted." in answer.text


def test_authority_collection_and_year_are_recognised_and_shown(checked: Client) -> None:
    text = checked.http.get("/results").text
    assert "Children looked after return (SSDA903), 2025-26" in text and "Barnet" in text
    assert text.index("Errors to correct") < text.index("Rules that found something")


def test_the_files_are_called_as_the_calendar_of_the_collection_says(client: Client) -> None:
    assert "such as last year" in client.http.get("/").text
    client.session.standard = "csc_api/1.0.1"
    text = client.http.get("/").text
    assert "The earlier return</legend>" in text and "This return</legend>" in text and "ear&#39;s return<" not in text
    client.session.standard = "cin/2025-26"
    text = client.http.get("/").text
    assert "Last year&#39;s return</legend>" in text and "This year&#39;s return</legend>" in text


def test_where_the_lists_of_providers_are_published_is_linked_for_those_who_press_it(client: Client) -> None:
    [link] = re.findall(r'<a [^>]*href="https:[^>]*>', client.http.get("/").text)
    assert "https://www.gov.uk/guidance/children-looked-after-return-guide-to-submitting-data" in link
    assert "noopener noreferrer" in link


def test_gaps_come_first(client: Client) -> None:
    sent = [one for one in files("this_year", "this_year") if one[1][0] != "Episodes.csv"]
    text = client.give(files=sent, data={"authority": "E09000003", "standard": "ssda903/2025-26"}).text
    assert (
        text.index("Not everything was checked")
        < text.index("Episodes, which every return has")
        < text.index("Rules that")
    )


def test_a_folder_is_read_again_when_its_files_change(client: Client, tmp_path: Path) -> None:
    old = time.time() - 10
    for one in (GIVEN / "this_year").glob("*.csv"):
        (tmp_path / one.name).write_bytes(one.read_bytes())
        os.utime(tmp_path / one.name, (old, old))
    client.give(data={"this_year_path": str(tmp_path), "authority": "E09000003"})
    assert "102" in client.session.checked.issues.rules
    header = tmp_path / "Header.csv"
    header.write_text(header.read_text().replace("31/02/2024", "01/02/2024"))
    assert client.http.get("/state").json() == {"changed": True}
    assert "The files have changed" in client.http.get("/issues").text, "somebody may still be writing them"
    os.utime(header, (old + 1, old + 1))
    assert client.settled(client.http.get("/issues")).url.path == "/issues"
    assert "102" not in client.session.checked.issues.rules
    assert client.session.checked.new is not None
    assert client.http.get("/state").json() == {"changed": False}


# --- Lists and records -----------------------------------------------------------------------------------------------


def test_issues_are_searched_filtered_sorted_and_saved_as_shown(checked: Client) -> None:
    found = checked.http.post("/find", data={"page": "/issues", "words": CHILD, "sort": "table"})
    assert CHILD not in str(found.url), "no identifier comes to stand in the history of the browser"
    total = len(checked.session.checked.issues.table)
    assert f"<strong>12</strong> of {total} issues" in found.text
    rows = list(csv.DictReader(io.StringIO(checked.http.get(f"/issues.csv?{found.url.query.decode()}").text)))
    assert {row["child"] for row in rows} == {CHILD} and len({row["key"] for row in rows}) == 12
    severe = checked.http.get("/issues?rule=388&severity=error&table=Episodes&state=to+do")
    assert f"<strong>4</strong> of {total} issues" in severe.text
    assert f"<strong>0</strong> of {total} issues" in checked.http.get("/issues?severity=query").text
    worker = checked.session.checked.issues.workers.index("SW1665564")
    assert f"<strong>12</strong> of {total} issues" in checked.http.get(f"/issues?worker={worker}").text


def test_the_record_has_the_rows_of_both_years_in_order_with_the_wrong_cells_marked(checked: Client) -> None:
    text = checked.http.get(f"/record?number={number(checked)}").text
    episodes = text[text.index(">Episodes</h3>") : text.index(">Reviews</h3>")]
    lines = re.findall(r'title="[^"]*Episodes.csv">(\d+)</td>', episodes)
    assert lines == ["21", "22", "26", "28", "27"], "by date, and last year's first"
    assert "last year" in episodes and "this year" in episodes
    assert re.search(
        r'class="csc-mark">X1\s*<a class="csc-mark__rule" href="#issue-\d+" title="The reason the episode', episodes
    )
    card = text[text.index(f'id="issue-{issue_of(checked, "388")}"') :]
    linked = card[: card.index("How to fix it")]
    assert "the row after: Episodes, line 28" in linked and "01/04/2025" in linked


def test_a_record_leads_back_to_the_list_it_was_opened_from(checked: Client) -> None:
    for opened, back in (
        ("severity=error", "/issues?severity=error"),
        ("find=0", "/children?find=0"),
        ("", "/children"),
    ):
        text = checked.http.get(f"/record?number={number(checked)}&{opened}").text
        assert f'class="app-back" href="{back}"' in text
    [record, *_] = re.findall(r'href="(/record[^"#]+)#issue', checked.http.get("/issues").text)
    assert 'class="app-back" href="/issues' in checked.http.get(record.replace("&amp;", "&")).text


def test_next_and_previous_child_follow_the_list_they_were_opened_from(checked: Client) -> None:
    children = checked.session.checked.issues.subjects(checked.session.checked.issues.table.query("rule == 'INT17'"))
    first = checked.http.get(f"/record?number={number(checked, children[0])}&rule=INT17")
    assert f"1 of {len(children)}" in first.text and "Previous child" not in first.text
    [link] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = checked.http.get(link.replace("&amp;", "&"))
    assert f">{children[1]}</h1>" in second.text and f"2 of {len(children)}" in second.text


def test_addresses_that_name_nothing_are_answered_in_words(checked: Client) -> None:
    for path in ("/record?number=99999", "/record?number=x", "/rule?code=nothing", "/nowhere"):
        answer = checked.http.get(path)
        assert answer.status_code == 404
    assert "There is no such page" in checked.http.get("/record").text


# --- Work ------------------------------------------------------------------------------------------------------------


def test_what_is_noted_is_kept_saved_and_shown_at_the_next_check(client: Client, tmp_path: Path) -> None:
    client.check()
    note = {"issue": issue_of(client, "388"), "state": "explained", "owner": "Pat", "explanation": "They moved twice."}
    shown = client.http.post("/note-issue", data={**note, "next": "/work"})
    assert f"{CHILD}: They moved twice." in shown.text
    assert "in no file yet" in shown.text
    for bad in ("work.json", str(tmp_path / "work.txt"), str(tmp_path / "none" / ".." / ".." / "x")):
        assert "There is a problem" in client.http.post("/save-work", data={"path": bad}).text
    path = tmp_path / "work.json"
    client.http.post("/save-work", data={"path": str(path)})
    client.http.post("/note-rule", data={"code": "433", "state": "asked"})
    assert {str(entry.state) for entry in Work.read(path).rules.values()} == {"asked"}, "saved at once from now on"
    time.sleep(1.1)
    text = client.settled(client.http.post("/check-again", data={"next": "/results"})).text
    assert "1 explained earlier" in text and "4 asked" in text
    assert client.http.get("/work.json").json()["issues"][0]["owner"] == "Pat"
    other = Client()
    other.enter()
    other.http.post("/open-work", files=[("work", ("work.json", path.read_bytes()))])
    other.check()
    assert "1 explained earlier" in other.http.get("/results").text


def test_who_does_what_is_counted_and_leads_to_their_issues(client: Client) -> None:
    client.check()
    assert "Who does what" not in client.http.get("/work").text
    client.http.post("/note-issue", data={"issue": issue_of(client, "388"), "state": "asked", "owner": "Sam"})
    client.http.post("/note-rule", data={"code": "433", "owner": "alex"})
    client.http.post("/note-rule", data={"code": "356", "state": "asked"})
    text = client.http.get("/work").text
    counted = {
        owner: (number, re.findall(r"<td[^>]*>([\d,]+)</td>", row))
        for number, owner, row in re.findall(r'href="/issues\?owner=(\d+)">(\w+)<(.*?)</tr>', text, re.DOTALL)
    }
    assert list(counted) == ["alex", "Sam"]
    assert (counted["alex"][1], counted["Sam"][1]) == (["4", "0", "0", "0"], ["0", "1", "0", "0"])
    for owner, count in (("alex", 4), ("Sam", 1)):
        shown = client.http.get(f"/issues?owner={counted[owner][0]}").text
        assert f"<strong>{count}</strong> of" in shown and f"selected>{owner}</option>" in shown
    client.http.post("/note-rule", data={"code": "356", "owner": "Aaron"})
    assert "<strong>1</strong> of" in client.http.get(f"/issues?owner={counted['Sam'][0]}").text, (
        "a number stays whose it is"
    )


def test_what_colleagues_filled_in_is_taken_over(client: Client) -> None:
    client.check()
    listed = client.http.get("/issues.csv?rule=388").text
    assert ',"to do","to do","",' in listed
    filled = listed.replace(',"to do","to do","",', ',"asked","","Sam",')
    text = client.http.post("/import-work", files=[("worklist", ("worklist.csv", filled.encode()))]).text
    assert "4 issues are noted as worklist.csv has them" in text
    assert client.session.worklist.counts()["error"]["asked"] == 4
    wrong = client.http.post("/import-work", files=[("worklist", ("letter.csv", b"Dear all"))])
    assert "There is a problem" in wrong.text and "letter.csv has no row" in wrong.text


def test_a_switched_rule_leaves_the_list_as_it_was(client: Client) -> None:
    client.check()
    text = client.http.get("/rules?status=failed&words=episode").text
    form = text[text.index('id="switch-388"') - 600 : text.index('id="switch-388"')]
    assert 'name="next" value="/rules?status=failed&amp;words=episode#switch-388"' in form


def test_rules_are_switched_off_and_on_and_the_verdict_says_so(client: Client) -> None:
    client.check()
    off = client.settled(client.http.post("/switch", data={"code": "388", "off": "1", "next": "/results"})).text
    assert "1 rule was switched off for this run" in off and "388" not in client.session.checked.issues.rules
    client.settled(client.http.post("/switch", data={"code": "388"}))
    assert "388" in client.session.checked.issues.rules


def test_reports_are_saved_into_a_folder_and_over_nothing_else(client: Client, tmp_path: Path) -> None:
    client.check()
    client.http.post("/save-reports", data={"folder": str(tmp_path / "out")})
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"report.html", "report.xlsx", "run.zip"}
    later = Client()
    later.enter()
    later.give(
        files=[*files("this_year", "this_year"), ("earlier", ("run.zip", (tmp_path / "out/run.zip").read_bytes()))],
        data={"authority": "E09000003"},
    )
    assert later.session.checked.new is not None


def test_the_page_after_a_form_is_one_of_our_own(client: Client) -> None:
    client.check()
    for address in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        data = {"code": "388", "state": "asked", "next": address}
        answer = client.http.post("/note-rule", data=data, follow_redirects=False)
        assert answer.headers["location"] == "/rules"


def test_closing_lets_go_of_everything(client: Client) -> None:
    client.check()
    assert "csc-data is closed" in client.http.post("/close").text
    assert client.closed
    assert client.session == Session()


def test_the_end_waits_for_what_is_at_work_and_breaks_it_off(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    def prepare(check: Check) -> Iterator[None]:
        steps.append("first")
        begun.set()
        ended.wait(10)
        yield
        steps.append("second")

    begun, ended = threading.Event(), threading.Event()
    monkeypatch.setattr(Check, "prepare", prepare)
    client.check()
    assert begun.wait(10)
    threading.Timer(0.2, ended.set).start()
    client.app.end()
    assert ended.is_set(), "it was waited for"
    assert steps == ["first"]


def test_texts_of_a_return_are_shown_as_text(client: Client) -> None:
    header = b'CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n<script>alert(1)</script>,<b>x</b>,01/01/2015,"=1+1",,0,\n'
    client.give(files=[("this_year", ("<i>Header.csv", header))], data={"standard": "ssda903/2025-26"})
    for path in ("/", "/results", "/issues", "/children", "/record?number=0"):
        text = client.http.get(path).text
        assert "<script>alert" not in text and "<b>x</b>" not in text and "<i>Header" not in text, path
    assert "'=1+1" in client.http.get("/issues.csv").text or "=1+1" not in client.http.get("/issues.csv").text


# --- Speed, other collections ---------------------------------------------------------------------------------------------


def test_nobody_waits_for_a_page() -> None:
    """A sample: ``python benchmarks/app.py`` times a whole authority's return, 135,000 issues."""
    drawn = faulty("ssda903/2025-26", children=100)
    client = Client()
    client.enter()
    sent = [("this_year", (f"{name}.csv", table.to_csv(index=False).encode())) for name, table in drawn.tables.items()]
    began = time.process_time()
    client.give(files=sent, data={"standard": "ssda903/2025-26", "authority": "E09000003"})
    assert time.process_time() - began < 3
    pages.load_templates()
    assert len(list(PREPARE(client.session.checked))) > 3
    for path in ("/results", "/issues?sort=child", "/children", "/record?number=3", "/quality"):
        began = time.process_time()
        client.http.get(path)
        assert time.process_time() - began < 0.3, path


def test_a_census_of_workers_is_worked_through_in_its_own_words(tmp_path: Path) -> None:
    with packs_installed(tmp_path):
        drawn = synthesise("workforce/2025-26", children=30, seed=1, faults={"W1": 2, "W4": 1})
        files = {f"{name}.csv": table.to_csv(index=False).encode() for name, table in drawn.tables.items()}
        session = Session(this_year=Supply(files=files), standard="workforce/2025-26", authority=drawn.authority)
        session.run_check()
        assert not session.problem
        worker = {"number": str(session.checked.numbers[str(session.checked.counts_by_subject.index[0])])}
        for path in ("/results", "/issues", "/children", "/work", "/quality", "/record"):
            text = pages.PAGES[path](session, worker if path == "/record" else {})
            assert "Workers" in text and "hildren" not in text.replace("/children", ""), path


# --- The command, and pages without a server -------------------------------------------------------------------------


def test_the_command_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["app", "--no-browser"]) == 2
    assert 'pip install "csc-data[app]"' in capsys.readouterr().err


def test_the_form_is_filled_in_by_options_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[Session] = []
    monkeypatch.setattr(server, "serve", lambda session, port, browser: sessions.append(session))
    work, named = tmp_path / "work.json", tmp_path / "mine.toml"
    named.write_text(
        f'authority = "Barnet"\nprevious = "{GIVEN / "last_year"}"\nproviders = ["{GIVEN / "providers.csv"}"]\n'
        'skip = [388]\nwork = "work.json"\nout = "out"\n'
    )
    assert main(["app", str(GIVEN / "this_year"), "--settings", str(named), "--skip", "101"]) == 0
    [session] = sessions
    given = [supply.path for supply in (session.this_year, session.last_year, session.providers)]
    assert given == [str(GIVEN / name) for name in ("this_year", "last_year", "providers.csv")]
    assert (session.authority, session.off, session.work_path) == ("E09000003", {"101"}, str(work))
    text = pages.PAGES["/"](session, {})
    assert str(GIVEN / "last_year") in text and re.search(r'value="E09000003" selected', text)
    session.run_check()
    session.note_rule("433", Entry(State.ASKED))
    assert Work.read(work).rules["433"].state == State.ASKED, (
        "the work file that settings name is saved in from the start"
    )
    main(["app", "--work", str(work), "--providers", f"{GIVEN / 'providers.csv'},{GIVEN / 'this_year/Header.csv'}"])
    assert sessions[-1].work is not None and list(sessions[-1].providers.files) == ["providers.csv", "Header.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere/at/all"], "/nowhere/at/all is not there"),
        (["--previous", "/nowhere/at/all"], "/nowhere/at/all is not there"),
        (["a", "b"], "takes the path of one folder or file"),
        (["--authority", "Nowhere"], "Nowhere"),
        (["--standard", "ssda903/1999-00"], "1999-00"),
    ],
)
def test_what_cannot_be_filled_in_is_said_before_it_starts(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "serve", lambda *_, **__: pytest.fail("it was started"))
    assert main(["app", *arguments]) in (2, 3)
    assert said in capsys.readouterr().err


def test_settings_are_saved_beside_the_return_and_fill_in_the_rest_next_time(client: Client, tmp_path: Path) -> None:
    given = tmp_path / "this year"
    shutil.copytree(GIVEN / "this_year", given)
    last_year = {"last_year_path": str(GIVEN / "last_year"), "providers_path": str(GIVEN / "providers.csv")}
    client.give(data={"this_year_path": str(given), "authority": "E09000003", **last_year})
    client.http.post("/save-work", data={"path": str(tmp_path / "work.json")})
    assert "The settings are saved in" in client.http.post("/save-settings").text
    assert "is there already" in client.http.post("/save-settings").text
    later = Client()
    later.enter()
    text = later.give(data={"this_year_path": str(given)}).text
    assert "csc-data.toml are filled in: previous, providers, authority, work." in text
    assert later.session.last_year.path == str(GIVEN / "last_year") and later.session.authority == "E09000003"
    assert later.session.work_path == str(tmp_path / "work.json")
    later.give(data={"last_year_remove": "1", "this_year_path": str(given), "authority": "E09000003"})
    assert not later.session.last_year, "what was left out stays out"
    (given / "csc-data.toml").write_text("authorty = 1")
    other = Client()
    other.enter()
    assert "did you mean authority" in other.give(data={"this_year_path": str(given)}).text.lower()


def test_settings_cannot_stand_beside_files_that_were_dropped(client: Client) -> None:
    client.check()
    assert "Next time</h3>" not in client.http.get("/work").text
    assert "Give the path of that folder" in client.http.post("/save-settings").text


def test_pages_need_no_server() -> None:
    session = Session(this_year=Supply(path=str(GIVEN / "this_year")), authority="Barnet")
    session.run_check()
    assert not session.problem
    assert "Errors to correct" in pages.PAGES["/results"](session, {})
    core = Path(pages.__file__).parent
    for module in core.glob("*.py"):
        if module.name != "server.py":
            assert not re.search(
                r"\b(threading|socket|asyncio|starlette|uvicorn|urllib\.request)\b", module.read_text()
            )
    assert json.loads(session.worklist.work.content())["issues"] == []
