import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.core.database import after_commit
from app.models import WebhookDelivery
from app.schemas.webhook import WebhookDeliveryRead
from app.services.db_service import Repository
from app.services.manage_webhooks import active_webhook, delivery_of, webhook_of_owner
from app.services.notify_webhooks import record_again

router = APIRouter(prefix="/api/webhooks/{webhook_id}/deliveries", tags=["webhooks"], route_class=RetryingRoute)

DELIVERIES = ListRules(
    by_column(
        WebhookDelivery.state,
        WebhookDelivery.event_type,
        WebhookDelivery.message_id,
        WebhookDelivery.created_at,
        WebhookDelivery.finished_at,
    ),
    sort=sortable(WebhookDelivery.created_at, WebhookDelivery.finished_at),
    default_sort="-created_at",
)


@router.get(
    "",
    operation_id="listWebhookDeliveries",
    summary="List what was sent to a webhook",
    responses=LIST_ANSWERS | problem_responses(403, 404),
)
def list_webhook_deliveries(
    webhook_id: uuid.UUID,
    account: CurrentAccount,
    session: SessionDep,
    listing: Annotated[Listing, Depends(DELIVERIES)],
) -> list[WebhookDeliveryRead]:
    """The messages to a webhook, waiting or sent, the latest first."""
    owned = listing.within(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.club_id.in_(account.clubs_with(Role.OWNER))
    )
    rows = owned.rows_of(Repository(session, account, WebhookDelivery))
    if not rows:  # whoever may not see the webhook learns nothing from an empty list
        webhook_of_owner(session, account, webhook_id)
    return [WebhookDeliveryRead.model_validate(row) for row in rows]


@router.get(
    "/{delivery_id}",
    operation_id="getWebhookDelivery",
    summary="Get what was sent to a webhook",
    responses=problem_responses(401, 403, 404),
)
def read_webhook_delivery(
    webhook_id: uuid.UUID, delivery_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> WebhookDeliveryRead:
    """One message to a webhook, and what came of it."""
    webhook = webhook_of_owner(session, account, webhook_id)
    return WebhookDeliveryRead.model_validate(delivery_of(session, account, webhook, delivery_id))


@router.post(
    "/{delivery_id}/redeliver",
    status_code=202,
    operation_id="redeliverWebhookMessage",
    summary="Send a message again",
    responses=answer_headers(LOCATION, status=202) | problem_responses(401, 403, 404, 409),
)
def redeliver_webhook_message(
    webhook_id: uuid.UUID,
    delivery_id: uuid.UUID,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    response: Response,
) -> WebhookDeliveryRead:
    """Send a message again, as a new delivery of the same message id; one that still waits is sent without waiting."""
    webhook = active_webhook(session, account, webhook_id)
    delivery = record_again(session, delivery_of(session, account, webhook, delivery_id, lock=True))
    after_commit(session, parts.webhooks.wake)
    response.headers["Location"] = f"/api/webhooks/{webhook_id}/deliveries/{delivery.id}"
    return WebhookDeliveryRead.model_validate(delivery)
