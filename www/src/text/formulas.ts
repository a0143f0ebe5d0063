import { html, type TemplateResult } from 'lit';

/** A number's definition. */
export interface Formula {
  title: string;
  math: TemplateResult;
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
  | 'f1'
  | 'activationStandard'
  | 'activationGated'
  | 'activationTopk'
  | 'activationJumpRelu';

export const FORMULAS: Record<FormulaName, Formula> = {
  legalMass: {
    title: 'Mass on legal moves',
    math: html`<math display="block"><munder><mo>∑</mo><mrow><mi>a</mi><mo>∈</mo><mi>L</mi></mrow></munder><mi>p</mi><mo>(</mo><mi>a</mi><mo>)</mo><mspace width="0.6em"/><mo>,</mo><mspace width="0.6em"/><mi>p</mi><mo>(</mo><mi>a</mi><mo>)</mo><mo>=</mo><mfrac><msup><mi>e</mi><msub><mi>z</mi><mi>a</mi></msub></msup><mrow><munder><mo>∑</mo><mi>b</mi></munder><msup><mi>e</mi><msub><mi>z</mi><mi>b</mi></msub></msup></mrow></mfrac></math>`,
    where: 'L: the legal moves. z: the model’s logits; b runs over its 61 tokens, 60 squares and one filler.',
  },
  illegalMass: {
    title: 'Illegal mass',
    math: html`<math display="block"><munder><mo>∑</mo><mrow><mi>a</mi><mo>∉</mo><mi>L</mi></mrow></munder><mi>p</mi><mo>(</mo><mi>a</mi><mo>)</mo></math>`,
    where:
      'p: the model’s probability of each square. L: the legal moves. A cross marks plies where the top move is illegal.',
  },
  top: {
    title: 'Top move',
    math: html`<math display="block"><munder><mi>arg max</mi><mi>a</mi></munder><mspace width="0.2em"/><mi>p</mi><mo>(</mo><mi>a</mi><mo>)</mo></math>`,
    where: 'a runs over the 60 squares that a move can name; p is the model’s probability.',
  },
  kl: {
    title: 'KL from the uniform distribution',
    math: html`<math display="block"><mi>KL</mi><mo>(</mo><mi>u</mi><mo>‖</mo><mi>p</mi><mo>)</mo><mo>=</mo><munder><mo>∑</mo><mrow><mi>a</mi><mo>∈</mo><mi>L</mi></mrow></munder><mfrac><mn>1</mn><mrow><mo>|</mo><mi>L</mi><mo>|</mo></mrow></mfrac><mspace width="0.2em"/><mi>ln</mi><mfrac><mrow><mn>1</mn><mo>/</mo><mo>|</mo><mi>L</mi><mo>|</mo></mrow><mrow><mi>p</mi><mo>(</mo><mi>a</mi><mo>)</mo></mrow></mfrac></math>`,
    where:
      'u: every legal move equally likely, as in the games that the model learned from. In nats; 0 is perfect.',
  },
  uniform: {
    title: 'Share of each move',
    math: html`<math display="block"><mi>u</mi><mo>(</mo><mi>a</mi><mo>)</mo><mo>=</mo><mfrac><mn>1</mn><mrow><mo>|</mo><mi>L</mi><mo>|</mo></mrow></mfrac></math>`,
    where: 'L: the legal moves. What a perfect model of random games would give each of them.',
  },
  active: {
    title: 'Active features',
    math: html`<math display="block"><msub><mi>L</mi><mn>0</mn></msub><mo>=</mo><mrow><mo>|</mo><mo>{</mo><mi>i</mi><mo>:</mo><msub><mi>f</mi><mi>i</mi></msub><mo>≠</mo><mn>0</mn><mo>}</mo><mo>|</mo></mrow></math>`,
    where: 'f: the SAE’s activations at this ply.',
  },
  share: {
    title: 'Share of the maximum',
    math: html`<math display="block"><mfrac><msub><mi>f</mi><mi>i</mi></msub><mrow><munder><mi>max</mi><mi>corpus</mi></munder><msub><mi>f</mi><mi>i</mi></msub></mrow></mfrac></math>`,
    where:
      'The activation here over the largest in the corpus of games that came with the SAE. A game outside it can pass 100 %.',
  },
  density: {
    title: 'Density',
    math: html`<math display="block"><mfrac><mrow><mo>|</mo><mo>{</mo><mi>t</mi><mo>:</mo><msub><mi>f</mi><mi>i</mi></msub><mo>(</mo><mi>t</mi><mo>)</mo><mo>></mo><mn>0</mn><mo>}</mo><mo>|</mo></mrow><mrow><mo>|</mo><mo>{</mo><mi>t</mi><mo>}</mo><mo>|</mo></mrow></mfrac></math>`,
    where: 't runs over the positions of the corpus of games: the share of them where the feature is active.',
  },
  effect: {
    title: 'Direct effect on the logits',
    math: html`<math display="block"><mi>Δ</mi><msub><mi>z</mi><mi>a</mi></msub><mo>=</mo><msub><mi>e</mi><mi>a</mi></msub><mo>−</mo><mfrac><mn>1</mn><mn>60</mn></mfrac><munder><mo>∑</mo><mi>b</mi></munder><msub><mi>e</mi><mi>b</mi></msub></math>
      <math display="block"><msub><mi>e</mi><mi>a</mi></msub><mo>=</mo><mo>(</mo><mo>(</mo><msub><mi>w</mi><mi>i</mi></msub><mo>−</mo><msub><mover><mi>w</mi><mo>¯</mo></mover><mi>i</mi></msub><mo>)</mo><mo>⊙</mo><mi>γ</mi><mo>)</mo><mo>·</mo><msub><mi>W</mi><mi>U</mi></msub><mo>[</mo><mi>a</mi><mo>]</mo></math>`,
    where:
      'w: the feature’s decoder row; w̄: its mean; γ: the gain of the final norm; W_U: the unembedding of square a; b runs over the 60 squares. Per unit of activation, before the norm’s division, along the direct path: later layers are passed over.',
  },
  meanL0: {
    title: 'Active features on average',
    math: html`<math display="block"><msub><mi>L</mi><mn>0</mn></msub><mo>=</mo><mfrac><mn>1</mn><mrow><mo>|</mo><mo>{</mo><mi>t</mi><mo>}</mo><mo>|</mo></mrow></mfrac><munder><mo>∑</mo><mi>t</mi></munder><mrow><mo>|</mo><mo>{</mo><mi>i</mi><mo>:</mo><msub><mi>f</mi><mi>i</mi></msub><mo>(</mo><mi>t</mi><mo>)</mo><mo>≠</mo><mn>0</mn><mo>}</mo><mo>|</mo></mrow></math>`,
    where: 'f: the SAE’s activations; t runs over the positions of test games.',
  },
  fvu: {
    title: 'Fraction of variance unexplained',
    math: html`<math display="block"><mi>FVU</mi><mo>=</mo><mfrac><mrow><munder><mo>∑</mo><mi>d</mi></munder><mi>Var</mi><mo>(</mo><mi>x</mi><mo>−</mo><mover><mi>x</mi><mo>^</mo></mover><mo>)</mo></mrow><mrow><munder><mo>∑</mo><mi>d</mi></munder><mi>Var</mi><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mfrac></math>`,
    where:
      'x: the activations that the SAE reads; x̂: its reconstruction; d: their dimensions. The variances are over the positions of test games.',
  },
  auroc: {
    title: 'AUROC',
    math: html`<math display="block"><mi>P</mi><mo>(</mo><msup><mi>f</mi><mo>+</mo></msup><mo>></mo><msup><mi>f</mi><mo>−</mo></msup><mo>)</mo><mo>+</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mspace width="0.15em"/><mi>P</mi><mo>(</mo><msup><mi>f</mi><mo>+</mo></msup><mo>=</mo><msup><mi>f</mi><mo>−</mo></msup><mo>)</mo></math>`,
    where:
      'f⁺, f⁻: the activation at a random position where the statement holds, and at one where it does not. 0.5 says nothing, 1 everything. Own and enemy are those of the player to move next.',
  },
  f1: {
    title: 'F1',
    math: html`<math display="block"><msub><mi>F</mi><mn>1</mn></msub><mo>=</mo><mfrac><mrow><mn>2</mn><mo>·</mo><mi>precision</mi><mo>·</mo><mi>recall</mi></mrow><mrow><mi>precision</mi><mo>+</mo><mi>recall</mi></mrow></mfrac></math>`,
    where:
      'Precision: the share of positions above the threshold where the statement holds. Recall: the share of those where it holds that are above it. The best of the statements and of the thresholds 0, 10 … 100 % of the maximum.',
  },
  activationStandard: {
    title: 'Activation',
    math: html`<math display="block"><mi>f</mi><mo>=</mo><mi>ReLU</mi><mo>(</mo><mo>(</mo><mi>x</mi><mo>−</mo><mi>b</mi><mo>)</mo><mspace width="0.15em"/><msub><mi>W</mi><mi>enc</mi></msub><mo>+</mo><msub><mi>b</mi><mi>enc</mi></msub><mo>)</mo></math>`,
    where:
      'x: the activation that the SAE reads, at this ply. b: the bias taken off first, 0 if the SAE has none.',
  },
  activationGated: {
    title: 'Activation',
    math: html`<math display="block"><mi>f</mi><mo>=</mo><mn>1</mn><mo>[</mo><mi>π</mi><mo>+</mo><msub><mi>b</mi><mi>gate</mi></msub><mo>></mo><mn>0</mn><mo>]</mo><mspace width="0.2em"/><mi>ReLU</mi><mo>(</mo><mi>π</mi><msup><mi>e</mi><mi>r</mi></msup><mo>+</mo><msub><mi>b</mi><mi>mag</mi></msub><mo>)</mo></math>`,
    where: 'π = (x − b) W_enc; x: the activation that the SAE reads, at this ply.',
  },
  activationTopk: {
    title: 'Activation',
    math: html`<math display="block"><mi>f</mi><mo>=</mo><mi>ReLU</mi><mo>(</mo><msub><mi>top</mi><mi>k</mi></msub><mo>(</mo><mo>(</mo><mi>x</mi><mo>−</mo><mi>b</mi><mo>)</mo><mspace width="0.15em"/><msub><mi>W</mi><mi>enc</mi></msub><mo>+</mo><msub><mi>b</mi><mi>enc</mi></msub><mo>)</mo><mo>)</mo></math>`,
    where: 'x: the activation that the SAE reads, at this ply. Only the k largest are kept.',
  },
  activationJumpRelu: {
    title: 'Activation',
    math: html`<math display="block"><mi>f</mi><mo>=</mo><mi>z</mi><mo>·</mo><mn>1</mn><mo>[</mo><mi>z</mi><mo>></mo><mi>θ</mi><mo>]</mo></math>`,
    where:
      'z = (x − b) W_enc + b_enc; x: the activation that the SAE reads, at this ply; θ: a threshold per feature.',
  },
};

/** The formula of an SAE's activations. */
export function activationFormula(architecture: string): FormulaName {
  switch (architecture) {
    case 'gated':
      return 'activationGated';
    case 'topk':
      return 'activationTopk';
    case 'jump_relu':
      return 'activationJumpRelu';
    default:
      return 'activationStandard';
  }
}
