"""Writes the same values as torch and numpy save them: values-*. With torch 2.11.0 and numpy 2.4.6."""

import pickle
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent

for protocol in range(6):
    value = {"a": [1, 2.5, None, True, -7, 1 << 40], "b": ("é", b"\xff\x00")}
    (HERE / f"plain-{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))

count = torch.arange(12, dtype=torch.float32)
values = {
    "turned": count.reshape(3, 4).T,
    "shared": {"begin": count[:3], "every_other": count[1:9:2]},
    "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
    "bfloat": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "double": torch.tensor([1.5, -2.0], dtype=torch.float64),
    "whole": torch.tensor([[3, -4]], dtype=torch.int64),
    "mask": torch.tensor([True, False]),
    "parameter": torch.nn.Parameter(torch.tensor([0.25])),
    "array": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "empty": torch.zeros(0, 3),
    "layers": [torch.tensor([7.0])],
    "k": 32,
    "name": "values",
}
torch.save(values, HERE / "values-zip.pt")
torch.save(values, HERE / "values-legacy.pt", _use_new_zipfile_serialization=False)
(HERE / "values-plain.pkl").write_bytes(pickle.dumps(values, protocol=2))
(HERE / "values-newest.pkl").write_bytes(pickle.dumps(values, protocol=5))
torch.save(torch.nn.Parameter(count), HERE / "only.pth")
arrays = {"moves": np.array([[37, 43], [19, 0]], dtype=np.int64), "weights": np.array([0.5, 1.5])}
np.savez(HERE / "stored.npz", **arrays)
np.savez_compressed(HERE / "compressed.npz", **arrays)
np.save(HERE / "moves.npy", arrays["moves"])
np.savez_compressed(HERE / "bomb.npz", zeros=np.zeros(1 << 24, dtype=np.uint8))
