import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.picture_upload import PICTURE_BODY, PictureDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Player
from app.schemas.player import PlayerCreate, PlayerPatch, PlayerRead
from app.services.club_of_member import club_of_member
from app.services.db_service import Repository
from app.services.delete_player import delete_player
from app.services.replace_picture import forget_picture, kept_picture

router = APIRouter(prefix="/api/players", tags=["players"], route_class=RetryingRoute)

PLAYERS = ListRules(
    by_column(
        Player.club_id,
        Player.team_id,
        Player.name,
        Player.position,
        Player.jersey_number,
        Player.birth_date,
        Player.dominant_foot,
        Player.height_cm,
        Player.weight_kg,
        Player.market_value,
        Player.nationality,
        Player.country_code,
        Player.created_at,
        Player.updated_at,
    ),
    search=[Player.name],
    sort=sortable(
        Player.name,
        Player.jersey_number,
        Player.position,
        Player.birth_date,
        Player.height_cm,
        Player.weight_kg,
        Player.market_value,
        Player.created_at,
        Player.updated_at,
    ),
    default_sort="created_at",
)


@router.get("", operation_id="listPlayers", summary="List players", responses=LIST_ANSWERS)
def list_players(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(PLAYERS)]
) -> list[PlayerRead]:
    """The players of your clubs, in a team or in none, the oldest entry first."""
    return listing.shown_of(Repository(session, account, Player), PlayerRead)


@router.post(
    "",
    status_code=201,
    operation_id="createPlayer",
    summary="Add a player",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_player(body: PlayerCreate, account: CurrentAccount, session: SessionDep, response: Response) -> PlayerRead:
    """Add a player to a team of your club, or to the club alone."""
    club_id = club_of_member(session, account, body.team_id, club_id=body.club_id)
    player = Repository(session, account, Player).add(Player(**body.model_dump(exclude={"club_id"}), club_id=club_id))
    response.headers["Location"] = f"/api/players/{player.id}"
    return PlayerRead.model_validate(player)


@router.get("/{player_id}", operation_id="getPlayer", summary="Get a player", responses=problem_responses(401, 404))
def read_player(player_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> PlayerRead:
    """One player."""
    return PlayerRead.model_validate(Repository(session, account, Player).get(player_id))


@router.patch(
    "/{player_id}",
    operation_id="updatePlayer",
    summary="Change a player",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_player(
    player_id: uuid.UUID, body: PlayerPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> PlayerRead:
    """Change the fields that the body names. A player moves to another team of the same club only."""
    players = Repository(session, account, Player)
    player = players.get_to_change(player_id)
    precondition.check(PlayerRead.model_validate(player))
    club_of_member(session, account, body.team_id, club_id=player.club_id)
    return PlayerRead.model_validate(players.change(player, body.changes()))


@router.delete(
    "/{player_id}",
    status_code=204,
    operation_id="deletePlayer",
    summary="Delete a player",
    responses=problem_responses(401, 403, 404, 412),
)
def remove_player(
    player_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> None:
    """Delete a player with entered figures, line-up places and picture. Measured figures and events show nobody."""
    player = Repository(session, account, Player).get_to_change(player_id)
    precondition.check(PlayerRead.model_validate(player))
    delete_player(session, account, player, pictures=parts.pictures)


@router.post(
    "/{player_id}/upload_image",
    operation_id="uploadPlayerImage",
    summary="Upload the picture of a player",
    openapi_extra=PICTURE_BODY,
    responses=problem_responses(401, 403, 404, 413, 415, 507),
)
def upload_player_image(
    player_id: uuid.UUID, account: CurrentAccount, picture: PictureDep, parts: PartsDep
) -> PlayerRead:
    """Upload the picture of a player, in place of the old one. It is kept as WebP, at most 1024 px wide and high."""
    with kept_picture(parts.pictures, picture) as url, parts.database.unit_of_work() as session:
        players = Repository(session, account, Player)
        player = players.get_to_change(player_id)
        forget_picture(session, parts.pictures, player.image_url)
        return PlayerRead.model_validate(players.change(player, {"image_url": url}))


@router.delete(
    "/{player_id}/image",
    status_code=204,
    operation_id="deletePlayerImage",
    summary="Delete the picture of a player",
    responses=problem_responses(401, 403, 404),
)
def delete_player_image(player_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep) -> None:
    """Delete the picture of a player, if there is one."""
    players = Repository(session, account, Player)
    player = players.get_to_change(player_id)
    forget_picture(session, parts.pictures, player.image_url)
    players.change(player, {"image_url": None})
