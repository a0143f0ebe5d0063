import { type Analysis, Lens, LensError, type NextMove } from 'othello-lens';

export async function lastTop(transcript: string, signal: AbortSignal): Promise<number | null> {
  try {
    const lens = await Lens.load(new URL('models/small/', document.baseURI), { device: 'auto', signal });
    const analysis: Analysis = await lens.analyse(transcript, { taps: [{ site: 'resid_post', layer: 5 }] });
    const last: NextMove | null | undefined = analysis.nextMoves.at(-1);
    lens.dispose();
    return last?.top ?? null;
  } catch (error) {
    if (error instanceof LensError && error.code === 'illegal_move') return null;
    throw error;
  }
}

// @ts-expect-error A device that does not exist is refused by the compiler.
export const wrong = Lens.load('models/small/', { device: 'quantum' });
