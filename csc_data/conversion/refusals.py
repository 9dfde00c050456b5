"""Why a return is not converted, as data: a kind and its facts, with their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from csc_data.reading.listing import listed
from csc_data.reasons import ReasonKind


class ConversionRefusal(ReasonKind):
    """Why a return is not written in another form."""

    NO_SUCH_FORM = "no such form"
    FOLDER_OF_RETURN = "folder of the return"
    FOLDER_IN_USE = "files of these names"
    CANNOT_HOLD = "not read again"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


def _folder_in_use(folder: str, files: Sequence[str]) -> str:
    return (
        f"{folder} already holds {listed(files)}: nothing there is written over, as it may be of another return. Give a new "
        "folder with --out, or move these files away first."
    )


_WORDS: dict[ConversionRefusal, Callable[..., str]] = {
    ConversionRefusal.NO_SUCH_FORM: lambda collection, form, forms: (
        f"{collection} has no {form.upper()} form. Its forms: {', '.join(forms)}."
    ),
    ConversionRefusal.FOLDER_OF_RETURN: lambda folder: (
        f"{folder} is the folder of the return: what is converted is not written there, where it would take the place of "
        "the return or be read together with it. Give another folder with --out."
    ),
    ConversionRefusal.FOLDER_IN_USE: _folder_in_use,
    ConversionRefusal.CANNOT_HOLD: lambda: (
        "The other form cannot hold this return: what was written could not be read again, so it was not kept. Some cells "
        "hold characters that are not text; correct them in the system they come from."
    ),
}
"""How each kind is put into words, as sentences; the parameters are its facts."""
