"""Kill, stop and crowd the running service, and count what is lost and what is done twice.

`make kill-sweep` runs all parts, `python -m evals.kill_sweep kills --moments 5` one of them. Each part prints a line a
case. Nothing is asserted but what may never be wrong: stories that are lost, or a limit that is passed, end it with 1.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import httpx2

from evals.stand import (
    LISTENING,
    WORKING,
    Process,
    Stand,
    counting_model,
    read_batch,
    read_stats,
    submit,
    wait_until_ended,
    write_cases,
)

STORIES = 60
AT_ONCE = 20
THINKING_S = 0.4
QUIET_S = 8.0
MOST_SLOWER = 5.0


def sweep_kills(moments: int) -> bool:
    """Kill the server, then a worker, at random moments of batches, on both databases; it is started again at once."""
    print(f"kill -9 at {moments} random moments of a batch of {STORIES}, {AT_ONCE} in flight")
    print("database  victim   lost  asked again  most at once  again after its answer  longest s", flush=True)
    fine = True
    for database, victim in product(("sqlite", "postgres"), ("server", "worker")):
        fine &= _sweep(database, victim, moments)
    return fine


def _sweep(database: str, victim: str, moments: int) -> bool:
    chance = random.Random(f"{database} {victim}")  # noqa: S311 - chooses moments
    in_process = database == "sqlite" and victim == "server"  # as it is by itself; each part is killed once
    settings = {
        "MAX_MODEL_CALLS": str(AT_ONCE),
        "WORKER_CONCURRENCY": str(AT_ONCE),
        "JOBS": "in-process" if in_process else "off",
        "PORT": str(_free_port()),
    }
    lost = again = after_answer = most = 0
    longest_s = 0.0
    with counting_model(THINKING_S) as url, Stand(database, url, settings) as stand:
        processes = {"server": stand.add("server", "serve")}
        if not in_process:
            processes["worker"] = stand.add("worker", "worker", "--concurrency", str(AT_ONCE), EXECUTOR_ID="w")
        for process in processes.values():
            process.start(ready=_ready_line(process))
        with stand.client(int(settings["PORT"])) as client:
            usual_s = _run_batch(client, 0)
            for moment in range(1, moments + 1):
                before = read_stats(url)
                address = submit(client, write_cases(STORIES, first=moment * STORIES))
                began = time.monotonic()
                time.sleep(chance.uniform(0, usual_s))
                in_flight = read_stats(url)["in_flight"]
                processes[victim].kill()
                processes[victim].start(ready=_ready_line(processes[victim]))
                batch = wait_until_ended(client, address)
                now = read_stats(url)
                lost += STORIES - batch["counts"]["done"]
                repeated = now["repeated"] - before["repeated"]
                again, most = again + repeated, max(most, in_flight)
                after_answer += now["repeated_after_answer"] - before["repeated_after_answer"]
                longest_s = max(longest_s, time.monotonic() - began)
    print(f"{database:9} {victim:8} {lost:4} {again:12} {most:13} {after_answer:23} {longest_s:10.1f}", flush=True)
    return lost == 0 and again <= moments * AT_ONCE


def _run_batch(client: httpx2.Client, number: int) -> float:
    began = time.monotonic()
    wait_until_ended(client, submit(client, write_cases(STORIES, first=number * STORIES)))
    return time.monotonic() - began


def _ready_line(process: Process) -> str:
    return LISTENING if process.arguments[0] == "serve" else WORKING


def _free_port() -> int:
    import socket  # noqa: PLC0415 - for this alone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def stop_database(away_s: float = 8.0, stories: int = 500) -> bool:
    """Stop PostgreSQL in the middle of a batch, for a while."""
    settings = {"MAX_MODEL_CALLS": "50"}
    with counting_model(1.0) as url, Stand("postgres", url, settings) as stand:
        assert stand.postgres is not None  # noqa: S101 - it was asked for
        client = _start(stand, workers=1, each=50)
        address = submit(client, write_cases(stories))
        _wait_for(lambda: read_batch(client, address)["counts"]["done"] >= stories // 4)
        stand.postgres.stop()
        time.sleep(away_s)
        stand.postgres.start()
        batch, stats = wait_until_ended(client, address), read_stats(url)
    done = batch["counts"]["done"]
    print(f"PostgreSQL away for {away_s:g} s amid {stories}: {done} done, {stats['repeated']} asked again")
    return done == stories


def crowd_limit(limit: int = 60, stories: int = 240) -> bool:
    """Let two workers that could do more share a limit, and start a third under the id of a live one."""
    settings = {"MAX_MODEL_CALLS": "100", "GLOBAL_CONCURRENCY": str(limit)}
    with counting_model(8.0) as url, Stand("postgres", url, settings) as stand:
        client = _start(stand, workers=2, each=50)
        address = submit(client, write_cases(stories))
        third = stand.add("third", "worker", "--concurrency", "50", EXECUTOR_ID="worker-0")
        try:
            third.start(ready=WORKING)
            refused = "it started"
        except RuntimeError:
            assert third.process is not None  # noqa: S101 - it was started
            refused = f"refused with {third.process.wait()}"
        done = wait_until_ended(client, address)["counts"]["done"]
        peak = read_stats(url)["peak"]
    print(f"two workers, limit {limit}: {done} of {stories} done, peak {peak}; a third with a live one's id: {refused}")
    return done == stories and peak <= limit and refused != "it started"


def read_meanwhile(stories: int = 500, at_once: int = 200) -> bool:
    """Time reads with and without a batch under way, with the work in the API's process and in a worker."""
    ratios = [_compare_reads(database, stories, at_once) for database in ("sqlite", "postgres")]
    return max(ratios) <= MOST_SLOWER


def _compare_reads(database: str, stories: int, at_once: int) -> float:
    in_process = database == "sqlite"
    settings = {
        "MAX_MODEL_CALLS": str(at_once),
        "WORKER_CONCURRENCY": str(at_once),
        "JOBS": "in-process" if in_process else "off",
    }
    with counting_model(1.0) as url, Stand(database, url, settings) as stand:
        client = _start(stand, workers=0 if in_process else 1, each=at_once)
        wait_until_ended(client, submit(client, write_cases(40)))
        quiet = _time_reads(client, lambda passed_s: passed_s > QUIET_S)
        address = submit(client, write_cases(stories, first=1000))
        waiting = threading.Thread(target=wait_until_ended, args=(client, address), daemon=True)
        waiting.start()
        busy = _time_reads(client, lambda _: not waiting.is_alive())
        waiting.join()
    shown = [f"p50 {p50 * 1000:.1f} p99 {p99 * 1000:.1f} ms" for p50, p99 in (quiet, busy)]
    ratio = busy[1] / quiet[1]
    print(f"GET on {database}: quiet {shown[0]}; {stories} at {at_once} in flight {shown[1]}, {ratio:.1f}x", flush=True)
    return ratio


def _time_reads(client: httpx2.Client, is_over: Callable[[float], bool]) -> tuple[float, float]:
    began, took = time.monotonic(), list[float]()
    while not is_over(time.monotonic() - began):
        for path in ("/v1/stories?limit=20", "/v1/assessments?limit=20", "/v1/batches"):
            start = time.perf_counter()
            client.get(path).raise_for_status()
            took.append(time.perf_counter() - start)
        time.sleep(0.02)
    cuts = statistics.quantiles(took, n=100)
    return cuts[49], cuts[98]


def _start(stand: Stand, *, workers: int, each: int) -> httpx2.Client:
    port = int(stand.add("server", "serve", "--port", "0").start(ready=LISTENING)[1])
    for number in range(workers):
        worker = stand.add(f"worker-{number}", "worker", "--concurrency", str(each), EXECUTOR_ID=f"worker-{number}")
        worker.start(ready=WORKING)
    return stand.client(port)


def _wait_for(condition: Callable[[], bool], longest_s: float = 300.0) -> None:
    until = time.monotonic() + longest_s
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("it does not come to that")
        time.sleep(0.05)


def main() -> int:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["kills", "outage", "limit", "reads"])
    parser.add_argument("--moments", type=int, default=20)
    given = parser.parse_args()
    known: dict[str, Callable[[], Any]] = {
        "kills": lambda: sweep_kills(given.moments),
        "outage": stop_database,
        "limit": crowd_limit,
        "reads": read_meanwhile,
    }
    results = [known[part]() for part in given.parts]  # all of them, whatever one says
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
