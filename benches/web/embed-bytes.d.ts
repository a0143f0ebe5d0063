import type { Page } from 'playwright-core';

/** The bytes of a page's files, and of each by path. */
export interface EmbedBytes {
  bytes: number;
  files: Map<string, number>;
}

export function embedBytes(
  page: Page,
  url: string,
  ready: (page: Page) => Promise<void>,
): Promise<EmbedBytes>;
