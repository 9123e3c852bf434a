"""Durations as people write them, checked and handed on as they were written: `250ms`, `2m`, `1h30m`."""

import re

# From the longest, in which order they are written.
_UNITS = re.compile("".join(f"(?:[0-9]{{1,9}}{unit})?" for unit in ("d", "h", "m(?!s)", "s", "ms")))


class Duration(str):
    """Text that is a duration. Raises `ValueError` where it is none."""

    def __new__(cls, text: str) -> "Duration":
        if not text or not _UNITS.fullmatch(text):
            raise ValueError(
                f"`{text}` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`"
            )
        return super().__new__(cls, text)
