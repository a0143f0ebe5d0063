import { defineConfig } from '@playwright/test';

const { CHROME_PATH = '/usr/bin/chromium', CI } = process.env;

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/packaging',
  workers: 1,
  timeout: 120_000,
  forbidOnly: CI !== undefined,
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: CHROME_PATH,
      args: ['--disable-background-networking', '--disable-component-update', '--no-first-run'],
    },
  },
});
