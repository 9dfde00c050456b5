"""A receiver that answers over HTTP as the official one is declared to, for the tests of whoever sends payloads.

It is a WSGI application: nothing listens unless a test puts it behind a server of its own, such as ``wsgiref``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from csc_data.feed.receiver import Receiver
from csc_data.files import limits
from csc_data.files.json_text import MARK, NoJsonError, json_values, outline_of

Environment = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class StandIn:
    """A WSGI application in front of a receiver in memory.

    It answers 401 without a known token, 403 for an authority that the token may not send for, 429 while it is busy, 413 for
    more records than one request takes, 400 for a body that the schema refuses, and else 200 with a receipt, a JSON text. A
    request is taken whole or not at all. Two answers that the Department has not declared are our choice: 404 for another
    path and 405 for another method.

    Args:
        receiver: what holds the requests against the schema, and what was sent.
        path: the path of a request; ``{authority}`` stands for the authority's number of at most 3 digits.
        tokens: by bearer token, the authorities that it may send for.
    """

    def __init__(self, receiver: Receiver, path: str, tokens: Mapping[str, Iterable[int]]) -> None:
        self.receiver = receiver
        self.receipts: list[str] = []
        before, _, after = path.partition("{authority}")
        self._path = re.compile(rf"{re.escape(before)}([0-9]{{1,3}}){re.escape(after)}")
        self._tokens = {token: frozenset(authorities) for token, authorities in tokens.items()}
        self._busy_requests, self._retry_after = 0, 0

    def be_busy(self, requests: int, *, retry_after: int) -> None:
        """Answer the next requests with 429, and the seconds after which to try again."""
        self._busy_requests, self._retry_after = requests, retry_after

    def __call__(self, environment: Environment, start_response: StartResponse) -> list[bytes]:
        """Answer a request."""
        status, headers, body = self._answer(environment)
        kind = "application/json" if body else "text/plain"
        described = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", [*described, *headers])
        return [body] if body else []

    def _answer(self, environment: Environment) -> tuple[HTTPStatus, list[tuple[str, str]], bytes]:
        path = self._path.fullmatch(environment.get("PATH_INFO", ""))
        if path is None:
            return HTTPStatus.NOT_FOUND, [], b""
        if environment.get("REQUEST_METHOD") != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", "POST")], b""
        scheme, _, token = environment.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            return HTTPStatus.UNAUTHORIZED, [("WWW-Authenticate", "Bearer")], b""
        if int(path[1]) not in self._tokens[token]:
            return HTTPStatus.FORBIDDEN, [], b""
        if self._busy_requests:
            self._busy_requests -= 1
            return HTTPStatus.TOO_MANY_REQUESTS, [("Retry-After", str(self._retry_after))], b""
        return self._take(environment)

    def _take(self, environment: Environment) -> tuple[HTTPStatus, list[tuple[str, str]], bytes]:
        length = environment.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return HTTPStatus.BAD_REQUEST, [], b""
        if int(length) > limits.JSON_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, [], b""
        try:
            answer = self.receiver.post(_body(environment["wsgi.input"].read(int(length))))
        except NoJsonError:
            return HTTPStatus.BAD_REQUEST, [], b""
        if not answer.accepted:
            return HTTPStatus(answer.status), [], b""
        self.receipts.append(answer.receipt)
        return HTTPStatus.OK, [], json.dumps(answer.receipt).encode()


def _body(content: bytes) -> Any:
    """The only value of a body.

    Raises:
        NoJsonError: it is no strict JSON, or more or less than one value.
    """
    if content.startswith(MARK):
        raise NoJsonError("it begins with a byte order mark")
    outline_of(content)
    values = list(json_values(content))
    if len(values) != 1:
        raise NoJsonError("a body is one value")
    return values[0]
