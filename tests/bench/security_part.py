"""What protection costs: lease + record with everything that protects, and with nothing that can be left
out. Both go over TCP, with the real registry, and take turns.

                     protected                              open
  connections        TLS 1.3, services by certificates      clear text on loopback
  callers            a signed token each, checked           believed
  rows               row-level security on each table       switched off on each table
  audit trail        written, chained, signed               a trigger drops each event, nothing is chained

What is on in both: the table of access rules, validation, limits, sealed columns.
"""
import statistics

from harness import clone, medians, psql, say
from tables import Check, Part, Table
from calls_part import COLUMNS, HOUSEHOLDS, MANY, row
from calls_series import OverTcp, prepare_calls, prepare_registry

TARGETS = ["veille-call-tracking", "veille-tenant-registry", "veillectl", "calls_load", "calls_pgbench"]
NAMES = {"open": "open: clear text, callers believed, no row-level security, no audit trail",
         "secure": "protected"}

TAKE_DOWN = """
DO $$
DECLARE protected regclass;
BEGIN
  FOR protected IN SELECT oid FROM pg_class WHERE relrowsecurity LOOP
    EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', protected);
  END LOOP;
END $$;
CREATE FUNCTION drop_event() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
CREATE TRIGGER dropped BEFORE INSERT ON audit_events_waiting FOR EACH ROW EXECUTE FUNCTION drop_event();
"""


class Secure(OverTcp):
    """With all that protects."""

    def __init__(self):
        super().__init__("bench_registry", secure=True)


class Open(OverTcp):
    """With none of it that can be left out."""

    def __init__(self):
        super().__init__("bench_registry_open", secure=False, template="bench_calls_open")


def prepare():
    prepare_calls("bench_calls", HOUSEHOLDS)
    prepare_registry("bench_registry", HOUSEHOLDS)
    for database in ("bench_calls", "bench_registry"):
        clone(database, f"{database}_open")
        psql(f"{database}_open", "-c", TAKE_DOWN)


def measure_part(options):
    prepare()
    rounds, seconds = (2, 3) if options.quick else (5, 4)
    everyone = {"open": Open(), "secure": Secure()}
    measured = {(name, in_flight): [] for in_flight in (1, MANY) for name in NAMES}
    for turn in range(rounds):
        for name in NAMES if turn % 2 == 0 else reversed(NAMES):
            measured[name, MANY].append(everyone[name].measure(MANY, seconds))
    for name in NAMES:
        measured[name, 1].append(everyone[name].measure(1, seconds))
    ratios = [secure["per_second"] / plain["per_second"]
              for secure, plain in zip(measured["secure", MANY], measured["open", MANY])]
    say(f"protected, of open: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    table = Table("Lease + record, protected and open", COLUMNS,
                  [row(NAMES[name], in_flight, medians(several))
                   for (name, in_flight), several in measured.items()],
                  ["Closed loop over TCP, with the real registry; in turns, and what is judged is the median "
                   "of the ratios, one of each turn. Protected: TLS 1.3, services by certificates, a signed "
                   "token of each caller, row-level security, an audit trail that is chained and signed. Open: "
                   "none of these (row-level security switched off on each table, a trigger that drops the events). "
                   "Access rules, validation and limits are on in both."])
    figures = {f"{name} {in_flight}": medians(several)
               for (name, in_flight), several in measured.items()}
    return [Part("security", {**figures, "ratios": ratios}, [table],
                 [Check("lease + record, 256 in flight, protected, times open", statistics.median(ratios), 0.85,
                        at_least=True)])]
