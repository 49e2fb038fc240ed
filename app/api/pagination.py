"""Headers of a list: ``X-Total-Count`` and ``Link`` (RFC 8288)."""

from urllib.parse import urlencode

from fastapi import Request, Response

from app.services.db_service import Page

MAX_PAGE = 1000


def describe_page(request: Request, response: Response, page: Page, total: int) -> None:
    """Say how many rows there are in all, and where the neighbouring pages lie."""
    response.headers["X-Total-Count"] = str(total)
    # Of the pages on which this one lies, which do not begin at the first row where the offset is no multiple.
    begin = page.offset % page.limit
    last = max(0, begin + (total - 1 - begin) // page.limit * page.limit)
    offsets = {"first": 0, "last": last}
    if page.offset > 0:
        offsets["prev"] = max(0, page.offset - page.limit)
    if page.offset + page.limit < total:
        offsets["next"] = page.offset + page.limit
    # The other parameters are spelled once: a URL of Starlette's is parsed and put together for each of its changes.
    others = urlencode([item for item in request.query_params.multi_items() if item[0] not in {"limit", "offset"}])
    pages = f"{request.url.replace(query='')}?{others}{'&' if others else ''}limit={page.limit}"
    links = (f'<{pages}&offset={offset}>; rel="{relation}"' for relation, offset in offsets.items())
    response.headers["Link"] = ", ".join(links)
