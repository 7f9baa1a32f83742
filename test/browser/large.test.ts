import type { Page } from "playwright-core";
import { beforeAll, expect, inject, test } from "vitest";
import { endOfArchive } from "../../src/tar/write.ts";
import { member } from "../tar/archive.ts";
import { openPage, slack, useBrowser } from "./suite.ts";

useBrowser();

const FILES = 31_000;
const PER_FOLDER = 100;
/** Maximum number of milliseconds until the tree is visible, on an idle machine. */
const MAX_MS = 1000;

beforeAll(async () => {
  const members = [member({ path: "Dockerfile" }, "FROM scratch\nCOPY modules /modules\n")];
  for (let number = 0; number < FILES; number++) {
    const folder = String(Math.floor(number / PER_FOLDER)).padStart(3, "0");
    members.push(member({ path: `modules/package-${folder}/file-${number}.js` }, `${number}`));
  }
  const answer = await fetch(`${inject("url")}/v1/builds?t=large/tree:1`, {
    method: "POST",
    body: Buffer.concat([...members, endOfArchive]),
  });
  expect(answer.status).toBe(200);
});

/** Milliseconds from the navigation to the first row, measured in the page. */
async function firstRow(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector("[role=treeitem]") === null) return false;
          requestAnimationFrame(() => resolve(performance.now()));
          return true;
        };
        if (look()) return;
        const observer = new MutationObserver(() => look() && observer.disconnect());
        observer.observe(document, { childList: true, subtree: true });
      }),
  );
}

test("a tree of 31,000 files is shown within a second, and only its visible rows are in the page", async () => {
  const times: number[] = [];
  let page: Page | undefined;
  for (let round = 0; round < 3; round++) {
    page = await openPage({ at: "/#/images/large%2Ftree/1" });
    times.push(await firstRow(page));
  }
  const opened = page as Page;
  console.log(`first row after ${times.map(Math.round).join(", ")} ms`);
  expect(Math.min(...times)).toBeLessThan(MAX_MS * slack());
  const tree = opened.getByRole("tree");
  const rows = opened.getByRole("treeitem");
  await tree.getByRole("treeitem").first().click();
  await opened.keyboard.press("ArrowRight");
  await opened.getByText("31,311 entries").waitFor();
  const search = opened.getByRole("searchbox", { name: "Search paths" });
  await search.fill("file-");
  await expect.poll(() => rows.count()).toBeGreaterThan(10);
  expect(await rows.count()).toBeLessThan(100);
  // Scrolls to the end, by a page in each frame. No frame may render rows outside of the visible area.
  const scrolled = await opened.evaluate(async () => {
    const scroller = [...document.querySelectorAll<HTMLElement>("main *")].find(
      (element) => element.scrollHeight > 100_000 && element.clientHeight < element.scrollHeight,
    ) as HTMLElement;
    let most = 0;
    const frames: number[] = [];
    for (let frame = 0; frame < 60; frame++) {
      const before = performance.now();
      scroller.scrollTop += scroller.scrollHeight / 60;
      await new Promise((wake) => requestAnimationFrame(wake));
      frames.push(performance.now() - before);
      most = Math.max(most, document.querySelectorAll("[role=treeitem]").length);
    }
    return { most, median: frames.sort((a, b) => a - b)[30] as number };
  });
  console.log(`a frame takes ${scrolled.median.toFixed(1)} ms`);
  expect(scrolled.median).toBeLessThan(34 * slack());
  expect(scrolled.most).toBeLessThan(100);
  await opened.getByText("file-30999.js").waitFor();
});
