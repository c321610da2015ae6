"""Bring the schema to what this code needs. A second run changes nothing."""

from importlib.resources import files

from alembic import command
from alembic.config import Config


def configuration(dsn: str) -> Config:
    """Alembic's configuration for this database; the scripts come with the package."""
    config = Config()
    config.set_main_option("script_location", str(files("wisehosting_cp") / "migrations"))
    config.set_main_option(
        "sqlalchemy.url", dsn.replace("postgresql://", "postgresql+asyncpg://", 1).replace("%", "%%")
    )
    return config


def migrate(dsn: str) -> None:
    """Run all migrations that are missing, under an advisory lock."""
    command.upgrade(configuration(dsn), "head")
