"""Drives buildah: images in a storage of their own, without a daemon, and programs in them by chroot, for
which no resource limit has to be set. What a container is lies in container.py."""

import dataclasses
import json
import os
import pathlib
import subprocess

from compose_file import Health


class BuildahError(Exception):
    """What buildah was to do, and the end of what it said."""


@dataclasses.dataclass(frozen=True)
class Image:
    name: str
    entrypoint: list[str]
    command: list[str]
    user: str
    health: Health
    labels: dict[str, str]
    stop_signal: str
    size: str


class Buildah:
    """`folder` holds all that buildah keeps; nothing is written elsewhere."""

    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        (folder / "tmp").mkdir(exist_ok=True)
        self.environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "BUILDAH_ISOLATION": "chroot"}

    def command(self, *arguments: str) -> list[str]:
        return ["buildah", "--root", str(self._folder / "storage"),
                "--runroot", str(self._folder / "run"), "--storage-driver", "vfs", *arguments]

    def output(self, *arguments: str) -> str:
        done = subprocess.run(self.command(*arguments), env=self.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise BuildahError(f"buildah {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def has_image(self, name: str) -> bool:
        return subprocess.run(self.command("inspect", "--type", "image", name), check=False,
                              env=self.environment, capture_output=True).returncode == 0

    def import_root(self, archive: pathlib.Path, name: str) -> None:
        """An image of one layer from a tar of a root file system."""
        container = self.output("from", "scratch")
        self.output("add", "--quiet", container, str(archive), "/")
        self.output("commit", "--quiet", "--format", "docker", "--rm", container, name)

    def build(self, target: str, name: str, top: pathlib.Path, options: list[str],
              log: pathlib.Path) -> None:
        """A stage of the Containerfile, as an image."""
        containers = top / "deploy" / "containers"
        arguments = self.command(
            "bud", "--isolation", "chroot", "--format", "docker", "--target", target,
            "--ignorefile", str(containers / "Containerfile.dockerignore"),
            "--file", str(containers / "Containerfile"), "--tag", name, *options, str(top))
        with open(log, "w", encoding="utf-8") as out:
            code = subprocess.run(arguments, env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=subprocess.STDOUT, check=False).returncode
        if code != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise BuildahError(f"{target} does not build ({log}):\n{tail}")

    def image(self, name: str) -> Image:
        config = json.loads(self.output("inspect", "--type", "image", name))["Docker"]["config"]
        listed = json.loads(self.output("images", "--json", "--filter", f"reference={name}"))
        return Image(name=name, entrypoint=config.get("Entrypoint") or [],
                     command=config.get("Cmd") or [], user=config.get("User", ""),
                     health=_health(config.get("Healthcheck") or {}),
                     labels=config.get("Labels") or {},
                     stop_signal=config.get("StopSignal") or "SIGTERM", size=listed[0]["size"])


def _health(config: dict) -> Health:
    test = config.get("Test") or []
    if test[:1] not in ([], ["CMD"]):
        raise BuildahError(f"a HEALTHCHECK that needs a shell: {test}")
    return Health(test=test[1:] or None, interval=config.get("Interval", 0) / 1e9,
                  timeout=config.get("Timeout", 0) / 1e9, retries=config.get("Retries", 0),
                  start_period=config.get("StartPeriod", 0) / 1e9)
