from typing import Literal

from pydantic import BaseModel


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Requests can be carried out: the database can be written to and has the right schema, and there is space."""

    status: Literal["ready"] = "ready"
