from fastapi import APIRouter
from fastapi.responses import RedirectResponse

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_documentation() -> RedirectResponse:
    """The address that a server tells when it starts is the first that people open."""
    return RedirectResponse("docs")
