import { html, mathml, type TemplateResult } from 'lit';

/**
 * Formulas as one can type them, `f = ReLU((x − b) W_enc + b_enc)`, drawn as MathML.
 *
 * Letters in a row are one identifier; `_` and `^` put the next thing below and above; `{…}` makes several
 * things one; `frac{…}{…}`, `mean{…}` and `hat{…}` are what they say; `"…"` is text with spaces, `~` a thin
 * space, `\{` a brace to be seen. Everything else is an operator.
 */
export function maths(formula: string): TemplateResult {
  return html`<math display="block">${new Parser(formula).row(false)}</math>`;
}

/** What carries its index below rather than beside it. */
const LIMITS = new Set(['∑', 'Σ', 'max', 'min', 'arg max']);
/** Accents by what they are typed as. */
const ACCENTS: Readonly<Record<string, string>> = { mean: '¯', hat: '^' };

const TOKEN = /\s*(?:"([^"]*)"|(\p{L}+)|(\d+(?:\.\d+)?)|\\(.)|(.))/guy;

interface Token {
  kind: 'identifier' | 'number' | 'operator' | 'syntax';
  text: string;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(formula: string) {
    this.#tokens = [...tokens(formula.trim())];
  }

  /** All that follows, up to the end or the brace that ends the group. */
  row(inGroup: boolean): TemplateResult[] {
    const row: TemplateResult[] = [];
    for (let next = this.#tokens[this.#at]; next; next = this.#tokens[this.#at]) {
      if (inGroup && isSyntax(next, '}')) break;
      row.push(this.#scripted());
    }
    return row;
  }

  /** One thing with what stands below and above it. */
  #scripted(): TemplateResult {
    const limits = LIMITS.has(this.#tokens[this.#at]?.text ?? '');
    const base = this.#atom();
    const below = this.#script('_');
    const above = this.#script('^');
    if (below && above) return mathml`<msubsup>${base}${below}${above}</msubsup>`;
    if (below)
      return limits ? mathml`<munder>${base}${below}</munder>` : mathml`<msub>${base}${below}</msub>`;
    return above ? mathml`<msup>${base}${above}</msup>` : base;
  }

  #script(mark: string): TemplateResult | null {
    if (!isSyntax(this.#tokens[this.#at], mark)) return null;
    this.#at += 1;
    return this.#atom();
  }

  #atom(): TemplateResult {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (!token) return mathml`<mrow></mrow>`;
    const { kind, text } = token;
    if (isSyntax(token, '{')) return this.#group();
    if (isSyntax(token, '~')) return mathml`<mspace width="0.2em"></mspace>`;
    if (kind === 'number') return mathml`<mn>${text}</mn>`;
    if (kind !== 'identifier') return mathml`<mo>${text}</mo>`;
    if (text === 'frac') return mathml`<mfrac>${this.#atom()}${this.#atom()}</mfrac>`;
    const accent = ACCENTS[text];
    if (accent !== undefined) return mathml`<mover>${this.#atom()}<mo>${accent}</mo></mover>`;
    return mathml`<mi>${text}</mi>`;
  }

  #group(): TemplateResult {
    const row = this.row(true);
    this.#at += 1;
    return row.length === 1 && row[0] ? row[0] : mathml`<mrow>${row}</mrow>`;
  }
}

function isSyntax(token: Token | undefined, text: string): boolean {
  return token?.kind === 'syntax' && token.text === text;
}

function* tokens(formula: string): Iterable<Token> {
  for (const [, quoted, letters, number, escaped, other] of formula.matchAll(TOKEN)) {
    const identifier = quoted ?? letters;
    if (identifier !== undefined) yield { kind: 'identifier', text: identifier };
    else if (number !== undefined) yield { kind: 'number', text: number };
    else if (escaped !== undefined) yield { kind: 'operator', text: escaped };
    else if (other !== undefined)
      yield { kind: '_^{}~'.includes(other) ? 'syntax' : 'operator', text: other };
  }
}
