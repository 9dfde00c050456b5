"""What an authority declares of a return beside what is counted: its system, how the return was drawn, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from csc_data.errors import UsageError
from csc_data.names import did_you_mean
from csc_data.reference.suppliers import UNSAID, supplier_names
from csc_data.visible import printable

EXTRACTS = ("own sql", "supplier report", "ssd", "other", UNSAID)
"""How a return is drawn from a system; ``ssd`` is the standard safeguarding dataset."""

STAGES = ("draft", "submitted", "resubmitted", UNSAID)
"""What became of a return, the earliest first."""

NAMES = ("withheld", "consented")
"""Whether others may see the name of the authority beside its figures."""

_LONGEST_VERSION = 60


@dataclass(frozen=True)
class Declared:
    """What an authority declares of a return. Nothing of it is guessed: what nobody says is "unsaid".

    Args:
        supplier: who supplies the case management system, as in the list of suppliers.
        system_version: the version of the system.
        extract: how the return was drawn from it: one of ``EXTRACTS``.
        stage: what became of the return: one of ``STAGES``.
        names: whether the authority consents to be named to others: one of ``NAMES``.

    Raises:
        UsageError: one of them is none of these.
    """

    supplier: str = UNSAID
    system_version: str | None = None
    extract: str = UNSAID
    stage: str = UNSAID
    names: str = "withheld"

    def __post_init__(self) -> None:
        """Refuse what is in no list."""
        lists = {"supplier": (*supplier_names(), UNSAID), "extract": EXTRACTS, "stage": STAGES, "names": NAMES}
        for name, known in lists.items():
            value = getattr(self, name)
            if value not in known:
                near = did_you_mean(str(value), known)
                raise UsageError(f"{name} cannot be '{printable(str(value))}'.{near} It can be: {', '.join(known)}.")
        version = self.system_version
        if version is not None and not (0 < len(version) <= _LONGEST_VERSION and version.isprintable()):
            raise UsageError(
                f"The version of the system is 1 to {_LONGEST_VERSION} printable characters, such as 12.4."
            )

    def facts(self) -> dict[str, Any]:
        """What an exchange file says of it."""
        return {
            "names": self.names,
            "supplier": self.supplier,
            "system_version": self.system_version,
            "extract": self.extract,
            "stage": self.stage,
        }
