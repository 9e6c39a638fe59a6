"""Brings up compose.yaml in the order that it asks for, and takes it down again."""

import pathlib
import subprocess

from buildah import Buildah, Image
from compose_file import Compose, ComposeError, Service, load
from container import Container


class Programme:
    """Of one process and one mount, network and process namespace (namespaces.py), in which it is alone."""

    def __init__(self, buildah: Buildah, file: pathlib.Path, state: pathlib.Path,
                 environment: dict[str, str]):
        self._buildah, self._file, self._state = buildah, file, state
        self._environment = dict(environment)
        self._containers: dict[str, Container] = {}
        self.compose = self._load()
        _refuse_other_networks(self.compose)

    def set(self, **variables: str) -> None:
        """More of the environment in which `docker compose` would be called."""
        self._environment.update(variables)
        self.compose = self._load()

    def up(self, *names: str) -> None:
        """As `docker compose up NAME…`; without a name all services that have no profile."""
        for service in self.compose.start_order(list(names) or self.compose.default_services()):
            for other, condition in service.depends_on.items():
                self._wait(self._containers[other], condition)
            container = self._containers.get(service.name) or self._create(service)
            if not container.is_running():
                container.start()
        for container in self.containers():
            if container.health is not None:
                container.wait_healthy()

    def run(self, name: str, *arguments: str, given: bytes | None = None,
            timeout: float = 900) -> subprocess.CompletedProcess:
        """As `docker compose run NAME arguments…`: what it waits for runs already."""
        service = self.compose.services[name]
        if name in self._containers:
            self._containers[name].service = service  # with the variables of now
        container = self._containers.get(name) or self._create(service)
        return container.call_command(list(arguments), timeout, given)

    def image(self, name: str) -> Image:
        return self._buildah.image(f"localhost/{self.compose.services[name].image}")

    def containers(self) -> list[Container]:
        """Those that run, in the order in which they were started."""
        return [container for container in list(self._containers.values()) if container.is_running()]

    def container(self, name: str) -> Container:
        return self._containers[name]

    def dead(self) -> list[Container]:
        """Those that ended although they are to be started again whenever they do."""
        return [container for container in list(self._containers.values())
                if container.service.restarts and container.died()]

    def down(self) -> dict[str, int]:
        """Stops the last started first; the exit codes."""
        return {container.service.name: container.stop() for container in reversed(self.containers())}

    def _load(self) -> Compose:
        return load(self._file.read_text(encoding="utf-8"), self._file.parent, self._environment)

    def _create(self, service: Service) -> Container:
        container = Container(self._buildah, service, self.image(service.name), self._state)
        self._containers[service.name] = container
        return container

    def _wait(self, container: Container, condition: str) -> None:
        if condition == "service_healthy":
            container.wait_healthy()
        elif condition == "service_completed_successfully":
            container.wait_completed()


def _refuse_other_networks(compose: Compose) -> None:
    """Here is one network namespace, so the file must ask for just that."""
    owners = [service.name for service in compose.services.values() if service.network_mode == "default"]
    for service in compose.services.values():
        if [service.name] != owners and service.network_mode != f"service:{owners[0] if owners else ''}":
            raise ComposeError(f"{service.name} wants the network {service.network_mode}: only one "
                               "namespace, shared by all, can be had here")
        if service.ports and [service.name] != owners:
            raise ComposeError(f"{service.name} publishes ports: that is for the owner of the network")
