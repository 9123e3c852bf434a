import json
import unittest

from plugin.archive import Settings, app_of, rendered
from slipway_sdk import Failure, File, RenderInput, from_json


def archive(description: str) -> list[File]:
    return [File("app.json", description.encode()), File("shop", b"#!/bin/sh")]


class Description(unittest.TestCase):
    def refused(self, files: list[File]) -> str:
        with self.assertRaises(Failure) as refused:
            app_of(files)
        return refused.exception.message

    def test_what_is_wrong_is_said_at_its_place(self) -> None:
        self.assertEqual(self.refused([]), "the archive holds no app.json")
        for text, expected in [
            ('{ "command": [] }', "app.json: `command` names no program"),
            ('{ "command": ["shop"], "health": "/" }', "app.json: `health` needs a port in `ports`"),
            ('{ "comand": ["shop"] }', "app.json: there is no `comand`, but `command`, `ports`, `health`"),
            ("{}", "app.json: `command` is missing"),
        ]:
            self.assertEqual(self.refused(archive(text)), expected)
        self.assertTrue(self.refused(archive("{")).startswith("app.json: "))


class Rendering(unittest.TestCase):
    def test_the_workload_is_what_the_archive_and_the_settings_say(self) -> None:
        settings = {"env": {"PORT": "${port.http}"}}
        found = rendered(RenderInput(
            service="shop", environment="prod", artifact="app", blob="sha256:2b",
            facts=app_of(archive('{ "command": ["shop"], "ports": ["http"], "health": "/health" }')),
            settings=from_json(Settings, settings), written=settings, config=[], resolved=[], target={},
        ))
        self.assertEqual(json.loads(found.files[0].content), {
            "kind": "process", "artifact": "app", "digest": "sha256:2b", "strip": 0, "instances": 1,
            "command": ["shop"], "env": {"PORT": "${port.http}"}, "ports": {"http": {}},
            "health": {"http": "/health", "port": "http"},
        })
        assert found.workload is not None
        self.assertEqual(found.workload.file, found.files[0].path)
