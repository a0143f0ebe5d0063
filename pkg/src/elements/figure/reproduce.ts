import type { Lens } from '../../lens.js';
import type { FigureInfo, Progress } from '../../types.js';
import type { FigureDefinition } from './definition.js';
import type { Figures, Games, Measurement } from './measured.js';

/** What a reproduction is made of. */
export interface Request extends Games {
  seed: number;
  /** Workers that share the games. */
  workers: number;
}

/** How far a reproduction has come. */
export interface Reproduced {
  /** Which share of the work is done, from 0 to 1. */
  share: number;
  /** What is done now, in words: `120 of 1,000 games`. */
  doing: string;
  /** Null until there is something to reckon with. */
  secondsLeft: number | null;
  /** The dictionary that is measured now, and which it is. */
  dictionary: string;
  at: number;
  of: number;
}

/** The parts of a measurement, about how long each takes, and what is counted in it. */
type Steps = Partial<Record<Progress['phase'], readonly [from: number, to: number, what: string]>>;

const STEPS: Steps = {
  games: [0, 0.8, 'games'],
  features: [0.8, 0.9, 'features scored'],
  labels: [0.9, 1, 'labels scored'],
};

/** Those of a measurement with regressions, which take longer than all the rest. */
const STEPS_WITH_REGRESSIONS: Steps = {
  games: [0, 0.25, 'games'],
  features: [0.25, 0.3, 'features scored'],
  labels: [0.3, 0.35, 'labels scored'],
  regressions: [0.35, 1, 'regressions fitted'],
};

/** The most games on which a figure learns: as many as those that the bundle's learned on. */
const LEARNING_GAMES = 1000;

/** Why a figure cannot be measured here; null where it can. */
export function cannotBeMeasured(
  definition: FigureDefinition,
  registry: readonly FigureInfo[],
): string | null {
  const missing = definition.measures.filter(
    (name) => !registry.some((known) => known.name === name && known.measurable),
  );
  if (missing.length === 0) return null;
  return `The browser does not measure ${missing.join(' and ')}; the command line does: othello-lens measure ${missing.map((name) => `--with ${name}`).join(' ')}.`;
}

/** As many workers as there are cores, but one for the page where there are more than two; one where memory is short. */
export function usualWorkers({ hardwareConcurrency = 2, ...rest }: Partial<Navigator> = navigator): number {
  const { deviceMemory = 8 } = rest as { deviceMemory?: number };
  const cores = hardwareConcurrency > 2 ? hardwareConcurrency - 1 : hardwareConcurrency;
  return Math.max(1, Math.min(deviceMemory <= 2 ? 1 : 8, cores));
}

/**
 * Measures `dictionaries` one after the other over the games of a seed, with the code that measured them for the
 * bundle. `told` hears of every one that is done: what was measured stays when a later one is cancelled.
 */
export async function reproduce(
  lens: Pick<Lens, 'measure'>,
  definition: FigureDefinition,
  dictionaries: readonly string[],
  request: Request,
  {
    signal,
    onProgress,
    told,
    now = () => performance.now(),
  }: {
    signal: AbortSignal;
    onProgress: (progress: Reproduced) => void;
    told: (dictionary: string, measurement: Measurement) => void;
    now?: () => number;
  },
): Promise<void> {
  const { games, seed } = request;
  const began = now();
  for (const [at, dictionary] of dictionaries.entries()) {
    const tell = (here: number, doing: string) => {
      const share = (at + here) / dictionaries.length;
      const seconds = (now() - began) / 1000;
      const secondsLeft = share > 0 ? (seconds / share) * (1 - share) : null;
      onProgress({ share, doing, secondsLeft, dictionary, at: at + 1, of: dictionaries.length });
    };
    tell(0, `${games.toLocaleString('en')} games`);
    const figures = await measured(lens, definition, dictionary, request, signal, tell);
    told(dictionary, { on: { games, seed }, figures });
  }
}

/** Measures with the workers asked for, and with one where there is no memory for more. */
async function measured(
  lens: Pick<Lens, 'measure'>,
  { measures }: FigureDefinition,
  dictionary: string,
  { games, seed, workers }: Request,
  signal: AbortSignal,
  tell: (share: number, doing: string) => void,
): Promise<Figures> {
  const steps = measures.includes('k_sparse') ? STEPS_WITH_REGRESSIONS : STEPS;
  const ask = async (workers: number) => {
    const measured = await lens.measure(dictionary, {
      games,
      seed,
      workers,
      // Whoever asks for few games wants a quick answer.
      learningGames: Math.min(games, LEARNING_GAMES),
      figures: [...measures],
      signal,
      onProgress: ({ phase, loaded, total }) => {
        const step = steps[phase];
        if (!step || total === 0) return;
        const [from, to, what] = step;
        const count = (of: number) => of.toLocaleString('en');
        tell(from + ((to - from) * loaded) / total, `${count(loaded)} of ${count(total)} ${what}`);
      },
    });
    return measured.figures as Figures;
  };
  try {
    return await ask(workers);
  } catch (error) {
    if (!lacksMemory(error)) throw error;
    if (workers > 1) {
      tell(0, 'again, with one worker');
      try {
        return await ask(1);
      } catch (again) {
        if (!lacksMemory(again)) throw again;
      }
    }
    const fewer = Math.max(1, Math.floor(games / 4));
    throw new Error(
      `This device has not enough memory for ${games.toLocaleString('en')} games, with one worker either. ${fewer.toLocaleString('en')} games need a quarter of it: try those.`,
      { cause: error },
    );
  }
}

/** Whether an error says that memory ran out. */
function lacksMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === 'too_large') return true;
  return error instanceof RangeError || /out of memory|memory access|allocation failed/i.test(error.message);
}
