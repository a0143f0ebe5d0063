import type { ImportFile } from 'othello-lens';

/** Endings of the names of files with weights, and of what lies beside them. */
const WEIGHTS = /\.(safetensors|pt|pth|ckpt|bin|pkl|pickle|npy|npz|zip|json)$/i;

/** A file that is to be opened, or the address of one. */
export type Opened = ImportFile | string;

/** Whether files may hold weights; else they are games. JSON alone is a list of games. */
export function mayBeWeights(files: readonly Opened[]): boolean {
  const [first, second] = files;
  if (!first || second || typeof first === 'string') return files.length > 0;
  return WEIGHTS.test(first.path) && !/\.json$/i.test(first.path);
}

/** What was picked, with the paths within a folder that was. */
export function pickedFiles(list: Iterable<File>): ImportFile[] {
  const all = Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
  return ofKnownKinds(all);
}

/** What was dropped: files, and those in the folders that were. To be called while the event is handled. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<ImportFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null);
  if (!entries.some((entry) => entry?.isDirectory)) return pickedFiles(files);
  const found = await Promise.all(entries.map((entry) => (entry ? filesOf(entry) : [])));
  return ofKnownKinds(found.flat());
}

async function filesOf(entry: FileSystemEntry): Promise<ImportFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: ImportFile[] = [];
  // A reader gives a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await filesOf(each)));
  }
}

/** Of a folder's files those that may hold weights; what was given by itself stays. */
function ofKnownKinds(files: readonly ImportFile[]): ImportFile[] {
  return files.filter(({ path }) => !path.includes('/') || WEIGHTS.test(path));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Where the file itself lies that a page of Hugging Face or GitHub shows. */
export function directAddress(address: string): string {
  return address
    .replace(/^(https:\/\/huggingface\.co\/.+?)\/blob\//, '$1/resolve/')
    .replace(
      /^https:\/\/github\.com\/([^/]+\/[^/]+)\/(?:blob|raw)\//,
      'https://raw.githubusercontent.com/$1/',
    );
}

/** Whether an address is that of a file with weights, not of a bundle's folder. */
export function isFileAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { pathname } = new URL(address);
  return WEIGHTS.test(pathname) && !pathname.endsWith('/manifest.json');
}
