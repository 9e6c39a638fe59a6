"""Which images there are, what each is made from, and building those again whose origins have changed."""

import hashlib
import json
import pathlib
import subprocess
import time
from collections.abc import Iterator

import machine
from buildah import Buildah

CONTAINERS = "deploy/containers/"
# Stages of the Containerfile that cost most, kept as images: target, the ARG that names it, its origins.
STAGES = (
    ("toolchain", "TOOLCHAIN", ("deploy/dev/install", "deploy/dev/packages")),
    ("programs", "PROGRAMS", ("deploy/dev/install", "deploy/dev/packages", "CMakeLists.txt",
                              "CMakePresets.json", "cmake", "proto", "services",
                              CONTAINERS + "runtime-root")),
    ("postgresql", "POSTGRESQL", ()),
    ("nginx", "NGINX", ()),
)
# What is shipped: target, the name by which compose.yaml knows it, its origins, the stage it is made of.
SHIPPED = (
    ("tenant-registry", "veille-tenant-registry", (), "programs"),
    ("call-tracking", "veille-call-tracking", (), "programs"),
    ("referral", "veille-referral", (), "programs"),
    ("veillectl", "veillectl", (), "programs"),
    ("edge", "veille-edge", ("deploy/edge",), "nginx"),
    ("database", "veille-database", (CONTAINERS + "database", "deploy/postgres/prepare.sql"),
     "postgresql"),
)


def build_all(buildah: Buildah, top: pathlib.Path,
              folder: pathlib.Path) -> Iterator[tuple[str, str, float]]:
    """Target, size and seconds of each image; 0 seconds for one that is as it was."""
    record = folder / "built.json"
    built = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    options = machine.build_options(top, folder)
    revision = _revision(top)
    keys: dict[str, str] = {}

    def build(target: str, name: str, key: str) -> tuple[str, str, float]:
        keys[target], seconds = key, 0.0
        if built.get(target) != key or not buildah.has_image(name):
            started = time.monotonic()
            buildah.build(target, name, top, options, logs / f"{target}.log")
            seconds = time.monotonic() - started
            built[target] = key
            record.write_text(json.dumps(built, indent=2) + "\n", encoding="utf-8")
        return target, buildah.image(name).size, seconds

    for target, argument, origins in STAGES:
        name = f"localhost/veille-{target}"
        yield build(target, name, _key(top, origins))
        options += ["--build-arg", f"{argument}={name}"]
    options += ["--build-arg", f"REVISION={revision}"]
    for target, name, origins, stage in SHIPPED:
        yield build(target, f"localhost/{name}", _key(top, origins, revision, keys[stage]))
    buildah.output("rmi", "--prune")


def _key(top: pathlib.Path, origins: tuple[str, ...], *other: str) -> str:
    """Of the contents of `origins`, files and folders, and of the Containerfile."""
    digest = hashlib.sha256("\0".join(other).encode("utf-8"))
    for origin in (CONTAINERS + "Containerfile", *origins):
        path = top / origin
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                digest.update(f"{file.relative_to(top)} {content}\n".encode("utf-8"))
    return digest.hexdigest()


def _revision(top: pathlib.Path) -> str:
    done = subprocess.run(["git", "-C", str(top), "describe", "--always", "--dirty"], check=False,
                          capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
