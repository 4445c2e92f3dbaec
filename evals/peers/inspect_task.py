"""A task of Inspect's: the stories are taken for answers, and its model-graded scorer grades each by the rubric."""

import os
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import model_graded_qa
from inspect_ai.solver import solver


@solver
def hand_in() -> Any:
    """Take the sample's story for the model's answer, so that grading is the only call."""

    async def solve(state: Any, _: Any) -> Any:
        state.output = ModelOutput.from_content("none", state.metadata["story"])
        return state

    return solve


@task
def stories() -> Task:
    """Return the task for the stories in the folder that PEERS_STORIES names."""
    rubric = Path(os.environ["PEERS_RUBRIC"]).read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(os.environ["PEERS_STORIES"]).iterdir())]
    samples = [Sample(input="Tell me about a time.", target=rubric, metadata={"story": text}) for text in texts]
    return Task(dataset=MemoryDataset(samples), solver=hand_in(), scorer=model_graded_qa())
