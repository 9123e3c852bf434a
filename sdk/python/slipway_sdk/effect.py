"""What a call to the outside is."""

from enum import Enum


class EffectClass(Enum):
    """`READ` changes nothing; `IDEMPOTENT` may be repeated safely; `ONCE` must not be repeated: the host asks a person rather
    than guess whether it happened. Where it did, its answer is lost, and the plugin is told of an empty success."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    ONCE = "once"
