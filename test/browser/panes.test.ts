import { describe, expect, test } from "vitest";
import { audit, build, nameImage, openPage, openWorkbench, textLeft, useBrowser } from "./suite.ts";

useBrowser();

describe("panes", () => {
  test("leave half of 1280 px to the code, and can be resized, collapsed and reset", async () => {
    const page = await openWorkbench({ width: 1280 });
    const widthOf = async (selector: string) => (await page.locator(selector).boundingBox())?.width ?? 0;
    const code = async () => 1280 - (await textLeft(page)) - (await widthOf(".workbench-build"));
    expect(await code()).toBeGreaterThan(632);
    expect(await widthOf(".cm-content")).toBeGreaterThanOrEqual(640);
    const files = page.getByRole("separator", { name: "Width of the files" });
    const before = await widthOf(".workbench-files");
    await files.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => widthOf(".workbench-files")).toBe(before + 16);
    const box = await files.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 0.5, 400);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 60, 400, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => widthOf(".workbench-files")).toBeGreaterThan(before + 60);
    const chosen = await widthOf(".workbench-files");
    await page.reload();
    await page.locator(".time-line-mark").first().waitFor();
    expect(await widthOf(".workbench-files")).toBe(chosen);
    await files.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("tree").isVisible()).toBe(false);
    expect(await audit(page)).toEqual([]);
    await files.dblclick();
    await expect.poll(() => widthOf(".workbench-files")).toBe(before);
    const builds = page.getByRole("separator", { name: "Width of the build" });
    await builds.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByLabel("Image name").isVisible()).toBe(false);
    // Starting a build shows the pane.
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Enter");
    await page.locator(".build-status").waitFor();
  });

  test("leave half of 1280 px to the code in a lesson too, and show its files", async () => {
    const page = await openPage({ at: "/#/learn/layers" });
    await page.locator(".time-line-mark").first().waitFor();
    const box = async (selector: string) => {
      const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(selector).boundingBox()) ?? {};
      return { x, y, width, height };
    };
    expect((await box(".workbench-editor")).width).toBeGreaterThanOrEqual(640);
    const lesson = await box(".lesson-panel");
    const files = await box(".workbench-files");
    expect(files.x).toBe(lesson.x);
    expect(files.y).toBeGreaterThanOrEqual(lesson.y + lesson.height);
    expect(lesson.height).toBeGreaterThan(400);
    const tree = await box("[role=tree]");
    expect(tree.height).toBeGreaterThan(96);
    expect(tree.y + tree.height).toBeLessThan(800);
    const splitter = page.getByRole("separator", { name: "Width of the lesson" });
    await splitter.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await box(".lesson-panel")).width).toBe(lesson.width + 16);
    // The text of a lesson cannot be collapsed.
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await box(".lesson-panel")).width).toBe(272);
    await splitter.dblclick();
    await expect.poll(async () => (await box(".lesson-panel")).width).toBe(lesson.width);
    // The workbench has separate widths.
    await page.goto(new URL("/#/", page.url()).href);
    await page.getByRole("separator", { name: "Width of the files" }).waitFor();
  });

  test("show all tabs of a build at 1280 px", async () => {
    const page = await openWorkbench({ width: 1280 });
    await nameImage(page, "tabs");
    await build(page);
    const list = page.locator(".workbench-build [role=tablist]");
    await list.getByRole("tab", { name: "Run" }).waitFor();
    expect(await list.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  });

  test("use a wide window: the gutter explains its signs", async () => {
    const page = await openWorkbench({ width: 1920 });
    await expect.poll(() => page.locator(".time-line-status").first().isVisible()).toBe(true);
  });
});

test.each(["en-GB", "ko-KR"])(
  "the header shows every section and the name on one line, in %s",
  async (locale) => {
    const page = await openPage({ locale });
    const bar = page.locator(".frame-bar");
    const links = bar.locator(".frame-sections a");
    await links.nth(3).waitFor();
    for (const width of [360, 640, 768, 800, 1024, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      const settings = await bar.locator(".frame-settings").boundingBox();
      for (const link of await links.all()) {
        const box = await link.boundingBox();
        const { x, y, width: wide, height } = box ?? { x: width, y: 0, width: 1, height: 0 };
        expect(x + wide).toBeLessThanOrEqual(width);
        const isBeside = y < (settings?.y ?? 0) + (settings?.height ?? 0) && y + height > (settings?.y ?? 0);
        if (isBeside) expect(x + wide).toBeLessThanOrEqual(settings?.x ?? 0);
      }
      expect((await bar.locator(".frame-name").boundingBox())?.height).toBeLessThanOrEqual(48);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
  },
);
