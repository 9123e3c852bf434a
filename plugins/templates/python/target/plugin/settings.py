"""What `deploy.toml` says in `target = { .. }`; its schema is in `settings.schema.json`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    api: str
    """Read by Slipway, which gives the endpoint of that name."""
    region: str
    """Where on the platform."""
