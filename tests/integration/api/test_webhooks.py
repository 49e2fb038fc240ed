"""Webhooks over REST: what an owner sees, what nobody sees again, and what is refused."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from app.models import DeliveryState, Webhook, WebhookDelivery
from app.services.manage_webhooks import MOST_PER_CLUB
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.webhook_receiver import Receiver, answers
from tests.waiting import wait_until

BODY: dict[str, Any] = {"url": "https://club.example/hook", "events": ["job.completed"], "description": "The chat"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(answers(503)) as running:
        yield running


def ask(api: Api, method: str, path: str, **options: Any) -> httpx2.Response:
    answer: httpx2.Response = api.client.request(method, path, headers=api.headers, **options)
    return answer


def create(api: Api, **changes: Any) -> tuple[str, Any]:
    """The path of a new webhook, and the answer."""
    made = ask(api, "POST", "/api/webhooks", json=BODY | changes)
    assert made.status_code == 201, made.text
    return made.headers["Location"], made.json()


@pytest.fixture
def webhook(shared_api: Api) -> Iterator[tuple[str, Any]]:
    path, made = create(shared_api)
    yield path, made
    ask(shared_api, "DELETE", path)


def test_the_secret_is_shown_once_and_stands_in_no_log(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, made = webhook
    assert made["secret"].startswith("whsec_")
    club_log = f"/api/clubs/{made['club_id']}/audit_log"
    rotated = ask(shared_api, "POST", f"{path}/rotate_secret")
    assert (rotated.status_code, rotated.headers["Cache-Control"]) == (200, "no-store")
    secrets = {made["secret"], rotated.json()["secret"]}
    assert len(secrets) == 2
    assert rotated.json()["previous_secret_until"] is not None
    read = {key: value for key, value in rotated.json().items() if key != "secret"}
    assert ask(shared_api, "GET", path).json() == read
    for answer in (
        ask(shared_api, "GET", "/api/webhooks"),
        ask(shared_api, "PATCH", path, json={"description": "x"}),
        ask(shared_api, "POST", f"{path}/test"),
        ask(shared_api, "GET", f"{path}/deliveries"),
        ask(shared_api, "GET", club_log),
    ):
        assert answer.is_success, answer.text
        assert not [secret for secret in secrets if secret in answer.text]
    actions = [entry["action"] for entry in ask(shared_api, "GET", f"{club_log}?resource=webhooks").json()]
    assert sorted(actions[:3]) == ["create", "update", "update"]  # the rotation, too


def test_what_is_sent_is_what_comes_back(webhook: tuple[str, Any]) -> None:
    _, made = webhook
    assert {key: made[key] for key in BODY} == BODY
    state = (made["is_active"], made["consecutive_failures"], made["disabled_reason"], made["previous_secret_until"])
    assert state == (True, 0, None, None)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "http://127.0.0.1/hook"}, "/url"),
        ({"url": "http://2130706433/hook"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/hook"}, "/url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "/url"),
        ({"url": "http://localhost:8000/hook"}, "/url"),
        ({"url": "https://user:password@club.example/hook"}, "/url"),
        ({"url": "ftp://club.example/hook"}, "/url"),
        ({"url": "https://club.example/" + "a" * 2000}, "/url"),
        ({"url": None}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["job.started"]}, "/events/0"),
        ({"events": ["webhook.test"]}, "/events/0"),
        ({"description": "x" * 501}, "/description"),
    ],
)
def test_what_cannot_be_sent_to_is_refused_when_it_is_entered(
    shared_api: Api, webhook: tuple[str, Any], changes: dict[str, Any], pointer: str
) -> None:
    for refused in (
        ask(shared_api, "POST", "/api/webhooks", json=BODY | changes),
        ask(shared_api, "PATCH", webhook[0], json=changes),
    ):
        assert refused.status_code == 422, refused.text
        assert_problem(refused, 422, refused.json()["code"])
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_an_event_that_is_named_twice_counts_once(shared_api: Api, webhook: tuple[str, Any]) -> None:
    body = {"events": ["job.failed", "job.completed", "job.failed"]}
    assert ask(shared_api, "PATCH", webhook[0], json=body).json()["events"] == ["job.failed", "job.completed"]


def test_a_webhook_that_is_switched_on_begins_without_failures(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, made = webhook
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        broken = {"is_active": False, "disabled_reason": "It was broken.", "consecutive_failures": 5}
        session.execute(update(Webhook).where(Webhook.id == uuid.UUID(made["id"])).values(**broken))
    named = ask(shared_api, "PATCH", path, json={"description": "still broken"}).json()
    assert (named["is_active"], named["consecutive_failures"]) == (False, 5)
    mended = ask(shared_api, "PATCH", path, json={"is_active": True}).json()
    assert (mended["is_active"], mended["disabled_reason"], mended["consecutive_failures"]) == (True, None, 0)


def test_nothing_is_sent_to_a_webhook_that_is_off(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, _ = webhook
    tested = ask(shared_api, "POST", f"{path}/test").json()
    assert ask(shared_api, "PATCH", path, json={"is_active": False}).is_success
    for refused in (
        ask(shared_api, "POST", f"{path}/test"),
        ask(shared_api, "POST", f"{path}/deliveries/{tested['id']}/redeliver"),
    ):
        assert_problem(refused, 409, "webhook_inactive")


def test_a_change_of_what_somebody_else_has_changed_is_refused(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, _ = webhook
    tag = ask(shared_api, "GET", path).headers["ETag"]
    headers = shared_api.headers | {"If-Match": tag}
    assert shared_api.client.patch(path, headers=headers, json={"description": "mine"}).status_code == 200
    refused = shared_api.client.patch(path, headers=headers, json={"description": "yours"})
    assert_problem(refused, 412, "precondition_failed")


def test_a_club_has_a_limited_number_of_webhooks(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    for _ in range(MOST_PER_CLUB):
        path, _ = create(api)
    assert_problem(ask(api, "POST", "/api/webhooks", json=BODY), 409, "too_many_webhooks")
    assert ask(api, "DELETE", path).status_code == 204
    create(api)


def test_a_delivery_is_found_under_its_own_webhook_only(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, _ = webhook
    other, _ = create(shared_api)
    tested = ask(shared_api, "POST", f"{path}/test")
    assert tested.status_code == 202
    assert ask(shared_api, "GET", tested.headers["Location"]).json() == tested.json()
    delivery = f"deliveries/{tested.json()['id']}"
    assert_problem(ask(shared_api, "GET", f"{other}/{delivery}"), 404, "not_found")
    assert_problem(ask(shared_api, "POST", f"{other}/{delivery}/redeliver"), 404, "not_found")
    assert ask(shared_api, "GET", f"{other}/deliveries").json() == []
    ask(shared_api, "DELETE", other)


def test_a_message_that_still_waits_is_not_doubled_but_due(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, _ = webhook
    tested = ask(shared_api, "POST", f"{path}/test")
    later = ask(shared_api, "POST", f"{tested.headers['Location']}/redeliver")
    assert later.status_code == 202
    assert later.headers["Location"] == tested.headers["Location"]
    assert later.json()["next_attempt_at"] > tested.json()["next_attempt_at"]
    assert len(ask(shared_api, "GET", f"{path}/deliveries").json()) == 1


def test_deleting_a_webhook_takes_its_log_along(shared_api: Api, webhook: tuple[str, Any]) -> None:
    path, made = webhook
    ask(shared_api, "POST", f"{path}/test")
    assert ask(shared_api, "DELETE", path).status_code == 204
    assert_problem(ask(shared_api, "GET", f"{path}/deliveries"), 404, "not_found")
    with shared_api.client.app.state.parts.database.reading() as session:
        left = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == uuid.UUID(made["id"]))
        assert session.scalars(left).all() == []


def test_a_failed_message_is_sent_again_under_its_id_and_both_stay_in_the_log(
    make_api: Callable[..., Api], receiver: Receiver
) -> None:
    api = make_api(webhook_allow_private=True, webhook_sweep_s=3600)  # whoever sends was woken
    path, made = create(api, url=receiver.url)

    def finished(delivery: str) -> Any:
        read = ask(api, "GET", delivery).json()
        return read if read["finished_at"] else None

    tested = ask(api, "POST", f"{path}/test").headers["Location"]
    failed = wait_until(lambda: finished(tested))
    assert (failed["state"], failed["attempt"], failed["last_status"]) == (DeliveryState.FAILED, 1, 503)
    assert failed["last_error"] == "The receiver answered 503 (Service Unavailable)."
    again = ask(api, "POST", f"{tested}/redeliver").headers["Location"]
    assert again != tested
    delivered = wait_until(lambda: finished(again))
    assert (delivered["state"], delivered["last_status"], delivered["last_error"]) == ("delivered", 204, None)
    assert [one.verified(made["secret"]) for one in receiver.received] == [failed["payload"]] * 2
    assert {one.message_id for one in receiver.received} == {failed["message_id"], delivered["message_id"]}
    assert len({one.message_id for one in receiver.received}) == 1
    log = ask(api, "GET", f"{path}/deliveries").json()
    assert [one["state"] for one in log] == ["delivered", "failed"]
    assert [one["id"] for one in ask(api, "GET", f"{path}/deliveries?state=failed").json()] == [failed["id"]]
