"""What every plugin says of itself."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

SCHEMA = "settings.schema.json"
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class About:
    name: str
    version: str
    summary: str
    """One line, for people."""
    settings_schema: str
    """JSON Schema of the settings, as text."""

    @classmethod
    def of_project(cls, module: str) -> "About":
        """Of the project that a module belongs to, by the module's `__file__`: name, version and description in its
        `pyproject.toml`, and the `settings.schema.json` beside the module.

        To be called where the module is loaded: that is while the component is built, and later there are no files.
        """
        folder = Path(module).parent
        project = next((above / PROJECT for above in folder.parents if (above / PROJECT).is_file()), None)
        if project is None:
            raise FileNotFoundError(f"there is no {PROJECT} above {folder}")
        said = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        schema = (folder / SCHEMA).read_text(encoding="utf-8")
        return cls(said["name"], said["version"], said["description"], schema)
