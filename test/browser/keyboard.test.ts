import type { Page } from "playwright-core";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { endOfArchive } from "../../src/tar/write.ts";
import { member } from "../tar/archive.ts";
import { openPage, useBrowser, widths } from "./suite.ts";

useBrowser();

beforeAll(async () => {
  const answer = await fetch(`${inject("url")}/v1/builds?t=by/keyboard:1`, {
    method: "POST",
    body: Buffer.concat([
      member({ path: "Dockerfile" }, "FROM scratch\nCOPY words.txt /docs/words.txt\n"),
      member({ path: "words.txt" }, "found by keyboard\n"),
      endOfArchive,
    ]),
  });
  expect(answer.status).toBe(200);
});

/** Presses Tab until an element with this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const called = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      return element?.getAttribute("aria-label") ?? (element?.textContent || element?.title || "");
    });
    if (name.test(called)) return;
  }
  expect.unreachable(`Tab does not lead to ${name}`);
}

describe.each(widths)("by keyboard alone at %i px", (width) => {
  test("from the list to an image, into a file, and back", async () => {
    const page = await openPage({ width });
    await tabTo(page, /^Images$/);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "by/keyboard:1" }).waitFor();
    await tabTo(page, /^by\/keyboard:1$/);
    await page.keyboard.press("Enter");
    await page.getByRole("treeitem").first().waitFor();
    await tabTo(page, /^Search paths$|^$/);
    await tabTo(page, /Files|docs/);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("treeitem", { name: /words\.txt/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("found by keyboard").waitFor();
    await tabTo(page, /^Close the file$/);
    await page.keyboard.press("Enter");
    await page.getByText("found by keyboard").waitFor({ state: "detached" });
    await tabTo(page, /^Images$/);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "by/keyboard:1" }).waitFor();
  });

  test("through a lesson", async () => {
    const page = await openPage({ width, at: "/#/learn" });
    await page.getByRole("link", { name: "What an image is made of" }).waitFor();
    await tabTo(page, /^What an image is made of$/);
    await page.keyboard.press("Enter");
    await page.locator(".lesson-current").waitFor();
    // Narrow pages show one pane at a time.
    for (const _ of width < 800 ? ["pane", "button"] : ["button"]) {
      await tabTo(page, /^Build$/);
      await page.keyboard.press("Enter");
    }
    await page.getByRole("heading", { name: "Step 2 of 5" }).waitFor();
    for (const right of [/^Two$/, /^Into the config$/]) {
      await tabTo(page, right);
      await page.keyboard.press("Enter");
      // The focus moves to the next step, not to the beginning of the page.
      await expect.poll(() => page.locator(".lesson-current:focus").count()).toBe(1);
    }
    await page.getByRole("heading", { name: "Step 4 of 5" }).waitFor();
    await tabTo(page, /^Hint$/);
    await page.keyboard.press("Enter");
    await page.getByText("Write the line below CMD").waitFor();
  });
});
