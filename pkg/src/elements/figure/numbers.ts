import type { Unit } from './definition.js';
import type { Estimate } from './measured.js';

/** Between a number and its unit; narrow, and no line breaks there. */
const THIN = '\u202f';

/** Digits after the point; of a share, of its per cent. */
const DIGITS: Record<Unit, number> = { auroc: 3, share: 1, count: 0, positions: 0, number: 3, nats: 3 };

/** `0.912`, `43.1 %`, `1,024`: a number as tables and sentences have it. */
export function printed(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–';
  if (unit === 'share') return `${minus((100 * value).toFixed(DIGITS.share))}${THIN}%`;
  if (unit === 'count' || unit === 'positions')
    return value.toLocaleString('en', { maximumFractionDigits: 1 });
  // Small numbers of many digits would all be 0.000, large ones have digits enough.
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : DIGITS[unit];
  const text = value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(digits);
  return minus(text);
}

/** `0.912 (0.905–0.918)`. */
export function estimated({ value, low, high }: Estimate, unit: Unit): string {
  if (low === null || high === null) return printed(value, unit);
  const bound = (of: number) => printed(of, unit).replace(`${THIN}%`, '');
  return `${printed(value, unit)} (${bound(low)}–${bound(high)})`;
}

/** Whether a cell of a table is a number with an interval. */
export function isEstimate(cell: unknown): cell is Estimate {
  return typeof cell === 'object' && cell !== null && 'value' in cell;
}

/** `3 s`, `1 min 20 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole}${THIN}s`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  return rest === 0 || minutes >= 10 ? `${minutes}${THIN}min` : `${minutes}${THIN}min ${rest}${THIN}s`;
}

function minus(text: string): string {
  return text.replace('-', '−');
}
