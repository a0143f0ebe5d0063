import { describe, expect, it } from 'vitest';

import { type Choice, embedCode, frameAddress, pageAddress, type Subject } from '../src/embed/code.js';
import { readSize, readTheme, sizeMessage } from '../src/embed/messages.js';
import { isEmbed, readEmbed } from '../src/embed/query.js';
import { subjectOf } from '../src/embed/subject.js';
import { readAddress } from '../src/state/address.js';

const at = (file: string, query: Record<string, string>) => ({
  pathname: `/some/where/${file}`,
  search: `?${new URLSearchParams({ embed: 'true', ...query })}`,
});
const FEATURE = { dictionary: 'blocks.5.hook_resid_post-top_k-32', feature: '42' };

describe('what an address asks for', () => {
  it('is a widget if it says embed=true, and nothing else', () => {
    expect(isEmbed({ search: '?embed=true' })).toBe(true);
    for (const search of ['', '?embed', '?embed=false', '?embed=1']) expect(isEmbed({ search })).toBe(false);
  });

  it('is the widget of its view', () => {
    expect(readEmbed(at('features.html', FEATURE))).toMatchObject({
      widget: 'othello-feature',
      attributes: FEATURE,
      link: true,
      theme: null,
    });
    expect(readEmbed(at('figures.html', { figure: 'f1', theme: 'dark' }))).toMatchObject({
      widget: 'othello-figure',
      attributes: { name: 'f1' },
      theme: 'dark',
    });
    expect(readEmbed(at('', { transcript: 'f5d6', ply: '1' }))).toMatchObject({
      widget: 'othello-player',
      attributes: { transcript: 'f5d6', ply: '1' },
    });
  });

  it('leaves out the parts that are switched off, as Neuronpedia names them', () => {
    const { attributes, link } = readEmbed(
      at('features.html', {
        ...FEATURE,
        embedplots: 'false',
        embedsteer: 'false',
        embedlink: 'false',
        defaulttesttext: 'f5d6',
      }),
    );
    expect(attributes).toEqual({ ...FEATURE, panels: 'label boards test', 'test-text': 'f5d6' });
    expect(link).toBe(false);
  });

  it.each([
    ['features.html', { ...FEATURE, model: '<b>huge</b>' }, 'the model “<b>huge</b>”'],
    ['features.html', { ...FEATURE, feature: 'x' }, 'the feature “x”'],
    [
      'features.html',
      { ...FEATURE, theme: 'pink', embedplots: 'maybe' },
      'the theme “pink”, embedplots=“maybe”',
    ],
    ['features.html', { feature: '42' }, 'dictionary=…&feature=…'],
    ['figures.html', {}, 'figure=…'],
    ['guide.html', {}, 'The guide is no widget'],
  ])('%s with %o is refused by name', (file, query, message) => {
    expect(() => readEmbed(at(file, query))).toThrow(message);
  });
});

describe('what of a view can be embedded', () => {
  const address = (file: string, query = '') => readAddress({ pathname: `/${file}`, search: query });

  it('is its feature, its figure or its game', () => {
    expect(subjectOf(address('features.html', '?feature=7&model=full'), 'top_k')).toEqual({
      widget: 'othello-feature',
      model: 'full',
      attributes: { dictionary: 'top_k', feature: '7' },
    });
    expect(subjectOf(address('figures.html', '?figure=f3&dictionary=gated&label=own+c4'), 'top_k')).toEqual({
      widget: 'othello-figure',
      model: null,
      attributes: { name: 'f3', dictionary: 'gated', label: 'own c4' },
    });
    expect(subjectOf(address('', '?transcript=f5d6&ply=1&feature=7'), 'top_k')).toEqual({
      widget: 'othello-player',
      model: null,
      attributes: { transcript: 'f5d6', ply: '1', dictionary: 'top_k', feature: '7' },
    });
  });

  it('is nothing where nothing is chosen', () => {
    for (const file of ['features.html', 'figures.html', 'guide.html'])
      expect(subjectOf(address(file), 'top_k')).toBeNull();
    expect(subjectOf(address('features.html', '?feature=7'), null)).toBeNull();
  });
});

describe('messages between a widget and the page around it', () => {
  const widget = {};
  const frame = { contentWindow: widget, src: 'https://lens.example/features.html?embed=true' };
  const size = { data: sizeMessage(419.2), origin: 'https://lens.example', source: widget as Window };

  it('tell a height, rounded up', () => {
    expect(readSize(size, frame)).toBe(420);
  });

  it.each([
    ['a stranger’s window', { source: {} as Window }],
    ['a message of no window', { source: null }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that only begins the same', { origin: 'https://lens.example.evil.example' }],
    ['another type', { data: { type: 'size', height: 100 } }],
    ['no object', { data: 'othello-lens:size' }],
    ['null', { data: null }],
    ['a height that is text', { data: { ...sizeMessage(1), height: '100' } }],
    ['a height that is not finite', { data: { ...sizeMessage(1), height: Number.POSITIVE_INFINITY } }],
    ['a height below zero', { data: { ...sizeMessage(1), height: -5 } }],
  ])('%s sets no height', (_, change) => {
    expect(readSize({ ...size, ...change }, frame)).toBeNull();
  });

  it('set a theme only from the page around', () => {
    const parent = {};
    const host = { window: parent, origin: 'https://blog.example' };
    const message = {
      data: { type: 'othello-lens:theme', theme: 'dark' },
      origin: 'https://blog.example',
      source: parent as Window,
    };
    expect(readTheme(message, host)).toBe('dark');
    expect(readTheme({ ...message, data: { type: 'othello-lens:theme', theme: null } }, host)).toBeNull();
    for (const change of [
      { source: {} as Window },
      { source: null },
      { origin: 'https://evil.example' },
      { data: { type: 'othello-lens:theme', theme: 'url(evil)' } },
      { data: null },
    ])
      expect(readTheme({ ...message, ...change }, host)).toBeUndefined();
    // A host whose origin the browser does not tell is nobody to take orders from.
    expect(readTheme(message, { ...host, origin: null })).toBeUndefined();
  });
});

describe('the code to copy', () => {
  const subject: Subject = { widget: 'othello-feature', model: null, attributes: FEATURE };
  const choice: Choice = { form: 'element', theme: null, off: new Set(), live: false };
  const site = { base: 'https://lens.example/site/', bundle: 'models/small/', still: 'Feature 42: own c4.' };

  it('is an element with a still picture inside', () => {
    expect(embedCode(subject, choice, site)).toBe(
      `<script type="module" src="https://lens.example/site/package/elements.js"></script>
<othello-feature bundle="https://lens.example/site/models/small/" dictionary="${FEATURE.dictionary}" feature="42">
  <p>Feature 42: own c4. <a href="https://lens.example/site/features.html?dictionary=${FEATURE.dictionary}&amp;feature=42">Open in othello-lens</a></p>
</othello-feature>`,
    );
  });

  it('says what was chosen', () => {
    const code = embedCode(
      subject,
      { ...choice, theme: 'dark', off: new Set(['embedtest', 'embedlink']), live: true },
      site,
    );
    expect(code).toContain('panels="label plots boards effect" theme="dark" live>');
    expect(code).not.toContain('<a ');
  });

  it('is a frame that reads back as it was written', () => {
    const framed: Choice = { ...choice, form: 'frame', theme: 'light', off: new Set(['embedsteer']) };
    const code = embedCode(subject, framed, site);
    expect(code).toContain('<iframe data-othello-lens src="https://lens.example/site/features.html?');
    expect(code).toContain('<script async src="https://lens.example/site/embed.js"></script>');
    expect(readEmbed(new URL(frameAddress(subject, framed, site)))).toMatchObject({
      widget: 'othello-feature',
      attributes: { ...FEATURE, panels: 'label plots boards test' },
      theme: 'light',
    });
  });

  it('keeps what it quotes from being HTML', () => {
    const evil = '"><img src=x onerror=alert(1)>&';
    const hostile: Subject = { ...subject, attributes: { ...FEATURE, dictionary: evil } };
    for (const form of ['element', 'frame'] as const) {
      const code = embedCode(hostile, { ...choice, form }, { ...site, still: evil });
      expect(code).not.toContain('<img');
      expect(code).toContain('&lt;img');
    }
  });

  it('leads to the whole page of a figure and of a game', () => {
    expect(pageAddress({ widget: 'othello-figure', model: 'full', attributes: { name: 'f2' } }, site)).toBe(
      'https://lens.example/site/figures.html?model=full&figure=f2',
    );
    expect(
      pageAddress(
        { widget: 'othello-player', model: null, attributes: { transcript: 'f5', ply: '1' } },
        site,
      ),
    ).toBe('https://lens.example/site/index.html?transcript=f5&ply=1');
  });
});
