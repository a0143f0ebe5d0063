export { LensError, type LensErrorCode, type LensErrorDetails, type TranscriptOffer } from './error.js';
export { Importer, keptBundles, keptFiles, removeKept } from './importer.js';
export { Lens } from './lens.js';
export { Othello } from './othello.js';
export type * from './types.js';
