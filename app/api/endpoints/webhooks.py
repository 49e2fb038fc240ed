import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.core.config import Settings
from app.core.database import after_commit
from app.models import Webhook
from app.schemas.webhook import WebhookCreate, WebhookDeliveryRead, WebhookMade, WebhookPatch, WebhookRead
from app.services.address_guard import AddressGuard
from app.services.db_service import Repository
from app.services.manage_webhooks import (
    active_webhook,
    add_webhook,
    change_webhook,
    make_webhook_secret,
    require_ownership,
    rotate_secret,
    webhook_of_owner,
)
from app.services.notify_webhooks import record_test

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"], route_class=RetryingRoute)

WEBHOOKS = ListRules(
    by_column(Webhook.club_id, Webhook.is_active, Webhook.created_at, Webhook.updated_at),
    sort=sortable(Webhook.created_at, Webhook.updated_at),
    default_sort="created_at",
)


@router.get(
    "",
    operation_id="listWebhooks",
    summary="List webhooks",
    responses=LIST_ANSWERS | problem_responses(403),
)
def list_webhooks(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(WEBHOOKS)]
) -> list[WebhookRead]:
    """The webhooks of the clubs that you own, the oldest first."""
    require_ownership(account)
    owned = listing.within(Webhook.club_id.in_(account.clubs_with(Role.OWNER)))
    return owned.shown_of(Repository(session, account, Webhook), WebhookRead)


@router.post(
    "",
    status_code=201,
    operation_id="createWebhook",
    summary="Add a webhook",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_webhook(
    body: WebhookCreate, account: CurrentAccount, session: SessionDep, parts: PartsDep, response: Response
) -> WebhookMade:
    """Have messages sent to an address when an analysis ends. Only owners may; a club has at most 20 webhooks.

    Messages are signed by the Standard Webhooks specification. No other answer shows the `secret` that verifies them.
    """
    _guard(parts.settings).check_url(body.url)
    webhook = add_webhook(session, account, Webhook(**body.model_dump(), secret=make_webhook_secret()))
    response.headers["Location"] = f"/api/webhooks/{webhook.id}"
    response.headers["Cache-Control"] = "no-store"
    return WebhookMade.model_validate(webhook)


@router.get(
    "/{webhook_id}",
    operation_id="getWebhook",
    summary="Get a webhook",
    responses=problem_responses(401, 403, 404),
)
def read_webhook(webhook_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> WebhookRead:
    """One webhook of a club that you own, without its secret."""
    return WebhookRead.model_validate(webhook_of_owner(session, account, webhook_id))


@router.patch(
    "/{webhook_id}",
    operation_id="updateWebhook",
    summary="Change a webhook",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_webhook(
    webhook_id: uuid.UUID,
    body: WebhookPatch,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    precondition: PreconditionDep,
) -> WebhookRead:
    """Change the fields that the body names. Messages that wait go to the new address, and while it is off, nowhere."""
    changes = body.changes()
    webhook = Repository(session, account, Webhook).get_to_change(webhook_id)
    precondition.check(WebhookRead.model_validate(webhook))
    if "url" in changes:
        _guard(parts.settings).check_url(body.url)
    after_commit(session, parts.webhooks.wake)
    return WebhookRead.model_validate(change_webhook(session, account, webhook, changes))


@router.delete(
    "/{webhook_id}",
    status_code=204,
    operation_id="deleteWebhook",
    summary="Delete a webhook",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_webhook(
    webhook_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a webhook, with its messages that wait and its log of deliveries."""
    webhooks = Repository(session, account, Webhook)
    webhook = webhooks.get_to_change(webhook_id)
    precondition.check(WebhookRead.model_validate(webhook))
    webhooks.delete(webhook)


@router.post(
    "/{webhook_id}/rotate_secret",
    operation_id="rotateWebhookSecret",
    summary="Replace the secret of a webhook",
    responses=problem_responses(401, 403, 404),
)
def rotate_webhook_secret(
    webhook_id: uuid.UUID, account: CurrentAccount, session: SessionDep, response: Response
) -> WebhookMade:
    """Make a new secret, which no other answer shows. For a day the old one signs beside it; after that, no more."""
    webhook = Repository(session, account, Webhook).get_to_change(webhook_id)
    response.headers["Cache-Control"] = "no-store"
    return WebhookMade.model_validate(rotate_secret(session, account, webhook))


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    operation_id="testWebhook",
    summary="Send a test message",
    responses=answer_headers(LOCATION, status=202) | problem_responses(401, 403, 404, 409),
)
def send_test_message(
    webhook_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, response: Response
) -> WebhookDeliveryRead:
    """Send a `webhook.test` message, once. What comes of it is in the delivery that `Location` names."""
    delivery = record_test(session, active_webhook(session, account, webhook_id))
    after_commit(session, parts.webhooks.wake)
    response.headers["Location"] = f"/api/webhooks/{webhook_id}/deliveries/{delivery.id}"
    return WebhookDeliveryRead.model_validate(delivery)


def _guard(settings: Settings) -> AddressGuard:
    return AddressGuard(settings.webhook_allow_private)
