// Describes the elements in `dist/custom-elements.json`, for editors and catalogues: tags, attributes, properties,
// events, slots, parts and custom properties, as the classes' comments say.
// https://github.com/webcomponents/custom-elements-manifest
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cli } from '@custom-elements-manifest/analyzer/cli.js';

/** What elements inherit from Lit says nothing of them. */
const INTERNAL = new Set(['styles', 'stillDependsOn']);

/** Writes the manifest of the elements below `root`, as of the one module that exports them. */
export async function describeElements(root) {
  const argv = ['analyze', '--config', 'scripts/custom-elements-manifest.config.js'];
  const { schemaVersion, modules } = await cli({ argv, cwd: root, noWrite: true });
  const module = 'dist/elements/index.js';
  const elements = modules
    .flatMap(({ declarations }) => declarations)
    .filter(({ tagName }) => tagName?.startsWith('othello-'))
    .map((element) => ({ ...element, customElement: true, members: element.members?.filter(isPublic) }));
  if (elements.length === 0) throw new Error('no element says @tagname');
  for (const element of elements) {
    element.events = element.events?.filter(({ name }) => name?.startsWith('othello-'));
    for (const list of ['attributes', 'members', 'events', 'slots', 'cssParts', 'cssProperties'])
      for (const item of element[list] ?? []) delete item.inheritedFrom;
  }
  const declaration = (name) => ({ name, module });
  const manifest = {
    schemaVersion,
    readme: 'README.md',
    modules: [
      {
        kind: 'javascript-module',
        path: module,
        declarations: elements.map(({ superclass, ...element }) => element),
        exports: elements.flatMap(({ name, tagName }) => [
          { kind: 'js', name, declaration: declaration(name) },
          { kind: 'custom-element-definition', name: tagName, declaration: declaration(name) },
        ]),
      },
    ],
  };
  await writeFile(path.join(root, 'dist/custom-elements.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function isPublic({ name, privacy }) {
  return privacy === undefined && !name.startsWith('#') && !INTERNAL.has(name);
}
