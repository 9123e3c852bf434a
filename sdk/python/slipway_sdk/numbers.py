"""Whole numbers as the contract has them: Python's have no end, and one that is too large must be told of where it comes from."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    lowest: int
    highest: int

    def __contains__(self, number: int) -> bool:
        return self.lowest <= number <= self.highest

    def __str__(self) -> str:
        return f"between {self.lowest} and {self.highest}"


U16 = Annotated[int, Range(0, 2**16 - 1)]
U32 = Annotated[int, Range(0, 2**32 - 1)]
U64 = Annotated[int, Range(0, 2**64 - 1)]
I32 = Annotated[int, Range(-(2**31), 2**31 - 1)]
