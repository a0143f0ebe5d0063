import type { Drawing } from './definition.js';
import type { Games } from './measured.js';
import type { FigureSummary } from './names.js';
import { isEstimate } from './numbers.js';

const SVG = 'http://www.w3.org/2000/svg';

/** What is drawn, and where it stands. */
export interface Placed {
  svg: SVGSVGElement;
  title: string;
}

/** Properties that pictures are drawn by, as they are after styles and custom properties. */
const PRESENTED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'paint-order',
] as const;

/** Room around and between pictures, and above each for its title. */
const MARGIN = 20;
const TITLE = 24;

/**
 * The pictures of a figure as one SVG that stands by itself: no style sheet, no custom property, no script. They
 * keep the places that they have on the page.
 */
export function asSvg(
  heading: string,
  caption: string,
  pictures: readonly Placed[],
  background: string,
): SVGSVGElement {
  const boxes = pictures.map(({ svg }) => svg.getBoundingClientRect());
  const left = Math.min(...boxes.map(({ left }) => left));
  const top = Math.min(...boxes.map(({ top }) => top));
  const right = Math.max(...boxes.map(({ right }) => right));
  const bottom = Math.max(...boxes.map(({ bottom }) => bottom));
  const width = Math.ceil(right - left) + 2 * MARGIN;
  const ink = pictures[0] ? getComputedStyle(pictures[0].svg).color : '#000';
  const lines = wrapped(caption, Math.floor((width - 2 * MARGIN) / 6.4));
  const head = MARGIN + 22;
  const height = Math.ceil(bottom - top) + head + TITLE + MARGIN + 18 * lines.length;

  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('xmlns', SVG);
  root.setAttribute('width', `${width}`);
  root.setAttribute('height', `${height}`);
  root.setAttribute('viewBox', `0 0 ${width} ${height}`);
  root.append(made('title', {}, heading), made('desc', {}, caption));
  root.append(made('rect', { width: '100%', height: '100%', fill: background }));
  root.append(
    written(heading, MARGIN, MARGIN + 14, { 'font-size': '16px', 'font-weight': '600', fill: ink }),
  );
  for (const [at, { svg, title }] of pictures.entries()) {
    const box = boxes[at];
    if (!box) continue;
    const [x, y] = [box.left - left + MARGIN, box.top - top + head + TITLE];
    root.append(written(title, x, y - 7, { 'font-size': '13px', 'font-weight': '600', fill: ink }));
    const group = made('g', { transform: `translate(${x},${y})` });
    group.append(...resolved(svg));
    root.append(group);
  }
  const below = bottom - top + head + TITLE + MARGIN;
  for (const [at, line] of lines.entries())
    root.append(written(line, MARGIN, below + 18 * at, { 'font-size': '12px', fill: ink }));
  return root;
}

/** The text of an SVG file. */
export function svgText(svg: SVGSVGElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
}

/** All tables of a figure as CSV, one below the other: a line a row, with the table's title first. */
export function asCsv({ tables }: Drawing): string {
  const lines = tables.flatMap(({ title, columns, rows }) => {
    const head = columns.flatMap(({ title, unit }) =>
      unit ? [title, `${title} low`, `${title} high`] : [title],
    );
    const body = rows.map((row) =>
      columns.flatMap(({ unit }, at) => {
        const cell = row[at] ?? null;
        if (!unit) return [String(isEstimate(cell) ? cell.value : (cell ?? ''))];
        const [value, low, high] = isEstimate(cell) ? [cell.value, cell.low, cell.high] : [cell, null, null];
        return [value, low, high].map((number) => (number === null ? '' : String(number)));
      }),
    );
    return [['table', ...head], ...body.map((row) => [title, ...row])];
  });
  return `${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** A figure with its numbers as JSON. */
export function asJson(
  { name, title }: FigureSummary,
  drawing: Drawing,
  about: object,
  on: Games | null,
): string {
  const { finding, tables, beside, missing } = drawing;
  const plain = tables.map(({ title: heading, columns, rows }) => ({
    title: heading,
    columns: columns.map(({ title: heading, unit = null }) => ({ title: heading, unit })),
    rows,
  }));
  return `${JSON.stringify(
    {
      figure: name,
      title,
      ...about,
      measured_on: on,
      finding,
      tables: plain,
      beside,
      missing,
    },
    null,
    2,
  )}\n`;
}

/** Hands a file over to whoever sits before the page. */
export function download(name: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // A browser that asks where to save has read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Copies of what an SVG holds, with the styles that it has on the page as attributes. */
function resolved(svg: SVGSVGElement): Element[] {
  const copies: Element[] = [];
  for (const child of svg.children) {
    const copy = copied(child);
    if (copy) copies.push(copy);
  }
  return copies;
}

function copied(element: Element): Element | null {
  const copy = element.cloneNode(false) as Element;
  for (const name of ['class', 'style', 'aria-label', 'aria-hidden', 'role']) copy.removeAttribute(name);
  if (element instanceof SVGGraphicsElement || element instanceof SVGTSpanElement) {
    const style = getComputedStyle(element);
    for (const name of PRESENTED) {
      const value = style.getPropertyValue(name);
      if (value !== '') copy.setAttribute(name, value);
    }
  }
  for (const child of element.childNodes) {
    if (child instanceof Text) copy.append(child.cloneNode());
    else if (child instanceof Element) {
      const inner = copied(child);
      if (inner) copy.append(inner);
    }
  }
  return copy;
}

function made(name: string, attributes: Record<string, string>, text?: string): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function written(text: string, x: number, y: number, attributes: Record<string, string>): SVGElement {
  return made('text', { x: `${x}`, y: `${y}`, 'font-family': 'system-ui, sans-serif', ...attributes }, text);
}

/** Words in lines of so many letters. */
function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < letters)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
