"""The service's figures as Prometheus reads them: counted since it was started, or looked up as they are now.

No label names a learner, an address of the web or a message: every one has few values, and all of them are known.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from d2l_sync import __version__
from d2l_sync.daemon.figures import Figures
from d2l_sync.domain.award import State
from d2l_sync.domain.errors import StateError
from d2l_sync.domain.verdict import Truth
from d2l_sync.services.standing import Standing
from d2l_sync.wiring import Application, now

SERVICES = ("brightspace", "badging")
NO_ANSWER = "none"
USABLE = "Whether the state database and the file of the tokens can be read, and the database written."


def metrics_text(application: Application, figures: Figures) -> bytes:
    """Return what /metrics shows."""
    registry = CollectorRegistry()
    registry.register(_ServiceMetrics(application, figures))
    return generate_latest(registry)


class _ServiceMetrics(Collector):
    """Collects the figures once."""

    def __init__(self, application: Application, figures: Figures) -> None:
        self._application = application
        self._figures = figures

    def describe(self) -> list[Metric]:
        """Tell nothing ahead: what is collected depends on whether the database can be read."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _counted(self._figures)
        application = self._application
        left = application.client.credits_left()
        if left is not None:
            yield _gauge("rate_limit_remaining", "Credits that Brightspace left us in its last answer.", left)
        try:
            credentials = self._credentials(application)
            standing = application.standing()
            facts = self._figures.facts_as_of(standing.last, application.state.truths)
        except StateError:
            yield _gauge("state_usable", USABLE, 0)
            return
        yield _gauge("state_usable", USABLE, self._figures.is_state_well)
        yield from credentials
        yield from _stands(standing, now())
        family = GaugeMetricFamily(
            "d2l_sync_facts", "Facts that the last judgements rest on, by verdict.", labels=["verdict"]
        )
        for truth in Truth:
            family.add_metric([truth.value], facts.get(truth, 0))
        yield family

    def _credentials(self, application: Application) -> tuple[Metric, Metric]:
        usable = GaugeMetricFamily(
            "d2l_sync_auth_state", "1 while credentials are good; 0: a person must act.", labels=["provider"]
        )
        age = GaugeMetricFamily("d2l_sync_credential_age_seconds", "Since the token was last renewed.", labels=["name"])
        for service in SERVICES:
            stored = application.token_store.read(service)
            needs_person = application.sign_in().needed if service == "brightspace" else stored.lost_because
            usable.add_metric([service], 0 if needs_person else 1)
            if stored.token is not None and stored.token.obtained_at is not None:
                age.add_metric([service], (now() - stored.token.obtained_at).total_seconds())
        return usable, age


def _counted(figures: Figures) -> Iterator[Metric]:
    outcomes = CounterMetricFamily("d2l_sync_run_outcome", "Passes, by outcome; none: not made.", labels=["outcome"])
    for outcome in ("complete", "partial", "blind", "held", NO_ANSWER):
        outcomes.add_metric([outcome], figures.outcomes[outcome])
    yield outcomes
    calls = CounterMetricFamily("d2l_sync_api_requests", "Requests, by status.", labels=["service", "code"])
    for (service, code), count in sorted(figures.calls_so_far().items()):
        calls.add_metric([service, str(code) if code else NO_ANSWER], count)
    yield calls
    yield CounterMetricFamily("d2l_sync_missed_runs", "Passes whose time went by without one.", value=figures.missed)
    yield CounterMetricFamily(
        "d2l_sync_overlapped_runs", "Passes that were due while another ran.", value=figures.overlapped
    )
    yield _gauge("config_reload_success", "Whether the last reload was taken over.", figures.is_reloaded)
    yield InfoMetricFamily("d2l_sync_build", "What runs.", value={"version": __version__})


def _stands(standing: Standing, at: datetime) -> Iterator[Metric]:
    complete = standing.last_complete.ended_at if standing.last_complete else None
    text = "When the last complete pass over everything ended; 0: there was none yet."
    yield _gauge("last_complete_run_timestamp_seconds", text, complete.timestamp() if complete else 0)
    fresh = GaugeMetricFamily(
        "d2l_sync_course_freshness_seconds", "Since an org unit was last read.", labels=["org_unit"]
    )
    for unit, read_at in sorted(standing.freshness.items()):
        fresh.add_metric([str(unit)], (at - read_at).total_seconds())
    yield fresh
    outbox = GaugeMetricFamily("d2l_sync_outbox", "Awards, by state.", labels=["state"])
    for state in State:
        outbox.add_metric([state.value], standing.counts.get(state, 0))
    yield outbox
    since = standing.unsent_since
    oldest = (at - since).total_seconds() if since else 0
    yield _gauge("oldest_unsent_seconds", "How long an award waits to be sent, the longest.", oldest)
    yield _gauge("guard_held", "Awards and enrolments that the guard holds.", standing.held)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"d2l_sync_{name}", text, value=value)
