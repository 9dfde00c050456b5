"""The catalogue as a web site: plain pages that open from disk, ask nothing of the network and need no JavaScript.

Everything shown is worked out from the standards, the concepts and the indicators; nothing is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from os import PathLike
from pathlib import Path

import jinja2

import csc_data
from csc_data.catalogue.described import DescribedCollection, describe
from csc_data.catalogue.links import Links
from csc_data.catalogue.publishing import publish
from csc_data.catalogue.site_pages import Page, pages
from csc_data.declare.collection import Standard
from csc_data.declare.slots import TableRef
from csc_data.files.writing import written_together
from csc_data.metadata.verification import described, in_a_line
from csc_data.metadata.wording import NO_JUSTIFICATION, sentence, span
from csc_data.reporting.html.templating import content_hash, fit_to_show


def write_site(
    folder: str | PathLike[str], standards: Sequence[Standard], examples: str | PathLike[str] | None = None
) -> list[Path]:
    """Write the catalogue of some standards as HTML pages, all or none, the same bytes for the same standards.

    Args:
        folder: where to write; files of other names that stand there are left alone.
        standards: what to describe; years of one collection are described together.
        examples: folder with ``<collection>/rules/<code>.txt``; None leaves the examples out, and the pages say so.

    Returns:
        The files written.

    Raises:
        UsageError: the folder cannot be written to.
    """
    root = Path(folder)
    described = describe(standards, Path(examples) if examples else None)
    with written_together():
        written = [publish(root / "assets" / "catalogue.css", _style())]
        return written + [publish(root / page.path, text) for page, text in render(described)]


def render(described: Sequence[DescribedCollection]) -> Iterable[tuple[Page, str]]:
    """Every page with its text."""
    environment = _environment()
    for page in pages(described):
        links = Links(page.path)
        yield (
            page,
            environment.get_template(page.template).render(page.shown, page=page, to=links, all_described=described),
        )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        finalize=fit_to_show,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.PackageLoader("csc_data.catalogue"),
    )
    script = files("csc_data.catalogue").joinpath("assets", "search.js").read_text(encoding="utf-8")
    environment.filters.update(span=span, sentence=sentence, table_ref=TableRef.of)
    environment.globals.update(
        version=csc_data.__version__,
        no_justification=NO_JUSTIFICATION,
        verification_of=lambda standard: described(standard.verification),
        verification_in_a_line=lambda standard: in_a_line(standard.verification),
        script=script,
        script_hash=content_hash(script),
    )
    return environment


def _style() -> str:
    govuk = files("csc_data.reporting.html").joinpath("assets", "govuk-frontend.min.css")
    own = files("csc_data.catalogue").joinpath("assets", "catalogue.css")
    return govuk.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")
