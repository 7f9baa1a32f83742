import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { freePort } from "../helpers/free-port.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";
import {
  audit,
  build,
  closePages,
  nameImage,
  openFile,
  openPage,
  openWorkbench,
  readEditor,
  readMarks,
  showPane,
  useBrowser,
  waitUntilStored,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const folder = suiteFolder();

async function addBusybox(page: Page): Promise<void> {
  await showPane(page, "Files");
  await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
}

/** A Dockerfile whose RUN takes some seconds and is not in the build cache. */
function slowDockerfile(seconds: number): string {
  return `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo started ${Math.random()}; /bin/busybox sleep ${seconds}"]\nCMD ["/bin/busybox"]\n`;
}

async function startSlowBuild(page: Page, seconds: number): Promise<void> {
  await addBusybox(page);
  await writeDockerfile(page, slowDockerfile(seconds));
  await showPane(page, "Build");
  await page.locator("form.build-form").getByRole("button", { name: "Build" }).click();
  await page.locator(".step .status-running").waitFor();
}

/** Returns the distance of the editor's text from the left edge of the window. */
async function textLeft(page: Page): Promise<number> {
  const box = await page.locator(".cm-line").first().boundingBox();
  return box?.x ?? Number.NaN;
}

describe.each(widths)("the editor at %i px", (width) => {
  test("shows an edited file after another one was open, and the text after undo", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await openFile(page, "public/index.html");
    await expect.poll(() => readEditor(page)).toContain("Hello, layers");
    await openFile(page, "Dockerfile");
    await expect.poll(() => readEditor(page)).toBe("FROM scratch\nCOPY public/ /\n");
    await openFile(page, "public/index.html");
    await expect.poll(() => readEditor(page)).toContain("Hello, layers");
  });

  test("does not move the text when it cannot be parsed", async () => {
    const page = await openWorkbench({ width });
    const before = await textLeft(page);
    await writeDockerfile(page, "FROM scratch\nNOPE\n");
    await page.getByRole("button", { name: "1 finding" }).waitFor();
    await expect.poll(() => page.locator(".time-line-mark").count()).toBe(0);
    expect(await textLeft(page)).toBe(before);
  });

  test("marks a COPY whose source is not in the context, once", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY missing.txt /\n");
    await page.getByRole("button", { name: "1 finding" }).click();
    expect(await page.locator(".findings").textContent()).toContain('"/missing.txt": not found');
    await expect.poll(() => page.locator(".cm-lintRange-error").textContent()).toBe("missing.txt");
    expect(await audit(page)).toEqual([]);
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await expect.poll(() => page.locator(".cm-lintRange-error").count()).toBe(0);
  });

  test("states the maximum size of a file that can be edited", async () => {
    const page = await openWorkbench({ width });
    const path = join(folder, `large-${width}.txt`);
    await writeFile(path, "a line\n".repeat(300_000));
    await showPane(page, "Files");
    await page.locator("input.files-picker").first().setInputFiles(path);
    await page
      .getByRole("treeitem")
      .filter({ has: page.getByTitle(`large-${width}.txt`, { exact: true }) })
      .click();
    await expect
      .poll(() => page.locator(".editor-note").textContent())
      .toBe("This file has 2.1 MB. Only files of up to 1.05 MB can be edited here. Builds can still use it.");
  });
});

describe.each(widths)("the build pane at %i px", (width) => {
  test("offers only named stages as targets", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\nFROM scratch AS last\nCOPY --from=0 / /\n");
    await showPane(page, "Build");
    await expect
      .poll(() => page.getByLabel("Target").locator("option").allTextContents())
      .toEqual(["last stage", "last"]);
  });

  test("shows only the executed part of a build that ended early", async () => {
    const page = await openWorkbench({ width });
    await showPane(page, "Build");
    await page.getByLabel("Image name").fill("NOT A NAME");
    await build(page);
    const pane = page.locator(".workbench-build");
    expect(await pane.textContent()).toContain("The build ended before its first step.");
    expect(await pane.textContent()).not.toMatch(/No instruction creates a layer|Nothing to send|1 lines/);
    await page.getByRole("tab", { name: "Log · 1 line", exact: true }).waitFor();
  });

  test("omits counts of zero, and shortens the result of the last build above a newer plan", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "counts");
    await writeDockerfile(page, `FROM scratch\nCOPY public/ /\nLABEL a=${Math.random()}\n`);
    await build(page);
    const progress = page.locator(".build-status");
    expect(await progress.textContent()).not.toMatch(/\b0 (hit|executed|not needed)/);
    expect(await progress.getByLabel("Pull it").count()).toBe(1);
    await writeDockerfile(page, "FROM scratch\nCOPY public/style.css /\n");
    await showPane(page, "Build");
    await expect.poll(() => progress.textContent()).toMatch(/^Last build: Built in [\d.,]+ m?s$/);
    await page.getByRole("button", { name: "Show the last build" }).click();
    await expect.poll(() => progress.getByLabel("Pull it").count()).toBe(1);
  });

  test("shows the result: layers, size, commands to pull and run, and the time compared with the last build", async () => {
    const page = await openWorkbench({ width });
    const name = await nameImage(page, "result");
    await addBusybox(page);
    await writeDockerfile(
      page,
      `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo ${Math.random()}; /bin/busybox sleep 1"]\nEXPOSE 80 9000/udp\nCMD ["/bin/busybox"]\n`,
    );
    await build(page);
    const progress = page.locator(".build-status");
    await expect.poll(() => progress.textContent()).toMatch(/1 layer|2 layers/);
    const host = new URL(page.url()).host;
    expect(await progress.getByLabel("Pull it").inputValue()).toBe(`docker pull ${host}/${name}:latest`);
    expect(await progress.getByLabel("Run it").inputValue()).toBe(
      `docker run --rm -p 8080:80 -p 9000:9000/udp ${host}/${name}:latest`,
    );
    expect(await audit(page)).toEqual([]);
    await build(page);
    await expect.poll(() => progress.textContent()).toMatch(/[\d.,]+ m?s faster than the last build/);
    await writeDockerfile(page, "FROM scratch\nCOPY public/ /\n");
    await build(page);
    await expect.poll(() => progress.textContent()).toContain("The image sets neither CMD nor ENTRYPOINT");
  });

  test("shows the running time and a progress bar during a build, and no running step after a cancel", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "cancelled");
    await startSlowBuild(page, 600);
    const time = () => page.locator(".build-status-state .number").textContent();
    const before = await time();
    expect(before).toMatch(/^\d+\.\d s$/);
    await expect.poll(time).not.toBe(before);
    expect(await page.locator(".build-status progress").getAttribute("value")).toBe("0.5");
    await expect
      .poll(() => page.locator("[role=status][aria-live]").textContent())
      .toContain("Running: [2/2] RUN");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => page.locator(".build-status-state").textContent()).toContain("Cancelled");
    expect(await page.locator(".status-running").count()).toBe(0);
    expect(await page.locator(".steps .status-cancelled").count()).toBe(1);
  });
});

test.each(widths)(
  "a reload shows the last build and what became of each instruction, at %i px",
  async (width) => {
    const page = await openWorkbench({ width });
    await nameImage(page, "reloaded");
    await writeDockerfile(page, `FROM scratch\nCOPY public/ /${Math.random()}/\n`);
    await build(page);
    await waitUntilStored(page);
    await page.reload();
    await showPane(page, "Editor");
    await expect.poll(() => readMarks(page)).toEqual(["2 miss"]);
    await showPane(page, "Build");
    await expect.poll(() => page.locator(".build-status-state").textContent()).toContain("1 executed");
    await page.getByLabel("Pull it").waitFor();
    // Another tab has no build.
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator(".time-line-mark").first().waitFor();
    expect(await other.locator(".build-status").count()).toBe(0);
  },
);

test("the page reconnects to a server that restarts during a build, and a reload restores the build", async () => {
  const env = { PORT: `${await freePort()}`, VARVE_DATA: join(folder, "restarted") };
  let server = new ServeProcess(env);
  try {
    const url = await server.ready();
    const page = await openWorkbench({ url, isFaulty: true });
    await startSlowBuild(page, 6);
    const state = page.locator(".build-status-state");
    await server.crash();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 740 });
      await showPane(page, "Build");
      await expect.poll(() => state.textContent(), { timeout: 30_000 }).toContain("does not respond");
    }
    expect(await page.getByText("could not be sent").count()).toBe(0);
    server = new ServeProcess(env);
    await server.ready();
    await expect.poll(() => state.textContent(), { timeout: 60_000 }).toMatch(/Building|Failed/);
    expect(await page.locator(".build-status").textContent()).toContain("Building");
    await page.reload();
    await showPane(page, "Build");
    await expect.poll(() => state.textContent(), { timeout: 60_000 }).toContain("Built in");
  } finally {
    await closePages();
    await server.stop();
  }
});

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

test("problems of the server are in Korean on a Korean page, with the English original", async () => {
  const page = await openPage({ locale: "ko-KR" });
  await page.locator(".time-line-mark").first().waitFor();
  await writeDockerfile(page, "FROM scratch\nCOPY missing.txt /\n");
  await expect
    .poll(() => page.locator(".steps-source .problem-title").textContent())
    .toBe("복사할 파일이 빌드 컨텍스트에 없습니다.");
  expect(await page.locator(".steps-source .problem [lang=en]").first().textContent()).toContain("not found");
  await page.getByRole("button", { name: "검사 결과 1건" }).click();
  expect(await page.locator(".findings").textContent()).toContain("복사할 파일이 빌드 컨텍스트에 없습니다.");
});

test("the page plans as soon as a late server responds, and secrets stay in the page", async () => {
  const page = await openPage();
  let isAway = true;
  await page.route("**/v1/plan?*", (route) =>
    isAway ? route.fulfill({ status: 503, json: { title: "The server is restarting" } }) : route.continue(),
  );
  await page.reload();
  await page.waitForResponse(/\/v1\/plan/);
  isAway = false;
  await page.locator(".time-line-mark").first().waitFor();
  await writeDockerfile(
    page,
    `FROM ${new URL(page.url()).host}/varve/busybox\nRUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token > /length\n`,
  );
  const name = await nameImage(page, "secret");
  const value = `s3cret-${Math.random()}`;
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Secrets").fill(`token=${value}`);
  await build(page);
  expect(await page.locator(".build-status-state").textContent()).toContain("Built in");
  const length = await fetch(
    `${new URL(page.url()).origin}/v1/images/${name}/latest/files?path=length&content=1`,
  );
  expect((await length.text()).trim()).toBe(`${value.length}`);
  await showPane(page, "Editor");
  await waitUntilStored(page);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toContain(value);
});

test("parts of the page that cannot be loaded are loaded when the server responds again", async () => {
  const page = await openPage({ isFaulty: true, at: "/#/builds" });
  await page.getByRole("heading", { name: "Builds" }).waitFor();
  const failed = page.getByText("Cannot load this part of the page.");
  const whileAway = async (act: () => Promise<unknown>) => {
    await page.route("**/assets/*", (route) => route.abort());
    await act();
    await failed.waitFor();
    await page.unroute("**/assets/*");
  };
  await whileAway(() => page.getByRole("link", { name: "Images", exact: true }).click());
  await page.getByRole("heading", { name: "Images" }).waitFor();
  // The workbench without the editor, whose chunks are named like the modules.
  await page.route("**/assets/text-editor*", (route) => route.abort());
  await page.getByRole("link", { name: "Workbench" }).click();
  await failed.waitFor();
  await page.unroute("**/assets/text-editor*");
  await page.locator(".cm-content").waitFor();
  await whileAway(() => page.getByRole("tab", { name: "Shell" }).click());
  await page.locator(".shell-input").waitFor();
});

test("style sheets that cannot be loaded at first are requested again", async () => {
  const page = await openPage({ isFaulty: true, at: "/docs" });
  const failures: string[] = [];
  await page.route("**/assets/*.css", (route) => {
    const url = route.request().url();
    if (failures.includes(url)) return route.continue();
    failures.push(url);
    return route.abort();
  });
  await page.goto(new URL("/", page.url()).href);
  await page.locator(".time-line-mark").first().waitFor();
  const names = failures.map((url) => /([a-z-]+)-[^/]*$/.exec(url)?.[1]);
  expect(names).toEqual(expect.arrayContaining(["index", "icon", "workbench"]));
  const columns = () => page.locator(".workbench").evaluate((element) => getComputedStyle(element).display);
  await expect.poll(columns).toBe("grid");
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).margin)).toBe("0px");
  const sheets = () =>
    page.evaluate(() => [...document.styleSheets].map(({ href }) => href).filter((href) => href !== null));
  await expect.poll(async () => new Set(await sheets())).toEqual(new Set(failures));
  expect((await sheets()).length).toBe(failures.length);
});
