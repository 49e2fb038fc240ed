import uuid
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.api.uploaded_file import is_multipart, read_body, read_file_part
from app.models import Team
from app.schemas.squad import SquadChanges
from app.services.db_service import Repository
from app.services.import_squad import export_squad, import_squad, preview_squad

router = APIRouter(prefix="/api/teams/{team_id}", tags=["squads"], route_class=RetryingRoute)

_COLUMNS = (
    "The header names the columns, in any order: `name`, and any of `jersey_number`, `position`, `birth_date`, "
    "`dominant_foot`, `height_cm`, `weight_kg`, `nationality`, `country_code`. A column that is not there changes "
    "nothing, an empty cell empties. Comma, semicolon or tab; UTF-8, UTF-16, or Windows-1252 where its letters are "
    "certain; at most 500 rows."
)
_EXAMPLE = "jersey_number,name,position,birth_date\n1,Bea Okafor,GK,1999-02-11\n8,Ada Marinho,MID,2001-05-17\n"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "description": _COLUMNS}, "example": _EXAMPLE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": _COLUMNS}},
                }
            },
        },
    }
}


_CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The squad as CSV.",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        "headers": {
            "Content-Disposition": {
                "description": "Names the file after the team.",
                "required": True,
                "schema": {"type": "string"},
            }
        },
    }
}


class CsvResponse(Response):
    media_type = "text/csv"


async def _read_file(request: Request, _: CurrentAccount) -> bytes:
    """Who is not logged in is refused before the body is read. Spreadsheets and browsers name CSV in many ways."""
    return await (read_file_part(request) if is_multipart(request) else read_body(request))


SquadFileDep = Annotated[bytes, Depends(_read_file)]


@router.post(
    "/squad/preview",
    operation_id="previewSquad",
    summary="See what a CSV file would do to a squad",
    openapi_extra=_BODY,
    responses=problem_responses(401, 403, 404, 413),
)
def preview_squad_file(
    team_id: uuid.UUID, account: CurrentAccount, content: SquadFileDep, session: SessionDep
) -> SquadChanges:
    """What an import of this file would do, row by row, with everything that is wrong in it. Nothing is written.

    A row is about the player of the team with its name, whatever the case and the accents; if there is none, it is
    about a new player. Namesakes are told apart by jersey number or birth date. A row takes the number of somebody
    else only if the same file gives that player another one, or none.
    """
    return preview_squad(session, account, team_id, content)


@router.post(
    "/squad/import",
    operation_id="importSquad",
    summary="Import a squad from a CSV file",
    openapi_extra=_BODY,
    responses=problem_responses(401, 403, 404, 409, 413),
)
def import_squad_file(
    team_id: uuid.UUID, account: CurrentAccount, content: SquadFileDep, session: SessionDep
) -> SquadChanges:
    """Add and change players as the file says: all rows, or none if one of them has an error.

    Players whom the file does not name stay as they are.
    """
    return import_squad(session, account, team_id, content)


@router.get(
    "/squad.csv",
    operation_id="exportSquad",
    summary="Export a squad as a CSV file",
    response_class=Response,  # CsvResponse would name its type for the problems, too
    responses=_CSV_ANSWER | problem_responses(401, 404),
)
def export_squad_file(team_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> CsvResponse:
    """The squad of a team as a file that can be edited in a spreadsheet and imported again.

    A cell that a spreadsheet would take for a formula begins with an apostrophe; an import takes it off.
    """
    team = Repository(session, account, Team).get(team_id)
    name = f"filename=\"squad.csv\"; filename*=UTF-8''{quote(team.name, safe='')}.csv"
    return CsvResponse(export_squad(session, team), headers={"Content-Disposition": f"attachment; {name}"})
