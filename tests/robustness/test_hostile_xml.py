"""XML that means harm or is broken: refused with its line, in time that grows with the file; what is read is read whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

import csc_data
from csc_data.errors import InputError
from csc_data.reading import Supplied
from csc_data.returns.given import read_tables

HEAD = "<Message><Header><CollectionDetails><Year>2024</Year></CollectionDetails></Header><Children>"
TAIL = "</Children></Message>"
CHILD = (
    "<Child><ChildIdentifiers><LAchildID>{id}</LAchildID></ChildIdentifiers>"
    "<ChildCharacteristics><Ethnicity>{ethnicity}</Ethnicity></ChildCharacteristics></Child>"
)


def child(number: object = 1, ethnicity: str = "WBRI") -> str:
    return CHILD.format(id=number, ethnicity=ethnicity)


def read(path: Path, content: str | bytes) -> Supplied:
    (path / "a.xml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tables(path / "a.xml", csc_data.standard("cin/2023-24"))


def refused(path: Path, content: str | bytes) -> str:
    with pytest.raises(InputError) as error:
        read(path, content)
    return str(error.value)


def values(supplied: Supplied, table: str, item: str) -> list[str | None]:
    texts: list[str | None] = supplied.tables[table].data.column(item).to_pylist()
    return texts


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "before",
    [
        f'<!DOCTYPE Message [<!ENTITY l0 "ha">{LAUGHS}]>\n',
        f'<!DOCTYPE Message [<!ENTITY l9 "{"x" * 100_000}">]>\n',
        '<!DOCTYPE Message [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>\n',
        '<!DOCTYPE Message [<!ENTITY % p SYSTEM "http://localhost/p.dtd"> %p;]>\n',
        '<!DOCTYPE Message SYSTEM "http://localhost/a.dtd">\n',
        '<!DOCTYPE Message PUBLIC "-//x//y" "a.dtd">\n',
        "<!DOCTYPE Message>\n",
    ],
)
def test_a_document_type_is_refused_before_anything_of_it_is_used(tmp_path: Path, before: str) -> None:
    content = f"{before}{HEAD}{child('&l9;' * 1000 if 'l9' in before else 1)}{TAIL}"
    for encoding in ("utf-8", "utf-16"):
        message = refused(tmp_path, content.encode(encoding))
        assert "a.xml, line 1: it declares a document type, which a return never needs; remove it." in message


def test_an_unknown_entity_is_refused(tmp_path: Path) -> None:
    assert "not well formed there (undefined entity)" in refused(tmp_path, f"{HEAD}{child('&secret;')}{TAIL}")


def test_instructions_stylesheets_and_inclusions_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>'
    sheet = '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://localhost/x.xsl"?><?php echo 1 ?>'
    supplied = read(tmp_path, f"{sheet}{HEAD}{include}{child(include)}{TAIL}")
    assert values(supplied, "ChildIdentifiers", "LAchildID") == [None]
    (note,) = supplied.notes
    assert "include (2 times, at line 1 and on)" in note.message


EMPTY = "a{}=''"

FAULTS: dict[str, tuple[Callable[[int], str], str]] = {
    "nested": (lambda n: f"{HEAD}{'<x>' * n}{'</x>' * n}{TAIL}", "more than 200 elements stand within one another"),
    "nested children": (lambda n: f"{HEAD}{'<Child>' * n}", "more than 200 elements stand within one another"),
    "attributes": (lambda n: f"{HEAD}<x {' '.join(map(EMPTY.format, range(n)))}/>{TAIL}", "is longer than 1 MiB"),
    "a name": (lambda n: f"{HEAD}<{'x' * 20 * n}", "a tag, comment or instruction is longer than 1 MiB"),
    "a value": (lambda n: f"{HEAD}<x a='{'x' * 20 * n}", "is longer than 1 MiB, or is not ended"),
    "a comment": (lambda n: f"{HEAD}<!--{'x' * 20 * n}", "is longer than 1 MiB, or is not ended"),
    "an instruction": (lambda n: f"{HEAD}<?x {'x' * 20 * n}", "is longer than 1 MiB, or is not ended"),
    "a reference": (lambda n: f"{HEAD}&{'x' * 20 * n}", "is longer than 1 MiB, or is not ended"),
    "a declaration": (lambda n: f"<?xml {' ' * 20 * n}", "is longer than 1 MiB, or is not ended"),
    "a namespace": (
        lambda n: f"<Message xmlns='{'u' * 1000}'>{'<x/>' * n}</Message>",
        "a namespace whose name is longer than 500",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_no_return_has_is_refused_at_once(tmp_path: Path, fault: str) -> None:
    make, message = FAULTS[fault]
    content = make(400_000).encode()
    begun = time.process_time()
    assert message in refused(tmp_path, content)
    assert time.process_time() - begun < 1


READ: dict[str, Callable[[int], str]] = {
    "unknown elements": lambda n: f"{HEAD}{''.join(f'<e{i}/>' for i in range(n))}{TAIL}",
    "attributes": lambda n: f"{HEAD}<Child {'/><Child '.join(map(EMPTY.format, range(n)))}/>{TAIL}",
    "one text": lambda n: f"{HEAD}{child(1, 'x' * 100 * n)}{TAIL}",
    "references": lambda n: f"{HEAD}{child(1, '&amp;' * 10 * n)}{TAIL}",
    "text between": lambda n: f"{HEAD}{('x' * 100 + '<x/>') * n}{TAIL}",
    "repeated field": lambda n: f"{HEAD}{child(1, '</Ethnicity><Ethnicity>' * n)}{TAIL}",
    "rows of one child": lambda n: f"{HEAD}<Child>{'<CINdetails/>' * n}</Child>{TAIL}",
    "children": lambda n: f"{HEAD}{child() * n}{TAIL}",
    "children among records": lambda n: f"{HEAD}{child()}{(child() + '<x/>') * n}{TAIL}",
    "spaces": lambda n: (
        f"{HEAD}{child()}{''.join((child(), ' ' * number)[number % 2] for number in range(n // 8))}{TAIL}"
    ),
    "comments with ends of records": lambda n: (
        f"{HEAD}{(child() + '<!--' + '</Child>' * 100 + '-->') * (n // 20)}{TAIL}"
    ),
    "a comment full of ends of records": lambda n: f"{HEAD}{child()}<!--{'</Child>' * 2 * n}-->{TAIL}",
    "a value full of ends of records": lambda n: (
        f"{HEAD}{child()}{child(1, '<![CDATA[' + '</Child>' * 4 * n + ']]>')}{TAIL}"
    ),
    "sections": lambda n: f"{HEAD}{child(1, '<![CDATA[x]]>' * n)}{TAIL}",
}


@pytest.mark.parametrize("kind", READ)
def test_time_grows_with_the_file_and_no_faster(tmp_path: Path, kind: str) -> None:
    seconds = []
    for size in (10_000, 40_000):
        content = READ[kind](size).encode()
        taken = []
        for _ in range(2):
            begun = time.process_time()
            read(tmp_path, content)
            taken.append(time.process_time() - begun)
        seconds.append(min(taken))
    # Four times the file: four times as long, and not sixteen. The start is the same for both.
    assert seconds[1] < 8 * seconds[0] + 0.1


def test_names_without_end_are_counted_together(tmp_path: Path) -> None:
    supplied = read(tmp_path, READ["unknown elements"](3000))
    (note,) = supplied.notes
    assert "e0 (once, at line 1)" in note.message
    assert "and 989 more" in note.message


def test_a_child_without_anything_is_listed(tmp_path: Path) -> None:
    supplied = read(tmp_path, f"{HEAD}\n{child(1)}\n<Child/>\n<Child><Other/></Child>\n{child(2)}\n{TAIL}")
    assert values(supplied, "ChildIdentifiers", "LAchildID") == ["1", "2"]
    assert [(row.line, row.reason.words) for row in supplied.unreadable] == [
        (3, "element Child holds nothing of the return"),
        (4, "element Child holds nothing of the return"),
    ]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-16", "utf-8"),
        ("ISO-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("nonsense", "utf-8"),
        ("UTF-7", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-8", "utf-16"),
        ("UTF-8", "utf-16-le"),
        ("UTF-8", "utf-32"),
        ("UTF-8", "cp1252"),
        ("ISO-8859-1", "cp1252"),
        ("UTF-16", "utf-16"),
    ],
)
def test_the_content_decides_about_the_encoding(tmp_path: Path, declared: str, encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{declared}"?>{HEAD}{child("Zoë")}{TAIL}'
    assert values(read(tmp_path, content.encode(encoding)), "ChildIdentifiers", "LAchildID") == ["Zoë"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            f"{HEAD}\n{child(chr(1))}{TAIL}",
            "line 2: the XML is not well formed there (not well-formed (invalid token))",
        ),
        (f"{HEAD}\n{child('&#0;')}{TAIL}", "line 2: the XML is not well formed there (reference to invalid character"),
        (f"{HEAD}\n{child('&#xD800;')}{TAIL}", "line 2: the XML is not well formed there"),
        (f"{HEAD}{TAIL}\n<Message/>", "line 2: the XML is not well formed there (junk after document element)"),
        (f"{HEAD}{TAIL}\nand more", "line 2: the XML is not well formed there (junk after document element)"),
        (f"{HEAD}\n<Child></Child>\n</Message>", "line 3: the XML is not well formed there (mismatched tag)"),
        (f"{HEAD}\n<Child a='1' a='2'/>{TAIL}", "line 2: the XML is not well formed there (duplicate attribute)"),
        (f"{HEAD}\n<p:Child/>{TAIL}", "line 2: the XML is not well formed there (unbound prefix)"),
        (
            f"\n{HEAD}{TAIL}".replace("<Message>", "<?xml version='1.0'?><Message>"),
            "line 2: the XML is not well formed",
        ),
        ("<Other>\n</Other>", "line 1: its root element is not Message"),
        (
            "",
            "line 1: the XML is not well formed there (no element found; perhaps the file is cut off); export it again",
        ),
        ("<", "the XML is not well formed there (unclosed token; perhaps the file is cut off); export it again"),
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, content)


def test_comments_sections_spaces_and_namespaces_do_not_change_what_is_read(tmp_path: Path) -> None:
    plain = f"{HEAD}{child('A<!-- no -->B')}{child('<![CDATA[<b> & c]]>')}{child('  x  ')}{TAIL}"
    ways = [
        plain,
        plain.replace("<Message>", '<Message xmlns="urn:a">'),
        plain.replace("<Message>", '<Message xml:space="preserve" xmlns:xsi="urn:xsi" xsi:schemaLocation="a b">'),
        plain.replace("</Child><Child>", "</Child>\n<!-- between --><?and this?>\n<Child>"),
        plain.replace("<", "<p:").replace("<p:/", "</p:").replace("<p:!", "<!").replace("&lt;", "<")
        .replace("<p:Message>", "<p:Message xmlns:p='urn:a'>").replace("[<p:b>", "[<b>"),
    ]  # fmt: skip
    for content in ways:
        supplied = read(tmp_path, content)
        assert values(supplied, "ChildIdentifiers", "LAchildID") == ["AB", "<b> & c", "  x  "]
        assert not supplied.unreadable


def test_text_between_elements_and_elements_in_texts_are_told(tmp_path: Path) -> None:
    supplied = read(tmp_path, f"{HEAD}<Child>stray{child('1<b>2</b>3')[7:]}{TAIL}")
    assert values(supplied, "ChildIdentifiers", "LAchildID") == ["1"]
    (note,) = supplied.notes
    assert "text in Child (once" in note.message
    assert "b (once" in note.message


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = (HEAD + "\n".join(map(child, range(300))) + TAIL).encode()
    for percent in range(100):
        message = refused(tmp_path, whole[: len(whole) * percent // 100])
        assert "the XML is not well formed there" in message
        assert "export it again" in message
    assert len(values(read(tmp_path, whole), "ChildIdentifiers", "LAchildID")) == 300
