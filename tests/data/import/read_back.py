"""Reads with the libraries what `bundle export` wrote of files of this folder, and holds it against what they made of
the files themselves. With what families.py needs:

    othello-lens import transformer-lens.pth saelens-gated saelens-jumprelu saelens-no-pre-bias saelens-standard \
        saelens-topk saelens-skip-transcoder --squares row-major --dtype f32 --games 2 --out b
    othello-lens bundle export --to transformer-lens b --out lens
    othello-lens bundle export --to saelens b --out saes
    othello-lens bundle export --to safetensors b --out plain
    python read_back.py lens saes plain
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent
EXPECTED = load_file(HERE / "expected.safetensors")

# Sums in another order, and norms that were folded into the weights of the top-k SAE.
TOLERANCE = 1e-6


def difference(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


@torch.no_grad()
def model(folder: Path) -> float:
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    config = json.loads((folder / "config.json").read_text())
    lens = HookedTransformer(HookedTransformerConfig(**config, device="cpu"))
    loaded = lens.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    missing = [name for name in loaded.missing_keys if not name.endswith(("mask", "IGNORE"))]
    assert not missing and not loaded.unexpected_keys, loaded
    return difference(lens(EXPECTED["tokens"][None])[0], EXPECTED["transformer-lens.pth/logits"])


@torch.no_grad()
def sae(folder: Path) -> tuple[str, float]:
    """Whose file it was is told by the features; the features and the reconstruction must be those of one file."""
    from sae_lens import SAE

    found = SAE.load_from_disk(folder, device="cpu")
    is_transcoder = "transcoder" in found.cfg.architecture()
    x = EXPECTED["transformer-lens.pth/mlp_in" if is_transcoder else "activations/resid_post"]
    features, reconstruction = found.encode(x), found(x)

    def both(name: str) -> float:
        expected = EXPECTED[f"{name}/features"], EXPECTED[f"{name}/reconstruction"]
        return max(difference(features, expected[0]), difference(reconstruction, expected[1]))

    names = {key.split("/")[0] for key in EXPECTED if key.startswith("saelens-")}
    largest, name = min((both(name), name) for name in names)
    return f"{folder.name}, {name}", largest


def plain(folder: Path) -> tuple[str, int]:
    """That any reader of safetensors has them."""
    tensors = [load_file(file) for file in folder.iterdir()]
    return "tensors of safetensors", sum(len(file) for file in tensors)


if __name__ == "__main__":
    lens, saes, files = (Path(argument) for argument in sys.argv[1:4])
    differences = {"model": model(lens)} | dict(sae(folder) for folder in sorted(saes.iterdir()))
    for name, value in differences.items():
        print(f"{name}: {value:.1e}")
    print(*plain(files))
    assert max(differences.values()) <= TOLERANCE
