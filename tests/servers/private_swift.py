"""A store of our own that speaks the protocol of S3: OpenStack Swift, from the installed package."""

import http.client
from functools import cache
from pathlib import Path
from subprocess import run
from typing import Any

import boto3

from app.services.s3_video_store import BucketAddress
from tests.servers.private_server import PrivateServer
from tests.waiting import free_port

_PYTHON = Path("/usr/bin/python3")
_PROGRAM = Path(__file__).with_name("swift_program.py")
_KEY, _SECRET = "club:coach", "private-secret"


@cache
def is_swift_installed() -> bool:
    return _PYTHON.exists() and run([_PYTHON, "-c", "import swift.common.wsgi"], capture_output=True).returncode == 0


class PrivateSwift(PrivateServer):
    """Restarts keep the objects."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        if not is_swift_installed():
            raise FileNotFoundError("OpenStack Swift is not installed (apt-get install python3-swift)")
        self._behind = [free_port() for _ in range(3)]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, bucket: str) -> dict[str, str]:
        """What makes Coach Pro keep its videos in a bucket here."""
        keys = {"s3_access_key_id": _KEY, "s3_secret_access_key": _SECRET}
        return {"s3_bucket": bucket, "s3_endpoint_url": self.url, "s3_region": "us-east-1"} | keys

    def address(self, bucket: str, *, prefix: str = "") -> BucketAddress:
        return BucketAddress(bucket, prefix, self.url, "us-east-1", _KEY, _SECRET)

    def make_bucket(self, bucket: str) -> None:
        self.client.create_bucket(Bucket=bucket)

    def objects(self, bucket: str) -> dict[str, int]:
        """Names and sizes."""
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {item["Key"]: item["Size"] for item in found}

    @property
    def client(self) -> Any:
        keys = {"aws_access_key_id": _KEY, "aws_secret_access_key": _SECRET}
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", **keys)

    def command(self) -> list[str | Path]:
        return [_PYTHON, _PROGRAM, self.directory, *map(str, [self.port, *self._behind])]

    def is_answering(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", "/")
            return asked.getresponse().status < 500
        except OSError:
            return False
        finally:
            asked.close()
