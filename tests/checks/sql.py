#!/usr/bin/env python3
"""Named statements: unique names, named columns, and landlord_id in every one that touches a table.

A statement about what belongs to no landlord (migrations, roles) says so in the comment above it:
`// crosses landlords: <reason>`. What must cross landlords for real, the claims of the queues and the
figures of an operator, is a function in the migrations: no statement of a service could.
`--self-test` plants violations.
"""

import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]

DECLARED = re.compile(r"\bQuery\s+(k\w+)\s*(?:=\s*(?:\w+::)*(?:Query)?\s*)?\{")
QUERY = re.compile(
    DECLARED.pattern + r'\s*"([^"]+)"\s*,\s*(?:R"(\w*)\((.*?)\)\3"|((?:"(?:[^"\\]|\\.)*"\s*)+))\s*,?\s*\}',
    re.DOTALL)
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?([a-z_][\w.]*)(?!\w|\s*\()",
                   re.IGNORECASE)
CTE = re.compile(r"\b(\w+)\s*(?:\([\w\s,]*\)\s*)?AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(",
                 re.IGNORECASE)
NOT_TABLES = {"set", "select", "lateral", "skip", "of", "nowait", "only", "unnest", "rows"}
EXEMPTION = re.compile(r"crosses landlords: \S")


def tables(sql: str) -> set[str]:
    """The tables that a statement names: neither its own CTEs, functions nor FOR UPDATE."""
    plain = re.sub(r"\b(IS (NOT )?DISTINCT FROM|(FOR|DO)( NO KEY)? UPDATE( OF [\w, ]+)?|"
                   r"(EXTRACT|SUBSTRING|TRIM|OVERLAY)\s*\([^()]*(\([^()]*\))?[^()]*\))", " ",
                   sql, flags=re.IGNORECASE)
    named = {name.lower() for name in TABLE.findall(plain)}
    return named - {name.lower() for name in CTE.findall(plain)} - NOT_TABLES


def comment_above(lines: list[str], index: int) -> str:
    """The comment lines that stand directly above line `index`."""
    comment: list[str] = []
    while index > 0 and lines[index - 1].strip().startswith("//"):
        index -= 1
        comment.insert(0, lines[index].strip())
    return " ".join(comment)


def violations(services: pathlib.Path) -> list[str]:
    found: list[str] = []
    names: dict[str, str] = {}
    for file in sorted([*services.rglob("*.cc"), *services.rglob("*.h")]):
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        path = file.relative_to(services.parent).as_posix()
        parsed = set()
        for match in QUERY.finditer(text):
            constant, name = match.group(1), match.group(2)
            parsed.add(constant)
            line = text.count("\n", 0, match.start())
            where = f"{path}:{line + 1}: {constant} ({name})"
            if name in names:
                found.append(f"{where}: the name is taken by {names[name]}")
            names.setdefault(name, where)
            sql = re.sub(r"--[^\n]*", "", match.group(4) or match.group(5))
            if re.search(r"\b(SELECT|RETURNING)\s+(DISTINCT\s+)?(\w+\.)?\*|,\s*\w+\.\*", sql,
                         re.IGNORECASE):
                found.append(f"{where}: name the columns instead of *")
            touched = tables(sql)
            if touched and "landlord_id" not in sql:
                if not EXEMPTION.search(comment_above(lines, line)):
                    found.append(f"{where}: touches {', '.join(sorted(touched))} without landlord_id; "
                                 "if it must, say why above: // crosses landlords: <reason>")
        for match in DECLARED.finditer(text):
            if match.group(1) not in parsed:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {match.group(1)}: not of the form "
                             'constexpr Query kName{"name", R"sql(...)sql"}')
    return found


GOOD = '''
constexpr Query kGrantLeases{"leases.grant", R"sql(
  WITH c AS MATERIALIZED (SELECT id FROM cohort WHERE landlord_id = $1 FOR UPDATE SKIP LOCKED)
  UPDATE cohort SET state = 2 FROM c WHERE cohort.id = c.id AND cohort.landlord_id = $1
)sql"};
constexpr db::Query kLock{"schema.lock", "SELECT pg_advisory_lock($1), count(*) FROM unnest($2)"};
// Claims for the relay.
// crosses landlords: one relay serves all of them.
constexpr Query kClaim{"outbox.claim", R"(SELECT id FROM outbox)"};
'''
BAD = [  # planted statement, what is said
    ('constexpr Query kA{"leases.grant", R"sql(SELECT 1)sql"};', "the name is taken"),
    ('constexpr Query kA{"a", R"sql(SELECT * FROM t WHERE landlord_id = $1)sql"};', "instead of *"),
    ('constexpr Query kA{"a", R"sql(DELETE FROM t WHERE landlord_id = $1 RETURNING *)sql"};',
     "instead of *"),
    ('constexpr Query kA{"a", "UPDATE t SET a = 1 WHERE id = $1"};', "without landlord_id"),
    ('// crosses landlords:\nconstexpr Query kA{"a", R"sql(SELECT a FROM t)sql"};',
     "without landlord_id"),
    ('constexpr Query kA{"a", R"sql(SELECT a FROM t -- landlord_id\n)sql"};', "without landlord_id"),
    ('constexpr Query kA{kName, kText};', "not of the form"),
]


def self_test() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        services = pathlib.Path(folder, "services")
        services.mkdir()
        (services / "a.cc").write_text(GOOD, encoding="utf-8")
        for text, said in [("", "")] + BAD:
            (services / "b.cc").write_text(text, encoding="utf-8")
            found = violations(services)
            if (said and not any(said in line for line in found)) or (not said and found):
                print(f"expected '{said}' for {text!r}, got {found}")
                wrong += 1
    print(f"{len(BAD)} planted, {wrong} wrong")
    return 1 if wrong else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = violations(TOP / "services")
    print("\n".join(found) if found else "sql: every statement is in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
