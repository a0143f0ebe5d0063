import type { DictionaryInfo } from 'othello-lens';

/** A number's definition. */
export interface Formula {
  title: string;
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
    title: 'Mass on legal moves',
    lines: ['∑_{a∈L} p(a) ~~~,~~~ p(a) = frac{e^{z_a}}{∑_b e^{z_b}}'],
    where: 'L: the legal moves. z: the model’s logits; b runs over its 61 tokens, 60 squares and one filler.',
  },
  illegalMass: {
    title: 'Illegal mass',
    lines: ['∑_{a∉L} p(a)'],
    where:
      'p: the model’s probability of each square. L: the legal moves. A cross marks plies where the top move is illegal.',
  },
  top: {
    title: 'Top move',
    lines: ['"arg max"_a ~ p(a)'],
    where: 'a runs over the 60 squares that a move can name; p is the model’s probability.',
  },
  kl: {
    title: 'KL from the uniform distribution',
    lines: ['KL(u‖p) = ∑_{a∈L} frac{1}{|L|} ~ ln frac{1/|L|}{p(a)}'],
    where:
      'u: every legal move equally likely, as in the games that the model learned from. In nats; 0 is perfect.',
  },
  uniform: {
    title: 'Share of each move',
    lines: ['u(a) = frac{1}{|L|}'],
    where: 'L: the legal moves. What a perfect model of random games would give each of them.',
  },
  active: {
    title: 'Active features',
    lines: ['L_0 = {|\\{i : f_i ≠ 0\\}|}'],
    where: 'f: the SAE’s activations at this ply.',
  },
  share: {
    title: 'Share of the maximum',
    lines: ['frac{f_i}{max_corpus f_i}'],
    where:
      'The activation here over the largest in the corpus of games that came with the SAE. A game outside it can pass 100 %.',
  },
  density: {
    title: 'Density',
    lines: ['frac{|\\{t : f_i(t) > 0\\}|}{|\\{t\\}|}'],
    where: 't runs over the positions of the corpus of games: the share of them where the feature is active.',
  },
  effect: {
    title: 'Direct effect on the logits',
    lines: ['Δ z_a = e_a − frac{1}{60} ∑_b e_b', 'e_a = ((w_i − mean{w}_i) ⊙ γ) · W_U[a]'],
    where:
      'w: the feature’s decoder row; w̄: its mean; γ: the gain of the final norm; W_U: the unembedding of square a; b runs over the 60 squares. Per unit of activation, before the norm’s division, along the direct path: later layers are passed over.',
  },
  meanL0: {
    title: 'Active features on average',
    lines: ['L_0 = frac{1}{|\\{t\\}|} ∑_t {|\\{i : f_i(t) ≠ 0\\}|}'],
    where: 'f: the SAE’s activations; t runs over the positions of test games.',
  },
  fvu: {
    title: 'Fraction of variance unexplained',
    lines: ['FVU = frac{∑_t ‖x_t − hat{x}_t‖^2}{∑_t ‖x_t − mean{x}‖^2}'],
    where:
      'x: the activations that the SAE reads; x̂: its reconstruction; x̄: their mean; t runs over the positions of test games.',
  },
  auroc: {
    title: 'AUROC',
    lines: ['P(f^+ > f^−) + frac{1}{2} ~ P(f^+ = f^−)'],
    where:
      'f⁺, f⁻: the activation at a random position where the statement holds, and at one where it does not. 0.5 says nothing, 1 everything. Own and opponent are seen by the player to move next.',
  },
  f1: {
    title: 'F1',
    lines: ['F_1 = frac{2 · precision · recall}{precision + recall}'],
    where:
      'Precision: the share of positions above the threshold where the statement holds. Recall: the share of those where it holds that are above it. The best of the statements and of the thresholds 0, 10 … 100 % of the maximum.',
  },
};

/** The formula of a dictionary's features; without one it says so, where the formula will be. */
export function activation(dictionary: Pick<DictionaryInfo, 'formula' | 'letters'> | null): Formula {
  const title = 'Activation';
  if (!dictionary) return { title, lines: [], where: 'No dictionary is loaded.' };
  return { title, lines: [dictionary.formula], where: dictionary.letters };
}
