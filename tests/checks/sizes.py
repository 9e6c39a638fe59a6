#!/usr/bin/env python3
"""A file that outgrows its room usually hides a second subject: over 400 lines is said, over 600
fails."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
SAID, REFUSED = 400, 600
KINDS = {".h", ".cc", ".proto", ".sql", ".py"}


def main() -> int:
    long = []
    for folder in ("services", "proto/veille", "tests"):
        for file in (TOP / folder).rglob("*"):
            if file.suffix in KINDS:
                lines = len(file.read_text(encoding="utf-8").splitlines())
                if lines > SAID:
                    long.append((lines, file.relative_to(TOP)))
    for lines, file in sorted(long, reverse=True):
        verdict = "too long: split it" if lines > REFUSED else "long"
        print(f"{file}: {lines} lines, {verdict}")
    return 1 if any(lines > REFUSED for lines, _ in long) else 0


if __name__ == "__main__":
    sys.exit(main())
