import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Ends a process and all that it started. */
async function end(process_: ChildProcess): Promise<void> {
  if (process_.pid === undefined || process_.exitCode !== null) return;
  process.kill(-process_.pid);
  await once(process_, 'exit');
}

/** The address that the server prints: another port than it was given, if that one is taken. */
function addressOf(output: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    // It goes on being read: a server whose output is closed while it writes ends.
    output.on('data', (chunk) => {
      said += chunk;
      const address = /http:\/\/localhost:\d+/.exec(said);
      if (address) resolve(address[0]);
    });
    output.on('end', () => reject(new Error(`The server ended; it said: ${said}`)));
  });
}

test('the server for working on the page shows what was rebuilt', async ({ request }) => {
  const name = `rebuilt-${process.pid}.txt`;
  const file = path.join(ROOT, 'dist', name);
  const server = spawn('npm', ['run', '--silent', 'serve', '--', '--port', '8473'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = `${await addressOf(server.stdout)}/${name}`;
    expect((await request.get(url)).status()).toBe(404);
    await writeFile(file, 'first');
    const first = await request.get(url);
    expect(await first.text()).toBe('first');
    // The tag of a file tells its time.
    await sleep(20);
    await writeFile(file, 'second');
    const { etag: before = '' } = first.headers();
    const second = await request.get(url, { headers: { 'If-None-Match': before } });
    expect(await second.text()).toBe('second');
    // A browser asks again, and is spared the download of what stayed.
    expect(second.headers()['cache-control']).toBe('no-cache');
    const { etag: now = '' } = second.headers();
    expect((await request.get(url, { headers: { 'If-None-Match': now } })).status()).toBe(304);
  } finally {
    await end(server);
    await rm(file, { force: true });
  }
});
