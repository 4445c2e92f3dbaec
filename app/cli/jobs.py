"""`star-coach jobs`: see who works on batches, and take over from who died."""

import typer

app = typer.Typer(help="See who works on batches, and take over from who died.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the processes that work on batches, and how many jobs each has and how many wait."""
    import asyncio

    from app.jobs.process import look
    from app.reports.terminal import defuse
    from app.settings import load_settings

    found = asyncio.run(look(load_settings()))
    for executor in found.executors:
        seen = f"{executor.seen_at:%Y-%m-%d %H:%M:%S}"
        jobs = found.held.get(executor.id, 0)
        print(f"{defuse(executor.id)}  on {defuse(executor.host_name)}  last seen {seen} UTC  jobs {jobs}")
    for holder in sorted(found.held.keys() - {executor.id for executor in found.executors}):
        print(f"{defuse(holder)}  not running  jobs {found.held[holder]}")
    print(f"waiting {found.waiting}")


@app.command()
def recover() -> None:
    """Let the jobs of executors that died wait for their turn again; takes 15 seconds, to see who lives.

    Running workers do the same by themselves; this is for when none runs, or nobody wants to wait for them.
    """
    import asyncio

    from app.jobs.process import recover as take_over
    from app.settings import load_settings

    count = asyncio.run(take_over(load_settings()))
    print(f"{count} {'job waits' if count == 1 else 'jobs wait'} for their turn again")
