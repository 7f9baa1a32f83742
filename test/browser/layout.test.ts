import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import {
  build,
  openPage,
  openWorkbench,
  setLanguage,
  showPane,
  useBrowser,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const locales = [
  ["en", "en-GB"],
  ["ko", "ko-KR"],
] as const;

/** Returns content that overflows the window, options that are wider than their fields, and empty table columns. */
function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
    // A select has an arrow of about this width beside its text.
    const ARROW = 16;
    const name = (element: Element) => `${element.tagName}.${element.className} ${element.textContent}`;
    const isClipped = (element: Element): boolean => {
      for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) {
        const { overflowX } = getComputedStyle(parent);
        // Content that scrolls is reachable, except in the panes of the workbench, which only scroll down.
        if (overflowX !== "visible" && !parent.matches(".build-status, .tabs-panel")) return true;
      }
      return false;
    };
    const faults: string[] = [];
    for (const element of document.querySelectorAll("main *, header *")) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest(".visually-hidden, .cm-editor, svg") !== null) continue;
      if (box.right > innerWidth + 1 && !isClipped(element)) {
        faults.push(`${Math.round(box.right)} of ${innerWidth}: ${name(element)}`);
      }
      if (element instanceof HTMLInputElement && element.matches(".build-form > *")) {
        if (element.scrollWidth > element.clientWidth) faults.push(`cut: ${element.value}`);
      }
      if (!(element instanceof HTMLSelectElement) || !element.matches(".text-input")) continue;
      const style = getComputedStyle(element);
      context.font = style.font;
      const text = element.selectedOptions[0]?.text ?? "";
      const room =
        element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - ARROW;
      if (context.measureText(text).width > room) faults.push(`cut at ${Math.round(room)}: ${text}`);
    }
    for (const shown of document.querySelectorAll(".map-folder .map-name")) {
      const text = document.createRange();
      text.selectNodeContents(shown);
      const { left, bottom, width } = text.getBoundingClientRect();
      const over = width === 0 ? null : document.elementFromPoint(left + 2, bottom - 4);
      if (over !== null && over.closest(".map-area") !== shown.closest(".map-area")) {
        faults.push(`covered: ${name(shown)}`);
      }
    }
    for (const table of document.querySelectorAll("table")) {
      const { clientWidth } = table.parentElement as HTMLElement;
      // Tables fit in a wide window.
      if (innerWidth >= 1280 && table.offsetWidth > clientWidth) {
        faults.push(`table of ${table.offsetWidth} in ${clientWidth}: ${name(table)}`);
      }
      const rows = [...table.tBodies].flatMap(({ rows }) => [...rows]);
      const isEmpty = (cell: Element | undefined) =>
        cell?.textContent === "" && cell.querySelector("button, svg, input") === null;
      for (const [index, { textContent }] of [...(table.tHead?.rows[0]?.cells ?? [])].entries()) {
        if (rows.length > 0 && rows.every(({ cells }) => isEmpty(cells[index]))) {
          faults.push(`empty column: ${textContent}`);
        }
      }
    }
    return faults.map((fault) => fault.slice(0, 200));
  });
}

/** Returns misplaced content at all widths, from a phone to a wide screen. */
async function misplacedAtAnyWidth(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const width of [360, 768, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    // The map follows the size of the page.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    faults.push(...(await misplaced(page)));
  }
  return faults;
}

test.each(locales)(
  "nothing of a failed build and of a plan is beyond the edge, in %s",
  async (locale, tag) => {
    const page = await openWorkbench({ locale: tag });
    setLanguage(locale);
    await writeDockerfile(page, `FROM scratch\nCOPY ${"name".repeat(30)} /\n`);
    await page.locator(".steps-source .problem").waitFor();
    expect(await misplacedAtAnyWidth(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
    await build(page);
    await page.locator(".build-status .problem").waitFor();
    // It failed immediately, so no time is shown.
    expect(await page.locator(".build-status-state").textContent()).not.toMatch(/\b0 ms/);
    expect(await misplacedAtAnyWidth(page)).toEqual([]);
  },
);

test.each(locales)("no other view overflows the window, in %s", async (locale, tag) => {
  const page = await openWorkbench({ locale: tag });
  setLanguage("en");
  const field = page.locator("form.build-form input").first();
  await showPane(page, "Build");
  const name = `layout-${locale}-${Date.now().toString(36)}`;
  await field.fill(name);
  setLanguage(locale);
  await writeDockerfile(page, `FROM scratch\nCOPY public/ /${"folder/".repeat(20)}\n`);
  await build(page);
  await page
    .getByRole("button", { name: /COPY public/ })
    .first()
    .click();
  await page.locator(".step-details").waitFor();
  expect(await misplacedAtAnyWidth(page)).toEqual([]);
  const image = `/#/images/${name}/latest`;
  const views = [
    "/#/builds",
    "/#/images",
    image,
    `${image}?tab=map`,
    `${image}?tab=objects`,
    `${image}?tab=config`,
  ];
  views.push(
    "/#/storage",
    `/#/repositories/${name}`,
    "/#/learn",
    "/#/learn/summary",
    "/#/learn/volumes",
    "/#/none",
  );
  for (const view of views) {
    await page.goto(`${inject("url")}${view}`);
    await page.getByRole("heading").first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    expect({ view, faults: await misplacedAtAnyWidth(page) }).toEqual({ view, faults: [] });
  }
});

test("the header of the API's page has room for two lines", async () => {
  const page = await openPage({ width: 360, at: "/docs" });
  const box = await page.locator(".name").boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(6);
});
