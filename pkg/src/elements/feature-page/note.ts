/** Where a feature is: the hash of the bundle's model, the dictionary's id, the feature's number. */
export interface Place {
  bundle: string;
  dictionary: string;
  feature: number;
}

const PREFIX = 'othello-lens note ';

/** A note, with where it belongs. */
export interface Note extends Place {
  text: string;
}

function keyOf({ bundle, dictionary, feature }: Place): string {
  return `${PREFIX}${JSON.stringify([bundle, dictionary, feature])}`;
}

/** The notes of this browser. Where it keeps nothing, as in a sandboxed frame, reading gives null and writing throws. */
export class Notes {
  /** The note at a place; empty if there is none, null if this browser keeps none. */
  read(place: Place): string | null {
    try {
      return localStorage.getItem(keyOf(place)) ?? '';
    } catch {
      return null;
    }
  }

  /** Keeps a note, or forgets it if it is empty; it throws where the browser keeps nothing. */
  write(place: Place, text: string): void {
    if (text === '') localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), text);
  }

  /** All notes on the features of any bundle. */
  all(): Note[] {
    const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? '');
    return keys
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => {
        const place = placeOf(key.slice(PREFIX.length));
        const text = localStorage.getItem(key);
        return place && text !== null ? [{ ...place, text }] : [];
      });
  }
}

function placeOf(json: string): Place | null {
  try {
    const [bundle, dictionary, feature]: unknown[] = JSON.parse(json);
    if (typeof bundle !== 'string' || typeof dictionary !== 'string' || typeof feature !== 'number')
      return null;
    return { bundle, dictionary, feature };
  } catch {
    return null;
  }
}
