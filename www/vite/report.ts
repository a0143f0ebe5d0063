import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import type { Plugin } from 'vite';

/** What was found, as the laboratory writes it, and the pages that the site shows it on. */
const REPORTS = [
  { name: 'report', title: 'What was found in the small model' },
  { name: 'report-full', title: 'What was found in the full model' },
] as const;

/** Makes a plain page of each report in `docs`, in the page's own colours. */
export function reports(root: string): Plugin {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  return {
    name: 'reports',
    apply: 'build',
    generateBundle() {
      const source = `${read('www/src/tokens.css')}\n${read('www/vite/report.css')}`;
      this.emitFile({ type: 'asset', fileName: 'report.css', source });
      for (const { name, title } of REPORTS) {
        const body = marked.parse(read(`docs/${name}.md`), { async: false, gfm: true });
        this.emitFile({ type: 'asset', fileName: `${name}.html`, source: page(title, body) });
      }
    },
  };
}

function page(title: string, body: string): string {
  const others = REPORTS.map(({ name, title }) => `<a href="./${name}.html">${title}</a>`).join('\n        ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · othello-lens</title>
    <meta property="og:title" content="${title}" />
    <link rel="stylesheet" href="./report.css" />
  </head>
  <body>
    <header>
      <nav aria-label="Main">
        <a href="./">othello-lens</a>
        ${others}
      </nav>
    </header>
    <main>
${body.replaceAll('<table>', '<div class="table" role="region" aria-label="Table" tabindex="0"><table>').replaceAll('</table>', '</table></div>')}
    </main>
  </body>
</html>
`;
}
