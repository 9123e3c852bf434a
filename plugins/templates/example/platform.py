#!/usr/bin/env python3
"""A small platform with an HTTP API: runs processes on this machine. What `slipway plugin new target` makes speaks to it.

    platform.py [--port 8700] FOLDER

Whoever asks says `authorization: TOKEN`, where the environment variable `PLATFORM_TOKEN` has one. Python 3.10 or newer and
`tar` are needed and nothing else. It forgets what it runs when it ends, and ends that too.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STOP_SECONDS = 10
LOG_LINES = 5


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Instance:
    """A process, and what was asked for."""

    def __init__(self, platform, name, wanted):
        self.name, self.wanted = name, wanted
        self.folder = platform.folder / "instances" / name
        self.log = platform.log(name)
        self.ports = {port: free_port() for port in wanted["ports"]}
        self.was_healthy = False
        shutil.rmtree(self.folder, ignore_errors=True)
        app, config = self.folder / "app", self.folder / "config"
        app.mkdir(parents=True)
        archive = platform.artifact(wanted["artifact"])
        strip = f"--strip-components={wanted['strip']}"
        subprocess.run(["tar", "-xf", archive, "-C", app, strip], check=True)
        for path, text in wanted["config"].items():
            file = inside(config, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        known = {"app": app, "config": config, "instance": name, "revision": wanted["revision"]}
        known.update({f"port.{port}": number for port, number in self.ports.items()})
        program, *arguments = [filled(word, known) for word in wanted["command"]]
        if (app / program).is_file():
            program = app / program
        env = {key: filled(value, known) for key, value in wanted["env"].items()}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program, *arguments], cwd=app, env={**os.environ, **env}, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )

    def status(self):
        state, detail = self.state()
        ports = {port: f"127.0.0.1:{number}" for port, number in self.ports.items()}
        return {
            "name": self.name, "revision": self.wanted["revision"], "state": state, "ports": ports,
            "restarts": 0, "detail": detail,
        }

    def state(self):
        code = self.process.poll()
        if code is not None:
            last = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            return ("stopped" if code == 0 else "failed"), "\n".join([f"it ended with exit code {code}", *last])
        why = self.unwell()
        if why is None:
            self.was_healthy = True
            return "healthy", ""
        return ("unhealthy" if self.was_healthy else "starting"), why

    def unwell(self):
        health = self.wanted["health"]
        if health is None:
            return None
        port = self.ports[health["port"]]
        try:
            if health.get("http") is None:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            else:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{health['http']}", timeout=1).close()
        except (OSError, urllib.error.URLError) as error:
            return str(error)
        return None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class Platform:
    def __init__(self, folder):
        self.folder, self.lock, self.instances = folder, threading.Lock(), {}
        self.starts = {}

    def artifact(self, digest):
        return self.folder / "artifacts" / safe(digest)

    def log(self, name):
        return self.folder / "logs" / f"{safe(name)}.log"

    def start(self, name, wanted):
        found = self.instances.get(name)
        if found is not None and found.process.poll() is None:
            if found.wanted != wanted:
                raise Refused(409, f"{name} runs, and is something else")
            return found.status()
        if not self.artifact(wanted["artifact"]).is_file():
            raise Refused(422, f"artifact {wanted['artifact']} is not here")
        self.instances[name] = Instance(self, safe(name), wanted)
        self.starts[name] = self.starts.get(name, 0) + 1
        return self.instances[name].status()

    def list(self, service, environment):
        at = lambda one: (one.wanted["service"], one.wanted["environment"]) == (service, environment)
        return [one.status() for one in self.instances.values() if at(one)]

    def stop(self, name):
        found = self.instances.pop(name, None)
        if found is None:
            raise Refused(404, f"there is no {name}")
        found.stop()
        shutil.rmtree(found.folder, ignore_errors=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform = None
    token = None

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            if self.token is not None and self.headers.get("authorization") != self.token:
                raise Refused(401, "who are you?")
            status, headers, answer = self.answer(body)
        except Refused as refused:
            status, headers, answer = refused.status, {}, {"error": str(refused)}
        except Exception as error:  # A platform that is asked for nonsense goes on.
            status, headers, answer = 400, {}, {"error": f"{type(error).__name__}: {error}"}
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for key, value in {**headers, "content-length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_DELETE = handle_request

    def answer(self, body):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[1:]]
        platform = self.platform
        with platform.lock:
            match (self.command, *parts):
                case ("GET", "v1", "instances"):
                    return 200, {}, {"instances": platform.list(query["service"], query["environment"])}
                case ("GET", "v1", "instances", name):
                    if name not in platform.instances:
                        raise Refused(404, f"there is no {name}")
                    return 200, {}, platform.instances[name].status()
                case ("PUT", "v1", "instances", name):
                    return 200, {}, platform.start(name, json.loads(body))
                case ("DELETE", "v1", "instances", name):
                    platform.stop(name)
                    return 200, {}, {}
                case ("GET", "v1", "instances", name, "log"):
                    log, start = platform.log(name), int(query["from"])
                    content = log.read_bytes()[start:start + (256 << 10)] if log.is_file() else b""
                    return 200, {"next-offset": str(start + len(content))}, content
                case ("GET", "v1", "artifacts", digest):
                    if not platform.artifact(digest).is_file():
                        raise Refused(404, f"there is no {digest}")
                    return 200, {}, {}
                case ("PUT", "v1", "artifacts", digest):
                    file = platform.artifact(digest)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    unfinished = file.with_suffix(".unfinished")
                    unfinished.write_bytes(body)
                    unfinished.rename(file)
                    return 200, {}, {}
                case ("DELETE", "v1", "revisions", _):
                    return 200, {}, {}
                case ("GET", "v1", "starts"):
                    return 200, {}, platform.starts
        raise Refused(404, f"there is no {self.command} {url.path}")

    def log_message(self, *_):
        pass


def safe(name):
    """As a name of a file: letters, digits, `-`, `.`, and `_` for everything else."""
    text = "".join(c if c.isalnum() or c in "-." else "_" for c in name)
    if text in ("", ".", ".."):
        raise Refused(422, f"{name!r} is no name")
    return text


def inside(folder, path):
    file = (folder / path).resolve()
    if folder.resolve() not in file.parents:
        raise Refused(422, f"{path!r} leaves its folder")
    return file


def filled(text, known):
    for key, value in known.items():
        text = text.replace("${" + key + "}", str(value))
    return text


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=8700, help="on 127.0.0.1; 0 is any free one")
    parser.add_argument("folder", type=pathlib.Path, help="where artifacts, instances and logs are kept")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    platform = Platform(arguments.folder.resolve())
    Handler.platform, Handler.token = platform, os.environ.pop("PLATFORM_TOKEN", None)
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        for instance in platform.instances.values():
            instance.stop()


if __name__ == "__main__":
    main()
