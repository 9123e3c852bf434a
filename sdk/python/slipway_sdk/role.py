"""What all roles have in common: a class of the plugin on one side, the verbs of the contract on the other."""

import functools
import inspect
import typing
from abc import ABC
from collections.abc import Callable
from typing import Any, ClassVar

from . import guard, host
from .about import About
from .failure import Failure
from .records import lift, lower


class Role(ABC):
    """The base of `Target`, `Format`, `Router` and `Check`. Each call is of an object of its own: what one keeps in itself
    is gone with the call. What has to be kept goes into `slipway_sdk.state`."""

    about: ClassVar[About]
    _exported: ClassVar[type["Exported"]]
    _arguments: ClassVar[tuple[Any, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for base in cls.__dict__.get("__orig_bases__", ()):
            origin = typing.get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Role):
                cls._arguments = typing.get_args(base)


class Exported:
    """Between the contract's verbs and the plugin's."""

    plugin: ClassVar[Any]

    @property
    def settings(self) -> Any:
        """The type of the settings."""
        return self.plugin._arguments[0]


def export(plugin: type[Role]) -> type[Exported]:
    """What the component exports, to be given the name of the role in the module `plugin`: `Target = export(Plugin)`.

    Raises `TypeError` while the component is built, where a verb or something else that every plugin has is missing.
    """
    if inspect.isabstract(plugin):
        missing = ", ".join(f"`{verb}`" for verb in sorted(plugin.__abstractmethods__))
        raise TypeError(f"{plugin.__name__} has no {missing}")
    if not isinstance(getattr(plugin, "about", None), About):
        raise TypeError(f"{plugin.__name__} has no `about`: it is `About.of_project(__file__)`")
    if not plugin._arguments:
        role = plugin.__mro__[1].__name__
        raise TypeError(f"{plugin.__name__} says no type of its settings: it derives from `{role}[Settings]`")
    guard.remember()
    return type(plugin.__name__, (plugin._exported,), {"plugin": plugin})


def verb(function: Callable[..., Any]) -> Callable[..., Any]:
    """A verb of the contract, written with the kit's types: they say what becomes of arguments and answer."""
    hints = typing.get_type_hints(function, include_extras=True)
    answer = hints.pop("return")
    kinds = list(hints.values())
    name = f"the answer of `{function.__name__}`"

    @functools.wraps(function)
    def called(self: Exported, *arguments: Any) -> Any:
        try:
            lifted = [lift(kind, argument) for kind, argument in zip(kinds, arguments, strict=True)]
            return lower(answer, function(self, *lifted), name)
        except Failure as failure:
            raise host.failed(failure) from None
        except BaseException as error:
            guard.report(error)
            raise

    return called
