"""Importing a large register against \\copy of the rows it leaves, drawing a cohort from it against
COPY … TO STDOUT of the rows it gives, and finding its tenants by name."""
import json
import os
import subprocess
import tempfile
import time
import uuid

from harness import BUILD, FOLDER, median, migrate, output, psql, query, run, say, service, tool
from machine import Spending
from tables import Check, Part, Table, number

TARGETS = ["veille-tenant-registry", "veillectl", "cohort_load", "find_load"]
REFERENCE = "2020-03-17"
COHORT_ROUNDS = 3

# What an import fills, in the order of their foreign keys.
TABLES = ["landlords", "dwellings", "households", "tenants", "phones", "key_contacts",
          "register_rows", "refused_rows", "imports", "import_counts"]


class Scene:
    """A registry over a database of its own, with one landlord."""

    def __init__(self, rows):
        self.rows = rows
        self.folder = tempfile.TemporaryDirectory(prefix="veille-bench-")
        migrate("tenant-registry", "bench_register")
        self.registry = service("tenant-registry", "bench_register")
        landlord = self.veillectl("landlord", "create", "--name", "bench")
        self.landlord = landlord["landlord"]["landlord_id"]

    def __enter__(self):
        self.registry.__enter__()
        return self

    def __exit__(self, *error):
        self.registry.__exit__(*error)
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def command(self, *arguments):
        return [f"{BUILD}/bin/veillectl", *arguments, "--json", "--registry-address",
                self.registry.address]

    def veillectl(self, *arguments):
        return json.loads(output(*self.command(*arguments)))

    def write_register(self):
        with open(self.path("register.csv"), "wb") as file:
            subprocess.run([f"{FOLDER}/scale_register", f"--rows={self.rows}"], stdout=file, check=True)


def import_register(scene):
    """One import through veillectl and the real stream: seconds, memory of both sides, sums."""
    scene.write_register()
    psql("bench_register", "-c", "CHECKPOINT")
    begin = time.monotonic()
    with Spending(scene.registry.pid) as spent:
        client = subprocess.Popen(
            scene.command("import", scene.path("register.csv"), "--complete", "--reference-date", REFERENCE,
                          "--refused", scene.path("refused.csv"), "--request-id", str(uuid.uuid4()),
                          "--landlord", scene.landlord),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        answer = client.stdout.read()
        _, status, usage = os.wait4(client.pid, 0)
    seconds = time.monotonic() - begin
    client.returncode = os.waitstatus_to_exitcode(status)
    if client.returncode != 0:
        raise SystemExit(f"the import failed:\n{answer}")
    totals = json.loads(answer)
    sums = {key: int(value) for key, value in totals.items() if not isinstance(value, list)}
    if sums["rows"] < scene.rows or sums["taken"] + sums["warned"] + sums["refused"] != sums["rows"]:
        raise SystemExit(f"the sums of the import do not add up: {sums}")
    return {"seconds": seconds, "service_mb": scene.registry.memory("VmHWM"),
            "client_mb": usage.ru_maxrss / 1024, **spent.each(sums["rows"]), **sums}


def copy_tables(scene, rows):
    """What psql needs for the same rows, into the same tables with the same indexes: seconds, and
    PostgreSQL's processor time of a row."""
    migrate("tenant-registry", "bench_copied")
    for table in TABLES:
        psql("bench_register", "-c", f"\\copy {table} TO '{scene.path(table)}' CSV")
    psql("bench_copied", "-c", "CHECKPOINT")
    begin = time.monotonic()
    with Spending() as spent:
        for table in TABLES:
            psql("bench_copied", "-c", f"\\copy {table} FROM '{scene.path(table)}' CSV")
    return time.monotonic() - begin, spent.each(rows)["postgres_us"]


def measure_import(scene):
    imported = import_register(scene)
    say(f"imported {imported['rows']} rows in {imported['seconds']:.1f} s; now \\copy")
    copied, postgres_us = copy_tables(scene, imported["rows"])
    return {**imported, "copy_seconds": copied, "copy_postgres_us": postgres_us,
            "ratio": copied / imported["seconds"]}


def draw_cohort(scene):
    with Spending(scene.registry.pid) as spent:
        drawn = json.loads(output(tool("cohort_load"), scene.registry.address, scene.landlord, "0"))
    return {**drawn, **spent.each(drawn["selected"])}


def copy_cohort(scene):
    """Seconds, rows, and PostgreSQL's time of a row, of one statement that gives the same rows."""
    begin = time.monotonic()
    with open(scene.path("cohort"), "w", encoding="utf-8") as file, Spending() as spent:
        run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "bench_register", "-v",
            f"landlord={scene.landlord}", "-v", f"latest_birth={REFERENCE}", "-f",
            f"{FOLDER}/copy_cohort.sql", stdout=file)
    seconds = time.monotonic() - begin
    with open(scene.path("cohort"), encoding="utf-8") as file:
        rows = sum(1 for _ in file)
    return {"seconds": seconds, "rows": rows, **spent.each(rows)}


def measure_cohort(scene):
    """Everybody of any age, so that nearly all households are selected."""
    ours, theirs = [], []
    for _ in range(COHORT_ROUNDS):
        ours.append(draw_cohort(scene))
        theirs.append(copy_cohort(scene))
        if ours[-1]["entries"] != theirs[-1]["rows"]:
            raise SystemExit(f"not the same rows: {ours[-1]} and {theirs[-1]}")
    seconds, copied = median(ours, "seconds"), median(theirs, "seconds")
    return {"households": ours[0]["selected"] + ours[0]["left_out"], "selected": ours[0]["selected"],
            "seconds": seconds, "copy_seconds": copied, "ratio": copied / seconds,
            "server_us": median(ours, "server_us"), "postgres_us": median(ours, "postgres_us"),
            "copy_postgres_us": median(theirs, "postgres_us"), "service_mb": scene.registry.memory("VmHWM")}


def search(scene, statement):
    """The lengths of searches for what the statement gives."""
    names = psql("bench_register", "-A", "-t", "-v", f"landlord={scene.landlord}", "-f", "-",
                 input=f"SELECT setseed(0.5) \\gset\n{statement}")
    return json.loads(output(tool("find_load"), scene.registry.address, scene.landlord, input=names))


def measure_find(scene):
    """Whole names, beginnings of two words, and a given name alone, which many have."""
    source = "FROM tenants WHERE landlord_id = :'landlord' AND present"
    some = (f"{source} AND family_name ~ '^[[:alpha:]]{{4}}' AND given_name ~ '^[[:alpha:]]{{3}}' "
            "ORDER BY random() LIMIT 300")
    return {"tenants": int(query("bench_register", "SELECT count(*) FROM tenants;")[0][0]),
            "whole": search(scene, f"SELECT given_name || ' ' || family_name {some};"),
            "beginnings": search(
                scene, f"SELECT left(family_name, 4) || ' ' || left(given_name, 3) {some};"),
            "given": search(scene, f"SELECT DISTINCT given_name {source} AND given_name <> '';")}


def import_part(figures):
    rows = figures["rows"]
    table = Table(f"Import of {rows:,} rows",
                  ["", "seconds", "rows/s", "CPU µs server", "CPU µs PostgreSQL", "service MB", "client MB"],
                  [["Veille"] + [number(value) for value in (
                      figures["seconds"], rows / figures["seconds"], figures["server_us"],
                      figures["postgres_us"], figures["service_mb"], figures["client_mb"])],
                   ["\\copy of the same rows", number(figures["copy_seconds"]),
                    number(rows / figures["copy_seconds"]), "–", number(figures["copy_postgres_us"]),
                    "–", "–"]],
                  ["Processor time is that of a row."])
    return Part("import", figures, [table],
                [Check("import, times \\copy", figures["ratio"], 0.35, at_least=True),
                 Check("import, service, MB", figures["service_mb"], 120, is_speed=False),
                 Check("import, client, MB", figures["client_mb"], 60, is_speed=False)])


def cohort_part(figures):
    table = Table(f"Drawing a cohort from {figures['households']:,} households",
                  ["", "seconds", "households/s", "CPU µs server", "CPU µs PostgreSQL", "service MB"],
                  [["Veille"] + [number(value) for value in (
                      figures["seconds"], figures["selected"] / figures["seconds"], figures["server_us"],
                      figures["postgres_us"], figures["service_mb"])],
                   ["COPY … TO STDOUT, same rows", number(figures["copy_seconds"]),
                    number(figures["selected"] / figures["copy_seconds"]), "–",
                    number(figures["copy_postgres_us"]), "–"]],
                  [f"{figures['selected']:,} are selected; processor time is that of one of them."])
    return Part("cohort", figures, [table],
                [Check("cohort, times COPY TO STDOUT", figures["ratio"], 0.4, at_least=True),
                 Check("cohort, service, MB", figures["service_mb"], 120, is_speed=False)])


def find_part(figures):
    keys = ["p50_ms", "p90_ms", "p99_ms", "max_ms"]
    kinds = {"whole": "given and family name", "beginnings": "beginnings of both", "given": "given name alone"}
    table = Table(f"Finding a household by name, among {figures['tenants']:,} tenants",
                  ["what is typed", "searches", "p50 ms", "p90 ms", "p99 ms", "max ms"],
                  [[name, figures[kind]["searches"]] + [number(figures[kind][key]) for key in keys]
                   for kind, name in kinds.items()])
    return Part("find", figures, [table],
                [Check("find by a whole name, median, ms", figures["whole"]["p50_ms"], 20)])


def measure_part(options):
    parts = []
    with Scene(options.rows) as scene:
        if "import" in options.parts:
            parts.append(import_part(measure_import(scene)))
        else:
            import_register(scene)
        if "find" in options.parts:
            parts.append(find_part(measure_find(scene)))
        if "cohort" in options.parts:
            parts.append(cohort_part(measure_cohort(scene)))
    return parts
