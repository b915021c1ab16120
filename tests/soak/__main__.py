"""``make soak``: the day at the usual pace, with every allocation traced; renews docs/soak.md."""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from pathlib import Path

from soak.day import Day

PAGE = Path(__file__).parents[2] / "docs" / "soak.md"
SERVICES, EVERY, HOURS = 500, 5.0, 24


def main() -> None:
    """Live through the day, and write down what it took."""
    tracemalloc.start()
    day = Day(SERVICES, EVERY)
    traced: list[int] = []
    began = time.process_time()
    for number in range(HOURS):
        day.hour(number)
        gc.collect()
        traced.append(tracemalloc.get_traced_memory()[0])
        sys.stderr.write(f"hour {number + 1}: {traced[-1] / 2**20:.1f} MiB\n")
    PAGE.write_text(_page(day, traced, time.process_time() - began), encoding="utf-8")


def _page(day: Day, traced: list[int], seconds: float) -> str:
    messages = [message.event for message in day.inbox.messages]
    rows = "\n".join(f"| {hour} | {traced[hour - 1] / 2**20:.1f} |" for hour in (1, 2, 6, 12, 18, 24))
    return f"""# A day of {SERVICES} services

`make soak` lets `rollout watch` look at a simulated Swarm of five nodes and {SERVICES} services for {HOURS}
hours at its usual pace, a look every {EVERY:g} s. Every hour a service crashes in a loop; a node is lost and
comes back, the engine is away for a minute, another manager is elected, and the watcher itself is replaced.
What it took:

| | |
|---|---|
| looks | {day.post.watcher.picture.looks} since the watcher was replaced |
| calls of the engine a minute, as a rule | {day.calls.usual} |
| in the busiest minute | {day.calls.most} |
| alerts told, and told to be over | {messages.count("alert")}, {messages.count("alert_over")} |
| processor time, simulation and tracing included | {seconds:.0f} s |

The memory that Python holds, simulation included, as `tracemalloc` counts it:

| after hour | MiB |
|---|---|
{rows}
"""


if __name__ == "__main__":
    main()
