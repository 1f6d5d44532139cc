"""The report as one page: its pictures are in it, it loads nothing, runs nothing and names nobody."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from d2l_sync.services.programme_report import BadgeFigures, ProgrammeReport, by_age

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture. share: of the longest, 0..1. note: what stands behind the number."""

    label: str
    count: int
    share: float
    note: str = ""


def page(made: ProgrammeReport) -> str:
    environment = Environment(
        loader=PackageLoader("d2l_sync.cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        report=made, policy=POLICY, funnel=funnel, ages=by_age, bars=bars, stuck=stuck
    )


def funnel(one: BadgeFigures) -> list[Bar]:
    stages = {"Learners": one.learners, "May earn it": one.may_earn, "Earned": one.earned, "Issued": one.issued}
    return [
        Bar(
            label,
            count,
            count / one.learners if one.learners else 0.0,
            f"{count / one.learners:.0%}" if one.learners else "",
        )
        for label, count in stages.items()
    ]


def bars(counts: dict[str, int]) -> list[Bar]:
    most = max(counts.values(), default=0) or 1
    return [Bar(label, count, count / most) for label, count in counts.items()]


def stuck(one: BadgeFigures) -> list[Bar]:
    """Order what people are stuck at by how many they are."""
    found = sorted((each for each in one.criteria if each.stuck), key=lambda each: -each.stuck)
    most = max((each.stuck for each in found), default=1)
    return [
        Bar(each.name, each.stuck, each.stuck / most, f"{each.last} lack only this" if each.last else "")
        for each in found
    ]
