import {
  type ImportCandidate,
  Importer,
  type ImportFact,
  type ImportItem,
  type ImportPart,
  type ImportRanking,
  type KeptBundle,
  LensError,
  type Progress,
  type RefusedFile,
} from 'othello-lens';

import type { Bundle } from './bundles.js';
import { isAbort } from './failure.js';
import type { Opened } from './files.js';

/** Something that was recognised, and what is known and answered of it. */
export interface Part {
  /** Its number among the items. */
  readonly number: number;
  readonly item: ImportItem;
  /** Whether it becomes part of the bundle. */
  chosen: boolean;
  answers: Partial<Record<ImportFact, string>>;
  /** How well it does under each answer to a question; null where nothing can tell. */
  rankings: Partial<Record<ImportFact, ImportRanking | null>>;
  /** Why it does not fit. */
  fault: string | null;
}

/**
 * Files on their way to a bundle: read, recognised, asked about, checked, kept. The model in view is not touched before
 * there is another. `changed` is called whenever there is something new to draw.
 */
export class Importing {
  /** What is being done; null while it is the reader's turn. */
  doing: string | null = 'Reading the files';
  progress: Progress | null = null;
  parts: Part[] = [];
  refused: readonly RefusedFile[] = [];
  /** Why nothing can be opened, in a sentence. */
  failure: string | null = null;
  /** What the bundle is called. */
  name = '';

  #importer: Importer | null = null;
  readonly #over = new AbortController();
  /** One check after the other. */
  #checking: Promise<void> = Promise.resolve();
  readonly #files: readonly Opened[];
  readonly #base: Bundle;
  readonly #changed: () => void;

  /** Without a model among them, the files add to `base`. */
  constructor(files: readonly Opened[], base: Bundle, changed: () => void) {
    this.#files = files;
    this.#base = base;
    this.#changed = changed;
  }

  /** Reads the files and says what they are. */
  async start(): Promise<void> {
    await this.#try(async () => {
      const { signal } = this.#over;
      const onProgress = (progress: Progress) => {
        this.progress = progress;
        this.#changed();
      };
      const importer = await Importer.open(this.#files, { signal, onProgress });
      if (signal.aborted) {
        importer.dispose();
        return;
      }
      this.#importer = importer;
      this.refused = importer.refused;
      this.parts = importer.items.map((item, number) => ({
        number,
        item,
        chosen: false,
        answers: suggestions(item),
        rankings: {},
        fault: null,
      }));
      // Of several models, and of several bundles, one.
      const whole = this.parts.find(({ item }) => item.kind === 'bundle');
      const model = this.parts.find(({ item }) => item.kind === 'model');
      for (const part of this.parts)
        part.chosen = whole ? part === whole : part.item.kind !== 'model' || part === model;
      this.name = nameOf((whole ?? model)?.item.file, this.addsTo);
      if (this.parts.length === 0) {
        this.failure = 'Nothing was recognised that could be opened.';
      } else if (this.addsTo) {
        this.doing = `Loading ${this.#base.title}, which these files add to`;
        this.#changed();
        await importer.addTo(new URL(this.#base.path, document.baseURI), { signal, onProgress });
      }
    });
    this.#check();
  }

  /** The bundle that the files add to; null where they bring a model of their own. */
  get addsTo(): Bundle | null {
    const brings = ({ item, chosen }: Part) => chosen && (item.kind === 'model' || item.kind === 'bundle');
    return this.parts.some(brings) ? null : this.#base;
  }

  /** Takes a part in, or leaves it out; there is one model at a time. */
  choose(part: Part, chosen: boolean): void {
    part.chosen = chosen;
    const alone = part.item.kind;
    if (chosen && (alone === 'model' || alone === 'bundle')) {
      for (const other of this.parts)
        if (
          other !== part &&
          (other.item.kind === alone || alone === 'bundle' || other.item.kind === 'bundle')
        )
          other.chosen = false;
      this.#forgetReaders();
    }
    this.#check();
  }

  answer(part: Part, fact: ImportFact, answer: string): void {
    part.answers[fact] = answer;
    if (part.item.kind === 'model') this.#forgetReaders();
    else for (const other of ['pre_bias', 'selection'] as const) delete part.rankings[other];
    this.#check();
  }

  /** Why it cannot be opened as it is; null if it can. */
  get missing(): string | null {
    const chosen = this.parts.filter((part) => part.chosen);
    if (chosen.length === 0) return 'Choose what to open.';
    for (const part of chosen) {
      if (part.fault) return part.fault;
      for (const { fact } of part.item.questions) {
        if (!part.answers[fact]) return `Say first ${WHAT[fact]} of ${part.item.file}.`;
        const wrong = whyWrong(part, fact);
        if (wrong) return wrong;
      }
    }
    return null;
  }

  /** Makes the bundle, and keeps it; null where that fails. */
  async keep(): Promise<KeptBundle | null> {
    let kept: KeptBundle | null = null;
    await this.#try(async () => {
      this.doing = 'Making a bundle of it';
      this.#changed();
      const name = this.name.trim() || 'OthelloGPT';
      kept = (await this.#importer?.keep({ name, parts: this.#chosen() })) ?? null;
    });
    return kept;
  }

  /** Ends what is under way. */
  dispose(): void {
    this.#over.abort();
    this.#importer?.dispose();
  }

  /** Does something; where it fails, says why. */
  async #try(run: () => Promise<void>): Promise<void> {
    this.failure = null;
    try {
      await run();
    } catch (error) {
      if (isAbort(error) || this.#over.signal.aborted) return;
      if (!(error instanceof LensError)) throw error;
      this.failure = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
    } finally {
      this.doing = null;
      this.progress = null;
      this.#changed();
    }
  }

  #chosen(): ImportPart[] {
    return this.parts
      .filter((part) => part.chosen)
      .map(({ number, answers }) => ({ item: number, answers: { ...answers } }));
  }

  /** What a dictionary does depends on the model. */
  #forgetReaders(): void {
    for (const part of this.parts) {
      if (part.item.kind === 'model') continue;
      part.rankings = {};
      part.fault = null;
    }
  }

  /** Looks how well each part does under each answer, the model first. */
  #check(): void {
    this.#changed();
    this.#checking = this.#checking.then(() => this.#checkAll());
  }

  async #checkAll(): Promise<void> {
    const models = this.parts.filter(({ item }) => item.kind === 'model');
    const readers = this.parts.filter(({ item }) => item.kind === 'dictionary' || item.kind === 'probe');
    for (const part of models) await this.#rank(part, 'heads');
    const model = models.find(({ chosen }) => chosen);
    // Without its heads the model cannot be run.
    if (model && !answered(model)) return;
    for (const part of readers) {
      await this.#rank(part, 'reads');
      for (const fact of ['pre_bias', 'selection'] as const) await this.#rank(part, fact);
    }
  }

  async #rank(part: Part, fact: ImportFact): Promise<void> {
    const asked = part.item.questions.some((question) => question.fact === fact);
    if (!part.chosen || fact in part.rankings || !this.#importer || part.fault) return;
    if (!asked && !(fact === 'reads' && part.item.reads)) return;
    if (this.#over.signal.aborted) return;
    this.doing =
      part.item.kind === 'model'
        ? 'Playing random games under each number of heads'
        : 'Reading random games with it, at each place of the model';
    this.#changed();
    try {
      const ranking = await this.#importer.rank(part.number, fact, this.#chosen());
      part.rankings[fact] = ranking;
      const suggested = ranking?.candidates.find(({ answer }) => answer === part.answers[fact]);
      // What was measured weighs more than a habit.
      if (asked && ranking && !(suggested && fact !== 'heads' && suggested.value < 1)) {
        const found = ranking.clear ?? likely(ranking);
        if (found) part.answers[fact] = found;
      }
    } catch (error) {
      if (isAbort(error) || this.#over.signal.aborted) return;
      if (!(error instanceof LensError)) throw error;
      part.fault = `${error.message}.`;
    }
    this.doing = null;
    this.#changed();
  }
}

/** Where nothing is clear, the best answer if it is a good one; of places that are as good that after a block. */
function likely({ measure, candidates: [best, ...others] }: ImportRanking): string | null {
  if (measure === 'illegal_top1' || !best || best.value > 0.5) return null;
  const close = [best, ...others].filter(({ value }) => value <= 1.1 * best.value);
  return (close.find(({ answer }) => answer.endsWith('.hook_resid_post')) ?? best).answer;
}

/** What a fact is, in words that go on with `of` a file. */
export const WHAT: Record<ImportFact, string> = {
  heads: 'the number of attention heads',
  squares: 'the numbering of squares',
  reads: 'the activation that is read',
  pre_bias: 'the use of the decoder’s bias before encoding',
  selection: 'the way to choose features',
};

/** The candidate that stands for what was answered. */
export function answeredCandidate(part: Part, fact: ImportFact): ImportCandidate | null {
  const answer = part.answers[fact] ?? (fact === 'reads' ? part.item.reads : null);
  return part.rankings[fact]?.candidates.find((each) => each.answer === answer) ?? null;
}

/** Why an answer cannot be, by what was measured under it; null if it may be right. */
export function whyWrong(part: Part, fact: ImportFact): string | null {
  const ranking = part.rankings[fact];
  const answer = part.answers[fact];
  const [best] = ranking?.candidates ?? [];
  if (!ranking || !best || !answer || answer === best.answer) return null;
  const found = answeredCandidate(part, fact);
  if (fact === 'reads' && !found)
    return `${answer} is no activation of this model that ${part.item.file} could read; ${best.answer} is.`;
  if (!found) return null;
  switch (ranking.measure) {
    case 'illegal_top1':
      return ranking.clear
        ? `With ${answer} heads ${share(found.value)} of its first choices in random games are illegal, with ${best.answer} ${share(best.value)}.`
        : null;
    case 'fvu':
      return found.value >= 1 && best.value < 1
        ? `With ${answer} it explains nothing of what it reads, with ${best.answer} all but ${share(best.value)}.`
        : null;
    case 'wrong_squares':
      return null;
  }
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** Whether all that is asked of a part is answered. */
function answered({ item, answers }: Part): boolean {
  return item.questions.every(({ fact }) => answers[fact]);
}

function suggestions({ questions }: ImportItem): Part['answers'] {
  const answers: Part['answers'] = {};
  for (const { fact, suggestion } of questions) if (suggestion !== null) answers[fact] = suggestion;
  return answers;
}

/** What to call a bundle: as the model's file, or as what it adds to. */
function nameOf(file: string | undefined, base: Bundle | null): string {
  if (base) return `${base.title} and more`;
  const name = file?.split('/').pop() ?? '';
  return name.replace(/\.[^.]+$/, '');
}
