import type { CardBoard, Device, KeptBundle, Square } from 'othello-lens';

import type { Subject } from './embed/code.js';
import type { Address, How } from './state/address.js';
import type { Bundle } from './state/bundles.js';
import type { Opened } from './state/files.js';

/**
 * What elements ask for. All of them pass through shadow roots, so that whoever holds the state listens
 * once, at the top, and elements hand nothing on.
 */
abstract class Request extends Event {
  constructor(type: keyof RequestMap) {
    super(type, { bubbles: true, composed: true });
  }
}

/** Another ply of the game is to be shown. */
export class GoToEvent extends Request {
  constructor(readonly ply: number) {
    super('ol-goto');
  }
}

/** A square of the board was chosen. */
export class PlayEvent extends Request {
  constructor(readonly square: Square) {
    super('ol-play');
  }
}

/** A transcript is to be read, and shown at `ply` or, without one, where games open. */
export class TranscriptEvent extends Request {
  constructor(
    readonly text: string,
    readonly ply: number | null = null,
  ) {
    super('ol-transcript');
  }
}

/** A file of games is to be read. */
export class GamesFileEvent extends Request {
  constructor(
    readonly file: File,
    /** The name of the reading, where the file leaves open how its squares are meant. */
    readonly readAs: string | null = null,
  ) {
    super('ol-games-file');
  }
}

/** The list of games of a file is to go away. */
export class CloseGamesEvent extends Request {
  constructor() {
    super('ol-close-games');
  }
}

/** The random game of a seed is to be shown. */
export class RandomGameEvent extends Request {
  constructor(readonly seed: number) {
    super('ol-random-game');
  }
}

/** A position of a random game is to be shown because the feature in view, which stays, is strong there. */
export class PositionEvent extends Request {
  constructor(
    readonly seed: number,
    readonly ply: number,
  ) {
    super('ol-position');
  }
}

/** A position is to be shown beside the reader's game; null takes it away. */
export class SideBoardEvent extends Request {
  constructor(readonly board: CardBoard | null) {
    super('ol-side-board');
  }
}

/** A feature is pointed at: the squares that it reads are to be lit; null puts them out. */
export class PointEvent extends Request {
  constructor(readonly feature: number | null) {
    super('ol-point');
  }
}

/** The game is to be played on from ply to ply, or to stop. */
export class AutoplayEvent extends Request {
  constructor(readonly playing: boolean) {
    super('ol-autoplay');
  }
}

/** A feature is to stay in view; null lets go of it. */
export class PinEvent extends Request {
  constructor(readonly feature: number | null) {
    super('ol-pin');
  }
}

/** Features below another share of their maximum are to be hidden. */
export class ThresholdEvent extends Request {
  constructor(readonly threshold: number) {
    super('ol-threshold');
  }
}

/** Another dictionary is to be looked through. */
export class DictionaryEvent extends Request {
  constructor(readonly id: string) {
    super('ol-dictionary');
  }
}

/** Another engine is to run. */
export class DeviceEvent extends Request {
  constructor(readonly device: Device) {
    super('ol-device');
  }
}

/** Another model is to be loaded. */
export class BundleEvent extends Request {
  constructor(readonly bundle: Bundle) {
    super('ol-bundle');
  }
}

/** The bundle in view was measured: `bundle` is to be loaded in its place. */
export class MeasuredEvent extends Request {
  constructor(readonly bundle: Bundle) {
    super('ol-measured');
  }
}

/** Files are to be opened: weights of any tool, or games. */
export class FilesEvent extends Request {
  constructor(readonly files: readonly Opened[]) {
    super('ol-files');
  }
}

/** A bundle that this browser keeps is to be removed. */
export class RemoveBundleEvent extends Request {
  constructor(readonly bundle: KeptBundle) {
    super('ol-remove-bundle');
  }
}

/** The page's address is to change; the view in view, or another one, takes what is new. */
export class NavigateEvent extends Request {
  constructor(
    readonly change: Partial<Address>,
    readonly how: How = 'push',
  ) {
    super('ol-navigate');
  }
}

/** What is shown is to be put into another page: the composer opens. */
export class EmbedEvent extends Request {
  constructor(readonly subject: Subject) {
    super('ol-embed');
  }
}

/** What failed is to be tried again. */
export class RetryEvent extends Request {
  constructor() {
    super('ol-retry');
  }
}

interface RequestMap {
  'ol-goto': GoToEvent;
  'ol-play': PlayEvent;
  'ol-transcript': TranscriptEvent;
  'ol-games-file': GamesFileEvent;
  'ol-close-games': CloseGamesEvent;
  'ol-random-game': RandomGameEvent;
  'ol-position': PositionEvent;
  'ol-side-board': SideBoardEvent;
  'ol-point': PointEvent;
  'ol-autoplay': AutoplayEvent;
  'ol-pin': PinEvent;
  'ol-threshold': ThresholdEvent;
  'ol-dictionary': DictionaryEvent;
  'ol-device': DeviceEvent;
  'ol-bundle': BundleEvent;
  'ol-measured': MeasuredEvent;
  'ol-files': FilesEvent;
  'ol-remove-bundle': RemoveBundleEvent;
  'ol-navigate': NavigateEvent;
  'ol-embed': EmbedEvent;
  'ol-retry': RetryEvent;
}

declare global {
  interface HTMLElementEventMap extends RequestMap {}
}
