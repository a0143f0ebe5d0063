"""Exports an OthelloGPT to ONNX the way a PyTorch user would: the plain minGPT module through
`torch.onnx.export(dynamo=True)`.

    python export_onnx.py model.safetensors model.onnx            a checkpoint with minGPT's names
    python export_onnx.py --random 512 model.safetensors model.onnx   writes the checkpoint first
"""

import argparse
import math
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

CONTEXT = 59
VOCABULARY = 61
LAYERS = 8
HEADS = 8


class Attention(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.key = nn.Linear(width, width)
        self.query = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)
        self.register_buffer(
            "mask", torch.tril(torch.ones(CONTEXT, CONTEXT)).view(1, 1, CONTEXT, CONTEXT), persistent=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape

        def heads(y: torch.Tensor) -> torch.Tensor:
            return y.view(batch, tokens, HEADS, width // HEADS).transpose(1, 2)

        query, key, value = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        scores = (query @ key.transpose(-2, -1)) * (1.0 / math.sqrt(key.size(-1)))
        scores = scores.masked_fill(self.mask[:, :, :tokens, :tokens] == 0, float("-inf"))
        mixed = F.softmax(scores, dim=-1) @ value
        return self.proj(mixed.transpose(1, 2).contiguous().view(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.ln1 = nn.LayerNorm(width)
        self.ln2 = nn.LayerNorm(width)
        self.attn = Attention(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Gpt(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.tok_emb = nn.Embedding(VOCABULARY, width)
        self.pos_emb = nn.Parameter(torch.zeros(1, CONTEXT, width))
        self.blocks = nn.Sequential(*[Block(width) for _ in range(LAYERS)])
        self.ln_f = nn.LayerNorm(width)
        self.head = nn.Linear(width, VOCABULARY, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tok_emb(tokens) + self.pos_emb[:, : tokens.shape[1], :]
        return self.head(self.ln_f(self.blocks(x)))


def random_weights(width: int) -> dict[str, torch.Tensor]:
    """Weights of minGPT's initial scale, and norms and biases that do something, from a fixed seed.

    Rounded to half precision: a bundle may carry them as such, and both engines then have the same.
    """
    torch.manual_seed(1)
    weights = {}
    for name, tensor in Gpt(width).state_dict().items():
        noise = torch.randn_like(tensor) * 0.02
        centre = 1.0 if name.endswith("weight") and ".ln" in f".{name}" else 0.0
        weights[name] = (centre + noise).half().float()
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, metavar="WIDTH", help="write random weights of this width first")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("onnx", type=Path)
    arguments = parser.parse_args()

    if arguments.random:
        save_file(random_weights(arguments.random), arguments.checkpoint)
    weights = load_file(arguments.checkpoint)
    model = Gpt(weights["tok_emb.weight"].shape[1]).eval()
    model.load_state_dict(weights)
    # All shapes fixed: the runtime folds what it can.
    tokens = torch.arange(1, CONTEXT + 1).view(1, CONTEXT)
    torch.onnx.export(
        model,
        (tokens,),
        arguments.onnx,
        input_names=["tokens"],
        output_names=["logits"],
        opset_version=18,
        dynamo=True,
        external_data=False,
    )


if __name__ == "__main__":
    main()
