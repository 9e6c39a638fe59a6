"""RESULTS.md: what a run of tests/bench/run measured, for whoever reads the repository; and the table of
ratios in the README at the top."""
import datetime
import os

from harness import FOLDER, ROOT
from tables import judged, number

PATH = os.path.join(FOLDER, "RESULTS.md")
README = os.path.join(ROOT, "README.md")

# For the README: the check, what, against what, and how the ratio is said.
RATIOS = [
    ("lease + record, 256 in flight, times pgbench singly at its best", "lease + record, 256 in flight",
     "the same SQL in pgbench, a transaction at a time", "times as many"),
    ("lease + record, 256 in flight, times Node at its best", "",
     "the same contract as an ordinary server in Node", "times as many"),
    ("lease + record, 256 in flight, times pgbench in batches of 64 at its best", "",
     "the same SQL in pgbench, in batches of 64", "times as many"),
    ("lease + record, 256 in flight, protected, times open", "",
     "itself without TLS, tokens, row-level security and audit trail", "times as many"),
    ("lease + record, 1 in flight, median, times that of pgbench -c 1", "lease + record, 1 in flight",
     "pgbench with one client", "times as long"),
    ("lease, 1,000,000 due, median, times that with 10,000", "a lease with 1,000,000 households due",
     "with 10,000", "times as long"),
    ("referrals created, delivered and received, times pgbench in batches of 64",
     "referrals created, delivered and received, one partner stalled",
     "the same SQL in pgbench, in batches of 64", "times as many"),
    ("push, median, 1,000,000 closed referrals, times that with none", "a push, 1,000,000 closed referrals",
     "with none", "times as long"),
    ("import, times \\copy", "import of a register", "`\\copy` of the rows that it leaves", "times as fast"),
    ("cohort, times COPY TO STDOUT", "drawing a cohort", "`COPY … TO STDOUT` of the rows that it gives",
     "times as fast"),
]
TABLE_HEAD = "| what | against | measured | limit |\n|---|---|---|---|\n"

HEAD = """# What was measured

Written by `tests/bench/run{arguments}`, {date}; `tests/bench/run --help` says what each part does.
Figures of different runs, and of different machines, do not compare; the ratios do.
"""


def arguments_of(options):
    """As they were given, but for where figures went."""
    return (" --quick" if options.quick else "") + ("" if options.all_parts else f" --only={options.only}")


def write(machine, parts, checks, options):
    text = [HEAD.format(arguments=arguments_of(options), date=datetime.date.today().isoformat()),
            "\n".join(f"- {line}" for line in machine), judged(checks).markdown()]
    text += [f"**Left out:** {sentence}." for part in parts for sentence in part.left_out]
    text += [table.markdown() for part in parts for table in part.tables]
    with open(PATH, "w", encoding="utf-8") as file:
        file.write("\n\n".join(block.strip("\n") for block in text) + "\n")
    if options.all_parts and not options.quick:
        write_ratios(checks)


def write_ratios(checks):
    """In the place of the rows that stand under the head of the README's table. What was left out has none."""
    judged_by_name = {check.name: check for check in checks}
    rows = []
    for name, what, against, said in RATIOS:
        if name in judged_by_name:
            check = judged_by_name[name]
            limit = f"{check.limit:g}" + ("" if check.good else ", missed")
            rows.append(f"| {what} | {against} | {number(check.value)} {said} | {limit} |\n")
    with open(README, encoding="utf-8") as file:
        before, head, after = file.read().partition(TABLE_HEAD)
    with open(README, "w", encoding="utf-8") as file:
        file.write(before + head + "".join(rows) + after[after.index("\n\n") + 1:])
