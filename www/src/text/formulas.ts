import type { DictionaryInfo } from 'othello-lens';

/** A number's definition. */
export interface Formula {
  title: string;
  /** What it means, in one plain sentence. */
  plain: string;
  /** A value, and what it says; empty where there is none to give. */
  example: string;
  /** Its lines, as {@link maths} draws them. */
  lines: readonly string[];
  /** What the letters mean. */
  where: string;
}

export type FormulaName =
  | 'legalMass'
  | 'illegalMass'
  | 'top'
  | 'kl'
  | 'uniform'
  | 'active'
  | 'share'
  | 'density'
  | 'effect'
  | 'meanL0'
  | 'fvu'
  | 'auroc'
  | 'f1';

export const FORMULAS: Record<FormulaName, Formula> = {
  legalMass: {
    title: 'Probability of legal moves',
    plain: 'How much of the model’s probability is on moves that the rules allow.',
    example: '91.6 % leaves 8.4 % on moves that nobody may play.',
    lines: ['∑_{a∈L} p(a) ~~~,~~~ p(a) = frac{e^{z_a}}{∑_b e^{z_b}}'],
    where: 'L: the legal moves. z: the model’s logits; b runs over its 61 tokens, 60 squares and one filler.',
  },
  illegalMass: {
    title: 'Probability of illegal moves',
    plain: 'How much of the model’s probability is on moves that the rules forbid.',
    example: '0.5 %: one guess in two hundred, drawn at random, would be illegal.',
    lines: ['∑_{a∉L} p(a)'],
    where:
      'p: the model’s probability of each square. L: the legal moves. A cross marks plies where the top move is illegal.',
  },
  top: {
    title: 'Top move',
    plain: 'The square that the model finds most likely to come next.',
    example: 'd6 at 24 %: of four games that go on from here it expects one to go there.',
    lines: ['"arg max"_a ~ p(a)'],
    where: 'a runs over the 60 squares that a move can name; p is the model’s probability.',
  },
  kl: {
    title: 'Distance from uniform over legal moves',
    plain: 'How far the model is from giving every legal move the same probability.',
    example: '0.05 is close; 1 says that some legal moves are all but ruled out.',
    lines: ['KL(u‖p) = ∑_{a∈L} frac{1}{|L|} ~ ln frac{1/|L|}{p(a)}'],
    where:
      'u: every legal move equally likely, as in the games that the model learned from. In nats; 0 is perfect.',
  },
  uniform: {
    title: 'Share of each move',
    plain: 'What a perfect model of random games would give each legal move.',
    example: 'Of eight legal moves each has 12.5 %.',
    lines: ['u(a) = frac{1}{|L|}'],
    where: 'L: the legal moves. What a perfect model of random games would give each of them.',
  },
  active: {
    title: 'Active features',
    plain: 'How many features are active at this ply.',
    example: '32 of 1,024: the activations are told as a sum of 32 directions.',
    lines: ['L_0 = {|\\{i : f_i ≠ 0\\}|}'],
    where: 'f: the SAE’s activations at this ply.',
  },
  share: {
    title: 'Share of the maximum',
    plain: 'How active the feature is here, against the strongest that was seen of it.',
    example: '95 %: almost never more active.',
    lines: ['frac{f_i}{max_corpus f_i}'],
    where:
      'The activation here over the largest in the corpus of games that came with the SAE. A game outside it can pass 100 %.',
  },
  density: {
    title: 'Density',
    plain: 'How often the feature is active at all.',
    example: '29 %: in about every third position.',
    lines: ['frac{|\\{t : f_i(t) > 0\\}|}{|\\{t\\}|}'],
    where: 't runs over the positions of the corpus of games: the share of them where the feature is active.',
  },
  effect: {
    title: 'Direct effect on the logits, here',
    plain: 'What the feature adds here, directly, to the model’s preference for each square.',
    example: '+0.69 doubles the odds of a move against those of a square where nothing is added.',
    lines: ['Δ z_a = frac{f_i}{σ} (e_a − frac{1}{60} ∑_b e_b)', 'e_a = ((w_i − mean{w}_i) ⊙ γ) · W_U[a]'],
    where:
      'f: its activation at this ply; σ: the standard deviation that the final norm divides by here; w: its decoder row; w̄: its mean; γ: the gain of the norm; W_U: the unembedding of square a; b runs over the 60 squares. Along the direct path: later layers are passed over.',
  },
  meanL0: {
    title: 'Active features on average',
    plain: 'How many features are active in a position, on average.',
    example: '32 of 1,024 are sparse; 500 would not be.',
    lines: ['L_0 = frac{1}{|\\{t\\}|} ∑_t {|\\{i : f_i(t) ≠ 0\\}|}'],
    where: 'f: the SAE’s activations; t runs over the positions of test games.',
  },
  fvu: {
    title: 'Fraction of variance unexplained',
    plain: 'How much of what the dictionary reads it fails to give back.',
    example: '5 % is close to what it read; 100 % is no better than the average.',
    lines: ['FVU = frac{∑_t ‖x_t − hat{x}_t‖^2}{∑_t ‖x_t − mean{x}‖^2}'],
    where:
      'x: the activations that the SAE reads; x̂: its reconstruction; x̄: their mean; t runs over the positions of test games.',
  },
  auroc: {
    title: 'AUROC',
    plain: 'How often the feature is more active where the statement holds than where it does not.',
    example: '0.99: of a hundred such pairs it gets one wrong; 0.50 says nothing.',
    lines: ['P(f^+ > f^−) + frac{1}{2} ~ P(f^+ = f^−)'],
    where:
      'f⁺, f⁻: the activation at a random position where the statement holds, and at one where it does not. 0.5 says nothing, 1 everything. Own and opponent are seen by the player to move next.',
  },
  f1: {
    title: 'F1',
    plain:
      'How well “active above the threshold” predicts the statement, false alarms and misses both counted.',
    example: '1 is perfect; who always says yes to something that holds in 30 % of positions has 0.46.',
    lines: ['F_1 = frac{2 · precision · recall}{precision + recall}'],
    where:
      'Precision: the share of positions above the threshold where the statement holds. Recall: the share of those where it holds that are above it. The best of the statements and of the thresholds 0, 10 … 100 % of the maximum.',
  },
};

/** The formula of a dictionary's features; without one it says so, where the formula will be. */
export function activation(dictionary: Pick<DictionaryInfo, 'formula' | 'letters'> | null): Formula {
  const title = 'Activation';
  const plain = 'How strongly the feature’s direction is present in what the dictionary reads, at this ply.';
  const example = 'At 0 the feature is not active.';
  if (!dictionary) return { title, plain, example, lines: [], where: 'No dictionary is loaded.' };
  return { title, plain, example, lines: [dictionary.formula], where: dictionary.letters };
}
