"""Calls to an engine as it answers them, message by message: the client of the orchestrator smooths over what the kit
must see."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from app.core.engine_address import EngineAddress
from app.services.analysis_service import EngineIdentity
from contract import analysis_pb2, analysis_pb2_grpc

Message = analysis_pb2.VideoResponse

_QUESTION_S = 10.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that was said in one call. ``status`` is the name of the gRPC status that it ended with."""

    run_id: str
    messages: tuple[Message, ...]
    status: str

    @property
    def words(self) -> list[str]:
        return [message.status for message in self.messages]

    @property
    def is_completed(self) -> bool:
        return self.words[-1:] == ["COMPLETED"]

    @property
    def is_refused(self) -> bool:
        """The engine was busy; a job would wait and come again."""
        return self.status == "RESOURCE_EXHAUSTED" and not self.messages


@dataclass(frozen=True, slots=True)
class Question:
    """What an engine is asked to analyse, under an id that nobody else has."""

    video: Path
    calibration: Path | None = None

    def message(self, run_id: str) -> analysis_pb2.VideoRequest:
        calibration = str(self.calibration) if self.calibration else ""
        return analysis_pb2.VideoRequest(video_path=str(self.video), calibration_path=calibration, match_id=run_id)


def new_run_id() -> str:
    return f"check-{uuid.uuid4()}"


class EngineCalls:
    """A connection to one engine; ``timeout_s`` limits each analysis. ``identity``: how it and we prove who we are, as
    between it and the server; None: nothing is encrypted."""

    def __init__(self, address: EngineAddress, timeout_s: float, identity: EngineIdentity | None = None) -> None:
        self._timeout_s = timeout_s
        self._channel = (
            grpc.insecure_channel(str(address), options=(("grpc.max_receive_message_length", 1 << 26),))
            if identity is None
            else identity.open_channel(address)
        )
        self._stub = analysis_pb2_grpc.AnalysisEngineStub(self._channel)  # type: ignore[no-untyped-call]  # generated

    def close(self) -> None:
        self._channel.close()

    def health(self) -> str:
        """``SERVING`` and so on from an engine with a health service; the name of a gRPC status from others."""
        stub = health_pb2_grpc.HealthStub(self._channel)
        try:
            answer = stub.Check(  # type: ignore[attr-defined]  # missing in the library's stubs
                health_pb2.HealthCheckRequest(), timeout=_QUESTION_S
            )
        except grpc.RpcError as error:
            return _status(error)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    def services(self) -> list[str] | str:
        """The services that reflection lists, or the name of a gRPC status.

        Raises:
            ModuleNotFoundError: the library for it, of the extra "engine", is not installed here.
        """
        if find_spec("grpc_reflection") is None:
            raise ModuleNotFoundError("grpcio-reflection is not installed")
        from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (  # noqa: PLC0415 - see above
            ProtoReflectionDescriptorDatabase,
        )

        try:
            return list(ProtoReflectionDescriptorDatabase(self._channel).get_services())
        except grpc.RpcError as error:
            return _status(error)

    def run(self, question: Question, run_id: str) -> Transcript:
        """Ask, and listen until the call is over."""
        return self._listen(self._stub.AnalyzeVideo(question.message(run_id), timeout=self._timeout_s), run_id)

    def run_together(self, question: Question, run_ids: Sequence[str]) -> list[Transcript]:
        """Ask the same of all at once."""
        with ThreadPoolExecutor(len(run_ids)) as threads:
            return list(threads.map(partial(self.run, question), run_ids))

    def cancel_amid(self, question: Question, run_id: str) -> Transcript:
        """Cancel as soon as frames are analysed; a run that is over before that ends as it does."""
        call = self._stub.AnalyzeVideo(question.message(run_id), timeout=self._timeout_s)
        return self._listen(_cancelling(call), run_id)

    def _listen(self, call: Iterable[Message], run_id: str) -> Transcript:
        messages: list[Message] = []
        try:
            for message in call:
                messages.append(message)  # noqa: PERF402 - what was heard before an error counts
        except grpc.RpcError as error:
            return Transcript(run_id, tuple(messages), _status(error))
        return Transcript(run_id, tuple(messages), "OK")


def _cancelling(call: "grpc._CallIterator[Message]") -> Iterator[Message]:
    for message in call:
        yield message
        if message.status == "PROCESSING":
            call.cancel()


def _status(error: grpc.RpcError) -> str:
    return str(error.code().name) if isinstance(error, grpc.Call) else "UNKNOWN"
