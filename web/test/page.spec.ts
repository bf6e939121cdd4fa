import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { evil, fusedSample, pageOf, sample } from "./sample";

let problems: string[] = [];

async function open(page: Page, report = sample() as ReturnType<typeof sample> | null): Promise<void> {
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("file://") && !request.url().startsWith("data:")) problems.push(request.url());
  });
  await page.goto(pageOf(report, mkdtempSync(join(tmpdir(), "tileloom-page-"))));
}

test.afterEach(() => expect(problems).toEqual([]));

test("names that are markup are shown, never run", async ({ page }) => {
  await open(page);
  await expect(page.locator("h1")).toContainText(evil);
  await page.locator("tr.layer").first().click();
  await page.locator("tr.store").nth(1).click();
  await expect(page.locator("tr.causes")).toContainText([evil]);
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
});

test("identical layers are one row until they are listed one by one", async ({ page }) => {
  await open(page);
  await expect(page.locator("tr.layer")).toHaveCount(3);
  await page.getByRole("button", { name: "merge identical layers" }).click();
  await expect(page.locator("tr.layer")).toHaveCount(4);
});

test("a layer opens with its bound, its relief and its tree", async ({ page }) => {
  await open(page);
  await page.locator("tr.layer").first().click();
  const detail = page.locator("tr.detail");
  await expect(detail.locator("h3").first()).toHaveText("Bound by DRAM read port");
  await expect(detail.locator(".why li")).toHaveCount(1);
  await expect(detail.locator(".tree")).toContainText("spatial K in 1 on pe");
});

test("a copied layer shows the causes of its original", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "merge identical layers" }).click();
  await page.locator("tr.layer").nth(1).click();
  await page.locator("tr.store").nth(1).click();
  await expect(page.locator("tr.causes:visible")).toContainText("each trip needs another part");
});

test("a layer without a mapping says why", async ({ page }) => {
  await open(page);
  await page.locator("tr.layer").last().click();
  await expect(page.locator("tr.detail")).toContainText("does not fit");
});

test("rows can be sorted and filtered", async ({ page }) => {
  await open(page);
  await page.getByRole("columnheader", { name: "energy", exact: true }).click();
  await expect(page.locator("th[aria-sort=descending]")).toHaveText("energy");
  await page.getByRole("searchbox").fill("BUSY");
  await expect(page.locator("tr.layer")).toHaveCount(1);
});

test("charts are drawn, in light and in dark", async ({ page }) => {
  await open(page);
  const drawn = () => page.locator("canvas").evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL().length));
  for (const size of await drawn()) expect(size).toBeGreaterThan(3000);
  await page.getByRole("button", { name: "light / dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "by tensor" }).click();
  await page.getByRole("button", { name: "share of layer" }).click();
  for (const size of await drawn()) expect(size).toBeGreaterThan(3000);
});

test("the bare template says that it is one", async ({ page }) => {
  await open(page, null);
  await expect(page.locator("#page")).toContainText("the template");
});

test("a schedule layer by layer has no stacks", async ({ page }) => {
  await open(page);
  await expect(page.locator("#stacks")).toHaveCount(0);
});

test("stacks stand beside their layers one by one, and open for pyramid, memories and phases", async ({ page }) => {
  await open(page, fusedSample());
  const stacks = page.locator("#stacks");
  await expect(stacks.locator(".beside tr").nth(1)).toContainText("stacks by defines40");
  await expect(stacks.locator(".beside tr").nth(1)).toContainText("1.8\u00d7");
  await expect(stacks.locator("tr.stack")).toContainText(["25.0 %"]);
  await expect(stacks.locator("tr.stack")).toContainText(["25 cycles"]);
  await expect(stacks.locator("details.stack")).toHaveCount(1);
  await stacks.locator("summary").click();
  await expect(stacks.locator(".pyramid rect")).toHaveCount(4);
  await expect(stacks.locator(".pyramid text").last()).toContainText("6 of 16, reads 8");
  await expect(stacks.locator(".occupancy td").nth(1)).toHaveAttribute("title", new RegExp("6 B"));
  await expect(stacks.locator(".phases tr").nth(1)).toContainText("1.500 nJ");
  await expect(stacks.locator(".phases tr").nth(1)).toContainText("800.0 pJ");
  expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
});
