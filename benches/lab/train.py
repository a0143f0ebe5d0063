"""Trains the small transformer on one batch, step by step, as PyTorch does it.

    python train.py FOLDER THREADS

FOLDER holds `weights` (float32, in the order of `GptWeights::tensors`, maps as inputs × outputs), `tokens`
(uint32, games × 59) and `targets` (uint64: the tokens that are right, as bits). For every line of input it
takes a step and prints the loss before it.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

LAYERS, HEADS, D_MODEL, CONTEXT, VOCAB = 8, 8, 128, 59, 61


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_norm = nn.LayerNorm(D_MODEL)
        self.qkv = nn.Linear(D_MODEL, 3 * D_MODEL)
        self.attn_out = nn.Linear(D_MODEL, D_MODEL)
        self.mlp_norm = nn.LayerNorm(D_MODEL)
        self.mlp_in = nn.Linear(D_MODEL, 4 * D_MODEL)
        self.mlp_out = nn.Linear(4 * D_MODEL, D_MODEL)

    def forward(self, x):
        games, plies, _ = x.shape
        qkv = self.qkv(self.attn_norm(x)).view(games, plies, 3, HEADS, D_MODEL // HEADS)
        heads = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4), is_causal=True)
        x = x + self.attn_out(heads.transpose(1, 2).reshape(games, plies, D_MODEL))
        return x + self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embedding = nn.Parameter(torch.empty(VOCAB, D_MODEL))
        self.position_embedding = nn.Parameter(torch.empty(CONTEXT, D_MODEL))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.final_norm = nn.LayerNorm(D_MODEL)
        self.unembed = nn.Linear(D_MODEL, VOCAB)

    def forward(self, tokens):
        x = F.embedding(tokens, self.token_embedding) + self.position_embedding
        for block in self.blocks:
            x = block(x)
        return self.unembed(self.final_norm(x))


folder = pathlib.Path(sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))
model = Gpt()

# The parameters come in the order of the file, but those of a map the other way around.
values, first = torch.from_numpy(np.fromfile(folder / "weights", "<f4")), 0
linear = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear)}
with torch.no_grad():
    for parameter in model.parameters():
        part = values[first : first + parameter.numel()]
        first += parameter.numel()
        turned = id(parameter) in linear
        parameter.copy_(part.view(*reversed(parameter.shape)).T if turned else part.view(parameter.shape))
assert first == len(values)

tokens = torch.from_numpy(np.fromfile(folder / "tokens", "<u4").astype(np.int64)).view(-1, CONTEXT)
sets = np.fromfile(folder / "targets", "<u8")
members = torch.from_numpy((sets[:, None] >> np.arange(VOCAB, dtype=np.uint64) & np.uint64(1)).astype(np.float32))
counted = (members.sum(1) > 0).sum()
shares = (members / members.sum(1, keepdim=True).clamp(min=1) / counted).view(*tokens.shape, VOCAB)

matrices = [parameter for parameter in model.blocks.parameters() if parameter.dim() == 2]
of_muon = {id(parameter) for parameter in matrices}
rest = [parameter for parameter in model.parameters() if id(parameter) not in of_muon]
optimizers = [
    torch.optim.Muon(matrices, lr=1e-3, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
    torch.optim.AdamW(rest, lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01),
]

for _ in sys.stdin:
    model.zero_grad()
    loss = -(model(tokens).log_softmax(-1) * shares).sum()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    print(float(loss.detach()), flush=True)
