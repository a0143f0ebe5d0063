import type { FigureDefinition } from './definition.js';
import { aurocHistograms } from './figures/auroc-histograms.js';
import { classDensities } from './figures/class-densities.js';
import { coverage } from './figures/coverage.js';
import { featureBoards } from './figures/feature-boards.js';
import { featureDensities } from './figures/feature-densities.js';
import { kSparse } from './figures/k-sparse.js';
import { modelQuality } from './figures/model-quality.js';
import { probeCosines } from './figures/probe-cosines.js';
import { rings } from './figures/rings.js';
import { rocCurves } from './figures/roc-curves.js';
import { seedMap } from './figures/seeds.js';
import { similarity } from './figures/similarity.js';
import { sites } from './figures/sites.js';
import { sparsitySweep } from './figures/sparsity-sweep.js';
import { splice } from './figures/splice.js';
import { thresholdCurve } from './figures/threshold-curve.js';

/** What draws each of the figures that `names.ts` lists. */
export const DEFINITIONS: readonly FigureDefinition[] = [
  aurocHistograms,
  featureDensities,
  classDensities,
  featureBoards,
  probeCosines,
  sparsitySweep,
  seedMap,
  similarity,
  rings,
  rocCurves,
  splice,
  modelQuality,
  kSparse,
  thresholdCurve,
  coverage,
  sites,
];
