import type { TemplateResult } from 'lit';
import { describe, expect, it } from 'vitest';

import { FORMULAS } from '../src/text/formulas.js';
import { maths } from '../src/text/maths.js';

/** A template as the markup that it becomes. */
function markup(value: unknown): string {
  if (Array.isArray(value)) return value.map(markup).join('');
  if (typeof value !== 'object' || value === null) return String(value);
  const { strings, values } = value as TemplateResult;
  return strings.map((text, at) => text + (at < values.length ? markup(values[at]) : '')).join('');
}

function drawn(formula: string): string {
  return markup(maths(formula)).replace(/^<math display="block">(.*)<\/math>$/, '$1');
}

describe('a typed formula', () => {
  it('has letters, numbers and operators', () => {
    expect(drawn('2 π ≠ ReLU(x)')).toBe(
      '<mn>2</mn><mi>π</mi><mo>≠</mo><mi>ReLU</mi><mo>(</mo><mi>x</mi><mo>)</mo>',
    );
  });

  it('puts things below and above', () => {
    expect(drawn('W_enc')).toBe('<msub><mi>W</mi><mi>enc</mi></msub>');
    expect(drawn('f^+')).toBe('<msup><mi>f</mi><mo>+</mo></msup>');
    expect(drawn('x_i^2')).toBe('<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>');
    expect(drawn('e^{z_a}')).toBe('<msup><mi>e</mi><msub><mi>z</mi><mi>a</mi></msub></msup>');
  });

  it('puts the index of a sum under it', () => {
    expect(drawn('∑_{a∈L} p')).toBe(
      '<munder><mo>∑</mo><mrow><mi>a</mi><mo>∈</mo><mi>L</mi></mrow></munder><mi>p</mi>',
    );
    expect(drawn('"arg max"_a')).toBe('<munder><mi>arg max</mi><mi>a</mi></munder>');
  });

  it('has fractions, accents, spaces and braces', () => {
    expect(drawn('frac{1}{x+1}')).toBe(
      '<mfrac><mn>1</mn><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></mfrac>',
    );
    expect(drawn('mean{w}_i')).toBe('<msub><mover><mi>w</mi><mo>¯</mo></mover><mi>i</mi></msub>');
    expect(drawn('a~\\{b\\}')).toBe(
      '<mi>a</mi><mspace width="0.2em"></mspace><mo>{</mo><mi>b</mi><mo>}</mo>',
    );
  });

  it('is drawn to its end, however it is typed', () => {
    for (const faulty of ['', '_', 'x^', 'frac', 'frac{1', '}', '{{', '"x', 'a}b'])
      expect(() => drawn(faulty)).not.toThrow();
  });

  it('leaves no mark of its own to be seen', () => {
    for (const { title, lines } of Object.values(FORMULAS)) {
      for (const line of lines)
        expect(drawn(line), title).not.toMatch(/<mo>(?:[_~"\\]|\^(?!<\/mo><\/mover>))|>(?:frac|hat|mean)</);
    }
  });
});
