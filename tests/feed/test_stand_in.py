"""The receiver that answers over HTTP, as a sender meets it."""

from __future__ import annotations

import io
import json
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

import csc_data as csc
from csc_data.testing import Receiver, StandIn

TOKEN = "Bearer key"
PATH = "/children_social_care_data/{authority}/children"


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn(Receiver(csc.standard("csc_api/1.0.1")), PATH, {"key": [301]})


def post(
    stand_in: StandIn, body: Any, *, authority: int = 301, token: str = TOKEN, method: str = "POST"
) -> tuple[int, dict[str, str], bytes]:
    content = body if type(body) is bytes else json.dumps(body).encode()
    environment: dict[str, Any] = {
        "PATH_INFO": PATH.format(authority=authority),
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        "HTTP_AUTHORIZATION": token,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
    }
    setup_testing_defaults(environment)
    started: list[Any] = []
    answer = validator(stand_in)(environment, lambda *told, **_: started.append(told) or (lambda _: None))
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]
    status, headers = started[0][:2]
    return int(status[:3]), dict(headers), body


def test_a_request_is_taken_whole_and_a_receipt_given(stand_in: StandIn) -> None:
    status, _, body = post(stand_in, [{"la_child_id": "A"}, {"la_child_id": "B"}])
    assert status == 200
    assert [json.loads(body)] == stand_in.receipts
    assert set(stand_in.receiver.state) == {"A", "B"}


@pytest.mark.parametrize(
    ("body", "given", "status"),
    [
        ([{"la_child_id": "A"}, {"la_child_id": "B", "purge": None}], {}, 400),
        (b'[{"la_child_id": "A", "la_child_id": "B"}]', {}, 400),
        (b'[{"la_child_id": "A"}] []', {}, 400),
        (b'\xef\xbb\xbf[{"la_child_id": "A"}]', {}, 400),
        (b"", {}, 400),
        ([{"la_child_id": "A"}], {"token": ""}, 401),
        ([{"la_child_id": "A"}], {"token": "Bearer other"}, 401),
        ([{"la_child_id": "A"}], {"authority": 302}, 403),
        ([{"la_child_id": "A"}], {"authority": 1000}, 404),
        ([{"la_child_id": "A"}], {"method": "PUT"}, 405),
        ([{"la_child_id": f"A{number}"} for number in range(101)], {}, 413),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    stand_in: StandIn, body: Any, given: dict[str, Any], status: int
) -> None:
    assert post(stand_in, body, **given)[0] == status
    assert stand_in.receiver.state == {}
    assert stand_in.receipts == []


def test_a_busy_receiver_says_when_to_try_again(stand_in: StandIn) -> None:
    stand_in.be_busy(2, retry_after=30)
    answers = [post(stand_in, [{"la_child_id": "A"}]) for _ in range(3)]
    assert [(status, headers.get("Retry-After")) for status, headers, _ in answers] == [
        (429, "30"),
        (429, "30"),
        (200, None),
    ]
