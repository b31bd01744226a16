"""What Prometheus reads. A worker counts in memory and writes its figures down every second; whichever worker is asked
answers for all, each under its own label, so that no figure jumps with the worker that happens to answer."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path

import msgspec

FAMILIES: dict[str, tuple[str, str]] = {
    "calls_total": ("counter", "Calls answered, by endpoint and outcome."),
    "refusals_total": ("counter", "Calls refused, by reason."),
    "call_seconds": ("histogram", "Time from a call's arrival to its end."),
    "overhead_seconds": ("histogram", "The part of it that is the gateway's own."),
    "tokens_total": ("counter", "Tokens by kind."),
    "upstream_attempts_total": ("counter", "Attempts at upstreams, by outcome."),
    "findings_total": ("counter", "Findings of inspection, by kind."),
    "model_changes_total": ("counter", "Times that an upstream answered with another model or version than before."),
    "estimated_total": ("counter", "Calls whose tokens nobody told."),
    "cut_total": ("counter", "Calls in flight that a suspension ended."),
    "in_flight": ("gauge", "Calls under way."),
    "open_circuits": ("gauge", "Targets that are left alone after failures."),
    "bad_policy_files_total": ("counter", "Policy files that could not be verified."),
    "policy_revision": ("gauge", "Revision of the policy in force, by organisation."),
    "policy_seconds_left": ("gauge", "Time until the policy in force runs out, by organisation."),
    "control_silence_seconds": ("gauge", "Time since the control plane was last heard, by organisation."),
}
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
STALE = 10.0  # seconds after which a worker that wrote nothing is gone
PREFIX = "pilothouse_gateway_"

Labels = tuple[tuple[str, str], ...]


class Histogram(msgspec.Struct):
    counts: list[int]
    total: float = 0.0


class Dump(msgspec.Struct):
    """One worker's figures."""

    at: float
    values: list[tuple[str, Labels, float]]
    histograms: list[tuple[str, Labels, Histogram]]


class Metrics:
    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, Labels], float] = defaultdict(float)
        self._histograms: dict[tuple[str, Labels], Histogram] = {}

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        self._values[name, tuple(labels.items())] += amount

    def set(self, name: str, value: float, **labels: str) -> None:
        self._values[name, tuple(labels.items())] = value

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        key = name, tuple(labels.items())
        histogram = self._histograms.get(key)
        if histogram is None:
            histogram = self._histograms[key] = Histogram([0] * (len(BOUNDS) + 1))
        histogram.counts[bisect_left(BOUNDS, seconds)] += 1
        histogram.total += seconds

    def dump(self) -> Dump:
        return Dump(
            time.time(),
            [(name, labels, value) for (name, labels), value in self._values.items()],
            [(name, labels, histogram) for (name, labels), histogram in self._histograms.items()],
        )

    def write(self, folder: Path, slot: int) -> None:
        """Leave the figures where the other workers find them."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = folder / f".{slot}.{os.getpid()}"
        unfinished.write_bytes(msgspec.json.encode(self.dump()))
        unfinished.replace(folder / f"{slot}.json")


def gather(folder: Path, own: Metrics, slot: int) -> str:
    """The figures of all workers in Prometheus's text format."""
    dumps = {str(slot): own.dump()}
    for path in folder.glob("[0-9]*.json"):
        if path.stem in dumps:
            continue
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Dump)
        except (OSError, msgspec.DecodeError):
            continue  # it is being replaced; the next reading has it
        if time.time() - found.at < STALE:
            dumps[path.stem] = found
    lines: list[str] = []
    for name, (kind, text) in FAMILIES.items():
        lines += [f"# HELP {PREFIX}{name} {text}", f"# TYPE {PREFIX}{name} {kind}"]
        for worker, dump in sorted(dumps.items()):
            for found_name, labels, value in dump.values:
                if found_name == name:
                    lines.append(f"{PREFIX}{name}{_labels(labels, worker)} {value:g}")
            for found_name, labels, histogram in dump.histograms:
                if found_name == name:
                    lines += _histogram(name, labels, worker, histogram)
    return "\n".join(lines) + "\n"


def _histogram(name: str, labels: Labels, worker: str, histogram: Histogram) -> list[str]:
    lines, sofar = [], 0
    for bound, number in zip([*(f"{bound:g}" for bound in BOUNDS), "+Inf"], histogram.counts, strict=True):
        sofar += number
        lines.append(f"{PREFIX}{name}_bucket{_labels((*labels, ('le', bound)), worker)} {sofar}")
    lines.append(f"{PREFIX}{name}_sum{_labels(labels, worker)} {histogram.total:.6f}")
    lines.append(f"{PREFIX}{name}_count{_labels(labels, worker)} {sofar}")
    return lines


def _labels(labels: Labels, worker: str) -> str:
    quoted = [f'{name}="{_escaped(value)}"' for name, value in (*labels, ("worker", worker))]
    return "{" + ",".join(quoted) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
