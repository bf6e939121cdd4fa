// Tests of the built page in Chromium: `npx playwright test`. CHROMIUM names a browser that is not
// Playwright's own (`npx playwright install chromium` fetches that one).
import { defineConfig } from "@playwright/test";

const executablePath = process.env["CHROMIUM"];

export default defineConfig({
  testDir: "test",
  timeout: 30_000,
  use: { viewport: { width: 1360, height: 900 }, launchOptions: executablePath ? { executablePath } : {} },
});
