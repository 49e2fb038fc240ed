import pytest

from tests.integration.api.published_client.phone import Phone
from tests.integration.conftest import Api


@pytest.fixture
def phone(shared_api: Api) -> Phone:
    """The published client in the hands of a coach who is logged in."""
    return Phone(shared_api.client, shared_api.headers)
