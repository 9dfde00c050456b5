"""Pseudonyms replace every identifier of a person, everywhere, and are the same for the same key."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from support.invented import checked, faulty

import csc_data
from csc_data.commands.cli import main
from csc_data.commands.validate import FORMATS
from csc_data.errors import UsageError
from csc_data.results.pseudonyms import Pseudonyms

KEY = b"0123456789abcdef0123456789abcdef\n"
STANDARDS = ["ssda903/2025-26", "cin/2025-26"]


@pytest.fixture(scope="module", params=STANDARDS)
def report(request: pytest.FixtureRequest) -> csc_data.Report:
    return checked(request.param)


def identifiers(report: csc_data.Report) -> set[str]:
    """Every identifier of a person in both years' returns, but for those too short to be told from other text."""
    standard, result = report.ret.standard, set()
    for supplied in (report.ret.supplied, report.ret.previous):
        for name, table in (supplied.tables if supplied else {}).items():
            for item in standard.items[name].values():
                if item.name in table.data.column_names and (
                    item.identifies or item.name == standard.collection.subject.item
                ):
                    codes = {member.code for member in item.codes.members} if item.codes else set()
                    texts = {text.strip() for text in table.data.column(item.name).to_pylist() if text}
                    result |= {text for text in texts - codes if len(text) >= 6 and "/" not in text}
    return result


def unfolded(name: str, content: bytes) -> Iterator[str]:
    """The text of a file and, as compression would hide it, of all that is packed in it."""
    yield content.decode("latin-1")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for inner in packed.namelist():
                yield from unfolded(inner, packed.read(inner))
    elif name.endswith(".parquet"):
        yield pd.read_parquet(io.BytesIO(content)).to_csv()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.txt"
    path.write_bytes(KEY)
    return path


def test_no_identifier_is_in_any_output(
    report: csc_data.Report, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, previous, out = tmp_path / "given", tmp_path / "previous", tmp_path / "out"
    for folder, tables in ((given, report.ret.tables), (previous, faulty(report.ret.standard.id).previous)):
        folder.mkdir()
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
    arguments = ["validate", str(given), "--standard", report.ret.standard.id, "--include-values", "--json"]
    if any(previous.iterdir()):
        arguments += ["--previous", str(previous)]
    code = main([*arguments, "--pseudonymise", str(key), "--out", str(out), "--format", ",".join(FORMATS)])
    assert code == 1
    printed = capsys.readouterr()
    texts = [printed.out, printed.err]
    for path in out.iterdir():
        texts += unfolded(path.name, path.read_bytes())
    assert len(texts) > 10
    secret = identifiers(report)
    assert len(secret) > 200
    assert secret == {word for entry in secret for word in re.findall(r"\w+", entry)}
    for text in texts:
        assert not secret & set(re.findall(r"\w+", text))
        assert KEY.decode().strip() not in text
    assert json.loads(printed.out)["pseudonymised"] is True


def test_nothing_else_changes_but_the_order_of_the_records(report: csc_data.Report) -> None:
    pseudonyms = Pseudonyms(KEY)
    hidden = report.pseudonymised(pseudonyms)
    pd.testing.assert_frame_equal(report.rules.drop(columns="seconds"), hidden.rules.drop(columns="seconds"))
    summaries = [{**entry.summary(), "run": None} for entry in (report, hidden)]
    assert summaries[0] == summaries[1]
    assert hidden.summary()["run"]["time"] is None
    assert len(hidden.issues) == len(report.issues)
    names = pseudonyms.of(report.typed.children)
    for plain, new in ((report.issues, hidden.issues), (report.cells(), hidden.cells())):
        known = [
            entry for entry in ("rule", "severity", "dimension", "table", "child", "fields", "field") if entry in plain
        ]
        issues = plain[known].astype("str").assign(child=plain["child"].astype(object).map(names))
        assert Counter(issues.fillna("").itertuples(index=False, name=None)) == Counter(
            new[known]
            .astype("str")
            .assign(child=new["child"].astype(object))
            .fillna("")
            .itertuples(index=False, name=None)
        )
    # Rows that make one issue still do.
    assert sorted(Counter(report.issues["issue"]).values()) == sorted(Counter(hidden.issues["issue"]).values())
    pd.testing.assert_frame_equal(report.quality().measures, hidden.quality().measures)
    pd.testing.assert_frame_equal(report.root_causes().groups, hidden.root_causes().groups)
    causes = (
        Counter(
            entry.root_causes().by_issue["cause"].loc[entry.issues["issue"]].to_numpy() * 1000
            + entry.issues["rule"].cat.codes
        )
        for entry in (report, hidden)
    )
    assert next(causes) == next(causes)


def test_values_of_identifying_items_are_replaced_in_cells_and_others_are_not(report: csc_data.Report) -> None:
    standard, hidden = report.ret.standard, report.pseudonymised(Pseudonyms(KEY))
    before, after = report.cells(), hidden.cells()
    secret = {
        f"{item.table}.{item.name}"
        for items in standard.items.values()
        for item in items.values()
        if item.identifies or item.name == standard.collection.subject.item
    }

    def values(cells: pd.DataFrame, hides: bool) -> Counter[tuple[str, str]]:
        names = cells["table"].astype(str).str.removesuffix("_last") + "." + cells["field"].astype(str)
        chosen = names.isin(secret) == hides
        return Counter(zip(names[chosen], cells["value"].fillna("")[chosen], strict=True))

    assert values(before, False) == values(after, False)
    same = {value for _, value in values(before, True) & values(after, True)}
    assert any(value for _, value in values(before, True))
    assert same <= {"", *(f"UN{number}" for number in range(10))}


def test_a_child_has_the_same_pseudonym_for_the_same_key_in_every_year() -> None:
    years = [csc_data.standard(f"ssda903/{year}") for year in ("2024-25", "2025-26")]
    children = [["1234567", "ab12345"], [" AB12345", "7654321"]]
    result = [
        csc_data.validate({"Header": pd.DataFrame({"CHILD": names})}, year)
        .pseudonymised(Pseudonyms(KEY))
        .ret.tables["Header"]["CHILD"]
        .tolist()
        for year, names in zip(years, children, strict=True)
    ]
    assert result[0][1] == result[1][0]
    assert len({*result[0], *result[1]}) == 3
    assert all(len(name) == 16 and name.isalnum() for names in result for name in names)
    other = Pseudonyms(KEY[::-1]).of(["1234567"])["1234567"]
    assert other != result[0][0]


def test_runs_of_the_same_key_can_be_compared_and_others_not(report: csc_data.Report, tmp_path: Path) -> None:
    for name, key in (("one", KEY), ("two", KEY), ("other", KEY[::-1])):
        report.pseudonymised(Pseudonyms(key)).save(tmp_path / name)
    report.save(tmp_path / "plain")
    comparison = csc_data.compare(tmp_path / "one", tmp_path / "two")
    assert comparison.records.empty and not comparison.rules[["resolved", "new"]].to_numpy().any()
    for name in ("other", "plain"):
        with pytest.raises(UsageError, match="cannot be matched"):
            csc_data.compare(tmp_path / "one", tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"", b"hushhush", b"ab" * 40, b"key,hushhush\n" * 10, bytes(range(128)), b"0123456789abcdef" * 300]
)
def test_poor_keys_are_refused_without_showing_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"The key (must be one line|file .* is a binary)") as raised:
        Pseudonyms.read(path)
    assert "hush" not in str(raised.value)


def test_a_key_file_may_be_written_by_any_editor_or_shell(tmp_path: Path) -> None:
    text, path = KEY.decode(), tmp_path / "key.txt"
    for content in (text.encode("utf-16"), text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode()):
        path.write_bytes(content)
        assert Pseudonyms.read(path).key_id == Pseudonyms(KEY).key_id
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(UsageError, match="a zip archive"):
        Pseudonyms.read(path)


def test_a_key_file_that_is_not_there_is_told_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["validate", str(tmp_path / "return"), "--pseudonymise", str(tmp_path / "absent.txt")])
    assert code == 2
    assert "absent.txt cannot be read" in capsys.readouterr().err


def test_the_key_is_never_shown() -> None:
    pseudonyms = Pseudonyms(KEY)
    assert "0123" not in repr(pseudonyms) + pseudonyms.key_id
    assert Pseudonyms(KEY + b" \r\n").key_id == pseudonyms.key_id


@pytest.mark.skipif(os.name != "posix", reason="permissions are told elsewhere")
def test_a_key_that_everybody_may_read_is_told(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Header.csv").write_text("CHILD,SEX,DOB,ETHNIC,UPN\n1,M,01/02/2015,WBRI,UN1\n")
    arguments = [
        "validate",
        str(tmp_path),
        "--standard",
        "ssda903/2025-26",
        "--pseudonymise",
        str(key),
        "--only",
        "101",
    ]
    for mode, more, warned in ((0o644, [], True), (0o640, [], False), (0o644, ["--quiet"], False)):
        key.chmod(mode)
        main([*arguments, *more])
        assert ("chmod 600" in capsys.readouterr().err) == warned
