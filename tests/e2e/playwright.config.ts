import { defineConfig } from '@playwright/test';

const { CHROME_PATH, CHROMIUM, CI, E2E_PORT = '8471' } = process.env;
const origin = `http://127.0.0.1:${E2E_PORT}`;

/** Nothing that talks to the outside, nothing that pops up. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** WebGPU in software: slow, and the same everywhere. */
const SWIFTSHADER = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

const executablePath = CHROME_PATH ?? CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  // As many as a small machine has cores: a page spends much of its time waiting.
  workers: 2,
  // Two shared cores and a software GPU: what needs a second try is listed as flaky.
  retries: CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: CI !== undefined,
  reporter: [['list']],
  use: {
    // Below a path of its own, as on any static host.
    baseURL: `${origin}/some/where/`,
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    // Requests are routed and broken by many tests, and counted; what is kept for offline has a test of its own.
    serviceWorkers: 'block',
  },
  projects: [
    {
      name: 'chromium',
      testIgnore: '*-gpu*.spec.ts',
      use: { launchOptions: { executablePath, args: [...QUIET, '--disable-features=WebGPU'] } },
    },
    {
      name: 'webgpu',
      testMatch: '*-gpu*.spec.ts',
      // The software GPU wants all cores for itself.
      workers: 1,
      timeout: 180_000,
      use: { launchOptions: { executablePath, args: [...QUIET, ...SWIFTSHADER] } },
    },
  ],
  webServer: {
    command: 'node server.js',
    env: { E2E_PORT },
    url: `${origin}/some/where/`,
    reuseExistingServer: false,
  },
});
