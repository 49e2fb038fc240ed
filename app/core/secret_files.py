"""Secrets in files of their own, as container platforms hand them out: ``SECRET_KEY_FILE=/run/secrets/key``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

SECRETS = frozenset(
    {
        *("database_url", "db_password", "secret_key", "celery_broker_url"),
        *("redis_url", "metrics_token", "engine_token", "s3_secret_access_key"),
    }
)
"""Settings that ``<NAME>_FILE`` may stand for; a file beats a variable."""


def variables_of(source: PydanticBaseSettingsSource) -> dict[str, str | None]:
    """What an environment, or a file like one, says; nothing for other sources."""
    return dict(source.env_vars) if isinstance(source, EnvSettingsSource) else {}


class SecretFiles(PydanticBaseSettingsSource):
    """Reads the files that the variables name. White space around a secret is not part of it: editors add some.

    An empty file says nothing, as an empty variable does.

    Raises:
        OSError: a file is missing, or not ours to read.
    """

    def __init__(self, settings: type[BaseSettings], variables: Mapping[str, str | None]) -> None:
        super().__init__(settings)
        self._variables = {name.lower(): value for name, value in variables.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self._variables.get(f"{field_name}_file") if field_name in SECRETS else None
        return (_read_secret(field_name, Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def _read_secret(name: str, path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except OSError as error:
        sentence = f"{name.upper()}_FILE cannot be read ({error.strerror})"
        raise OSError(error.errno, sentence, str(path)) from error
