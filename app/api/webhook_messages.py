"""What webhooks receive, for the OpenAPI document: the ``webhooks`` object of OpenAPI 3.1. Nobody calls these."""

from typing import Annotated

from fastapi import APIRouter, Header

from app.schemas.webhook_message import JobEndedMessage, WebhookTestMessage

router = APIRouter(
    tags=["webhooks"],
    responses={
        204: {"description": "The receiver has it; so does every other 2xx say."},
        410: {"description": "The receiver wants no more: the webhook is switched off."},
        "default": {
            "description": "The receiver does not have it, and gets it again later. Redirects are not followed."
        },
    },
)

MessageId = Annotated[str, Header(alias="webhook-id", description="The same at each attempt: who has it, ignores it.")]
SentAt = Annotated[int, Header(alias="webhook-timestamp", description="Seconds since 1970, of this attempt.")]
Signature = Annotated[
    str, Header(alias="webhook-signature", description="`v1,` and Base64; several while a secret is replaced.")
]


@router.post("job.completed", operation_id="onJobCompleted", summary="An analysis is done", status_code=204)
def on_job_completed(body: JobEndedMessage, message_id: MessageId, sent_at: SentAt, signature: Signature) -> None:
    """Its figures can be read."""


@router.post("job.failed", operation_id="onJobFailed", summary="An analysis has failed", status_code=204)
def on_job_failed(body: JobEndedMessage, message_id: MessageId, sent_at: SentAt, signature: Signature) -> None:
    """It will not be tried again by itself; `error` says why."""


@router.post("job.cancelled", operation_id="onJobCancelled", summary="An analysis was cancelled", status_code=204)
def on_job_cancelled(body: JobEndedMessage, message_id: MessageId, sent_at: SentAt, signature: Signature) -> None:
    """Somebody asked for it."""


@router.post("webhook.test", operation_id="onWebhookTest", summary="An owner tests the webhook", status_code=204)
def on_webhook_test(body: WebhookTestMessage, message_id: MessageId, sent_at: SentAt, signature: Signature) -> None:
    """Nothing has happened."""
