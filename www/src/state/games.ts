/** A game that comes with the page. */
export interface BuiltInGame {
  title: string;
  about: string;
  transcript: string;
  /** The ply to open it at. */
  ply: number;
}

/** Games that show different things. */
export const GAMES: readonly [BuiltInGame, BuiltInGame, BuiltInGame] = [
  {
    title: 'The shortest wipe-out',
    about: 'Nine moves and White has no disc left. Watch what the model expects just before the end.',
    transcript: 'e6f4e3f6g5d6e7f5c5',
    ply: 8,
  },
  {
    title: 'The Tiger opening',
    about:
      'People play it everywhere; among random games, such as the model learned from, it is one of thousands.',
    transcript: 'f5d6c3d3c4f4c5b3c2e6c6b4b5d2e3',
    ply: 5,
  },
  {
    title: 'A random game with skipped turns',
    about: 'All sixty moves drawn at random. Near the end a player has no move four times.',
    transcript:
      'e6f4d3c4b3b4b5a4c3d6a5d2f6c2g3f5a2a6c6c5c1f3g2f7g6h7d1c7f8e1b2b7f1a1d7a3e2h2e3e8g8g7g5b1a8g4c8h8h5g1h3h6h1h4b8e7d8a7f2b6',
    ply: 53,
  },
];
