#!/usr/bin/python3
"""That the reader understands deploy/containers/compose.yaml, and refuses what it does not understand."""

import importlib.util
import pathlib
import sys
import unittest

if importlib.util.find_spec("yaml") is None:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compose_file  # noqa: E402
from compose_file import ComposeError, load  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parents[1]


def read(services: str, **environment: str) -> compose_file.Compose:
    return load("services:\n" + services, FOLDER, environment)


class OurFile(unittest.TestCase):
    def setUp(self):
        text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
        self.compose = load(text, FOLDER, {"VEILLE_SECRETS": "/secrets", "VEILLE_PARTNER": "me"})

    def test_starts_each_service_after_its_migration_and_that_after_the_database(self):
        order = [service.name for service in self.compose.start_order(self.compose.default_services())]
        self.assertEqual("network", order[0])
        self.assertEqual("database", order[1])
        for name in ("tenant-registry", "call-tracking", "referral"):
            self.assertLess(order.index(f"{name}-migrate"), order.index(name))
        self.assertNotIn("partner", order)
        self.assertNotIn("veillectl", order)

    def test_the_edge_alone_is_published_and_listens_beyond_loopback(self):
        published = {service.name: service.ports for service in self.compose.services.values()
                     if service.ports}
        self.assertEqual({"network": [7443]}, published)
        beyond = {service.name for service in self.compose.services.values()
                  if "0.0.0.0" in str([service.command, service.environment])}
        self.assertEqual({"edge"}, beyond)

    def test_the_edge_sees_no_key_but_its_own(self):
        mounts = {mount.source for mount in self.compose.services["edge"].mounts if mount.kind == "volume"}
        self.assertEqual({"edge-certificate"}, mounts)

    def test_what_serves_is_started_again_when_it_dies(self):
        for name in ("database", "tenant-registry", "call-tracking", "referral", "edge", "partner"):
            self.assertTrue(self.compose.services[name].restarts, name)

    def test_every_service_is_confined(self):
        for service in self.compose.services.values():
            self.assertTrue(service.read_only, service.name)
            self.assertEqual(["ALL"], service.cap_drop, service.name)
            self.assertTrue(service.no_new_privileges, service.name)

    def test_no_secret_goes_to_two_services_and_none_is_in_an_environment(self):
        owners: dict[str, set[str]] = {}
        for service in self.compose.services.values():
            for mount in service.mounts:
                if mount.kind == "secret":
                    owners.setdefault(mount.source, set()).add(service.image)
            for name, value in service.environment.items():
                self.assertNotIn("password=", value.lower(), name)
        self.assertEqual(7, len(owners))
        self.assertTrue(all(len(images) == 1 for images in owners.values()), owners)
        self.assertTrue(all(path.startswith("/secrets/") for path in owners), owners)

    def test_variables_are_filled_in(self):
        environment = self.compose.services["partner"].environment
        self.assertEqual("me", environment["VEILLE_PARTNER"])
        self.assertEqual("", environment["VEILLE_LANDLORD"])


class Order(unittest.TestCase):
    def test_a_circle_is_refused_with_its_members(self):
        with self.assertRaisesRegex(ComposeError, "a → b → a"):
            read("  a: {image: i, depends_on: {b: {condition: service_started}}}\n"
                 "  b: {image: i, depends_on: {a: {condition: service_started}}}\n")

    def test_the_owner_of_the_network_comes_first(self):
        compose = read('  a: {image: i, network_mode: "service:b"}\n  b: {image: i}\n')
        self.assertEqual(["b", "a"], [service.name for service in compose.start_order(["a"])])

    def test_waiting_for_nobody_is_refused(self):
        with self.assertRaisesRegex(ComposeError, "no service b"):
            read("  a: {image: i, depends_on: {b: {condition: service_started}}}\n")

    def test_waiting_for_a_health_that_is_switched_off_is_refused(self):
        with self.assertRaisesRegex(ComposeError, "a waits for the health of b"):
            read("  a: {image: i, depends_on: {b: {condition: service_healthy}}}\n"
                 "  b: {image: i, healthcheck: {disable: true}}\n")


class Refused(unittest.TestCase):
    def test_what_is_not_understood(self):
        for entry, reason in (
                ("{image: i, links: [b]}", "service a: links is not known"),
                ("{image: i, ports: [80]}", "ports of a: '80'"),
                ("{image: i, restart: always}", "restart of a: always"),
                ("{image: i, command: serve --all}", "command of a: a list"),
                ("{image: i, healthcheck: {test: [CMD-SHELL, x]}}", "begins with CMD"),
                ("{image: i, healthcheck: {start_interval: 1s}}", "start_interval"),
                ("{image: i, security_opt: [seccomp=unconfined]}", "security_opt of a"),
                ("{image: i, volumes: [data:/data]}", "volume data, which is not declared"),
                ("{image: i, volumes: ['.:/data:z']}", "only :ro may follow"),
                ("{image: i, secrets: [word]}", "secret word, which is not declared"),
                ("{image: i, depends_on: {a: {condition: sometimes}}}", "not known"),
                ("{command: [serve]}", "service a has no image")):
            with self.subTest(entry), self.assertRaisesRegex(ComposeError, reason):
                read(f"  a: {entry}\n")

    def test_variables(self):
        with self.assertRaisesRegex(ComposeError, "WHO must be set: say who"):
            read("  a: {image: '${WHO:?say who}'}\n")
        with self.assertRaisesRegex(ComposeError, r"is written \$\$"):
            read("  a: {image: '$WHO'}\n")
        self.assertEqual("$me", read("  a: {image: '$$${WHO}'}\n", WHO="me").services["a"].image)


class Seconds(unittest.TestCase):
    def test_lengths_of_time(self):
        for text, value in (("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1h", 3600)):
            self.assertEqual(value, compose_file.seconds(text))
        for text in ("", "30", "s", "5 s", "-1s"):
            with self.subTest(text), self.assertRaises(ComposeError):
                compose_file.seconds(text)


if __name__ == "__main__":
    unittest.main()
