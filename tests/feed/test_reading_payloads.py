"""Payloads of every form are read; what is no strict JSON, or would take too much, is refused in words and at once."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from robustness.json_ways import compared, invented

import csc_data as csc
from csc_data.feed.payload import read_payload
from csc_data.files.json_text import NoJsonError, outline_of

STANDARD = "csc_api/1.0.1"
TWO = [{"la_child_id": "A"}, {"la_child_id": "B", "child_details": {"sex": "X"}}]
SECONDS = 2

HOSTILE = {
    "depth of lists": (b"[" * 100_000, "stand within one another"),
    "depth of objects": (b'{"a":' * 100_000, "stand within one another"),
    "property twice": (b'[{"la_child_id": "A",\n"la_child_id": "SECRET"}]', "a property twice"),
    "no number": (b'[{"la_child_id": NaN}]', "NaN or Infinity"),
    "infinite": (b'[{"la_child_id": -Infinity}]', "NaN or Infinity"),
    "1e400": (b'[{"la_child_id": 1e400}]', "larger than any"),
    "5,000 digits": (b"[" + b"1" * 5000 + b"]", "more digits"),
    "half a character": (rb'[{"la_child_id": "SECRET\ud800"}]', "half of a character"),
    "cut off": (b'[{"la_child_id": "SECRET"', "perhaps cut off"),
    "comma too many": (b'[\n{"la_child_id": "SECRET",}]', "line 2: it is no JSON at column"),
    "other encoding": ('[{"la_child_id": "SECRETé"}]'.encode("latin-1"), "not in UTF-8"),
    "long text": (b'[{"la_child_id": "' + b"A" * 3 * 1024**2 + b'"}]', "a text is longer"),
    "nothing": (b"", "the file is empty"),
    "null": (b"null", "null stands where"),
    "a text": (b'"SECRET"', "a text stands where"),
    "more behind it": (b'[{"la_child_id": "A"}] [1]', "more stands behind"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_payload_is_refused_in_words(name: str, tmp_path: Path) -> None:
    content, words = HOSTILE[name]
    path = tmp_path / "payload.json"
    path.write_bytes(content)
    began = time.process_time()
    with pytest.raises(csc.InputError, match=words) as told:
        csc.validate(path, STANDARD)
    assert time.process_time() - began < SECONDS
    assert "SECRET" not in str(told.value)


def test_a_file_of_many_megabytes_is_read_wherever_its_pieces_end() -> None:
    """The look over the bytes goes piece by piece, and nearly every piece ends within a text."""
    record = b'{"la_child_id": "A", "child_details": {"surname": "%b"}}'
    for length in (1_000, 1_001, 1_003, 1_000_000):
        content = b"[" + b",\n".join([record % (b"a" * length)] * (16 * 1024**2 // length)) + b"]"
        outline = outline_of(content)
        assert len(outline.object_starts) == 2 * (16 * 1024**2 // length)
        assert outline.object_lines[-1] == 16 * 1024**2 // length
    with pytest.raises(NoJsonError, match="a text is longer"):
        outline_of(b'["' + b"a" * 5 * 1024**2 + b'"]')


def test_a_gigabyte_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    with path.open("wb") as file:
        file.write(b'[{"la_child_id": "')
        file.truncate(1 << 30)
    began = time.process_time()
    with pytest.raises(csc.InputError, match="1 GiB; at most 256 MiB"):
        csc.validate(path, STANDARD)
    with pytest.raises(csc.InputError, match="at most 256 MiB"):
        read_payload(path)
    assert time.process_time() - began < SECONDS


def test_a_property_of_the_prototype_is_a_property_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    path.write_text('[{"la_child_id": "A", "__proto__": {"purge": true}}]')
    assert csc.validate(path, STANDARD).issues["rule"].tolist() == ["J-EXTRA"]


def forms(folder: Path) -> dict[str, Path]:
    """The same two children as a list, one a line, a folder and a zip of batches."""
    (folder / "list.json").write_text(json.dumps(TWO, indent=1))
    (folder / "lines.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in TWO))
    batches = folder / "batches"
    batches.mkdir()
    with zipfile.ZipFile(folder / "batches.zip", "w") as packed:
        for number, one in enumerate(TWO):
            (batches / f"batch-{number}.json").write_text(json.dumps([one]))
            packed.writestr(f"batch-{number}.json", json.dumps([one]))
    return {name: folder / name for name in ("list.json", "lines.jsonl", "batches", "batches.zip")}


def test_every_form_says_the_same_and_the_standard_is_found(tmp_path: Path) -> None:
    for name, path in forms(tmp_path).items():
        report = csc.validate(path)
        assert report.ret.standard.id == STANDARD, name
        code = report.issues[report.issues["rule"] == "S-CODE"]
        assert code["child"].tolist() == ["B"], name
        in_batches = name.startswith("batches")
        assert code["pointer"].tolist() == ["/0/child_details/sex" if in_batches else "/1/child_details/sex"], name
        assert code["file"].astype("str").tolist()[0].endswith("batch-1.json" if in_batches else name)


def test_an_older_version_that_has_a_property_is_named(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    path.write_text('[{"la_child_id": "A", "education_health_care_plans": []}]')
    report = csc.validate(path)
    assert any("version 0.7.0" in note.message for note in report.ret.supplied.notes)
    assert csc.validate(path, "csc_api/0.7.0").issues.empty


def test_an_entry_that_is_no_object_is_listed_and_no_pass(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    path.write_text('[{"la_child_id": "A"},\n5]')
    report = csc.validate(path, STANDARD)
    assert report.incomplete
    assert [one.reason.words for one in report.ret.supplied.unreadable] == [
        "a number stands where the form has an object; the receiver refuses it"
    ]


DOUBTFUL = {
    "null": b'{"la_child_id": "A", "child_details": null}\n',
    "property twice": b'{"la_child_id": "A", "la_child_id": "A"}\n',
    "property twice within": b'{"la_child_id": "A", "child_details": {"sex": "F", "sex": "F"}}\n',
    "object twice": b'{"la_child_id": "A", "child_details": {}, "child_details": {"sex": "F"}}\n',
    "half a character": b'{"la_child_id": "A\\ud800"}\n',
    "number for a text": b'{"la_child_id": 5}\n',
    "decimal point": b'{"la_child_id": "A", "health_and_wellbeing": {"sdq_assessments": [{"score": 20.0}]}}\n',
    "text for a flag": b'{"la_child_id": "A", "purge": "true"}\n',
    "list for an object": b'{"la_child_id": "A", "child_details": []}\n',
    "other property": b'{"la_child_id": "A", "colour": 1}\n',
    "the same twice": b'{"la_child_id": "A", "child_details": {"disabilities": ["LD", "LD"]}}\n',
    "two on a line": b'{"la_child_id": "A"} {"la_child_id": "B"}\n',
    "two on a line and one over two": b'{"la_child_id": "A"}{"la_child_id": "B"}\n{"la_child_id":\n"C"}\n',
    "over two lines": b'{"la_child_id":\n"A"}\n',
    "blank line": b'{"la_child_id": "A"}\n\n{"la_child_id": "B"}\n',
    "two on a line and a blank one": b'{"la_child_id": "A"}{"la_child_id": "B"}\n\n',
    "latin letters": '{"la_child_id": "é"}\n'.encode("latin-1"),
    "control character": b'{"la_child_id": "A\tB"}\n',
}


def test_what_is_in_doubt_is_left_to_the_walk() -> None:
    assert {name: compared(content) for name, content in DOUBTFUL.items()} == dict.fromkeys(
        DOUBTFUL, "left to the walk"
    )


def test_records_one_a_line_are_read_alike_both_ways() -> None:
    """``python -m tests.robustness.json_ways`` compares 4,000 files."""
    verdicts = {seed: compared(invented(seed)) for seed in range(48)}
    assert "different" not in verdicts.values()
    assert {verdicts[seed] for seed in range(0, 48, 4)} == {"alike"}  # of those that are not spoilt none is left
    assert (
        compared(b'{"la_child_id": "\\u00e9 \xc3\xa9 \\/ \\n", "social_care_episodes": []}\n{"la_child_id": ""}')
        == "alike"
    )
