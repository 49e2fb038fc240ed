"""Somebody who follows a job through server-sent events, as a browser's ``EventSource`` does."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

_OVER = frozenset({"completed", "failed", "cancelled"})
_RECONNECT_AFTER_S = 0.2


@dataclass(slots=True)
class Following:
    """``connections``: how often he connected; ``torn``: streams that broke off in the middle of an answer;
    ``refused``: answers that were no stream; ``ended``: the name of the last event, once there is one."""

    connections: int = 0
    torn: int = 0
    refused: int = 0
    ended: str = ""
    ids: list[int] = field(default_factory=list)
    percents: list[int] = field(default_factory=list)


async def follow(url: str, headers: Mapping[str, str], job_id: str, following: Following) -> None:
    """Until the job is over; after each cut from the last event on."""
    async with httpx2.AsyncClient(base_url=url, verify=False, timeout=60) as client:
        while not following.ended:
            await _connect_once(client, headers, job_id, following)
            if not following.ended:
                await asyncio.sleep(_RECONNECT_AFTER_S)


async def _connect_once(
    client: httpx2.AsyncClient, headers: Mapping[str, str], job_id: str, following: Following
) -> None:
    after = {"Last-Event-ID": str(following.ids[-1])} if following.ids else {}
    following.connections += 1
    try:
        async with client.stream("GET", f"/api/jobs/{job_id}/events", headers={**headers, **after}) as answer:
            if answer.status_code != 200:
                following.refused += 1
                return
            await _read(answer, following)
    except httpx2.TransportError:
        following.torn += 1


async def _read(answer: httpx2.Response, following: Following) -> None:
    name = ""
    async for line in answer.aiter_lines():
        key, _, value = line.partition(": ")
        match key:
            case "id":
                following.ids.append(int(value))
            case "event":
                name = value
            case "data":
                following.percents.append(json.loads(value)["progress_percent"])
            case "" if name in _OVER:
                following.ended = name
