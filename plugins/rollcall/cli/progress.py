"""Progress on the terminal: what runs, how far it is, how long it took. Plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Step = Callable[[str], AbstractContextManager[None]]


@contextmanager
def steps() -> Iterator[Step]:
    """A list of named steps: each shows a spinner while it runs and its seconds when it is done."""
    console = Console()

    @contextmanager
    def step(name: str) -> Iterator[None]:
        started = time.monotonic()
        with console.status(name):
            yield
        console.print(f"  [green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")

    yield step


@contextmanager
def bar(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar per stage, fed by (stage, done, total)."""
    console = Console()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, object] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(f"{title}: {stage}", total=total)
            progress.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]
            if done == total and not console.is_terminal:
                console.print(f"  {title}: {stage} {done} of {total}")

        yield update
