"""Settings from a TOML file; what is wrong in it is said by name."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from wisehosting_agent.errors import ConfigurationError
from wisehosting_agent.settings import Settings


def load(path: Path | None) -> Settings:
    """Settings from the file, else from the environment alone. Raises ConfigurationError naming setting and fault."""
    values: dict[str, object] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text())
        except OSError as error:
            raise ConfigurationError(f"reading {path}: {error.strerror}. Give the right file with --config.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path} is not TOML: {error}") from error
    try:
        return Settings.model_validate(values) if path is not None else Settings()
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        source = str(path) if path is not None else "WISEHOSTING_AGENT_* in the environment"
        raise ConfigurationError(f"settings in {source} cannot work: {faults}") from error
