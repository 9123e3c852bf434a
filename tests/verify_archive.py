#!/usr/bin/env python3
"""Verifies an archive by core/archive/FORMAT.md alone, with nothing but Python's own library.

usage: verify_archive.py ARCHIVE [--key PUBLIC.pem]... [--head sha256:...] [--excerpt]

Prints what is wrong, one problem a line, and ends with 1; or prints `intact` and ends with 0.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys

ENTRY = "application/vnd.slipway.archive.entry.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SPKI = bytes.fromhex("302a300506032b6570032100")

# Ed25519 as in RFC 8032, on points in extended coordinates.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    public, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or r is None or s >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little")
    left, right = times(s, BASE), add(r, times(challenge % ORDER, public))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def compact(document):
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def public_key(path):
    lines = [line for line in pathlib.Path(path).read_text().split("\n") if line and not line.startswith("-----")]
    der = base64.b64decode("".join(lines))
    if not der.startswith(SPKI) or len(der) != 44:
        sys.exit(f"{path} is no public Ed25519 key")
    return der[len(SPKI):]


class Archive:
    def __init__(self, folder):
        self.folder, self.problems, self.sizes = pathlib.Path(folder), [], {}

    def wrong(self, what):
        self.problems.append(what)

    def blob(self, descriptor):
        """The bytes that a descriptor names, if they are what it says."""
        digest = descriptor["digest"]
        if self.sizes.get(digest) != descriptor["size"]:
            self.wrong(f"{digest} is missing, damaged or of another size")
            return None
        return (self.folder / "blobs/sha256" / digest[7:]).read_bytes()

    def blobs(self):
        for path in sorted((self.folder / "blobs/sha256").iterdir()):
            if path.name.startswith(".pending-"):
                continue
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == path.name:
                self.sizes["sha256:" + path.name] = len(content)
            else:
                self.wrong(f"{path.name} has another digest")

    def index(self):
        if (self.folder / "oci-layout").read_bytes() != b'{"imageLayoutVersion":"1.0.0"}\n':
            self.wrong("oci-layout is not that of an archive")
        content = (self.folder / "index.json").read_bytes()
        index = json.loads(content)
        entries, manifests = index["manifests"], []
        for entry in entries:
            manifest = {"mediaType": MANIFEST, "artifactType": ENTRY, "digest": entry["digest"], "size": entry["size"]}
            if "annotations" in entry:
                names = ("vnd.slipway.archive.signature", "vnd.slipway.archive.signer")
                manifest["annotations"] = {name: entry["annotations"][name] for name in names}
            manifests.append(manifest)
        annotations, before = {}, (None, 0)
        excerpt = "vnd.slipway.archive.excerpt" in index["annotations"]
        if "vnd.slipway.archive.after" in index["annotations"]:
            sequence, entry = index["annotations"]["vnd.slipway.archive.after"].split(" ")
            before = (entry, int(sequence))
            annotations["vnd.slipway.archive.after"] = f"{before[1]} {entry}"
        elif excerpt:
            annotations["vnd.slipway.archive.excerpt"] = "true"
        if entries:
            annotations["vnd.slipway.archive.head"] = entries[-1]["digest"]
        only = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": manifests, "annotations": annotations}
        if content != compact(only):
            self.wrong("index.json is not the index of its entries")
        return entries, excerpt, before

    def signature(self, entry, manifest, keys):
        annotations = entry.get("annotations")
        if annotations is None:
            if keys:
                self.wrong(f"{entry['digest']} is not signed")
            return
        signer, signature = (base64.b64decode(annotations["vnd.slipway.archive." + name], validate=True)
                             for name in ("signer", "signature"))
        message = f"DSSEv1 {len(MANIFEST)} {MANIFEST} {len(manifest)} ".encode() + manifest
        if len(signer) != 32 or len(signature) != 64 or not signed(signer, message, signature):
            self.wrong(f"the signature of {entry['digest']} does not hold")
        elif keys and signer not in keys:
            self.wrong(f"{entry['digest']} is signed by somebody else")

    def chain(self, entries, excerpt, before, last, keys):
        for entry in entries:
            manifest = self.blob(entry)
            if manifest is None:
                continue
            self.signature(entry, manifest, keys)
            manifest = json.loads(manifest)
            config = self.blob(manifest["config"])
            names = [layer["annotations"]["org.opencontainers.image.title"].encode() for layer in manifest["layers"]]
            if names != sorted(set(names)):
                self.wrong(f"files of {entry['digest']} are not in order")
            for layer in manifest["layers"]:
                self.blob(layer)
            if config is None:
                continue
            document = json.loads(config)
            sequence = document["sequence"]
            if document["version"] != 1:
                self.wrong(f"{entry['digest']} is of version {document['version']}")
            if sequence != last + 1 and not (excerpt and sequence > last):
                self.wrong(f"{entry['digest']} has sequence {sequence} after {last}")
            follows = before if sequence == last + 1 else document["previous"]
            if document["previous"] != follows or (document["previous"] is None) != (sequence == 1):
                self.wrong(f"{entry['digest']} does not follow the entry before it")
            before, last = entry["digest"], sequence

    def verify(self, keys, head, may_be_excerpt):
        try:
            self.blobs()
            entries, excerpt, (before, last) = self.index()
            if (excerpt or before) and not may_be_excerpt:
                self.wrong("it is not the whole: entries may be missing")
            self.chain(entries, excerpt, before, last, keys)
            if head and head not in [before] + [entry["digest"] for entry in entries]:
                self.wrong(f"{head} is not in the chain")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.wrong(f"it is no archive: {error!r}")
        return self.problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--head")
    parser.add_argument("--excerpt", action="store_true")
    asked = parser.parse_args()
    problems = Archive(asked.archive).verify([public_key(key) for key in asked.key], asked.head, asked.excerpt)
    print("\n".join(problems) or "intact")
    sys.exit(1 if problems else 0)


main()
