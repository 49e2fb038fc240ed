import uuid
from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import TrackLink
from app.schemas.track_link import TrackLinkPatch, TrackLinkRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/track_links", tags=["analysis"], route_class=RetryingRoute)

_OF = TrackLink
LINKS = ListRules(
    by_column(
        *(_OF.club_id, _OF.match_id, _OF.report_id, _OF.from_track, _OF.to_track, _OF.confidence, _OF.undone_at),
        *(_OF.created_at, _OF.updated_at),
    ),
    sort=sortable(_OF.from_track, _OF.to_track, _OF.confidence, _OF.undone_at, _OF.created_at, _OF.updated_at),
    default_sort="-created_at,from_track",
)


@router.get(
    "",
    operation_id="listTrackLinks",
    summary="List links between tracks",
    responses=LIST_ANSWERS,
)
def list_track_links(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(LINKS)]
) -> list[TrackLinkRead]:
    """Which tracks an engine takes for one person, of the latest analysis first."""
    return listing.shown_of(Repository(session, account, TrackLink), TrackLinkRead)


@router.get(
    "/{link_id}",
    operation_id="getTrackLink",
    summary="Get a link between tracks",
    responses=problem_responses(401, 404),
)
def read_track_link(link_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> TrackLinkRead:
    """Two tracks that an engine takes for one person."""
    return TrackLinkRead.model_validate(Repository(session, account, TrackLink).get(link_id))


@router.patch(
    "/{link_id}",
    operation_id="updateTrackLink",
    summary="Undo a link between tracks, or redo it",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_track_link(
    link_id: uuid.UUID,
    body: TrackLinkPatch,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    precondition: PreconditionDep,
) -> TrackLinkRead:
    """With ``undone``, say that the tracks are two people; without, that they are one after all.

    Their figures are measured anew from the positions. A name that was given stays with the first track.
    """
    link = Repository(session, account, TrackLink).get_to_change(link_id)
    precondition.check(TrackLinkRead.model_validate(link))
    if "undone" in body.changes():
        # What measures is loaded by whoever measures, not by every server that starts.
        from app.services.undo_link import undo_link  # noqa: PLC0415

        undo_link(session, account, link, undone=body.undone, artifacts=parts.artifacts)
    return TrackLinkRead.model_validate(link)
