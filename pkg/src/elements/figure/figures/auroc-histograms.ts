import type { AtlasSource, Beside, FigureData, FigureDefinition, Panel, Table } from '../definition.js';
import { chosen, layerOf, shortTitle } from '../dictionaries.js';
import { boardLabel, COLOURS, CONTENTS, isPlayed, labelName, type Plane } from '../labels.js';
import { aurocHistogram, type Series } from '../marks.js';
import type { Estimate } from '../measured.js';
import { estimated, printed } from '../numbers.js';

/** Above it a label counts as told, as in the report. */
const TOLD = 0.9;

interface Told {
  label: string;
  plane: Plane;
  feature: number;
  auroc: Estimate;
}

/** F1: how well the best feature tells each square's content and each legal move. */
export const aurocHistograms: FigureDefinition = {
  name: 'f1',
  question: 'How many of the 180 contents of squares, and of the 60 legal moves, does some feature tell?',
  registry: ['detection'],
  values: ['contents_over_0_9', 'own_over_0_9', 'opponent_over_0_9', 'empty_over_0_9', 'legality_over_0_9'],
  measures: [],
  parts: ['labels', 'atlas', 'control'],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const measured = dictionary && data.measured.get(dictionary.id);
    const told = labelled(measured?.figures.detection?.labels ?? []);
    const contents = told.filter(({ plane }) => plane !== 'legal');
    const legal = told.filter(({ plane }) => plane === 'legal');
    const probe = probeBeside(data.atlas, dictionary ? layerOf(dictionary) : null);
    const probed = probe ? labelled(probe.labels).filter(({ plane }) => plane !== 'legal') : [];
    const missing: string[] = [];
    if (told.length === 0)
      missing.push(
        'This bundle has no AUROC of single labels for this dictionary: reproduce the figure to have them.',
      );
    if (probed.length === 0) missing.push('This bundle holds no AUROC of probes, so that panel is left out.');

    const panels: Panel[] = [];
    const panel = (title: string, all: Told[], planes: readonly Plane[], of: number) => {
      if (all.length === 0) return;
      panels.push({
        title,
        ratio: 0.7,
        options: (plot, width) =>
          aurocHistogram(plot, width, 0.7, series(all, planes), `${count(all)} of ${of} above 0.9`),
      });
    };
    panel('Contents of squares, best feature', contents, CONTENTS, 180);
    panel('Legal moves, best feature', legal, ['legal'], 60);
    panel('Contents of squares, linear probe', probed, CONTENTS, 180);

    const detection = measured?.figures.detection;
    const counts: Table = {
      title: 'Labels told with AUROC above 0.9',
      columns: [{ title: 'labels', names: true }, { title: 'of' }, { title: 'told', unit: 'count' }],
      rows: detection
        ? [
            ['contents', '180', detection.contents],
            ['own', '60', detection.own],
            ['opponent', '60', detection.opponent],
            ['empty', '60', detection.empty],
            ['legal moves', '60', detection.legality],
          ]
        : [],
    };
    const each: Table = {
      title: 'The best feature of each label',
      columns: [{ title: 'label', names: true }, { title: 'feature' }, { title: 'AUROC', unit: 'auroc' }],
      rows: [...told]
        .sort((a, b) => b.auroc.value - a.auroc.value)
        .map(({ label, feature, auroc }) => [label, `#${feature}`, auroc]),
    };
    const best = each.rows[0]?.[0];
    return {
      finding: detection
        ? `${printed(detection.contents.value, 'count')} of 180 contents (${printed(detection.own.value, 'count')} own, ${printed(detection.opponent.value, 'count')} opponent, ${printed(detection.empty.value, 'count')} empty) and ${printed(detection.legality.value, 'count')} of 60 legal moves have a feature with AUROC above 0.9 in ${dictionary ? shortTitle(dictionary) : 'this dictionary'}${best ? `; ${String(best)} is told best` : ''}.`
        : 'Nothing is known of this dictionary’s labels yet.',
      panels,
      legend: [
        { text: 'own', colour: COLOURS.own, shape: 'area' },
        { text: 'opponent', colour: COLOURS.opponent, shape: 'area' },
        { text: 'empty', colour: COLOURS.empty, shape: 'area' },
        { text: 'legal move', colour: COLOURS.legal, shape: 'area' },
      ],
      beside: baselines(data, detection?.contents, probe),
      tables: [counts, each].filter(({ rows }) => rows.length > 0),
      missing,
    };
  },
};

/** Labels of the 60 squares that moves lead to. */
function labelled(labels: readonly { label: string; feature: number; auroc: Estimate }[]): Told[] {
  return labels.flatMap(({ label, feature, auroc }) => {
    const read = boardLabel(label);
    return read && isPlayed(read) ? [{ label: labelName(read), plane: read.plane, feature, auroc }] : [];
  });
}

function series(told: readonly Told[], planes: readonly Plane[]): Series[] {
  return planes.map((plane) => ({
    name: plane,
    colour: COLOURS[plane],
    values: told.filter((one) => one.plane === plane).map(({ auroc }) => auroc.value),
  }));
}

function count(told: readonly Told[]): number {
  return told.filter(({ auroc }) => auroc.value > TOLD).length;
}

/** The probe that reads the same layer. */
function probeBeside(atlas: readonly AtlasSource[] | null, layer: number | null): AtlasSource | undefined {
  return atlas?.find(
    ({ kind, id }) => kind === 'probe' && id.startsWith(`blocks.${layer}.`) && !id.includes('colour'),
  );
}

/** Chance, the model that was never trained, raw neurons and probes. */
function baselines(data: FigureData, ours: Estimate | undefined, probe: AtlasSource | undefined): Beside[] {
  if (!ours) return [];
  const beside = (what: string, theirs: string, on: string): Beside => ({
    what,
    ours: estimated(ours, 'count'),
    theirs,
    on,
    source: 'this bundle',
    url: null,
  });
  const found: Beside[] = [];
  const untrained = data.control?.dictionaries[0]?.measured.figures.detection?.contents;
  if (untrained)
    found.push(
      beside(
        'contents, the same recipe on a model never trained',
        estimated(untrained, 'count'),
        data.control?.name ?? '',
      ),
    );
  const neurons = (data.atlas ?? []).filter(({ kind }) => kind === 'neurons');
  const counts = neurons.map(
    ({ id, labels }) => [id, count(labelled(labels).filter(({ plane }) => plane !== 'legal'))] as const,
  );
  const [most] = counts.sort((a, b) => b[1] - a[1]);
  if (most) found.push(beside('contents, raw neurons of the best block', `${most[1]}`, most[0]));
  if (probe)
    found.push(
      beside('contents, the linear probe of the same layer', `${count(labelled(probe.labels))}`, probe.id),
    );
  return found;
}
