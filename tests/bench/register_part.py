"""Importing a large register against \\copy of the rows it leaves, drawing a cohort from it against
COPY … TO STDOUT of the rows it gives, and finding its tenants by name."""
import json
import os
import subprocess
import tempfile
import time
import uuid

from harness import (BUILD, ROOT, connection, judge, median, migrate, psql, registry_server, run, say)

TARGETS = ["veille-tenant-registry", "veillectl", "cohort_load", "find_load"]
FOLDER = os.path.join(ROOT, "tests", "bench")
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
        self.registry = registry_server("bench_register")
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
        return json.loads(run(*self.command(*arguments), stdout=subprocess.PIPE).stdout)

    def write_register(self):
        with open(self.path("register.csv"), "wb") as file:
            subprocess.run([f"{FOLDER}/scale_register", f"--rows={self.rows}"], stdout=file, check=True)


def import_register(scene):
    """One import through veillectl and the real stream: seconds, memory of both sides, sums."""
    scene.write_register()
    psql("bench_register", "-c", "CHECKPOINT")
    begin = time.monotonic()
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
            "client_mb": usage.ru_maxrss / 1024, **sums}


def copy_tables(scene):
    """Seconds that psql needs for the same rows, into the same tables with the same indexes."""
    migrate("tenant-registry", "bench_copied")
    for table in TABLES:
        psql("bench_register", "-c", f"\\copy {table} TO '{scene.path(table)}' CSV")
    psql("bench_copied", "-c", "CHECKPOINT")
    seconds = 0
    for table in TABLES:
        begin = time.monotonic()
        psql("bench_copied", "-c", f"\\copy {table} FROM '{scene.path(table)}' CSV")
        seconds += time.monotonic() - begin
    return seconds


def measure_import(scene):
    imported = import_register(scene)
    say(f"imported {imported['rows']} rows in {imported['seconds']:.1f} s; now \\copy")
    copied = copy_tables(scene)
    return {**imported, "copy_seconds": copied, "ratio": copied / imported["seconds"]}


def draw_cohort(scene):
    out = run(f"{BUILD}/tests/bin/cohort_load", scene.registry.address, scene.landlord, "0",
              stdout=subprocess.PIPE).stdout
    return json.loads(out)


def copy_cohort(scene):
    """Seconds, and rows, of one statement that gives the same rows."""
    begin = time.monotonic()
    with open(scene.path("cohort"), "w", encoding="utf-8") as file:
        run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "bench_register", "-v",
            f"landlord={scene.landlord}", "-v", f"latest_birth={REFERENCE}", "-f",
            f"{FOLDER}/copy_cohort.sql", stdout=file)
    seconds = time.monotonic() - begin
    with open(scene.path("cohort"), encoding="utf-8") as file:
        return {"seconds": seconds, "rows": sum(1 for _ in file)}


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
            "service_mb": scene.registry.memory("VmHWM")}


def search(scene, statement):
    """The lengths of searches for what the statement gives."""
    names = psql("bench_register", "-A", "-t", "-v", f"landlord={scene.landlord}", "-f", "-",
                 input=f"SELECT setseed(0.5) \\gset\n{statement}")
    out = run(f"{BUILD}/tests/bin/find_load", scene.registry.address, scene.landlord, input=names,
              stdout=subprocess.PIPE).stdout
    return json.loads(out)


def measure_find(scene):
    """Whole names, beginnings of two words, and a given name alone, which many have."""
    source = "FROM tenants WHERE landlord_id = :'landlord' AND present"
    some = (f"{source} AND family_name ~ '^[[:alpha:]]{{4}}' AND given_name ~ '^[[:alpha:]]{{3}}' "
            "ORDER BY random() LIMIT 300")
    return {"tenants": int(psql("bench_register", "-A", "-t", "-c", "SELECT count(*) FROM tenants")),
            "whole": search(scene, f"SELECT given_name || ' ' || family_name {some};"),
            "beginnings": search(
                scene, f"SELECT left(family_name, 4) || ' ' || left(given_name, 3) {some};"),
            "given": search(scene, f"SELECT DISTINCT given_name {source} AND given_name <> '';")}


def import_checks(figures):
    print(f"\nimport of {figures['rows']} rows: {figures['seconds']:.2f} s, "
          f"{figures['rows'] / figures['seconds']:.0f} rows/s; \\copy {figures['copy_seconds']:.2f} s")
    return [("import, times \\copy", figures["ratio"], figures["ratio"] >= 0.35, "at least 0.35"),
            ("import, service, MB", figures["service_mb"], figures["service_mb"] < 120, "under 120"),
            ("import, client, MB", figures["client_mb"], figures["client_mb"] < 60, "under 60")]


def cohort_checks(figures):
    print(f"\ncohort of {figures['households']} households, {figures['selected']} selected: "
          f"{figures['seconds']:.2f} s; COPY TO STDOUT {figures['copy_seconds']:.2f} s")
    return [("cohort, times COPY TO STDOUT", figures["ratio"], figures["ratio"] >= 0.4, "at least 0.4"),
            ("cohort, service, MB", figures["service_mb"], figures["service_mb"] < 120, "under 120")]


def find_checks(figures):
    print(f"\nsearches among {figures['tenants']} tenants, in ms:")
    for kind in ("whole", "beginnings", "given"):
        one = figures[kind]
        print(f"  {kind:12}{one['searches']:>6} searches  p50 {one['p50_ms']:6.2f}  p99 {one['p99_ms']:6.2f}"
              f"  longest {one['longest_ms']:6.2f}")
    median_ms = figures["whole"]["p50_ms"]
    return [("find by a whole name, median, times 20 ms", median_ms / 20, median_ms <= 20, "at most 1")]


def measure_part(parts, rows, memory_only):
    """({part: figures}, whether the limits are kept); `memory_only` leaves the ratios out."""
    figures, checks = {}, []
    with Scene(rows) as scene:
        say(f"import: {rows} rows")
        if "import" in parts:
            figures["import"] = measure_import(scene)
            checks += import_checks(figures["import"])
        else:
            import_register(scene)
        if "find" in parts:
            say("find")
            figures["find"] = measure_find(scene)
            checks += find_checks(figures["find"])
        if "cohort" in parts:
            say("cohort")
            figures["cohort"] = measure_cohort(scene)
            checks += cohort_checks(figures["cohort"])
    return figures, judge([check for check in checks if not memory_only or "times" not in check[0]])
