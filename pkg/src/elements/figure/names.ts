/** A figure as lists show it. */
export interface FigureSummary {
  /** Its name in addresses and attributes. */
  name: string;
  title: string;
}

/** All figures, in the order in which they are shown. What draws them is loaded with the first that is drawn. */
export const FIGURES: readonly FigureSummary[] = [
  { name: 'f1', title: 'What features tell of the board' },
  { name: 'f2', title: 'One feature by what its square holds' },
  { name: 'f3', title: 'The best feature of each content' },
  { name: 'f4', title: 'Boards of one feature' },
  { name: 'f5', title: 'Directions of probes and of features' },
  { name: 'f6', title: 'The sweep over α' },
  { name: 'f7', title: 'The same recipe from ten seeds' },
  { name: 'f8', title: 'Features that two seeds share' },
  { name: 'f9', title: 'Rings of the board, layer by layer' },
  { name: 'f10', title: 'ROC of the best features' },
  { name: 'f11', title: 'The model with x̂ in place of x' },
  { name: 'f12', title: 'Reconstruction against model quality' },
  { name: 'f13', title: 'Few features together' },
  { name: 'f14', title: 'Weak activations hidden' },
  { name: 'f15', title: 'Coverage and board reconstruction' },
  { name: 'f16', title: 'Sites and dictionaries against raw neurons' },
];

/** The figure of that name, however it is written; undefined if there is none. */
export function figureOf(name: string): FigureSummary | undefined {
  return FIGURES.find((figure) => figure.name === name.trim().toLowerCase());
}
