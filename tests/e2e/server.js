// Serves the built site below /some/where/, as a plain static host would: no special headers.
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

const { E2E_PORT, E2E_SITE = 'dist' } = process.env;
const PREFIX = '/some/where/';
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const site = sirv(path.join(root, E2E_SITE), { dev: true, etag: true, brotli: true });

createServer((request, response) => {
  const missing = () => {
    response.writeHead(404);
    response.end();
  };
  if (!request.url?.startsWith(PREFIX)) return missing();
  request.url = request.url.slice(PREFIX.length - 1);
  site(request, response, missing);
}).listen(Number(E2E_PORT), '127.0.0.1');
