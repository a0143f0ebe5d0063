import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sirv from 'sirv';

const root = path.resolve(import.meta.dirname, '../..');

/** The folder of what is made, which need not be there yet. */
function target(): string {
  const folder = path.join(root, 'target');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The package as npm would publish it, unpacked beside the apps in a folder of their own. */
export class Installed {
  /** Below the workspace, where what the package depends on is found. */
  readonly folder = mkdtempSync(path.join(target(), 'packaging-'));
  readonly tarball: string;

  constructor() {
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', this.folder], {
      cwd: path.join(root, 'pkg'),
    });
    const [tarball] = readdirSync(this.folder);
    if (tarball === undefined) throw new Error('npm pack made no file');
    this.tarball = path.join(this.folder, tarball);
    cpSync(path.join(import.meta.dirname, 'apps'), this.folder, { recursive: true });
    cpSync(path.join(root, 'models'), path.join(this.folder, 'models'), { recursive: true });
    this.unpack('node_modules/othello-lens');
    this.unpack('script/othello-lens');
  }

  path(relative: string): string {
    return path.join(this.folder, relative);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private unpack(relative: string): void {
    const folder = this.path(relative);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', this.tarball, '--strip-components=1', '-C', folder]);
  }
}

/** A static server of `folder` that other origins may read from, and its origin. */
export async function serve(folder: string): Promise<{ origin: string; server: Server }> {
  const files = sirv(folder, {
    dev: true,
    setHeaders: (response) => response.setHeader('Access-Control-Allow-Origin', '*'),
  });
  const server = createServer((request, response) => files(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A tool of this workspace's `node_modules`. */
export function tool(module: string, args: string[], cwd: string): string {
  const script = path.join(root, 'node_modules', module);
  try {
    const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' };
    return execFileSync(process.execPath, [script, ...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${module} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}
