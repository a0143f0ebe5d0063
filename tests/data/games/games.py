"""Writes the games of ../random-games.txt as notebooks keep them. With torch 2.11.0 and numpy 2.4.6."""

import pickle
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
MIDDLE = [27, 28, 35, 36]

lines = (HERE.parent / "random-games.txt").read_text().splitlines()
transcripts = [line.split()[1] for line in lines if not line.startswith("#")]
pairs = [[text[at : at + 2] for at in range(0, len(text), 2)] for text in transcripts]
# By letter: Li et al.'s rows.
squares = [[8 * "abcdefgh".index(name[0]) + int(name[1]) - 1 for name in game] for game in pairs]
tokens = {square: token for token, square in enumerate((s for s in range(64) if s not in MIDDLE), start=1)}

with open(HERE / "synthetic.pickle", "wb") as file:
    pickle.dump(squares, file, protocol=pickle.HIGHEST_PROTOCOL)

whole = [game for game in squares if len(game) == 60]
np.save(HERE / "board_seqs_int.npy", np.array([[tokens[square] for square in game] for game in whole]))
torch.save(torch.tensor(whole), HERE / "board_seqs_string.pth")

# Huben's lines.
lines = [" ".join(["XX", *(name.upper() for name in game)]) for game in pairs]
(HERE / "start-token.txt").write_text("\n".join(lines) + "\n")

# Other dresses, of games that end earlier, each by seven moves more than the one before.
cut = [game[: len(game) - 7 * index] for index, game in enumerate(squares)]
names = [game[: len(game) - 7 * index] for index, game in enumerate(pairs)]
dressed = {
    "moves.pickle": names,
    "texts.pickle": ["".join(game) for game in names],
    "arrays.pickle": [np.array(game) for game in cut],
    "pairs.pickle": [[(square % 8, square // 8) for square in game] for game in cut],
    "named.pickle": {"made": "2024", "games": cut},
    "told.pickle": [{"history": game, "pos_int": 3, "ori_color": 2.0} for game in cut],
}
for name, games in dressed.items():
    with open(HERE / name, "wb") as file:
        pickle.dump(games, file)
with open(HERE / "python2.pickle", "wb") as file:
    pickle.dump(tuple(map(tuple, cut)), file, protocol=0)
torch.save([torch.tensor(game) for game in cut], HERE / "tensors.pth")
padded = np.zeros((len(cut), 60), dtype=np.uint8)
for row, game in zip(padded, cut):
    row[: len(game)] = game
np.save(HERE / "zeros.npy", padded)
np.save(HERE / "floats.npy", padded.astype(np.float32))
