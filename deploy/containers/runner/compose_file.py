"""Reads compose.yaml: what of the Compose Specification it uses, and nothing else. A key that is not
known here is refused, so that nothing which the file says is left out in silence."""

import dataclasses
import pathlib
import re

import yaml

CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")

# Read, and of no effect here: the images are built by the caller.
WITHOUT_EFFECT = {"build", "init"}
KNOWN = WITHOUT_EFFECT | {
    "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image",
    "network_mode", "ports", "profiles", "read_only", "restart", "secrets", "security_opt",
    "stop_grace_period", "stop_signal", "tmpfs", "user", "volumes"}
RESTART = ("no", "unless-stopped")


class ComposeError(Exception):
    """What is wrong with the file, in a sentence for the person who wrote it."""


@dataclasses.dataclass(frozen=True)
class Health:
    """How a container is asked; what is absent (0 or None) the image says."""
    test: list[str] | None = None
    interval: float = 0
    timeout: float = 0
    retries: int = 0
    start_period: float = 0
    disabled: bool = False


@dataclasses.dataclass(frozen=True)
class Mount:
    """`source` is a volume's name or an absolute path; for a tmpfs, its mount options."""
    kind: str  # volume, bind, tmpfs or secret
    source: str
    target: str
    read_only: bool = False


@dataclasses.dataclass(frozen=True)
class Service:
    name: str
    image: str
    entrypoint: list[str] | None
    command: list[str] | None
    environment: dict[str, str]
    user: str | None
    depends_on: dict[str, str]
    health: Health
    mounts: list[Mount]
    read_only: bool
    cap_drop: list[str]
    no_new_privileges: bool
    network_mode: str
    ports: list[int]  # published, as the container has them
    profiles: list[str]
    restarts: bool  # whenever it ends without having been stopped
    stop_grace_seconds: float
    stop_signal: str | None


@dataclasses.dataclass(frozen=True)
class Compose:
    services: dict[str, Service]
    volumes: list[str]

    def start_order(self, wanted: list[str]) -> list[Service]:
        """The services of `wanted` and all that they wait for, each after what it waits for."""
        order: list[Service] = []
        self._visit(wanted, [], order)
        return order

    def default_services(self) -> list[str]:
        return [service.name for service in self.services.values() if not service.profiles]

    def _visit(self, names: list[str], path: list[str], order: list[Service]) -> None:
        for name in names:
            if name in path:
                raise ComposeError("these wait for each other: " +
                                   " → ".join(path[path.index(name):] + [name]))
            if name not in self.services:
                raise ComposeError(f"there is no service {name}")
            service = self.services[name]
            if service in order:
                continue
            before = list(service.depends_on)
            if service.network_mode.startswith("service:"):
                before.insert(0, service.network_mode.removeprefix("service:"))
            self._visit(before, path + [name], order)
            order.append(service)


def load(text: str, folder: pathlib.Path, environment: dict[str, str]) -> Compose:
    """`folder` is where relative paths begin; `environment` fills ${NAME}."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ComposeError(f"not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        raise ComposeError("there are no services")
    document = _filled({key: value for key, value in document.items()
                        if not str(key).startswith("x-")}, environment)
    _refuse_unknown("the file", document, {"name", "services", "secrets", "volumes"})
    secrets = {name: _secret_path(name, entry, folder)
               for name, entry in (document.get("secrets") or {}).items()}
    volumes = list(document.get("volumes") or {})
    for name, entry in (document.get("volumes") or {}).items():
        _refuse_unknown(f"volume {name}", entry or {}, set())
    services = {name: _service(name, entry, secrets, volumes, folder)
                for name, entry in document["services"].items()}
    compose = Compose(services, volumes)
    compose.start_order(list(services))  # refuses cycles and names that nobody has
    _check_conditions(compose)
    return compose


def seconds(text: str | int | float) -> float:
    """30s, 1m30s, 500ms: how Compose writes a length of time."""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", str(text))
    if not parts or "".join(number + unit for number, unit in parts) != str(text):
        raise ComposeError(f"'{text}' is not a length of time such as 30s")
    return sum(float(number) * units[unit] for number, unit in parts)


def _filled(value, environment: dict[str, str]):
    """${NAME}, ${NAME:-default}, ${NAME:?message} and $$ in every text of the file."""
    if isinstance(value, dict):
        return {key: _filled(entry, environment) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, environment) for entry in value]
    if not isinstance(value, str):
        return value

    def fill(match: re.Match) -> str:
        name, operator, word = match.group("name", "operator", "word")
        if match.group() == "$$":
            return "$"
        if name is None:
            raise ComposeError(f"'{value}': a $ that is not ${{NAME}} is written $$")
        if environment.get(name):
            return environment[name]
        if operator == ":?":
            raise ComposeError(f"{name} must be set: {word}")
        return word or ""

    return re.sub(r"\$\$|\$\{(?P<name>\w+)(?:(?P<operator>:-|:\?)(?P<word>[^}]*))?\}|\$", fill, value)


def _refuse_unknown(where: str, entry: dict, known: set[str]) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ComposeError(f"{where}: {', '.join(unknown)} is not known here")


def _secret_path(name: str, entry: dict, folder: pathlib.Path) -> str:
    _refuse_unknown(f"secret {name}", entry, {"file"})
    return str((folder / entry["file"]).resolve())


def _words(where: str, value) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ComposeError(f"{where}: a list of words, so that no shell is needed")
    return [str(word) for word in value]


def _health(name: str, entry: dict) -> Health:
    _refuse_unknown(f"healthcheck of {name}", entry,
                    {"disable", "interval", "retries", "start_period", "test", "timeout"})
    test = _words(f"healthcheck of {name}", entry.get("test"))
    if test is not None and test[:1] != ["CMD"]:
        raise ComposeError(f"healthcheck of {name}: test begins with CMD")
    length = {key: seconds(entry.get(key, "0s")) for key in ("interval", "timeout", "start_period")}
    return Health(test=test[1:] if test else None, retries=int(entry.get("retries", 0)),
                  disabled=bool(entry.get("disable", False)), **length)


def _volume_mount(name: str, text: str, volumes: list[str], folder: pathlib.Path) -> Mount:
    source, target, *options = text.split(":")
    if options not in ([], ["ro"]):
        raise ComposeError(f"volume '{text}' of {name}: only :ro may follow the path")
    read_only = bool(options)
    if source.startswith((".", "/")):
        return Mount("bind", str((folder / source).resolve()), target, read_only)
    if source not in volumes:
        raise ComposeError(f"{name} wants the volume {source}, which is not declared")
    return Mount("volume", source, target, read_only)


def _mounts(name: str, entry: dict, secrets: dict[str, str], volumes: list[str],
            folder: pathlib.Path) -> list[Mount]:
    mounts = [_volume_mount(name, text, volumes, folder) for text in entry.get("volumes", [])]
    for text in entry.get("tmpfs", []):
        target, _, options = text.partition(":")
        mounts.append(Mount("tmpfs", options, target))
    for secret in entry.get("secrets", []):
        if secret not in secrets:
            raise ComposeError(f"{name} wants the secret {secret}, which is not declared")
        mounts.append(Mount("secret", secrets[secret], f"/run/secrets/{secret}", True))
    return mounts


def _ports(name: str, entry: dict) -> list[int]:
    """HOST:PORT:PORT or PORT:PORT; the last is the container's."""
    ports = []
    for text in entry.get("ports", []):
        if not re.fullmatch(r"([0-9.]+:|\[[0-9a-f:]+\]:)?[0-9]+:[0-9]+", str(text)):
            raise ComposeError(f"ports of {name}: '{text}' is not understood")
        ports.append(int(str(text).rpartition(":")[2]))
    return ports


def _restarts(name: str, entry: dict) -> bool:
    how = entry.get("restart", "no")
    if how not in RESTART:
        raise ComposeError(f"restart of {name}: {how} is not known here")
    return how != "no"


def _depends_on(name: str, entry: dict) -> dict[str, str]:
    waits = {}
    for other, how in entry.get("depends_on", {}).items():
        _refuse_unknown(f"depends_on of {name}", how, {"condition"})
        if how.get("condition") not in CONDITIONS:
            raise ComposeError(f"{name} waits for {other} in a way that is not known")
        waits[other] = how["condition"]
    return waits


def _service(name: str, entry: dict, secrets: dict[str, str], volumes: list[str],
             folder: pathlib.Path) -> Service:
    _refuse_unknown(f"service {name}", entry, KNOWN)
    if "image" not in entry:
        raise ComposeError(f"service {name} has no image")
    security = entry.get("security_opt", [])
    if set(security) - {"no-new-privileges:true"}:
        raise ComposeError(f"security_opt of {name}: {security} is not known here")
    return Service(
        name=name, image=entry["image"],
        entrypoint=_words(f"entrypoint of {name}", entry.get("entrypoint")),
        command=_words(f"command of {name}", entry.get("command")),
        environment={key: str(value) for key, value in entry.get("environment", {}).items()},
        user=entry.get("user"), depends_on=_depends_on(name, entry),
        health=_health(name, entry.get("healthcheck", {})),
        mounts=_mounts(name, entry, secrets, volumes, folder),
        read_only=bool(entry.get("read_only", False)), cap_drop=entry.get("cap_drop", []),
        no_new_privileges="no-new-privileges:true" in security,
        network_mode=entry.get("network_mode", "default"), ports=_ports(name, entry),
        profiles=entry.get("profiles", []), restarts=_restarts(name, entry),
        stop_grace_seconds=seconds(entry.get("stop_grace_period", "10s")),
        stop_signal=entry.get("stop_signal"))


def _check_conditions(compose: Compose) -> None:
    for service in compose.services.values():
        for other, condition in service.depends_on.items():
            if condition == "service_healthy" and compose.services[other].health.disabled:
                raise ComposeError(f"{service.name} waits for the health of {other}, which has none")
