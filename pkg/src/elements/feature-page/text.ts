/** Between a number and its unit; narrow, and no line breaks there. */
const THIN = '\u202f';

/** What stands where nothing was measured. */
export const MISSING = '–';

/** `12 %`, `4.1 %`, `<0.1 %` of a share from 0 to 1. */
export function percent(share: number): string {
  const value = 100 * share;
  if (Number.isNaN(value)) return MISSING;
  if (value === 0) return `0${THIN}%`;
  if (value < 0.05) return `<0.1${THIN}%`;
  if (value > 99.9 && value < 100) return `>99.9${THIN}%`;
  return `${value.toFixed(value < 9.95 ? 1 : 0)}${THIN}%`;
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `0.908`. */
export function three(value: number): string {
  return Number.isNaN(value) ? MISSING : value.toFixed(3);
}

/** `+1.23`, `−0.40`: with a sign, and a true minus. */
export function signed(value: number, digits = 2): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
