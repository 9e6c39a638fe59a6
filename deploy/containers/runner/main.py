"""The steps of deploy/containers/test."""

import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import time

import campaign
import images
import machine
import namespaces
from buildah import Buildah, BuildahError
from compose_file import ComposeError
from container import Container, ContainerError
from programme import Programme
from watchers import Aborts, HealthWatch, Restarts

TOP = pathlib.Path(__file__).resolve().parents[3]
FOLDER = TOP / "build" / "containers"
STATE = FOLDER / "state"
COMPOSE = TOP / "deploy" / "containers" / "compose.yaml"
SAMPLES = TOP / "deploy" / "samples"
# Where buildah remembers layers, whatever its storage is.
BUILDAHS_CACHE = pathlib.Path("/var/lib/containers/cache/blob-info-cache-v1.boltdb")
# What the file asks of the edge here: all volunteers have one address, and do not pause.
LIMITS = {"VEILLE_EDGE_CALLS_PER_SECOND": "20000", "VEILLE_EDGE_BURST": "20000"}
ABORTED = ["call-tracking", "referral", "tenant-registry", "edge"]


class Failure(Exception):
    """What was expected and is not so."""


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def main() -> int:
    options = _options()
    try:
        if options.inside is None:
            return supervise(options)
        namespaces.prepare(network=options.inside == "build")
        if options.inside == "build":
            build_images(Buildah(FOLDER))
        else:
            run_programme(options)
        return 0
    except (BuildahError, ComposeError, ContainerError, Failure, OSError) as error:
        print(f"deploy/containers/test: {error}", file=sys.stderr)
        return 1


def supervise(options: argparse.Namespace) -> int:
    """Both parts in namespaces of their own, and clean before and after, however they end."""
    buildah = Buildah(FOLDER)
    foreign = BUILDAHS_CACHE.parent.exists()
    clean(buildah)
    try:
        code = namespaces.enter([__file__, "--inside", "build", *sys.argv[1:]], network=True)
        if code != 0 or options.images:
            return code
        return namespaces.enter([__file__, "--inside", "run", *sys.argv[1:]], network=False)
    finally:
        namespaces.ignore_signals()
        clean(buildah)
        if not foreign and BUILDAHS_CACHE.exists():
            BUILDAHS_CACHE.unlink()
            BUILDAHS_CACHE.parent.rmdir()
            BUILDAHS_CACHE.parent.parent.rmdir()


def build_images(buildah: Buildah) -> None:
    if not buildah.has_image(machine.BASE):
        started = time.monotonic()
        say("Debian 12 as base image, by mmdebstrap")
        machine.make_base(buildah, FOLDER)
        print(f"   {time.monotonic() - started:.0f} s")
    say("The images of deploy/containers/Containerfile, by buildah in chroots")
    for target, size, seconds in images.build_all(buildah, TOP, FOLDER):
        print(f"   {target:<16} {size:>8}   " +
              (f"built in {seconds:.1f} s" if seconds else "nothing has changed"), flush=True)


def run_programme(options: argparse.Namespace) -> None:
    STATE.mkdir()
    secrets = STATE / "secrets"
    subprocess.run([COMPOSE.parent / "make-secrets", str(secrets)], check=True, capture_output=True)
    programme = Programme(Buildah(FOLDER), COMPOSE, STATE, {"VEILLE_SECRETS": str(secrets), **LIMITS})

    say("compose.yaml: its containers, in its order")
    started = time.monotonic()
    programme.up()
    for container in programme.containers():
        tell(container)
        check_confinement(container)
    print(f"   all healthy {time.monotonic() - started:.1f} s after the first start")
    check_reach(programme)

    say("A campaign through the edge, with the veillectl of its image; services are aborted meanwhile")
    aborts = Aborts(programme, ABORTED)
    with Restarts(programme), HealthWatch(programme) as health:
        partner = json.loads((SAMPLES / "partner.json").read_text(encoding="utf-8"))
        outcome = campaign.run(programme, read_register(options.register), partner, aborts)
    tell(programme.containers()[-1])
    check_confinement(programme.containers()[-1])
    print("   " + outcome.report.split("Next:")[0].strip().replace("\n", "\n   "))
    judge(outcome)
    if health.unhealthy:
        raise Failure(f"not healthy during the campaign: {', '.join(health.unhealthy)}")
    print(f"   {health.asked} health checks meanwhile, none unhealthy three times running")
    tell_aborts(aborts)
    memory = ", ".join(f"{container.service.name} {container.peak_megabytes():.0f} MB"
                       for container in programme.containers())
    print(f"   resident memory of first processes, at most: {memory}")

    check_version(programme)

    say("The data-protection officer, through the edge")
    verified = campaign.Coordinator(programme).text("audit", "verify")
    print("   " + verified.strip().replace("\n", "\n   "))

    say("Stopped and started again, on the same volumes")
    check_codes(programme.down())
    programme.up("partner", *programme.compose.default_services())
    report = campaign.Coordinator(programme).text("campaign", "report", outcome.campaign)
    if report != outcome.report:
        raise Failure(f"after the restart the report is another:\n{report}")
    check_codes(programme.down())
    print("   each ended with exit code 0 on its signal, and the report is the same")


def tell(container: Container) -> None:
    after = container.serving_after
    print(f"   {container.service.name:<16} " +
          (f"SERVING after {after:.2f} s" if after is not None else "running"), flush=True)


def check_reach(programme: Programme) -> None:
    """From outside the edge answers on the published port, and nothing else does."""
    published = {port for service in programme.compose.services.values() for port in service.ports}
    listening = namespaces.listening_ports()
    reached = {port for port in listening if namespaces.can_be_reached(port)}
    if reached != published:
        raise Failure(f"published: {sorted(published)}; from outside these answer: {sorted(reached)}")
    print(f"   from outside, port {', '.join(map(str, sorted(reached)))} answers, which is the edge's; "
          f"{len(listening - reached)} others listen on loopback")


def tell_aborts(aborts: Aborts) -> None:
    missing = [name for name in ABORTED if not aborts.done[name]]
    if missing:
        raise Failure(f"the campaign was over before these were aborted: {', '.join(missing)}")
    print("   aborted and started again, with nothing lost: " +
          ", ".join(f"{name} {count} times" for name, count in aborts.done.items()))


def judge(outcome: campaign.Outcome) -> None:
    """The campaign's end, as simulate-check found it."""
    differences = outcome.check["differences"]
    if differences:
        raise Failure("ledger, services and partner do not agree:\n  " + "\n  ".join(differences[:20]))
    if not outcome.check["referrals_accepted"]:
        raise Failure("no case reached the partner: the campaign proves nothing")
    print(f"   ledger, services and the partner's log agree: {outcome.check['referrals_accepted']} cases "
          f"accepted, each once; {outcome.check['needs_decision']} households wait for a decision; "
          f"{outcome.simulation['calls_per_second']:,.0f} calls a second")


def check_confinement(container: Container) -> None:
    """That the program runs as compose.yaml and the image say, by what the kernel says of it."""
    service, status = container.service, container.status()
    user = (service.user or container.image.user).split(":")[0]
    wrong = [text for text, right in (
        (f"user {status['Uid']} instead of {user}", status["Uid"].split()[1] == user != "0"),
        (f"capabilities {status['CapEff']}", "ALL" not in service.cap_drop or int(status["CapEff"], 16) == 0),
        ("it may gain privileges", not service.no_new_privileges or status["NoNewPrivs"] == "1"),
        ("its root can be written", not service.read_only or container.root_is_read_only())) if not right]
    if wrong:
        raise Failure(f"{service.name}: {', '.join(wrong)}")


def check_version(programme: Programme) -> None:
    """That the labels tell the version of what is in the images."""
    said = programme.run("veillectl", "--version").stdout.split()[-1]
    labelled = programme.image("veillectl").labels["org.opencontainers.image.version"]
    if said != labelled:
        raise Failure(f"the images are labelled {labelled}, and hold {said} (VERSION in the Containerfile)")


def check_codes(codes: dict[str, int]) -> None:
    # The `sleep` of network knows no signal, and dies of it.
    wrong = {name: code for name, code in codes.items() if code != 0 and name != "network"}
    if wrong:
        raise Failure(f"exit codes: {wrong}")


def read_register(file: pathlib.Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def clean(buildah: Buildah) -> None:
    """Containers and their data; the images stay, so that the next run builds what changed."""
    buildah.output("rm", "--all")
    # Not into what a killed run may have left mounted.
    for folder in (STATE, FOLDER / "tmp"):
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=False)
    (FOLDER / "tmp").mkdir()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/containers/test", add_help=False)
    parser.add_argument("--images", action="store_true")
    parser.add_argument("--inside", choices=("build", "run"))
    parser.add_argument("--register", type=pathlib.Path, default=SAMPLES / "register.csv.gz")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
