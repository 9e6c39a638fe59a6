#!/usr/bin/env python3
"""What no file of the project says: unfiled work, somebody's folders, package hosts; and no service
sends a library's own words to a caller."""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("services", "proto/veille", "tests", "deploy", "cmake", ".ci", "docs")
BINARY = {".png", ".gz", ".der", ".pyc"}

# what, where (regular expression on the path), forbidden line
RULES = [
    ("unfiled work: write TODO(#issue) or do it", r"",
     re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")),
    ("a path of somebody's machine", r"",
     re.compile(r"(?<![\w.$}])/(home/\w+|root|work|Users/\w+)/")),
    ("the host of a package registry", r"",
     re.compile(r"\b(deb|registry|pypi|proxy|files|index|repo\w*)\.(?!example)[\w-]+\.(org|io|com|dev)\b")),
    ("an exception's text in an answer: log it, answer with a named error",
     r"^services/(?!common/db/migrat)",  # migrations speak to the operator who runs them
     re.compile(r"(Status\(|Error\(|errors::|Finish\(|set_message\().*\bwhat\(\)")),
]


def main() -> int:
    found = []
    files = [f for folder in FOLDERS for f in sorted((TOP / folder).rglob("*"))]
    files += sorted(TOP.glob("*.md")) + [TOP / "CMakeLists.txt", TOP / "CMakePresets.json"]
    for file in files:
        if not file.is_file() or file.suffix in BINARY or file == pathlib.Path(__file__).resolve():
            continue
        path = file.relative_to(TOP).as_posix()
        rules = [(what, line) for what, where, line in RULES if re.search(where, path)]
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # sample data in another encoding
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{path}:{number}: {what}\n    {line.strip()}"
                      for what, forbidden in rules if forbidden.search(line)]
    print("\n".join(found) if found else "speech: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
