/**
 * What went wrong, as a stable name.
 *
 * | code | what happened |
 * |---|---|
 * | `bad_transcript` | text that is no move; `details` say which move, where, and what of the game stands |
 * | `illegal_move` | a move that the rules refuse; the same details |
 * | `bad_games` | a file that is none of games |
 * | `bad_import` | files of which no bundle is made: damaged, of no family that is known, or that do not fit each other |
 * | `not_kept` | a bundle that this browser does not keep any more, or cannot keep |
 * | `bad_argument` | an argument of the wrong kind, or that names what does not exist; `details` say which |
 * | `no_such_dictionary` | a dictionary that the bundle does not have |
 * | `network` | no answer, or the connection broke more often than it was retried |
 * | `blocked` | the browser keeps a file from the page: no CORS, a content security policy, http below https |
 * | `file_missing` | the server has no such file, or sends a page of HTML in its place |
 * | `file_damaged` | a file of the wrong length or hash |
 * | `bad_manifest` | a manifest that cannot be read |
 * | `newer_format` | a manifest of a newer major version than this package reads |
 * | `older_format` | a manifest of an older major version, which this package does not read |
 * | `bad_weights` | a weight file whose header lies, or that does not fit the config |
 * | `not_finite` | the model leaves a value that is NaN or infinite: its weights are damaged or too large |
 * | `too_large` | weights that do not fit into the memory of this tab |
 * | `gpu_unavailable` | WebGPU was forced and there is none |
 * | `needs_browser` | there are no workers here: not a browser, or one that keeps them from workers |
 * | `wasm_failed` | the code could not be loaded or is not supported here |
 * | `disposed` | a call after `dispose()` |
 * | `internal` | a defect of this package |
 */
export type LensErrorCode =
  | 'bad_transcript'
  | 'illegal_move'
  | 'bad_games'
  | 'bad_import'
  | 'not_kept'
  | 'bad_argument'
  | 'no_such_dictionary'
  | 'network'
  | 'blocked'
  | 'file_missing'
  | 'file_damaged'
  | 'bad_manifest'
  | 'newer_format'
  | 'older_format'
  | 'bad_weights'
  | 'not_finite'
  | 'too_large'
  | 'gpu_unavailable'
  | 'needs_browser'
  | 'wasm_failed'
  | 'disposed'
  | 'internal';

/** A reading under which a refused text is a game. */
export interface TranscriptOffer {
  /** Its name, such as `by-letter`. */
  readAs: string;
  /** The same in words. */
  words: string;
  /** The game. */
  transcript: string;
}

/** What is known of an error besides its message; which fields are there depends on the code. */
export interface LensErrorDetails {
  /** Of an argument: its name, `options.layers[1]`. */
  argument?: string;
  /** Of an argument: what it is, in words. */
  found?: string;
  /** Of an argument: what it may be, in words. */
  expected?: string;
  /** Of a transcript: the number of the move, from 1. */
  moveNumber?: number;
  /** Of a transcript: the text that was read. */
  text?: string;
  /** Of a transcript: where that text begins, in UTF-16 units. */
  offset?: number;
  /** Of a transcript: the moves before it, which stand. */
  kept?: string;
  /** Of a transcript: the readings under which it is a game, and that game; the likeliest first. */
  offers?: TranscriptOffer[];
  /** The file of the bundle. */
  file?: string;
  /** Its address. */
  url?: string;
  /** The server's answer. */
  status?: number;
  /** Of what is blocked: the server allows no reader of other origins, a content security policy forbids it, or a page of https would read plain http. */
  reason?: 'cors' | 'policy' | 'mixed_content';
}

/** Every error of this package. */
export class LensError extends Error {
  override readonly name = 'LensError';
  readonly code: LensErrorCode;
  readonly details: LensErrorDetails;

  constructor(code: LensErrorCode, message: string, details: LensErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** An error as it crosses from the worker: a structured clone would drop everything but the message. */
export interface PlainError {
  name: string;
  message: string;
  code: LensErrorCode | null;
  details: LensErrorDetails;
  stack: string | undefined;
}

/** `thrown` as plain data. */
export function toPlain(thrown: unknown): PlainError {
  if (thrown instanceof LensError) {
    const { name, message, code, details, stack } = thrown;
    return { name, message, code, details, stack };
  }
  if (thrown instanceof Error || thrown instanceof DOMException) {
    return { name: thrown.name, message: thrown.message, code: null, details: {}, stack: thrown.stack };
  }
  return { name: 'Error', message: String(thrown), code: null, details: {}, stack: undefined };
}

/** The error that `plain` was; what is neither ours nor an abort is a defect of ours. */
export function fromPlain(plain: PlainError): Error {
  if (plain.code === null && plain.name === 'AbortError')
    return new DOMException(plain.message, 'AbortError');
  const error = new LensError(plain.code ?? 'internal', plain.message, plain.details);
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
