/** Pixels of a picture for one of the page: sharp in print and on fine screens. */
const SCALE = 2;

/**
 * An SVG that {@link asSvg} made as a PNG. It is painted shape by shape: an `<img>` of it would need a policy
 * that allows images from `blob:` addresses.
 */
export async function asPng(svg: SVGSVGElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = SCALE * Number(svg.getAttribute('width'));
  canvas.height = SCALE * Number(svg.getAttribute('height'));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to paint the PNG on.');
  context.scale(SCALE, SCALE);
  for (const child of svg.children) paint(child, context, canvas);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The canvas is too large for a PNG.'))),
      'image/png',
    );
  });
}

function paint(element: Element, context: CanvasRenderingContext2D, canvas: HTMLCanvasElement): void {
  context.save();
  transform(element.getAttribute('transform') ?? '', context);
  context.globalAlpha *= number(element, 'opacity', 1);
  switch (element.localName) {
    case 'g':
    case 'svg':
      for (const child of element.children) paint(child, context, canvas);
      break;
    case 'rect':
      shape(element, rectangle(element, canvas), context);
      break;
    case 'circle': {
      const path = new Path2D();
      path.arc(number(element, 'cx', 0), number(element, 'cy', 0), number(element, 'r', 0), 0, 2 * Math.PI);
      shape(element, path, context);
      break;
    }
    case 'line': {
      const path = new Path2D();
      path.moveTo(number(element, 'x1', 0), number(element, 'y1', 0));
      path.lineTo(number(element, 'x2', 0), number(element, 'y2', 0));
      shape(element, path, context);
      break;
    }
    case 'path':
      shape(element, new Path2D(element.getAttribute('d') ?? ''), context);
      break;
    case 'text':
      letters(element, context);
      break;
  }
  context.restore();
}

function rectangle(element: Element, canvas: HTMLCanvasElement): Path2D {
  const path = new Path2D();
  const size = (name: 'width' | 'height') =>
    element.getAttribute(name) === '100%' ? canvas[name] / SCALE : number(element, name, 0);
  path.rect(number(element, 'x', 0), number(element, 'y', 0), size('width'), size('height'));
  return path;
}

function shape(element: Element, path: Path2D, context: CanvasRenderingContext2D): void {
  const fill = element.getAttribute('fill') ?? '#000';
  if (fill !== 'none') {
    withAlpha(context, number(element, 'fill-opacity', 1), () => {
      context.fillStyle = fill;
      context.fill(path);
    });
  }
  if (pen(element, context))
    withAlpha(context, number(element, 'stroke-opacity', 1), () => context.stroke(path));
}

/** Readies the stroke; false where there is none. */
function pen(element: Element, context: CanvasRenderingContext2D): boolean {
  const stroke = element.getAttribute('stroke') ?? 'none';
  const width = number(element, 'stroke-width', 1);
  if (stroke === 'none' || width === 0) return false;
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.lineJoin = (element.getAttribute('stroke-linejoin') ?? 'miter') as CanvasLineJoin;
  const dashes = element.getAttribute('stroke-dasharray') ?? 'none';
  context.setLineDash(dashes === 'none' ? [] : dashes.split(/[ ,]+/).map(Number.parseFloat));
  return true;
}

function letters(element: Element, context: CanvasRenderingContext2D): void {
  const size = number(element, 'font-size', 10);
  context.font = `${element.getAttribute('font-weight') ?? 400} ${size}px ${element.getAttribute('font-family') ?? 'sans-serif'}`;
  const anchor = element.getAttribute('text-anchor') ?? 'start';
  context.textAlign = anchor === 'middle' ? 'center' : anchor === 'end' ? 'right' : 'left';
  const spans = [...element.children].filter(({ localName }) => localName === 'tspan');
  let y = number(element, 'y', 0) + length(element, 'dy', size);
  const lines = spans.length > 0 ? spans : [element];
  for (const line of lines) {
    const own = line !== element;
    const x = own && line.hasAttribute('x') ? number(line, 'x', 0) : number(element, 'x', 0);
    if (own) y += length(line, 'dy', size);
    const text = [...line.childNodes]
      .filter((node) => node instanceof Text)
      .map(({ data }) => data)
      .join('');
    if (pen(element, context)) context.strokeText(text, x + length(element, 'dx', size), y);
    context.fillStyle = element.getAttribute('fill') ?? '#000';
    context.fillText(text, x + length(element, 'dx', size), y);
  }
}

function withAlpha(context: CanvasRenderingContext2D, alpha: number, draw: () => void): void {
  const before = context.globalAlpha;
  context.globalAlpha = before * alpha;
  draw();
  context.globalAlpha = before;
}

/** `translate(3,4) rotate(-90)`: what Plot moves and turns things with. */
function transform(text: string, context: CanvasRenderingContext2D): void {
  for (const [, name, values] of text.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [a = 0, b = 0] = (values ?? '').split(/[ ,]+/).map(Number.parseFloat);
    if (name === 'translate') context.translate(a, b);
    else if (name === 'rotate') context.rotate((a * Math.PI) / 180);
    else if (name === 'scale') context.scale(a, b || a);
  }
}

function number(element: Element, name: string, otherwise: number): number {
  const value = Number.parseFloat(element.getAttribute(name) ?? '');
  return Number.isNaN(value) ? otherwise : value;
}

/** A length, which may be in the size of the text. */
function length(element: Element, name: string, size: number): number {
  const text = element.getAttribute(name) ?? '0';
  return Number.parseFloat(text) * (text.endsWith('em') ? size : 1);
}
