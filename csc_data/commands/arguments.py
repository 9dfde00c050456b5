"""Command lines: parsed by the standard library, with settings put in and every complaint in words of our own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from csc_data.errors import UsageError
from csc_data.files.settings import Settings, read_settings, settings_beside
from csc_data.names import as_listed, did_you_mean
from csc_data.visible import visible

if TYPE_CHECKING:
    from csc_data.analysis.exchange.declared import Declared

PROVIDERS_HELP = (
    "Ofsted's lists of registered providers: that of children's homes and that of social care providers, or the combined "
    "one. Ofsted publishes them as workbooks; the guidance on the return on GOV.UK says where (csc-data standards show ID "
    "gives its address). Repeat it for each file"
)
"""What --providers takes."""


class Parser(argparse.ArgumentParser):
    """A parser of one command, or of a choice among commands.

    One that is no choice takes ``--settings``, reads the settings beside the return where it is given one, and lets the
    paths of the return stand anywhere among the options.
    """

    otherwise = ""
    """The command taken where the first word names none of the choice."""

    def parse_known_args(  # type: ignore[override]  # as the library itself calls it
        self, args: Any = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse what is left of the command line. Raises UsageError if something in it is not known."""
        if self._subparsers is not None:
            return super().parse_known_args(self._with_command(args), namespace)
        arguments = list(args)
        if "--settings" not in self._option_string_actions:
            self.add_argument(
                "--settings",
                metavar="FILE",
                help="read options from this file; else from csc-data.toml beside the return",
            )
        settings = self._settings(arguments)
        if settings is not None:
            self._put_in(settings)
        options, extra = super().parse_known_args(arguments, namespace)
        paths = getattr(options, "paths", None)
        if isinstance(paths, list) and not any(text.startswith("-") for text in extra):
            paths += extra
        elif extra:
            self._refuse(extra[0])
        options.settings_read = settings
        return options, []

    def _with_command(self, args: Any) -> Any:
        """The arguments, with the command that is taken where they name none."""
        names = {name for action in self._subparsers._group_actions for name in action.choices or ()}  # type: ignore[union-attr]
        if not self.otherwise or not args or args[0] in {*names, "-h", "--help"}:
            return args
        return [self.otherwise, *args]

    def _settings(self, arguments: Sequence[str]) -> Settings | None:
        """The settings that hold for this call."""
        required = [action for action in self._actions if action.required]
        try:
            for action in required:
                action.required = False
            options, extra = super().parse_known_args(list(arguments), argparse.Namespace())
        except UsageError:
            # It comes again, with words for what is missing, when the call itself is parsed.
            return None
        finally:
            for action in required:
                action.required = True
        if options.settings:
            return read_settings(Path(options.settings))
        paths = getattr(options, "paths", None) or []
        beside = settings_beside([*paths, *(text for text in extra if not text.startswith("-"))])
        return None if beside is None else read_settings(beside)

    def _put_in(self, settings: Settings) -> None:
        """Let settings stand for options that the command line leaves out."""
        for action in self._actions:
            if action.dest not in settings.values or not action.option_strings or not self._takes(action.dest):
                continue
            value = settings.values[action.dest]
            if action.choices is not None:
                listed = as_listed(value, map(str, action.choices))
                if listed is None:
                    raise UsageError(
                        f"The settings {settings.path} cannot be used:\n  {settings.names[action.dest]} must be one of: "
                        f"{', '.join(map(str, action.choices))}."
                    )
                value = listed
            several = isinstance(action.default, list) and not isinstance(value, list)
            read = action.type if callable(action.type) else str
            action.default, action.required = [read(value)] if several else value, False

    def _takes(self, option: str) -> bool:
        """Whether a setting holds for this command: where files go, and which, is a setting of checks alone."""
        return option not in ("out", "format") or "previous_run" in {action.dest for action in self._actions}

    def _refuse(self, text: str) -> NoReturn:
        name = text.partition("=")[0]
        if text.startswith("-"):
            near = did_you_mean(name, self._option_string_actions)
            raise UsageError(f"{self.prog} has no option {visible(name)}.{near or self._see_help()}")
        raise UsageError(f"{self.prog} does not take {visible(text)} as well.{self._see_help()}")

    def _see_help(self) -> str:
        return f" See {self.prog} --help."

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong as ``UsageError``, in words of our own."""
        for pattern, words in _WORDS.items():
            if match := re.fullmatch(pattern, message, re.DOTALL):
                raise UsageError(visible(words(self, match.groupdict())))
        raise UsageError(f"{visible(message.removeprefix('argument '))}.{self._see_help()}")


def _required(parser: Parser, parts: Mapping[str, str]) -> str:
    if parser._subparsers is not None:
        choices = ", ".join(next(action.choices for action in parser._actions if action.choices))
        return f"{parser.prog} is followed by one of: {choices}.{parser._see_help()}"
    return f"{parser.prog} needs {parts['names'].replace(', ', ' and ')}.{parser._see_help()}"


def _choice(parser: Parser, parts: Mapping[str, str]) -> str:
    choices = [choice.strip("' ") for choice in parts["choices"].split(",")]
    given, name = parts["value"].strip("'"), parts["name"].split("/")[0]
    if not name.startswith("-"):
        near = did_you_mean(given, choices)
        return f"There is no command {parser.prog} {given}.{near or ' There are: ' + ', '.join(choices) + '.'}"
    return f"{name} cannot be {given}. Choose from {', '.join(choices)}."


def _lacks_value(parser: Parser, parts: Mapping[str, str]) -> str:
    name = parts["name"].split("/")[-1]
    action = parser._option_string_actions.get(name)
    metavar = action.metavar if action is not None else None
    values = " ".join(metavar) if isinstance(metavar, tuple) else metavar or "VALUE"
    return f"{name} lacks what it takes: {name} {values}.{parser._see_help()}"


_WORDS: Mapping[str, Callable[[Parser, Mapping[str, str]], str]] = {
    r"the following arguments are required: (?P<names>.*)": _required,
    r"argument (?P<name>\S+): invalid choice: (?P<value>.*) \(choose from (?P<choices>.*)\)": _choice,
    r"argument (?P<name>\S+): expected .* arguments?": _lacks_value,
    r"argument (?P<name>\S+): invalid int value: (?P<value>.*)": lambda _, parts: (
        f"{parts['name'].split('/')[0]} takes a whole number, not {parts['value']}."
    ),
    r"argument (?P<name>\S+): invalid float value: (?P<value>.*)": lambda _, parts: (
        f"{parts['name'].split('/')[0]} takes a number, not {parts['value']}."
    ),
    r"argument (?P<name>\S+): ignored explicit argument .*": lambda _, parts: (
        f"{parts['name'].split('/')[0]} takes no value."
    ),
    r"ambiguous option: (?P<name>\S+) could match (?P<names>.*)": lambda _, parts: (
        f"{parts['name']} could be any of {parts['names']}. Write it out."
    ),
}
"""What the standard library complains of, and how we say it."""


class Several(argparse.Action):
    """An option that may be repeated, of which each takes one value, or several with commas between them.

    The first on the command line takes the place of what settings say.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Add to what was given before."""
        before = getattr(namespace, self.dest)
        kept = [] if before is self.default else before
        setattr(namespace, self.dest, [*kept, *self._parts(str(values))])

    def _parts(self, text: str) -> list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]


class SeveralFiles(Several):
    """The same of files: a file whose name has a comma in it is one file."""

    def _parts(self, text: str) -> list[str]:
        return [text] if Path(text).exists() else super()._parts(text)


_DECLARED: Mapping[str, tuple[str, str]] = {
    "supplier": ("NAME", "supplier of your case management system, for the exchange file (see docs/burden.md)"),
    "system_version": ("TEXT", "version of that system, for the exchange file"),
    "extract": ("WAY", "how the return was drawn from it, for the exchange file: own sql, supplier report, ssd, other"),
    "stage": ("STAGE", "what became of the return, for the exchange file: draft, submitted, resubmitted"),
    "names": ("HOW", "consented, if others may see your name beside what you exchange; else withheld"),
}
"""What an authority declares of a return: options that the settings may hold too."""


def add_declared(command: argparse.ArgumentParser) -> None:
    """Add the options by which an authority says what an exchange file cannot count."""
    for name, (metavar, meaning) in _DECLARED.items():
        command.add_argument(f"--{name.replace('_', '-')}", metavar=metavar, help=meaning)
    command.add_argument(
        "--sent",
        metavar="FILE",
        help="the exchange file of an earlier state of the return that others hold; what would tell beside it how few "
        "records were put right is hidden",
    )


def declared_by(options: argparse.Namespace) -> Declared:
    """What the options declare.

    Raises:
        UsageError: one of them is none of those that can be declared.
    """
    from csc_data.analysis.exchange.declared import Declared

    given = {name: getattr(options, name) for name in _DECLARED}
    return Declared(**{name: value for name, value in given.items() if value is not None})
