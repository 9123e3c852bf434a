"""Where the values of a rendered file came from, when the file is laid out as the settings are."""

from typing import Any

from .artifacts import Origin


def origins(file: str, document: Any, settings: Any) -> list[Origin]:
    """One origin for each value of `document` that `settings` holds at the same place. What the settings do not hold is a
    default of the plugin and has none. Both are JSON."""
    found: list[Origin] = []
    _walk(file, document, settings, "", found)
    return found


def _walk(file: str, document: Any, settings: Any, pointer: str, found: list[Origin]) -> None:
    if isinstance(document, dict) and isinstance(settings, dict) and document:
        for key in sorted(document):
            if key in settings:
                below = key.replace("~", "~0").replace("/", "~1")
                _walk(file, document[key], settings[key], f"{pointer}/{below}", found)
    elif isinstance(document, list) and isinstance(settings, list) and document:
        for index, (value, setting) in enumerate(zip(document, settings)):
            _walk(file, value, setting, f"{pointer}/{index}", found)
    else:
        found.append(Origin(file, pointer, pointer))
