"""Makes a mistake readable: an exception that leaves a verb ends the plugin, so it is logged first, with its traceback.

The standard `traceback` looks for sources in files, and a component has none: the lines are remembered while it is built.
"""

import itertools
import linecache
import re
import sys
import traceback

from . import host, log

_MOUNT = re.compile(r"^/\d+/")
"""Where `componentize-py` puts the folders that modules are imported from."""
_KIT = "/slipway_sdk/"
LONGEST = 12
"""Calls that are shown, the innermost: a recursion has a thousand, and what is long is cut off before the error itself."""


def remember() -> None:
    """The source lines of everything that was imported from beside the kit, for tracebacks."""
    beside = __file__.rpartition(_KIT)[0]
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(f"{beside}/"):
            lines = linecache.getlines(file)
            # Without a time of change it is never looked at whether the file is another by now.
            linecache.cache[file] = (sum(map(len, lines)), None, lines, file)


def report(error: BaseException) -> None:
    """Logs it. Where there is no log, the bindings have at least the last word."""
    if host.has("log"):
        log.error(told(error))


def told(error: BaseException) -> str:
    """An exception as Python tells of it, without looking at any file."""
    frames = list(traceback.walk_tb(error.__traceback__))
    # Those of the kit that come first are the same for every verb.
    frames = list(itertools.dropwhile(lambda frame: _KIT in frame[0].f_code.co_filename, frames))
    told = ["Traceback (most recent call last):"] if frames else []
    if len(frames) > LONGEST:
        told.append(f"  ... {len(frames) - LONGEST} calls ...")
    for frame, number in frames[-LONGEST:]:
        code = frame.f_code
        told.append(f'  File "{_MOUNT.sub("", code.co_filename)}", line {number}, in {code.co_qualname}')
        lines = linecache.cache.get(code.co_filename)
        if lines is not None and len(lines) == 4 and number <= len(lines[2]):
            told.append(f"    {lines[2][number - 1].strip()}")
    said = str(error)
    name = type(error).__qualname__
    return "\n".join([*told, f"{name}: {said}" if said else name])
