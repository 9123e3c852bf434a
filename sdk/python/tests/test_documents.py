import unittest
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from slipway_sdk import U16, Duration, Kebab, Mismatch, dumps, from_json, loads


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner(Kebab):
    two_words: str


@dataclass(frozen=True)
class Document:
    number: U16
    share: float = 0.0
    colour: Colour = Colour.RED
    inner: Inner | None = None
    several: list[Inner] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    wait: Duration | None = None
    anything: Any = None


class FromJson(unittest.TestCase):
    def test_what_fits_is_taken(self) -> None:
        document = from_json(Document, {
            "number": 1, "share": 2, "colour": "blue", "inner": {"two-words": "x"}, "several": [{"two-words": "y"}],
            "named": {"b": 2, "a": 1}, "wait": "1m", "anything": {"x": [None]},
        })
        expected = Document(
            1, 2.0, Colour.BLUE, Inner("x"), [Inner("y")], {"a": 1, "b": 2}, Duration("1m"), {"x": [None]}
        )
        self.assertEqual(document, expected)
        self.assertEqual(from_json(Document, {"number": 1}), Document(1))

    def test_what_does_not_is_told_of_by_its_key(self) -> None:
        for value, message in [
            ([], "it is [], and has to be an object"),
            ({}, "`number` is missing"),
            ({"number": True}, "`number` is true, and has to be a whole number"),
            ({"number": 1.0}, "`number` is 1.0, and has to be a whole number"),
            ({"number": 65536}, "`number` is 65536, and has to be between 0 and 65535"),
            ({"number": 1, "share": "x"}, '`share` is "x", and has to be a number'),
            ({"number": 1, "share": 10**400}, "`share` is too large a number"),
            ({"number": 1, "colour": "green"}, '`colour` is "green", and has to be one of `red`, `blue`'),
            ({"number": 1, "inner": {}}, "`inner.two-words` is missing"),
            ({"number": 1, "inner": {"two_words": "x"}}, "there is no `inner.two_words`, but `two-words`"),
            ({"number": 1, "several": [{"two-words": 7}]}, "`several[0].two-words` is 7, and has to be text"),
            ({"number": 1, "named": {"a": None}}, "`named.a` is null, and has to be a whole number"),
        ]:
            with self.subTest(value), self.assertRaises(Mismatch) as refused:
                from_json(Document, value)
            self.assertEqual(str(refused.exception), message)

    def test_a_newer_server_may_say_more(self) -> None:
        more = {"number": 1, "inner": {"two-words": "x", "new": 1}, "new": 1}
        self.assertEqual(from_json(Document, more, more=True), Document(1, inner=Inner("x")))


class Text(unittest.TestCase):
    def test_only_json_is_json(self) -> None:
        for bad in [
            "", "{", "NaN", "-Infinity", "1e999", '"\\ud800"', b"\xff", "[" * 100_000, "1" * 5000,
            "\ufeff{}", "{}".encode("utf-16"),
        ]:
            with self.subTest(bad[:9]), self.assertRaises(Mismatch):
                loads(bad)
        self.assertEqual(loads('"\\ud83d\\ude00"'), "\U0001f600")

    def test_the_same_values_are_the_same_bytes(self) -> None:
        one, other = Document(1, named={"a": 1, "b": 2}), Document(1, named={"b": 2, "a": 1})
        self.assertEqual(dumps(one), dumps(other))
        self.assertEqual(dumps({"ä": [Inner("x")]}), '{"ä":[{"two-words":"x"}]}')
