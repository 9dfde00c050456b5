"""The environment in which pages are rendered: templates, filters, and the style and script that go into every page."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from csc_data.reporting.html.names import plural, return_name, shortened
from csc_data.version import VERSION
from csc_data.visible import visible


@cache
def environment(*packages: str) -> jinja2.Environment:
    """The environment, made once. Whatever a template shows is escaped.

    Args:
        packages: packages that have templates of their own, which come before those of the report.
    """
    environment = jinja2.Environment(
        autoescape=True,
        finalize=fit_to_show,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PrefixLoader({"govuk_frontend_jinja": jinja2.PackageLoader("govuk_frontend_jinja")}),
                *map(jinja2.PackageLoader, packages),
                jinja2.PackageLoader("csc_data.reporting.html"),
            ]
        ),
    )
    environment.filters.update(
        number=_number, percent=_percent, plural=plural, return_name=return_name, shortened=shortened
    )
    style, script = _asset("govuk-frontend.min.css") + _asset("report.css"), _asset("report.js")
    environment.globals.update(
        library_version=VERSION,
        style=Markup(style),
        style_hash=content_hash(style),
        script=Markup(script),
        script_hash=content_hash(script),
    )
    return environment


def fit_to_show(value: Any) -> Any:
    """A value as a template shows it: text with what is not seen in it written out. Markup is our own."""
    return visible(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


def content_hash(text: str) -> str:
    """Hash of an inline style or script, by which the page's content security policy tells it from any other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return files("csc_data.reporting.html").joinpath("assets", name).read_text(encoding="utf-8")


def _number(count: float) -> str:
    return f"{count:,}"


def _percent(share: float) -> str:
    """A share as a percentage that is 0% or 100% only if it is so exactly."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{share:.0%}"
