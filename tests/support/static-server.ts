import { promises as fs } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with a file; what is not named is served as a static host would. */
export interface Fault {
  /** Serve these bytes instead, or what becomes of the file's. */
  body?: Buffer | ((file: Buffer) => Buffer);
  /** Answer this instead. */
  status?: number;
  /** Send these as well. */
  headers?: Record<string, string>;
  /** Break the connection once this many bytes of an answer are out. */
  breakAfter?: number;
  /** Milliseconds until it breaks: what a busy page has not read by then is lost. */
  linger?: number;
  /** Send no more once this many bytes of an answer are out, and leave the connection open. */
  stallAfter?: number;
  /** Pay no heed to Range. */
  noRange?: boolean;
  /** Send no Content-Length. */
  chunked?: boolean;
  /** Bytes a second. */
  speed?: number;
  /** Send the body again and again, without end. */
  endless?: boolean;
  /** Let no page of another origin read it. */
  noCors?: boolean;
  /** For so many requests of a file only; then the fault is over. */
  times?: number;
}

/** One request as it came. */
export interface Seen {
  path: string;
  /** With its `?`; empty where there is none. */
  search: string;
  range: string | null;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** A static host on this machine that can be made to fail. */
export class StaticServer {
  readonly requests: Seen[] = [];
  readonly #server: Server;
  readonly #mounts: [prefix: string, folder: string][];
  readonly #faults: [pattern: RegExp, fault: Fault, left: Map<string, number>][] = [];

  private constructor(server: Server, mounts: Record<string, string>) {
    this.#server = server;
    // The longest prefix first: it is the most specific.
    this.#mounts = Object.entries(mounts).sort(([a], [b]) => b.length - a.length);
  }

  /** Serves folders, each under a prefix that begins and ends in a slash. */
  static async start(mounts: Record<string, string>): Promise<StaticServer> {
    const server = createServer();
    const host = new StaticServer(server, mounts);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      host.#answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  /** Its origin, without a slash at the end. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Makes the files whose path matches fail. */
  fail(pattern: RegExp, fault: Fault): void {
    this.#faults.unshift([pattern, fault, new Map()]);
  }

  /** Heals everything and forgets the requests. */
  heal(): void {
    this.#faults.length = 0;
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #fault(file: string): Fault {
    for (const [pattern, fault, left] of this.#faults) {
      if (!pattern.test(file)) continue;
      const times = left.get(file) ?? fault.times ?? Number.POSITIVE_INFINITY;
      if (times === 0) continue;
      left.set(file, times - 1);
      return fault;
    }
    return {};
  }

  async #read(file: string): Promise<Buffer | null> {
    for (const [prefix, folder] of this.#mounts) {
      if (!file.startsWith(prefix)) continue;
      const inside = path.join(folder, path.normalize(`/${file.slice(prefix.length)}`));
      const found = await fs
        .readFile(file.endsWith('/') ? path.join(inside, 'index.html') : inside)
        .catch(() => null);
      if (found) return found;
    }
    return null;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://host');
    const file = decodeURIComponent(pathname);
    const range = request.headers.range ?? null;
    this.requests.push({ path: file, search, range });
    const fault = this.#fault(file);
    // As a CDN does, so that pages of another origin can read everything.
    if (!fault.noCors) response.setHeader('Access-Control-Allow-Origin', '*');
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
    if (fault.status !== undefined) {
      response.writeHead(fault.status).end();
      return;
    }
    const stored = await this.#read(file);
    const body = typeof fault.body === 'function' ? stored && fault.body(stored) : (fault.body ?? stored);
    if (!body) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
      return;
    }
    response.setHeader('Content-Type', TYPES[path.extname(file) || '.html'] ?? 'application/octet-stream');
    response.setHeader('Cache-Control', 'no-cache');

    const wanted = fault.noRange ? null : /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    let sent = body;
    if (wanted) {
      const start = Number(wanted[1]);
      const end = wanted[2] ? Math.min(Number(wanted[2]) + 1, body.length) : body.length;
      if (start >= body.length) {
        response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
        return;
      }
      sent = body.subarray(start, end);
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${body.length}`);
    }
    if (!fault.noRange) response.setHeader('Accept-Ranges', 'bytes');
    if (!fault.chunked && !fault.endless) response.setHeader('Content-Length', sent.length);
    await this.#send(response, sent, fault);
  }

  async #send(response: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
    while (fault.endless && !response.destroyed) {
      await new Promise<void>((resolve) => response.write(body, () => resolve()));
    }
    const stop = Math.min(fault.breakAfter ?? body.length, fault.stallAfter ?? body.length, body.length);
    const step = fault.speed ? Math.max(1, Math.floor(fault.speed / 20)) : 1 << 16;
    for (let at = 0; at < stop && !response.destroyed; at += step) {
      const chunk = body.subarray(at, Math.min(at + step, stop));
      await new Promise<void>((resolve) => response.write(chunk, () => resolve()));
      if (fault.speed) await sleep(50);
    }
    if (fault.stallAfter !== undefined && stop < body.length) return;
    if (stop < body.length) {
      // Give what was written time to arrive: a reset would overtake it.
      await sleep(fault.linger ?? 20);
      response.destroy();
      return;
    }
    response.end();
  }
}
