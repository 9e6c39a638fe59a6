"""What the parts of tests/bench/run say: tables, and figures that are judged by a limit."""
from dataclasses import dataclass, field


@dataclass
class Check:
    """A figure and what it must be."""
    name: str
    value: float
    limit: float
    at_least: bool = False
    is_speed: bool = True  # not judged on a machine that does other things

    @property
    def good(self):
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self):
        bound = "at least" if self.at_least else "at most"
        return [self.name, number(self.value), f"{bound} {self.limit:g}", "ok" if self.good else "MISSED"]


@dataclass
class Table:
    title: str
    columns: list
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def text(self):
        """For a terminal: the first column to the left, the others to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(str(line[i])) for line in lines) for i in range(len(self.columns))]
        text = [f"\n{self.title}"]
        for line in lines:
            cells = [str(line[0]).ljust(widths[0])]
            cells += [str(cell).rjust(width) for cell, width in zip(line[1:], widths[1:])]
            text.append("  " + "  ".join(cells).rstrip())
        return "\n".join(text + [f"  {note}" for note in self.notes])

    def markdown(self):
        rule = ["---"] + ["---:"] * (len(self.columns) - 1)
        lines = [f"| {' | '.join(map(str, line))} |" for line in [self.columns, rule, *self.rows]]
        return "\n".join([f"## {self.title}", "", *lines, *(f"\n{note}" for note in self.notes)])


@dataclass
class Part:
    """What one part measured."""
    name: str
    figures: dict
    tables: list
    checks: list
    left_out: list = field(default_factory=list)  # sentences


def number(value):
    """Three digits or more, as far as they say something; a dash for what was not measured."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def judged(checks):
    return Table("Limits", ["what", "measured", "limit", "kept"], [check.row() for check in checks])
