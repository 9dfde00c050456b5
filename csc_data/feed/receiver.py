"""A receiver in memory: it takes a request whole or not at all, as the Department's does, and holds what was sent.

It is for trying out messages before they are sent, and for tests. Nothing leaves the machine.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from csc_data.declare.collection import Standard
from csc_data.feed.payload import Object, as_text, form_of
from csc_data.feed.state import held, levels, objects_of, receive

ACCEPTED, MALFORMED, TOO_MANY = 200, 400, 413
_NAMESPACE = uuid.UUID(int=0)


@dataclass(frozen=True)
class Answer:
    """What a receiver answers: a status of HTTP, and a receipt if it took the request."""

    status: int
    receipt: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the request was taken."""
        return self.status == ACCEPTED


class Receiver:
    """A receiver of the payloads of a standard.

    Args:
        standard: the standard whose schema it holds requests against.
        records: what it holds at first.

    Raises:
        UsageError: the standard has no JSON form.
    """

    def __init__(self, standard: Standard, records: Sequence[Any] = ()) -> None:
        self._standard, self._form = standard, form_of(standard)
        self._level = levels(self._form, standard.items)
        self.state: dict[str, Object] = held(records, self._level)

    @cached_property
    def _schema(self) -> Any:
        """What checks a body. The library is loaded here, where there is one to check."""
        from jsonschema import Draft7Validator, FormatChecker

        return Draft7Validator(self._standard.payload_schema(), format_checker=FormatChecker(formats=["date"]))

    def post(self, records: Any) -> Answer:
        """Take the body of a request, whole or not at all."""
        most = self._form.records.max_items
        if type(records) is list and most is not None and len(records) > most:
            return Answer(TOO_MANY)
        if not self._schema.is_valid(records):
            return Answer(MALFORMED)
        receive(self.state, records, self._level)
        return Answer(ACCEPTED, str(uuid.uuid5(_NAMESPACE, as_text(records))))

    def objects(self) -> dict[str, int]:
        """How many objects it holds, by table."""
        return objects_of(self.state, self._level)
