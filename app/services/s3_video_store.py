"""Videos in a bucket of Amazon S3, or of anything that speaks its protocol. All of boto3 begins here."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import structlog
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

from app.core.errors import CannotStart, StoreRefuses, StoreUnavailable
from app.services.fetched_videos import FetchedVideos
from app.services.incoming_videos import IncomingVideo
from app.services.video_store import Fetch, FileStat, StoreWithUploads, VideoMissing

log = structlog.get_logger(__name__)

_CHUNK_BYTES = 1024 * 1024
_SHA256 = "sha256"
_TRANSFER = TransferConfig(max_concurrency=4)  # parts of 8 MB
_AWAY = "The store of the videos is away; try again in a moment."
_NO_SUCH_KEY, _NO_SUCH_HEAD = "NoSuchKey", "404"  # the answer to HEAD has no body that could tell more
_NOT_FOR_US = {"401", "403"}
_NOT_THIS_ONE = "AccessDenied"  # also of what the bucket holds for a time


@dataclass(frozen=True, slots=True)
class Patience:
    """With a server that does not answer."""

    connect_s: float
    answer_s: float
    attempts: int


_PATIENT, _IMPATIENT = Patience(5, 30, 3), Patience(3, 5, 1)


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """``endpoint_url``: of a server that is not Amazon's. Without keys, boto3 looks for some where it always does."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None

    def connect(self, patience: Patience) -> Any:
        """A client, which threads may share; it asks nobody yet.

        Raises:
            CannotStart: no server can have this address.
        """
        config = Config(
            connect_timeout=patience.connect_s,
            read_timeout=patience.answer_s,
            retries={"mode": "standard", "total_max_attempts": patience.attempts},
            # Servers that are not Amazon's know neither buckets as host names nor the checksums that boto3 adds.
            s3={"addressing_style": "path" if self.endpoint_url else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            return boto3.client(
                "s3",
                endpoint_url=self.endpoint_url,
                region_name=self.region,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key=self.secret_access_key,
                config=config,
            )
        except (BotoCoreError, ValueError) as error:
            raise CannotStart(f"S3_REGION, S3_ENDPOINT_URL: {error}") from error


class S3VideoStore(StoreWithUploads):
    """``<prefix><id>`` for each video in the bucket, with its SHA-256.

    Args:
        root: a directory of this machine, for what is still arriving and for copies that engines open.
        keep_bytes: how much of the copies stays that nobody uses.
    """

    def __init__(self, address: BucketAddress, root: Path, *, keep_bytes: int) -> None:
        root = root.resolve()
        super().__init__(root)
        self._address = address
        self._copies = FetchedVideos(root, self._incoming, keep_bytes=keep_bytes)
        self._client = address.connect(_PATIENT)

    def check(self) -> None:
        bucket, client = self._address.bucket, self._address.connect(_IMPATIENT)
        try:
            with _told(no_such=_NO_SUCH_HEAD):
                client.head_bucket(Bucket=bucket)
        except VideoMissing:
            raise CannotStart(f"S3_BUCKET: there is no bucket {bucket!r} at the store of S3.") from None
        except StoreUnavailable as error:
            match error.__cause__:
                case ClientError() as refused if _code(refused) in _NOT_FOR_US:
                    raise CannotStart(f"S3_BUCKET: the bucket {bucket!r} is not for these keys.") from error
                case NoCredentialsError() | PartialCredentialsError():
                    raise CannotStart("S3_ACCESS_KEY_ID: there are no keys for S3.") from error
                case ParamValidationError():
                    raise CannotStart(f"S3_BUCKET: {bucket!r} is not the name of a bucket.") from error
            raise

    def keep(self, incoming: IncomingVideo, video_id: uuid.UUID) -> None:
        incoming.finish()
        self._incoming.mark_for(incoming, video_id)
        described = {"Metadata": {_SHA256: incoming.sha256}}
        with _told():  # where this fails, nobody knows whether the object is there: the mark stays
            path, place = str(incoming.path), self._place(video_id)
            self._client.upload_file(path, *place, ExtraArgs=described, Config=_TRANSFER)
        self._copies.add(incoming, video_id)

    @contextmanager
    def opened(self, video_id: uuid.UUID, fetch: Fetch | None = None) -> Iterator[Path]:
        fetch = fetch or Fetch()
        with self._copies.opened(video_id, partial(self._download, video_id, fetch), once=fetch.once) as path:
            yield path

    def stat(self, video_id: uuid.UUID) -> FileStat:
        bucket, key = self._place(video_id)
        with _told(no_such=_NO_SUCH_HEAD):
            found = self._client.head_object(Bucket=bucket, Key=key)
        return FileStat(found["ContentLength"], int(found["LastModified"].timestamp()) * 1_000_000_000)

    def delete(self, video_id: uuid.UUID) -> None:
        self.unsettle(video_id)
        self._copies.forget(video_id)
        bucket, key = self._place(video_id)
        with suppress(VideoMissing), _told():  # to Amazon it is no error, to others it is
            self._client.delete_object(Bucket=bucket, Key=key)
        self.settle(video_id)

    def copies(self) -> list[uuid.UUID]:
        return self._copies.names()

    def drop_copy(self, video_id: uuid.UUID) -> None:
        self._copies.drop(video_id)

    def _place(self, video_id: uuid.UUID) -> tuple[str, str]:
        return self._address.bucket, f"{self._address.prefix}{video_id}"

    def _download(self, video_id: uuid.UUID, fetch: Fetch, incoming: IncomingVideo) -> str | None:
        bucket, key = self._place(video_id)
        with _told():
            found = self._client.get_object(Bucket=bucket, Key=key)
            for chunk in found["Body"].iter_chunks(_CHUNK_BYTES):
                incoming.write(chunk)
                fetch.advance(incoming.size_bytes / found["ContentLength"])
        log.info("video fetched", video_id=str(video_id), size_bytes=incoming.size_bytes)
        described = {name.lower(): value for name, value in found["Metadata"].items()}  # a header's name has any case
        return fetch.sha256 or described.get(_SHA256)


@contextmanager
def _told(*, no_such: str = _NO_SUCH_KEY) -> Iterator[None]:
    """What boto3 raises, in our terms. A 404 that does not say ``no_such`` is of something in between."""
    try:
        yield
    except ClientError as error:
        if _code(error) == no_such:
            raise VideoMissing(str(error)) from error
        log.error("the store of videos refuses", error=str(error))
        raise (StoreRefuses if _code(error) == _NOT_THIS_ONE else StoreUnavailable)(_AWAY) from error
    except (Boto3Error, BotoCoreError, HTTPError) as error:
        log.error("the store of videos is away", error=str(error))
        raise StoreUnavailable(_AWAY) from error


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
