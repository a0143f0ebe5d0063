import { brotliCompressSync, constants } from 'node:zlib';

const PARAMS = {
  [constants.BROTLI_PARAM_QUALITY]: 11,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
};

/**
 * What a visitor of a page at `url` has downloaded by the time `ready` resolves, the page itself left out: every
 * file as its host would send it in brotli, a range of one as it is, for ranges are sent as they are.
 */
export async function embedBytes(page, url, ready) {
  const files = new Map();
  const answers = [];
  page.on('response', (response) => {
    if (response.url() === url || response.url().endsWith('/favicon.ico')) return;
    answers.push(
      response.body().then((body) => {
        const { pathname } = new URL(response.url());
        const bytes =
          response.status() === 206 ? body.length : brotliCompressSync(body, { params: PARAMS }).length;
        files.set(pathname, (files.get(pathname) ?? 0) + bytes);
      }),
    );
  });
  await page.goto(url);
  await ready(page);
  await Promise.all(answers);
  return { bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0), files };
}
