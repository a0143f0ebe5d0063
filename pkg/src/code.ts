import { type Program, VARIANTS, type Variant, wasmAddress } from './addresses.js';
import { LensError } from './error.js';
import { checkStatus, request } from './fetch/request.js';
import { type Connection, PATIENCE, type Patience, persist } from './fetch/retry.js';

/** The compiled code, ready to be sent to a worker. */
export interface Code {
  variant: Variant;
  module: WebAssembly.Module;
}

// Two modules of one function each, in the binary format: the type section `() -> v128`, one function
// of that type, and its body.
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
const FUNCTION = [0x03, 0x02, 0x01, 0x00];
// i32.const 0, i8x16.splat
const SPLAT = [0x41, 0x00, 0xfd, 0x0f];
// v128 from the splat above, three times, then f32x4.relaxed_madd
const RELAXED = [...SPLAT, ...SPLAT, ...SPLAT, 0xfd, 0x85, 0x02];

function supports(body: number[]): boolean {
  const code = [0x00, ...body, 0x0b];
  const section = [0x0a, code.length + 2, 0x01, code.length, ...code];
  return WebAssembly.validate(new Uint8Array([...HEADER, ...FUNCTION, ...section]));
}

/** The build that this browser can run. */
export function chooseVariant(): Variant {
  if (typeof WebAssembly !== 'object') {
    throw new LensError(
      'wasm_failed',
      'This browser has no WebAssembly, or it is switched off. Any browser since 2021 has it.',
    );
  }
  const found = VARIANTS.find((variant) => supports(variant === 'relaxed' ? RELAXED : SPLAT));
  if (found) return found;
  throw new LensError(
    'wasm_failed',
    'This browser has WebAssembly without SIMD. Chrome 91, Firefox 89, Safari 16.4 and anything newer have it.',
  );
}

async function compile(program: Program): Promise<Code> {
  const variant = chooseVariant();
  return { variant, module: await compileFrom(wasmAddress(program, variant)) };
}

/** The module at `url`; a download that stalls or breaks is begun again. */
export async function compileFrom(url: URL, patience: Patience = PATIENCE): Promise<WebAssembly.Module> {
  let received = 0;
  const attempt = async (connection: Connection) => {
    const response = await request({ name: 'The program', url: url.href }, connection);
    checkStatus(response, 'The program');
    const come = follow(response.clone(), connection, (bytes) => {
      received = Math.max(received, bytes);
    });
    // It is awaited where it matters; until then a rejection is not unhandled.
    come.catch(() => {});
    // Some static hosts serve .wasm without its media type, which streaming compilation insists on.
    const type = response.headers.get('content-type') ?? '';
    const module = type.startsWith('application/wasm')
      ? WebAssembly.compileStreaming(response)
      : response.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
    try {
      return await module;
    } catch (error) {
      // What broke the connection says more than what the compiler made of it.
      await come;
      if (type.startsWith('text/html')) throw new Error('the server sent a page of HTML in its place');
      throw error;
    }
  };
  try {
    return await persist(attempt, {
      patience,
      signal: undefined,
      received: () => received,
      gaveUp: (last) => new LensError('network', last.message),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LensError(
      'wasm_failed',
      `The program ${url.href} could not be loaded: ${why}`,
      { url: url.href },
      { cause },
    );
  }
}

/** Reads a copy of an answer beside the compiler, which does not tell how far it has come. */
async function follow(
  copy: Response,
  connection: Connection,
  onBytes: (received: number) => void,
): Promise<void> {
  if (!copy.body) return;
  const reader = copy.body.getReader();
  let received = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    connection.touch();
    received += next.value.length;
    onBytes(received);
  }
}

const loading = new Map<Program, Promise<Code>>();

/** The code of a program: fetched and compiled once a page, however many workers run it. */
export function loadCode(program: Program): Promise<Code> {
  const known = loading.get(program);
  if (known) return known;
  const code = compile(program);
  loading.set(program, code);
  // The next call tries again.
  code.catch(() => loading.delete(program));
  return code;
}
