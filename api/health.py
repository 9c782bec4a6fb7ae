"""Whether the desk lives, is ready, and how it does: /healthz, /readyz, /metrics for operators."""

import hmac
import ipaddress
import os

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily

from api.errors import Problem, problem_response
from api.requests import client_ip

LATE_JOBS = """
    SELECT count(*), COALESCE(EXTRACT(EPOCH FROM now() - min(scheduled_at)), 0)
    FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at < now() - interval '1 minute'"""
STREAMS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'inlay-hub'"""


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can answer."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the desk can work, else 503 with what is late or missing."""
    problems = []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            problems.append("migrations are missing: run manage.py migrate")
        late, seconds = _row(LATE_JOBS)
        if late:
            problems.append(
                f"{late} jobs are late, the oldest by {int(seconds)} s: is manage.py worker running?"
            )
    except DatabaseError:
        problems.append("the database cannot be reached")
    status = "ready" if not problems else "not ready"
    return JsonResponse({"status": status, "problems": problems}, status=503 if problems else 200)


class DeskCollector:
    """Figures of the installation, read when somebody asks."""

    def collect(self):
        late, seconds = _row(LATE_JOBS)
        yield GaugeMetricFamily("inlay_jobs_late", "Background jobs past their time.", late)
        yield GaugeMetricFamily("inlay_jobs_late_seconds", "Lateness of the oldest job.", float(seconds))
        yield GaugeMetricFamily("inlay_hubs", "Processes that serve event streams.", _row(STREAMS)[0])
        newest = _row("SELECT COALESCE(max(id), 0) FROM events_event")[0]
        yield GaugeMetricFamily("inlay_events_newest", "Number of the newest event.", newest)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for whoever holds METRICS_TOKEN; without one, for this machine only."""
    if not _may_read_metrics(request):
        return problem_response(request, Problem("not_authenticated", "Send METRICS_TOKEN as a bearer."))
    if DeskCollector not in map(type, REGISTRY._collector_to_names):
        REGISTRY.register(DeskCollector())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    wanted = os.environ.get("METRICS_TOKEN", "")
    if wanted:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        return hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())
    if "inlay.untrusted_proxy" in request.META:
        return False
    try:
        return ipaddress.ip_address(client_ip(request)).is_loopback
    except ValueError:
        return False


def _row(sql: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()
