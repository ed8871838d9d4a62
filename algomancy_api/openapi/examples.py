"""Examples of responses about runs, as the bundled example gives them, with the tour cut short."""

from typing import Any

type Json = dict[str, Any]

_ID = "0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58"
_DATASET_ID = "576da371-d845-4378-bff0-cc2c46774135"
_PARAMETERS = (
    '{"name": "Simulated annealing", "parameters": {"sweeps": 2000, "start_temperature": 0.5, "end_temperature": 0.02, '
    '"finish_with_two_opt": true, "start_tour": "Nearest neighbour", "seed": 1}}'
)


def _kpi(name: str, better_when: str, unit: str, value: float | None, threshold: float | None = None) -> Json:
    return {"name": name, "better_when": better_when, "unit": unit, "value": value, "threshold": threshold}


def _kpis(length: float | None, gap: float | None, seconds: float | None) -> Json:
    return {
        "Tour length": _kpi("Tour length", "LOWER", "unit", length),
        "Gap to optimum": _kpi("Gap to optimum", "AT_MOST", "%", gap, 5.0),
        "Computing time": _kpi("Computing time", "LOWER", "s", seconds),
    }


def _result(length: int, seconds: float, completed_at: str) -> Json:
    return {
        "data_id": _DATASET_ID,
        "completed_at": completed_at,
        "instance": "pcb442",
        "edge_weight_type": "EUC_2D",
        "length": length,
        "optimum": 50_778,
        "seconds": seconds,
        "tour": [62, 61, 28],
        "points": [[600.0, 300.0], [600.0, 200.0], [700.0, 200.0]],
        "closed": True,
    }


_QUEUED: Json = {
    "id": _ID,
    "tag": "my-run",
    "input_data_id": _DATASET_ID,
    "kpis": _kpis(None, None, None),
    "algorithm": {"name": "Simulated annealing", "parameters": _PARAMETERS},
    "data_parameters": {"first_cities": 442},
    "status": "queued",
    "result": None,
    "data_changed": False,
}

_RUNNING: Json = _QUEUED | {"status": "processing"}

_BEST: Json = _RUNNING | {
    "kpis": _kpis(54_211, 6.76, 0.52),
    "result": _result(54_211, 0.52, "2026-01-02T03:04:05.732184"),
}

_COMPLETE: Json = _QUEUED | {
    "status": "complete",
    "kpis": _kpis(51_835, 2.08, 0.87),
    "result": _result(51_835, 0.87, "2026-01-02T03:04:06.098529"),
}

#: A scenario that has just been queued.
QUEUED: Json = {"A queued scenario": _QUEUED}

#: A scenario whose run goes on, after a request to end it.
ASKED: Json = {"A scenario that runs until its algorithm returns": _RUNNING}

#: A scenario after its run and, with ``best``, in it.
SCENARIO: Json = {"A complete scenario": _COMPLETE, "With best=true, while it runs": _BEST}

STATUS: Json = {
    "A scenario that runs": {
        "id": _ID,
        "tag": "my-run",
        "status": "processing",
        "progress": 57.3,
        "objective": 54_211.0,
        "bound": 50_778.0,
    },
    "A scenario that was stopped": {
        "id": _ID,
        "tag": "my-run",
        "status": "complete",
        "progress": 100.0,
        "ended": "stopped",
        "objective": 53_906.0,
        "bound": 50_778.0,
    },
}

QUEUE: Json = {
    "A queue of one scenario": [
        {"id": "5b0f7c1e-3a52-4f7c-8d59-0c8d6f3f7a11", "tag": "the next one", "status": "queued", "progress": 0.0}
    ]
}

CHANGES: Json = {
    "Of two scenarios, one has ended and one is deleted": {
        "scenarios": [
            {
                "id": _ID,
                "tag": "my-run",
                "input_data_key": "Master data",
                "algorithm": {"name": "Slow", "parameters": {"duration": 5}},
                "data_parameters": {"first_cities": 442},
                "status": "complete",
                "progress": 100.0,
                "created_at": "2026-01-02T03:04:00.104331",
                "run_started_at": "2026-01-02T03:04:05.210417",
                "run_finished_at": "2026-01-02T03:04:06.108118",
                "result_available": True,
                "kpis": _kpis(51_835, 2.08, 0.87),
                "data_changed": False,
            }
        ],
        "gone": ["5b0f7c1e-3a52-4f7c-8d59-0c8d6f3f7a11"],
        "done": True,
        "snapshot": False,
        "cursor": "9ad02c41d7f3-17",
    }
}


def _point(seconds: float, objective: float, progress: float) -> Json:
    values = {"seconds": seconds, "objective": objective, "bound": 50_778.0, "gap": None, "message": None}
    return values | {"progress": progress}


PROGRESS: Json = {
    "Tours of a run that goes on": {
        "id": _ID,
        "status": "processing",
        "points": [_point(0.043, 84_433.0, 0.95), _point(0.26, 61_406.0, 20.35), _point(0.52, 54_211.0, 57.3)],
    }
}

LOG: Json = {
    "Two lines of a run that goes on": {
        "lines": [
            {"time": "2026-01-02T03:04:05.123456Z", "stream": "stdout", "level": "INFO", "text": "gap 0.12"},
            {"time": "2026-01-02T03:04:06.5Z", "stream": "log", "level": "WARNING", "text": "solver: no more memory"},
        ],
        "next": "1f0c6ad29b7e-2",
        "complete": False,
        "truncated": False,
    }
}

_RUN: Json = {
    "number": 2,
    "queued_by": "planner",
    "queued": "2026-01-02T03:04:05.205064Z",
    "started": "2026-01-02T03:04:05.210417Z",
    "ended": "2026-01-02T03:04:06.108118Z",
    "outcome": "complete",
    "error": None,
    "seconds": 0.88,
    "cpu_seconds": 0.86,
    "peak_memory": 183_500_800,
    "engine": "process",
    "worker": "process 4711",
    "seed": 271_828_182,
    "time_limit": 60.0,
    "algorithm": "Simulated annealing",
    "parameters": {
        "sweeps": 2000,
        "start_temperature": 0.5,
        "end_temperature": 0.02,
        "finish_with_two_opt": True,
        "start_tour": "Nearest neighbour",
        "seed": 1,
    },
    "data_parameters": {"first_cities": 442},
    "dataset_key": "Master data",
    "dataset_id": _DATASET_ID,
    "server_version": "0.11.0",
    "wiring_version": "1.4.2",
    "kpis": _kpis(51_835, 2.08, 0.87),
}

RUNS: Json = {
    "A run after one that was cancelled": [
        _RUN,
        _RUN
        | {
            "number": 1,
            "queued": "2026-01-02T03:03:05.102938Z",
            "started": "2026-01-02T03:03:05.107316Z",
            "ended": "2026-01-02T03:03:05.612847Z",
            "outcome": "cancelled",
            "error": "Cancelled",
            "seconds": 0.51,
            "cpu_seconds": None,
            "peak_memory": None,
            "kpis": {},
        },
    ]
}

WEBHOOKS: Json = {
    "A receiver that does not respond at the moment": {
        "webhooks": [
            {
                "name": "planning.example.org",
                "url": "https://planning.example.org/hooks/runs",
                "events": ["scenario_complete", "scenario_failed"],
                "labels": {"department": "planning"},
                "state": "failing",
                "waiting": 2,
                "last_tried": "2026-01-02T03:09:11.25Z",
                "last_delivered": "2026-01-02T03:04:06.75Z",
                "last_error": "the connection was refused",
            }
        ]
    }
}

DELIVERIES: Json = {
    "An event that is tried again, and one that has arrived": {
        "webhook": "planning.example.org",
        "deliveries": [
            {
                "event_id": "evt_7d5f0c1e3a524f7c8d590c8d6f3f7a11",
                "type": "scenario_failed",
                "time": "2026-01-02T03:09:11Z",
                "state": "waiting",
                "tries": 1,
                "last_tried": "2026-01-02T03:09:11.25Z",
                "status": None,
                "error": "the connection was refused",
                "next_try": "2026-01-02T03:09:15.875Z",
            },
            {
                "event_id": "evt_0b7ff1f45d0c4b8e9d0a6a3f0c1c2a58",
                "type": "scenario_complete",
                "time": "2026-01-02T03:04:06.5Z",
                "state": "delivered",
                "tries": 1,
                "last_tried": "2026-01-02T03:04:06.75Z",
                "status": 204,
                "error": None,
                "next_try": None,
            },
        ],
    }
}

WEBHOOK_TEST: Json = {
    "A receiver that has moved": {
        "event_id": "evt_9c1e3a524f7c8d590c8d6f3f7a117d5f",
        "delivered": False,
        "status": 301,
        "error": "301: redirects are not followed; give the webhook the new URL",
        "seconds": 0.041,
    }
}
