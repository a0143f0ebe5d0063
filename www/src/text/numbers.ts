/** Between a number and its unit; narrow, and no line breaks there. */
const THIN = '\u202f';

/** `12 %`, `4.1 %`, `<0.1 %` of a share from 0 to 1. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0) return `0${THIN}%`;
  if (value < 0.05) return `<0.1${THIN}%`;
  if (value > 99.9 && value < 100) return `>99.9${THIN}%`;
  return `${value.toFixed(value < 9.95 ? 1 : 0)}${THIN}%`;
}

/** `97.8 %`: one decimal always, for numbers that stand alone. */
export function exactPercent(share: number): string {
  return `${(100 * share).toFixed(1)}${THIN}%`;
}

/** `12 %`: no decimals, for small print. */
export function roundPercent(share: number): string {
  return `${Math.round(100 * share)}${THIN}%`;
}

/** `1.2 MB` of bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}${THIN}MB`;
}

/** `3.1 ms`, `140 ms`. */
export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)}${THIN}ms`;
}

/** `+1.23`, `−0.40`: with a sign, and a true minus. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
