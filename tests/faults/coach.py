"""An account, as its app uses the API."""

from dataclasses import dataclass

import httpx2

from tests.faults.films import CALIBRATION, Film

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Coach:
    """``headers`` speak for the account at every process. Each request has a connection of its own."""

    headers: dict[str, str]

    def upload(self, url: str, film: Film) -> str:
        """The id of the job that was promised."""
        answer = httpx2.post(
            f"{url}/api/analyze_match",
            headers=self.headers,
            files={"file": film.content},
            data={"calibration": CALIBRATION},
            timeout=_PATIENCE_S,
        )
        if answer.status_code != 202:
            raise UnexpectedAnswer(answer)
        return str(answer.json()["job_id"])

    def cancel(self, url: str, job_id: str) -> tuple[int, str]:
        """Status of the answer, and the job's status or the error's code."""
        answer = httpx2.post(f"{url}/api/jobs/{job_id}/cancel", headers=self.headers, timeout=_PATIENCE_S)
        body = answer.json()
        return answer.status_code, str(body["code"] if answer.is_error else body["status"])


class UnexpectedAnswer(Exception):
    """An upload that was not accepted."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
