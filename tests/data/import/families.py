"""Writes a small file of each family as its own library saves it, and what that library makes of it.

    pip install torch==2.11.0 transformer-lens==3.9.0 sae-lens==6.54.12 dictionary-learning==0.1.0 safetensors==0.8.0
    python families.py

All models are of 2 layers, d 16, 4 heads; all dictionaries read `blocks.1.hook_resid_post` of the TransformerLens model
and have 32 features. `expected.safetensors` holds, under the name of each file, the logits of one game or the features
and reconstructions of its activations. Li's and Huben's training code is no library: their modules are written down
here in the form that they publish.
"""

import json
import shutil
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
LAYERS, D, HEADS, FEATURES, PLIES = 2, 16, 4, 32, 20
EXPECTED: dict[str, torch.Tensor] = {}
GAME = "d3c5f6f3b6d2e3f4g2g3f2e1h3h1g4b5c1h4h2h5"  # the first moves of a random game

torch.manual_seed(12)


def squares() -> list[tuple[int, int]]:
    """(column, row) of each move of the game."""
    return [(ord(GAME[at]) - ord("a"), int(GAME[at + 1]) - 1) for at in range(0, 2 * PLIES, 2)]


def token(square: int) -> int:
    """The token of a square among the 60 that are empty at the start."""
    return 1 + square - sum(blank < square for blank in (27, 28, 35, 36))


ROW_MAJOR = [token(8 * row + column) for column, row in squares()]
LETTER_MAJOR = [token(8 * column + row) for column, row in squares()]


def to_ours(logits: torch.Tensor) -> torch.Tensor:
    """Logits of a letter-major model in the order of row-major tokens."""
    order = [0] + [token(s % 8 * 8 + s // 8) for s in range(64) if s not in (27, 28, 35, 36)]
    return logits[..., order]


def randomise(module: nn.Module, scale: float = 0.3) -> None:
    for name, parameter in module.named_parameters():
        if parameter.requires_grad and parameter.is_floating_point():
            gain = 1.0 if name.endswith(("ln1.weight", "ln2.weight", "ln_f.weight", ".w", "gamma")) else 0.0
            parameter.data = gain + scale * torch.randn_like(parameter)


# Li et al.


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.key, self.query, self.value, self.proj = (nn.Linear(D, D) for _ in range(4))
        self.register_buffer("mask", torch.tril(torch.ones(59, 59)).view(1, 1, 59, 59))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, plies, _ = x.shape
        split = lambda y: y.view(batch, plies, HEADS, D // HEADS).transpose(1, 2)
        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = q @ k.transpose(-2, -1) / (D // HEADS) ** 0.5
        scores = scores.masked_fill(self.mask[:, :, :plies, :plies] == 0, float("-inf"))
        return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, plies, D))


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ln1, self.ln2, self.attn = nn.LayerNorm(D), nn.LayerNorm(D), Attention()
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D), nn.Dropout(0.1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class MinGpt(nn.Module):
    def __init__(self, tokens: int = 61) -> None:
        super().__init__()
        self.tok_emb, self.pos_emb = nn.Embedding(tokens, D), nn.Parameter(torch.zeros(1, 59, D))
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.ln_f, self.head = nn.LayerNorm(D), nn.Linear(D, tokens, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tok_emb(tokens) + self.pos_emb[:, : tokens.shape[1]]
        return self.head(self.ln_f(self.blocks(x)))


# Huben: whole objects.


class LayerNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-10) -> None:
        super().__init__()
        self.eps = nn.Parameter(torch.tensor([eps]), requires_grad=False)
        self.beta, self.gamma = nn.Parameter(torch.zeros(dim)), nn.Parameter(torch.ones(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        std, mean = torch.std_mean(x, dim=-1, keepdim=True)
        return (x - mean) / (std + self.eps) * self.gamma + self.beta


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scaling_factor = nn.Parameter(1 / torch.sqrt(torch.tensor([D])), requires_grad=False)
        self.Q, self.K, self.V = (nn.Linear(D, D // HEADS, bias=False) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = self.Q(x) @ self.K(x).transpose(1, 2) * self.scaling_factor
        scores = scores.masked_fill(torch.tril(torch.ones(scores.shape)) == 0, float("-inf"))
        return scores.softmax(-1) @ self.V(x)


class MultiHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads, self.proj = nn.ModuleList([Head() for _ in range(HEADS)]), nn.Linear(D, D)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.proj(torch.cat([head(x) for head in self.heads], dim=-1))


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encode, self.proj, self.activation = nn.Linear(D, 4 * D), nn.Linear(4 * D, D), nn.GELU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.proj(self.activation(self.encode(x)))


class HubenBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention_sublayer, self.mlp_sublayer = MultiHead(), Mlp()
        self.layernorm_1, self.layernorm_2 = LayerNorm(D), LayerNorm(D)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention_sublayer(self.layernorm_1(x))
        return x + self.mlp_sublayer(self.layernorm_2(x))


class OthelloGPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.num_layers, self.d_model, self.n_heads, self.window_length = LAYERS, D, HEADS, 64
        self.token_embed_table, self.position_embed_table = nn.Embedding(66, D), nn.Embedding(64, D)
        self.unembed, self.final_layer_norm = nn.Linear(D, 66), LayerNorm(D)
        self.blocks = nn.Sequential(*(HubenBlock() for _ in range(LAYERS)))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.token_embed_table(tokens) + self.position_embed_table(torch.arange(tokens.shape[1]))
        return self.unembed(self.final_layer_norm(self.blocks(x)))


class SparseAutoencoder(nn.Module):
    def __init__(self, model: OthelloGPT, layer_num: int) -> None:
        super().__init__()
        self.othello_gpt_model, self.layer_num, self.normalize_inputs = model, layer_num, False
        self.encoder_decoder_matrix = nn.Parameter(torch.randn(D, FEATURES))
        self.encoder_bias = nn.Parameter(torch.randn(FEATURES))
        self.layernorm = nn.LayerNorm(D)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        matrix = F.normalize(self.encoder_decoder_matrix, p=2, dim=1)
        hidden = torch.relu(x @ matrix + self.encoder_bias)
        return hidden, hidden @ matrix.T


def expect(name: str, **tensors: torch.Tensor) -> None:
    for key, tensor in tensors.items():
        EXPECTED[f"{name}/{key}"] = tensor.detach().float().contiguous().clone()


@torch.no_grad()
def models() -> torch.Tensor:
    """Writes the models; returns what the second block of TransformerLens' leaves, [plies, d]."""
    row, letter = torch.tensor([ROW_MAJOR]), torch.tensor([LETTER_MAJOR])
    gpt = MinGpt().eval()
    randomise(gpt)
    torch.save(gpt.state_dict(), HERE / "mingpt.ckpt")
    torch.save(
        {"epoch": 3, "model_state_dict": {f"module.{name}": it for name, it in gpt.state_dict().items()}},
        HERE / "mingpt-legacy.pth",
        _use_new_zipfile_serialization=False,
    )
    expect("mingpt.ckpt", logits=to_ours(gpt(letter))[0])

    meta = MinGpt(66).eval()
    randomise(meta)
    torch.save(meta.state_dict(), HERE / "metaothello.ckpt")
    expect("metaothello.ckpt", logits=meta(torch.tensor([[8 * r + c + 1 for c, r in squares()]]))[0])

    huben = OthelloGPT().eval()
    randomise(huben)
    torch.save(huben, HERE / "huben-model.pt")
    tokens = torch.tensor([[64] + [8 * c + r for c, r in squares()]])
    expect("huben-model.pt", logits=huben(tokens)[0])
    sae = SparseAutoencoder(huben, 2)
    torch.save(sae, HERE / "huben-sae.pt")

    from transformer_lens import HookedTransformer, HookedTransformerConfig

    lens = HookedTransformer(
        HookedTransformerConfig(
            n_layers=LAYERS, d_model=D, n_ctx=59, d_head=D // HEADS, n_heads=HEADS, d_mlp=4 * D, d_vocab=61,
            act_fn="gelu", normalization_type="LN", device="cpu",
        )
    )
    randomise(lens)
    torch.save(lens.state_dict(), HERE / "transformer-lens.pth")
    logits, cache = lens.run_with_cache(row)
    expect("transformer-lens.pth", logits=logits[0])
    hooks = ("hook_resid_pre", "hook_attn_out", "hook_resid_mid", "mlp.hook_post", "hook_mlp_out", "hook_resid_post")
    for hook in hooks:
        expect("transformer-lens.pth", **{hook: cache[f"blocks.1.{hook}"][0]})
    expect("transformer-lens.pth", **{"attn.hook_z": cache["blocks.1.attn.hook_z"][0].flatten(1)})
    activations = cache["blocks.1.hook_resid_post"][0]
    # What the MLP reads. TransformerLens 3's hook is before the affine part of an unfolded LayerNorm.
    norm, mlp_out = lens.blocks[1].ln2, cache["blocks.1.hook_mlp_out"][0]
    mlp_in = cache["blocks.1.ln2.hook_normalized"][0] * norm.w + norm.b
    expect("transformer-lens.pth", mlp_in=mlp_in, mlp_out=mlp_out)
    lens.process_weights_(fold_ln=True, center_writing_weights=True, center_unembed=True)
    torch.save(lens.state_dict(), HERE / "transformer-lens-folded.pth")
    expect("transformer-lens-folded.pth", logits=lens(row)[0])
    hidden, reconstruction = sae(activations)
    expect("huben-sae.pt", features=hidden, reconstruction=reconstruction)
    return activations


@torch.no_grad()
def saelens(x: torch.Tensor) -> None:
    from sae_lens import saes

    common = {"d_in": D, "d_sae": FEATURES, "dtype": "float32", "device": "cpu"}
    transcoder = common | {"d_out": D, "apply_b_dec_to_input": False}
    made = {
        "standard": saes.StandardSAE(saes.StandardSAEConfig(**common)),
        "no-pre-bias": saes.StandardSAE(saes.StandardSAEConfig(**common, apply_b_dec_to_input=False)),
        "gated": saes.GatedSAE(saes.GatedSAEConfig(**common)),
        "topk": saes.TopKSAE(saes.TopKSAEConfig(**common, k=5, rescale_acts_by_decoder_norm=True)),
        "jumprelu": saes.JumpReLUSAE(saes.JumpReLUSAEConfig(**common)),
        "skip-transcoder": saes.SkipTranscoder(saes.SkipTranscoderConfig(**transcoder)),
    }
    for name, sae in made.items():
        randomise(sae)
        if hasattr(sae, "threshold"):
            sae.threshold.data = sae.threshold.data.abs()
        sae.cfg.metadata.hook_name = "blocks.1.hook_resid_post"
        folder = HERE / f"saelens-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        reads = x
        if name == "skip-transcoder":
            sae.cfg.metadata.hook_name = "blocks.1.ln2.hook_normalized"
            sae.cfg.metadata.hook_name_out = "blocks.1.hook_mlp_out"
            reads = EXPECTED["transformer-lens.pth/mlp_in"]
        sae.save_model(folder)
        expect(f"saelens-{name}", features=sae.encode(reads), reconstruction=sae(reads))
    # SAELens 3 wrote a flat cfg.json.
    folder = HERE / "saelens-3"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "saelens-no-pre-bias", folder)
    old = {
        "d_in": D, "d_sae": FEATURES, "hook_name": "blocks.1.hook_resid_post", "hook_layer": 1, "hook_head_index": None,
        "activation_fn_str": "relu", "apply_b_dec_to_input": False, "finetuning_scaling_factor": False,
        "sae_lens_training_version": "3.4.0", "normalize_activations": "none",
    }
    (folder / "cfg.json").write_text(json.dumps(old))
    for key in ("features", "reconstruction"):
        EXPECTED[f"saelens-3/{key}"] = EXPECTED[f"saelens-no-pre-bias/{key}"].clone()


@torch.no_grad()
def dictionary_learning(x: torch.Tensor) -> None:
    from dictionary_learning.dictionary import AutoEncoder, AutoEncoderNew, GatedAutoEncoder, JumpReluAutoEncoder
    from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
    from dictionary_learning.trainers.top_k import AutoEncoderTopK

    made = [
        AutoEncoder(D, FEATURES),
        AutoEncoderNew(D, FEATURES),
        GatedAutoEncoder(D, FEATURES),
        AutoEncoderTopK(D, FEATURES, k=5),
        BatchTopKSAE(D, FEATURES, k=5),
        JumpReluAutoEncoder(D, FEATURES),
        MatryoshkaBatchTopKSAE(D, FEATURES, k=5, group_sizes=[8, 24]),
    ]
    for sae in made:
        name = type(sae).__name__
        randomise(sae)
        if hasattr(sae, "threshold"):
            sae.threshold.data = torch.full_like(sae.threshold, 0.4)
        folder = HERE / f"dictionary-learning-{name}"
        folder.mkdir(exist_ok=True)
        torch.save(sae.state_dict(), folder / "ae.pt")
        trainer = {"dict_class": name, "activation_dim": D, "dict_size": FEATURES, "layer": 1, "k": 5}
        (folder / "config.json").write_text(json.dumps({"trainer": trainer, "buffer": {"d_submodule": D}}))
        features = sae.encode(x)
        expect(folder.name, features=features, reconstruction=sae.decode(features))


@torch.no_grad()
def others(x: torch.Tensor) -> None:
    reads = EXPECTED["transformer-lens.pth/mlp_in"]
    w_enc, w_dec, w_skip = (0.3 * torch.randn(shape) for shape in ((FEATURES, D), (FEATURES, D), (D, D)))
    b_enc, b_dec, threshold = 0.3 * torch.randn(FEATURES), torch.randn(D), torch.rand(FEATURES)
    tensors = {"W_enc": w_enc, "W_dec": w_dec, "b_enc": b_enc, "b_dec": b_dec, "W_skip": w_skip}
    save_file(tensors | {"activation_function.threshold": threshold}, HERE / "layer_1.safetensors")
    z = reads @ w_enc.T + b_enc
    features = z * (z > threshold)
    features = torch.relu(features)
    expect("layer_1.safetensors", features=features, reconstruction=features @ w_dec + reads @ w_skip.T + b_dec)

    # [modes, d, letter, digit, contents]: what is asked of them below is said by their own notebooks.
    nanda, ajyl = torch.randn(3, D, 8, 8, 3), torch.randn(1, D, 8, 8, 3)
    torch.save(nanda, HERE / "nanda_probe_layer_1.pth")
    torch.save(nn.Parameter(ajyl), HERE / "resid_1_linear.pth")
    torch.save(ajyl[..., :2].clone(), HERE / "resid_1_flipped.pth")
    blank = (nanda[0, ..., 0] + nanda[1, ..., 0]) / 2
    mine, theirs = (nanda[0, ..., 2] + nanda[1, ..., 1]) / 2, (nanda[0, ..., 1] + nanda[1, ..., 2]) / 2
    for name, classes in {
        "nanda_probe_layer_1.pth": (mine, theirs, blank),
        "resid_1_linear.pth": (ajyl[0, ..., 2], ajyl[0, ..., 1], ajyl[0, ..., 0]),
    }.items():
        logits = torch.stack([torch.einsum("pm,mld->pdl", x, it) for it in classes], -1)
        expect(name, logits=logits.reshape(len(x), 64, 3))


if __name__ == "__main__":
    activations = models()
    expect("activations", resid_post=activations)
    saelens(activations)
    dictionary_learning(activations)
    others(activations)
    EXPECTED["tokens"] = torch.tensor(ROW_MAJOR)
    save_file(EXPECTED, HERE / "expected.safetensors")
