"""RESULTS.md: what a run of tests/bench/run measured, for whoever reads the repository."""
import datetime
import os

from harness import FOLDER
from tables import judged

PATH = os.path.join(FOLDER, "RESULTS.md")

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
