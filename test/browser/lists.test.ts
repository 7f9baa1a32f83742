import { beforeAll, describe, expect, inject, test } from "vitest";
import { endOfArchive } from "../../src/tar/write.ts";
import { member } from "../tar/archive.ts";
import { audit, auditLooks, openPage, useBrowser, widths } from "./suite.ts";

useBrowser();

const FOLDERS = 60;
/** More builds than one page of the list has. */
const BUILDS = 53;

async function buildImage(tag: string, dockerfile: string, files: Record<string, string>): Promise<void> {
  const members = [member({ path: "Dockerfile" }, dockerfile)];
  for (const [path, contents] of Object.entries(files)) members.push(member({ path }, contents));
  const answer = await fetch(`${inject("url")}/v1/builds?t=${encodeURIComponent(tag)}&timestamps=fixed`, {
    method: "POST",
    body: Buffer.concat([...members, endOfArchive]),
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  const equal = Object.fromEntries(
    Array.from({ length: FOLDERS }, (_, index) => [
      `d/folder-number-${String(index).padStart(2, "0")}/file.txt`,
      "x".repeat(2000),
    ]),
  );
  await buildImage("equal", "FROM scratch\nCOPY d /\n", equal);
  for (let index = 0; index < BUILDS; index++) {
    await buildImage(`more:${index}`, "FROM scratch\nCOPY a /\n", { a: `${index}` });
  }
});

describe.each(widths)("at %i px", (width) => {
  test("a map of many similar folders labels each with its unique part, and shows all of them", async () => {
    const page = await openPage({ width, at: "/#/images/equal/latest?tab=map" });
    const areas = page.locator(".map-area");
    await expect.poll(() => areas.count()).toBe(FOLDERS);
    const names = await page.locator(".map-name").allTextContents();
    expect(new Set(names).size).toBe(FOLDERS);
    expect(names[0]).toBe("…00");
    // Labels that do not fit are omitted, not cut.
    const cut = await page.locator(".map-name").evaluateAll(
      (elements) =>
        elements.filter((element) => {
          const area = element.closest(".map-area")?.getBoundingClientRect();
          const box = element.getBoundingClientRect();
          return box.height > 0 && area !== undefined && box.bottom > area.bottom + 1;
        }).length,
    );
    expect(cut).toBe(0);
    expect(await audit(page)).toEqual([]);
    await page.getByRole("button", { name: "folder-number-07 2 kB" }).click();
    await page.getByRole("button", { name: "file.txt 2 kB" }).waitFor();
  });

  test("opening a file scrolls to its contents", async () => {
    const page = await openPage({ width, at: "/#/images/equal/latest" });
    await page
      .getByRole("treeitem")
      .filter({ has: page.getByTitle("folder-number-03", { exact: true }) })
      .click();
    await page
      .getByRole("treeitem")
      .filter({ has: page.getByTitle("folder-number-03/file.txt", { exact: true }) })
      .click();
    await page.locator(".file-text").waitFor();
    const height = page.viewportSize()?.height ?? 0;
    await expect
      .poll(async () => (await page.locator(".file-text").boundingBox())?.y ?? height)
      .toBeLessThan(height - 100);
    expect(await audit(page)).toEqual([]);
  });

  test("fixed dates are not shown as real ones", async () => {
    const page = await openPage({ width, at: "/#/images" });
    await page.getByRole("searchbox", { name: "Search names" }).fill("equal");
    await page.getByRole("rowheader", { name: "equal:latest" }).waitFor();
    expect(await page.getByRole("columnheader", { name: "Created" }).count()).toBe(0);
    expect(await page.locator("main").textContent()).not.toContain("1980");
    await page.getByRole("link", { name: "equal:latest" }).click();
    await page.getByText("A fixed date, so that equal inputs give equal digests").waitFor();
  });

  test("the list of builds continues after the first fifty", async () => {
    const page = await openPage({ width, at: "/#/builds" });
    await expect.poll(() => page.getByRole("rowheader").count()).toBe(50);
    const first = page.getByRole("rowheader", { name: "more:0", exact: true });
    expect(await first.count()).toBe(0);
    // Other test files build at the same time.
    for (let shown = 50; (await first.count()) === 0; shown += 50) {
      await page.getByRole("button", { name: "Show older builds" }).click();
      await expect.poll(() => page.getByRole("rowheader").count()).toBeGreaterThan(shown);
    }
    expect(await page.getByRole("rowheader").count()).toBeGreaterThan(BUILDS - 1);
    expect(await audit(page)).toEqual([]);
  });

  test("the page of the API is readable and links back", async () => {
    const page = await openPage({ width, at: "/docs" });
    await page.getByRole("heading", { name: "API", level: 1 }).waitFor();
    expect(await auditLooks(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await page.getByRole("link", { name: "Builds" }).click();
    await page.getByRole("heading", { name: "Builds", level: 1 }).waitFor();
  });
});
