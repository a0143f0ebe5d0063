/** The kinds of arrays that are written, by what stands for them in the text. */
const KINDS = { float32: Float32Array, uint8: Uint8Array } as const;

type Kind = keyof typeof KINDS;

/** Writes `value` as JSON, its `Float32Array`s and `Uint8Array`s bit by bit: `{ "float32": "AACAPw==" }`. */
export function writeArrays(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    const kind = (Object.keys(KINDS) as Kind[]).find((kind) => each instanceof KINDS[kind]);
    return kind && ArrayBuffer.isView(each) ? { [kind]: base64(each) } : each;
  });
}

/** Reads what {@link writeArrays} wrote. */
export function readArrays(text: string): unknown {
  return JSON.parse(text, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null) return each;
    const [[kind, data] = [], ...more] = Object.entries(each);
    if (!isKind(kind) || typeof data !== 'string' || more.length > 0) return each;
    const { buffer } = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    return new KINDS[kind](buffer);
  });
}

function isKind(name: string | undefined): name is Kind {
  return name !== undefined && Object.hasOwn(KINDS, name);
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
