import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, loadavg } from "node:os";
import { inflateRawSync } from "node:zlib";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterEach, beforeAll, expect, inject } from "vitest";
import { messages as editorMessages } from "../../src/playground/editor/messages.ts";
import { chooseLocale, type Locale } from "../../src/playground/i18n/locale.ts";
import { messages } from "../../src/playground/views/workbench/messages.ts";

/** Chromium without its user interface, which saves a quarter of the time; otherwise all of Chromium. */
const headless = "/usr/bin/chromium-headless-shell";
const executable = existsSync(headless) ? headless : "/usr/bin/chromium";
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Widths of a phone and of a desktop window. */
export const widths = [360, 1280] as const;

/** The browser of all test files of this process. It ends with the process. */
let browser: Browser | undefined;
let pages: { page: Page; faults: string[] }[] = [];

/** Sets the language in which the helpers find buttons and fields. Each file starts in English. */
export function setLanguage(locale: Locale): void {
  chooseLocale(locale);
}

/** Starts the browser for the first test file. Fails a test if one of its pages has an error. */
export function useBrowser(): void {
  beforeAll(async () => {
    setLanguage("en");
    browser ??= await chromium.launch({ executablePath: executable, args: flags });
  });
  afterEach(async () => {
    const faults = pages.flatMap((opened) => opened.faults);
    await closePages();
    pages = [];
    expect(faults).toEqual([]);
  });
}

/** Closes the pages of a test, so that its server can stop without errors in a page. */
export async function closePages(): Promise<void> {
  await Promise.all(pages.map(({ page }) => page.context().close()));
}

interface OpenOptions extends BrowserContextOptions {
  width?: number;
  /** The address without the origin, for example `/#/builds`. */
  at?: string;
  url?: string;
  /** Whether errors of the page are expected. */
  isFaulty?: boolean;
  /** Whether the page shows its introduction, as on the first visit. */
  isWelcome?: boolean;
}

/** Opens a page with empty storage. Errors, requests to other hosts and rejected content fail the test. */
export async function openPage({
  width = 1280,
  at = "/",
  url,
  isFaulty,
  isWelcome,
  ...options
}: OpenOptions = {}): Promise<Page> {
  const server = url ?? inject("url");
  if (browser === undefined) throw new Error("The file does not call useBrowser()");
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 740 : 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    locale: "en-GB",
    ...options,
  });
  if (!isWelcome) {
    await context.addInitScript(() => {
      // Sandboxed frames have no storage.
      if (origin !== "null") localStorage.setItem("varve.welcome", "over");
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error.stack)));
  page.on("console", (message) => {
    // The page itself shows error responses of the server.
    // When other tests set up networks, the browser repeats its requests.
    const isAnswer = /Failed to load resource: (the server responded|net::ERR_NETWORK_CHANGED)/.test(
      message.text(),
    );
    if (message.type() === "error" && !isAnswer) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== server) {
      faults.push(`request to ${request.url()}`);
    }
  });
  pages.push({ page, faults: isFaulty ? [] : faults });
  await page.goto(`${server}${at}`);
  return page;
}

/** Opens the workbench, and waits for its editor and the first plan. */
export async function openWorkbench(options: OpenOptions = {}): Promise<Page> {
  const page = await openPage(options);
  await page.locator(".cm-content").waitFor();
  await page.locator(".time-line-mark").first().waitFor();
  // The style sheet can be the last file to arrive.
  await page.waitForFunction(() => {
    const workbench = document.querySelector(".workbench");
    return workbench !== null && getComputedStyle(workbench).display === "grid";
  });
  return page;
}

/** Shows a pane of the workbench, in a window with room for only one. */
export async function showPane(page: Page, name: "Files" | "Editor" | "Build"): Promise<void> {
  const { files, editor, build } = messages.value.panes;
  const shown = { Files: files, Editor: editor, Build: build }[name];
  const choice = page.locator(".workbench-switch");
  // In a wide window, it is hidden.
  await choice.waitFor({ state: "attached" });
  const button = choice.getByRole("button", { name: shown });
  if (await button.isVisible()) await button.click();
}

/** Pastes a text at the cursor. Typing would add closing brackets. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press("Control+V");
}

/** Replaces the text in the editor. */
export async function writeDockerfile(page: Page, text: string): Promise<void> {
  await showPane(page, "Editor");
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await paste(page, text);
}

/** Returns the text of the visible lines in the editor. */
export async function readEditor(page: Page): Promise<string> {
  return (await page.locator(".cm-line").allTextContents()).join("\n");
}

/** Gives the image an unused name. */
export async function nameImage(page: Page, name: string): Promise<string> {
  const unique = `${name}-${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
  await showPane(page, "Build");
  await page.getByLabel("Image name").fill(unique);
  return unique;
}

/** Builds, and waits until the build has ended. */
export async function build(page: Page): Promise<void> {
  await showPane(page, "Build");
  await page.locator("form.build-form").getByRole("button", { name: messages.value.build }).click();
  await page
    .locator(".build-status-state")
    .filter({ hasText: /Built in|Failed|Cancelled|빌드 완료|빌드 실패|취소됨/ })
    .waitFor({ timeout: 60_000 });
}

/** Adds a file to the context, and opens it. */
export async function newFile(page: Page, path: string, text: string): Promise<void> {
  await showPane(page, "Files");
  const { newFile, newFileName, add } = messages.value;
  await page.getByRole("button", { name: newFile }).click();
  await page.getByLabel(newFileName).fill(path);
  await page.getByRole("button", { name: add, exact: true }).click();
  await page.getByRole("textbox", { name: editorMessages.value.label(path) }).click();
  await paste(page, text);
}

/** Opens a file of the context in the editor. */
export async function openFile(page: Page, path: string): Promise<void> {
  await showPane(page, "Files");
  await page
    .getByRole("treeitem")
    .filter({ has: page.getByTitle(path, { exact: true }) })
    .click();
  await page.getByRole("textbox", { name: editorMessages.value.label(path) }).waitFor();
}

/** Waits until the browser has stored the project of the tab with the text that the editor shows. */
export async function waitUntilStored(page: Page): Promise<void> {
  const text = await readEditor(page);
  await expect
    .poll(async () => {
      const data = await page.evaluate(
        () => localStorage.getItem(`varve.project.${sessionStorage.getItem("varve.project")}`) ?? "",
      );
      if (data === "") return [];
      const { f } = JSON.parse(inflateRawSync(Buffer.from(data, "base64url")).toString()) as {
        f: string[][];
      };
      return f.map(([, contents]) => contents);
    })
    .toContain(text);
}

/** Factor by which a time may exceed its limit, because other suites can run at the same time. */
export function slack(): number {
  return Math.max(1, (loadavg()[0] as number) / availableParallelism());
}

/** Returns the marks of the gutter with their lines, for example `7 hit`. */
export async function readMarks(page: Page): Promise<string[]> {
  return page.locator(".time-line-mark").evaluateAll((elements) =>
    elements.flatMap((element) => {
      const status = /time-line-(?!mark|chosen)(\w+)/.exec(element.className)?.[1] ?? "";
      const top = element.getBoundingClientRect().top;
      const root = element.getRootNode() as ShadowRoot;
      const numbers = [...root.querySelectorAll(".cm-lineNumbers .cm-gutterElement")];
      const line = numbers.find((number) => {
        const box = number.getBoundingClientRect();
        return Math.abs(box.top - top) < 2 && getComputedStyle(number).visibility !== "hidden";
      });
      return status === "" || line === undefined ? [] : [`${line.textContent} ${status}`];
    }),
  );
}

/** Rules of axe that depend on colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * Returns the findings of axe, one line each.
 * @param rules ids of the rules to check; all of them when omitted
 */
export async function audit(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  return page.evaluate(async (values) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: Violation[] }> };
    };
    interface Violation {
      id: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const { violations } = await axe.run({
      resultTypes: ["violations"],
      ...(values && { runOnly: { type: "rule", values } }),
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
    );
  }, rules);
}

/** Audits the page in the light and in the dark theme, where only colours differ. */
export async function auditLooks(page: Page): Promise<string[]> {
  const light = await audit(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await audit(page, colourRules);
  await page.emulateMedia({ colorScheme: "light" });
  return [...light, ...dark.map((finding) => `dark: ${finding}`)];
}

/** Returns the distance of the editor's text from the left edge of the window. */
export async function textLeft(page: Page): Promise<number> {
  const box = await page.locator(".cm-line").first().boundingBox();
  return box?.x ?? Number.NaN;
}
