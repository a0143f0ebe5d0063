import type { Lens } from '../../lens.js';
import type { Label } from '../../types.js';

/** How well sources tell labels: `[sources, labels]` each. */
export interface Atlas {
  labels: Label[];
  sources: { kind: 'dictionary' | 'neurons' | 'probe'; id: string }[];
  feature: Int32Array;
  auroc: Float32Array;
  low: Float32Array;
  high: Float32Array;
}

/** A lens that may know more of its bundle. */
export type Knowing = Lens &
  Partial<{
    dictionaryResults(id: string): Promise<object | null>;
    atlas(set?: string): Promise<Atlas | null>;
    nearest(
      dictionary: string,
      feature: number,
      options: { by: 'encoder' | 'decoder'; among?: string; count?: number },
    ): Promise<{ feature: number; cosine: number }[]>;
  }>;
