"""Writes figures.json: what the libraries' own code measures of three SAEs of this folder on random games, which
tests/import holds our figures against. With what families.py needs.

    python tests/data/import/figures.py
"""

import json
from pathlib import Path

import torch
from dictionary_learning.evaluation import evaluate
from sae_lens import SAE
from sae_lens.evals import ExplainedVarianceCalculator, get_recons_loss
from sae_lens.training.activation_scaler import ActivationScaler
from transformer_lens import HookedTransformer, HookedTransformerConfig

HERE = Path(__file__).parent

LAYERS, D, HEADS = 2, 16, 4
HOOK = "blocks.1.hook_resid_post"

# Moves after which positions are scored, from 1, as far as a game goes.
FIRST, LAST = 5, 55

# The 60 squares on which moves are, token 1 first.
CENTRE = {"d4", "e4", "d5", "e5"}
SQUARES = [f"{letter}{digit}" for digit in range(1, 9) for letter in "abcdefgh"]
TOKENS = {square: token for token, square in enumerate((s for s in SQUARES if s not in CENTRE), 1)}


def games() -> list[list[str]]:
    """Those of random-games.txt. They have 60 moves: after every position that is scored one was played."""
    lines = (HERE.parent / "random-games.txt").read_text().splitlines()
    lines = [line.split()[1] for line in lines if not line.startswith("#")]
    return [[game[at : at + 2] for at in range(0, len(game), 2)] for game in lines]


class Wrapped(torch.nn.Module):
    """An SAE of SAELens as dictionary_learning's `evaluate` wants it."""

    def __init__(self, sae: SAE) -> None:
        super().__init__()
        self.sae, self.dict_size, self.activation_dim = sae, sae.cfg.d_sae, sae.cfg.d_in

    def forward(self, x: torch.Tensor, output_features: bool = False):
        features = self.sae.encode(x)
        decoded = self.sae.decode(features)
        return (decoded, features) if output_features else decoded


@torch.no_grad()
def main() -> None:
    lens = HookedTransformer(
        HookedTransformerConfig(
            n_layers=LAYERS, d_model=D, n_ctx=59, d_head=D // HEADS, n_heads=HEADS, d_mlp=4 * D, d_vocab=61,
            act_fn="gelu", normalization_type="LN", device="cpu",
        )
    )
    lens.load_state_dict(torch.load(HERE / "transformer-lens.pth"))
    found = {}
    for name in ("saelens-standard", "saelens-topk", "saelens-gated"):
        sae = SAE.load_from_disk(HERE / name, device="cpu")
        explained, rows, losses = ExplainedVarianceCalculator(), [], []
        for moves in games():
            tokens = torch.tensor([[TOKENS[move] for move in moves[:59]]])
            _, cache = lens.run_with_cache(tokens)
            scored = slice(FIRST - 1, LAST)
            x = cache[HOOK][0, scored]
            explained.add_batch(sae(x), x)
            rows.append(x)
            loss = get_recons_loss(sae, lens, ActivationScaler(), tokens, compute_kl=True, compute_ce_loss=True)
            losses.append({key: value[0, scored] for key, value in loss.items()})
        x = torch.cat(rows)
        of = evaluate(Wrapped(sae), iter([x]), device="cpu")
        mean = {key: torch.cat([loss[key] for loss in losses]).double().mean().item() for key in losses[0]}
        without, recovered = mean["ce_loss_with_ablation"], mean["ce_loss_with_sae"]
        found[name] = {
            "l0": of["l0"],
            "fvu_variance": 1 - of["frac_variance_explained"],
            "fvu": 1 - explained.compute(),
            "sampled_loss_recovered": (without - recovered) / (without - mean["ce_loss_without_sae"]),
            "kl": mean["kl_div_with_sae"],
            "kl_zeroed": mean["kl_div_with_ablation"],
        }
    (HERE / "figures.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
