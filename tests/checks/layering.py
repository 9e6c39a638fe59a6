#!/usr/bin/env python3
"""Dependencies point one way: main -> service -> handlers -> {domain, convert, store} -> common.

On Debian every library's headers are on the include path, so CMake alone stops nothing: this reads
the #include lines of services/. `--self-test` plants one violation of every rule, and its permitted
counterpart, in a temporary tree.
"""

import dataclasses
import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("tenant_registry", "call_tracking", "referral")
PROGRAMS = SERVICES + ("veillectl",)

# What a part of a service may include of its own service. A file at the top of a service is a part by
# its own name if TOP_FILES has it, and `service` otherwise. Loops that work without a request
# (assignment, changes, delivery, relay, batches) stand beside the handlers.
TOP_FILES = {"main": "main", "config": "config", "environment": "environment",
             "request_context": "environment", "errors": "errors"}
OWN_PARTS = {
    "errors": {"errors"},
    "domain": {"domain", "errors"},
    "store": {"store", "domain", "errors"},
    "convert": {"convert", "domain", "errors"},
    "assignment": {"assignment", "convert", "domain", "errors", "store"},
    "batches": {"batches", "clients", "convert", "domain", "errors", "store"},
    "changes": {"changes", "domain", "errors", "store"},
    "clients": {"clients", "convert", "domain", "errors"},
    "delivery": {"delivery", "clients", "config", "convert", "domain", "errors", "store"},
    "relay": {"relay", "clients", "config", "convert", "domain", "errors", "store"},
    "config": {"config"},
    "environment": {"environment", "batches", "changes", "clients", "config", "convert", "delivery", "domain",
                    "errors", "relay", "store"},
    "handlers": {"handlers", "assignment", "batches", "changes", "clients", "convert", "domain", "environment",
                 "errors", "store"},
}
ABOVE = {"main", "service"}  # may include every part of their own service


@dataclasses.dataclass(frozen=True)
class Rule:
    reason: str
    files: str  # regular expression on the path below services/
    line: str  # regular expression of a forbidden line
    bad: tuple[str, str]  # the planted violation: path, line
    good: tuple[str, str]  # what is permitted instead


SERVICE = f"({'|'.join(SERVICES)})"
PROGRAM = f"({'|'.join(PROGRAMS)})"

RULES = [
    Rule("common knows no service: it serves two of them or moves out of common",
         r"^common/", rf'#include "{PROGRAM}/',
         ("common/outbox/relay.cc", '#include "call_tracking/store/lease_store.h"'),
         ("common/outbox/relay.cc", '#include "common/db/database.h"')),
    Rule("common uses the shared contracts only (veille/common, veille/audit, veille/privacy)",
         r"^common/", r'#include [<"]veille/(?!common/|audit/|privacy/)',
         ("common/rpc/server.h", '#include "veille/calls/v1/call_service.pb.h"'),
         ("common/rpc/server.h", '#include "veille/common/v1/access.pb.h"')),
    Rule("domain is pure: no SQL, gRPC, protobuf or log",
         rf"^{SERVICE}/domain/",
         # libphonenumber is the tool for phone numbers; that its header is generated is its own affair.
         r'#include [<"](pqxx|grpc|google/protobuf|google/rpc|spdlog|fmt/|veille/|(?!phonenumbers/).*\.pb\.h)',
         ("referral/domain/transitions.h", "#include <pqxx/pqxx>"),
         ("referral/domain/transitions.h", '#include "absl/strings/string_view.h"')),
    Rule("domain reads no clock: the time is a parameter",
         rf"^{SERVICE}/domain/",
         r'#include [<"](absl/time/clock\.h|common/time/clock\.h)|absl::Now\(|_clock::now\(|\btime\((nullptr|0|NULL)\)',
         ("call_tracking/domain/call_hours.cc", "  return absl::Now() < window.end;"),
         ("call_tracking/domain/call_hours.cc", "  return now < window.end;")),
    Rule("domain uses only values of common (ids, status, time)",
         rf"^{SERVICE}/domain/",
         r'#include "common/(?!ids/|status/|time/)',
         ("referral/domain/deadline.h", '#include "common/db/database.h"'),
         ("referral/domain/deadline.h", '#include "common/ids/id.h"')),
    Rule("store maps rows to domain values: no protobuf, no gRPC",
         rf"^{SERVICE}/store/", r'#include [<"](grpc|google/protobuf|veille/|.*\.pb\.h)',
         ("referral/store/referral_store.h", '#include "veille/referral/v1/referral.pb.h"'),
         ("referral/store/referral_store.h", '#include "common/db/transaction.h"')),
    Rule("convert knows neither SQL nor gRPC",
         rf"^{SERVICE}/convert/", r'#include [<"](pqxx|grpc|common/db/|.*\.grpc\.pb\.h)',
         ("call_tracking/convert/lease.h", '#include "common/db/transaction.h"'),
         ("call_tracking/convert/lease.h", '#include "veille/calls/v1/lease.pb.h"')),
    Rule("libpq and libpqxx are reached through common/db alone",
         r"^(?!common/db/)", r"#include [<\"](pqxx|libpq)",
         ("tenant_registry/store/phone_store.cc", "#include <pqxx/row>"),
         ("common/db/lane.cc", "#include <pqxx/connection>")),
    Rule("gRPC belongs to common/{rpc,tls,identity,program}, the service classes, main, clients, "
         "delivery and veillectl",
         rf"^(common/(?!rpc/|tls/|identity/|program/|audit/audit_service)|{SERVICE}/(domain|store|convert|batches|handlers)/)",
         r'#include [<"](grpcpp/|grpc/|grpc\+\+|.*\.grpc\.pb\.h)',
         ("call_tracking/handlers/calls.cc", '#include "veille/calls/v1/call_service.grpc.pb.h"'),
         ("call_tracking/call_service.h", '#include "veille/calls/v1/call_service.grpc.pb.h"')),
]


def part_of(path: str) -> str:
    """The part of a program that services/PATH belongs to."""
    inner = path.split("/", 1)[1]
    if "/" in inner:
        return inner.split("/", 1)[0]
    stem = inner.rsplit(".", 1)[0]
    return TOP_FILES.get(stem, "service")


def check_parts(path: str, line: str) -> str | None:
    """The rule that an include of another program's or another part's header breaks, if any."""
    program = path.split("/", 1)[0]
    include = re.match(r'\s*#include "([^"]+)"', line)
    if program not in PROGRAMS or not include:
        return None
    target = include.group(1)
    other = target.split("/", 1)[0]
    if other not in PROGRAMS or "/" not in target:
        return None
    if other != program:
        return f"{program} never includes a header of {other}: services meet in their contracts"
    part, used = part_of(path), part_of(target)
    if program == "veillectl" or part in ABOVE:
        return None
    if part not in OWN_PARTS:
        return f"{part}/ is not a known part of a service: add it to tests/checks/layering.py"
    if used not in OWN_PARTS[part]:
        return f"{part} does not include {used} (main -> service -> handlers -> domain, convert, store)"
    return None


def violations(services: pathlib.Path) -> list[str]:
    found = []
    for file in sorted(services.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        path = file.relative_to(services).as_posix()
        rules = [rule for rule in RULES if re.search(rule.files, path)]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            code = line.split("//", 1)[0] if "#include" not in line else line
            reasons = [rule.reason for rule in rules if re.search(rule.line, code)]
            reasons += [reason for reason in [check_parts(path, code)] if reason]
            found += [f"services/{path}:{number}: {reason}\n    {line.strip()}" for reason in reasons]
    return found


PLANTED_PARTS = [  # path, violation, permitted
    ("call_tracking/store/lease_store.h", '#include "call_tracking/handlers/calls.h"',
     '#include "call_tracking/domain/lease.h"'),
    ("call_tracking/convert/lease.cc", '#include "call_tracking/store/lease_store.h"',
     '#include "call_tracking/domain/lease.h"'),
    ("call_tracking/handlers/calls.cc", '#include "call_tracking/call_service.h"',
     '#include "call_tracking/store/lease_store.h"'),
    ("referral/handlers/referrals.cc", '#include "call_tracking/domain/lease.h"',
     '#include "referral/convert/referral.h"'),
    ("veillectl/commands/lease.cc", '#include "call_tracking/domain/lease.h"',
     '#include "veillectl/client/connection.h"'),
    ("referral/misc/things.cc", '#include "referral/domain/referral.h"', ""),
]


def self_test() -> int:
    planted = [(rule.bad[0], rule.bad[1], rule.reason) for rule in RULES]
    permitted = [rule.good for rule in RULES]
    planted += [(path, bad, "") for path, bad, _ in PLANTED_PARTS]
    permitted += [(path, good) for path, _, good in PLANTED_PARTS if good]
    missed = 0
    for path, line, reason in planted:
        if not any(reason in found for found in violations_of(path, line)):
            print(f"not reported: {path}: {line} ({reason})")
            missed += 1
    for path, line in permitted:
        for found in violations_of(path, line):
            print(f"wrongly reported: {found}")
            missed += 1
    print(f"{len(planted)} planted, {len(permitted)} permitted, {missed} wrong")
    return 1 if missed else 0


def violations_of(path: str, line: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True)
        file.write_text(f"// A file.\n{line}\n", encoding="utf-8")
        return violations(pathlib.Path(folder))


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = violations(TOP / "services")
    print("\n".join(found) if found else "layering: every include points the right way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
