"""What goes wrong, and when: the whole of it follows from a seed and a length, so that a seed
replays a schedule. What the programme was doing at each moment is not replayed.
"""
import dataclasses
import random

SERVICES = ["registry-1", "calls-1", "calls-2", "referral-1", "referral-2"]
GAP = 2.0  # seconds between two faults, on average


@dataclasses.dataclass(frozen=True)
class Fault:
    at: float  # seconds after the begin
    kind: str
    target: str
    seconds: float  # how long it lasts
    detail: tuple = ()  # ("seconds", 0.2)

    def __str__(self):
        detail = "".join(f" {key}={value}" for key, value in self.detail)
        return f"{self.at:7.1f} s  {self.kind} {self.target} for {self.seconds:.1f} s{detail}"


def _links(partners):
    # What a service says to another goes by the other's own link.
    return (2 * [f"db:{name}" for name in SERVICES] + [f"to:{name}" for name in SERVICES]
            + [f"to:{partner}" for partner in partners])


# kind, weight, shortest and longest
KINDS = [("kill", 56, 0.1, 1.5), ("term", 7, 0.1, 1.0), ("stop", 9, 0.5, 9.0), ("link", 18, 0.5, 4.0),
         ("partner", 4, 0.2, 3.0), ("database", 3, 0.2, 1.5), ("freeze", 1, 0.5, 4.0),
         ("disk", 1, 0.5, 2.0), ("clock", 3, 2.0, 8.0)]


def _link(random_, links):
    kind = random_.choice(["delay", "loss", "cut", "halfopen", "slow", "reset"])
    detail = {"delay": ("seconds", round(random_.uniform(0.02, 0.6), 2)),
              "loss": ("share", round(random_.uniform(0.02, 0.3), 2)),
              "cut": ("bytes", random_.choice([200, 2000, 20000])),
              "slow": ("bytes", random_.choice([2000, 20000]))}.get(kind)
    return random_.choice(links), (("kind", kind),) + ((detail,) if detail else ())


def make(seed, seconds, partners, without=(), only=()):
    """The faults of a run, in order. `without` are kinds that this machine cannot make; `only`, when
    given, the kinds that are wanted."""
    random_ = random.Random(f"veille/{seed}")
    links = _links(partners)
    kinds = [kind for kind in KINDS if not only or kind[0] in only]
    faults, at = [], 3.0
    while at < seconds:
        kind, _, shortest, longest = random_.choices(kinds, [weight for _, weight, _, _ in kinds])[0]
        lasts = round(random_.uniform(shortest, longest), 2)
        target, detail = random_.choice(SERVICES), ()
        if kind == "link":
            target, detail = _link(random_, links)
        elif kind == "partner":
            target = random_.choice(partners)
        elif kind in ("database", "freeze", "disk"):
            target = "postgresql"
        elif kind == "clock":
            detail = (("step", random_.choice([-3600, -90, 90, 3600, 7200])),)
        if kind not in without:
            faults.append(Fault(round(at, 2), kind, target, lasts, detail))
        at += random_.expovariate(1 / GAP) if random_.random() < 0.85 else 0.05
    return faults
