/** The parts of a feature's page, in their order; what it is stands above them. */
export const PANELS = ['label', 'plots', 'boards', 'effect', 'test', 'relations', 'note', 'tools'] as const;
export type Panel = (typeof PANELS)[number];
