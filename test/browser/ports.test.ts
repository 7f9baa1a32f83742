import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { audit, build, nameImage, newFile, openWorkbench, showPane, useBrowser, widths } from "./suite.ts";

// Web pages of containers in a sandboxed frame.

useBrowser();

/** Builds and starts the web server example, with additional files. */
async function openServed(width: number, files: Record<string, string> = {}): Promise<Page> {
  const page = await openWorkbench({ width, isFaulty: Object.keys(files).length > 0 });
  await showPane(page, "Files");
  await page.locator(".project-name").click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Web server/ })
    .click();
  // The server builds its base image first.
  await expect
    .poll(() => page.locator(".cm-content").textContent(), { timeout: 60_000 })
    .toContain("varve/busybox");
  for (const [path, text] of Object.entries(files)) await newFile(page, path, text);
  await nameImage(page, "served");
  await build(page);
  await page.getByRole("button", { name: "Run it here" }).click();
  await page.locator(".run-form").getByRole("button", { name: /^Run/ }).click();
  await page.getByRole("button", { name: "Open the port" }).click();
  return page;
}

describe.each(widths)("at %i px", (width) => {
  test("a built site runs and is shown in a frame, which closes with its container", async () => {
    const page = await openServed(width);
    expect(await page.getByLabel("Port", { exact: true }).inputValue()).toBe("8080");
    const frame = page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "Hello from a container" }).waitFor();
    // The style sheet arrives after the text.
    await expect
      .poll(() => frame.locator("main").evaluate((element) => getComputedStyle(element).paddingTop))
      .toBe("32px");
    await frame.getByRole("link", { name: "About it" }).click();
    await frame.getByRole("heading", { name: "About this server" }).waitFor();
    expect(await audit(page)).toEqual([]);
    await page.getByLabel("Port", { exact: true }).fill("81");
    await page.getByRole("button", { name: "Open the port" }).click();
    await page.getByText("Waiting for a program that listens on port 81 …").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator(".served-port").waitFor({ state: "detached", timeout: 20_000 });
  });
});

test("hostile content in a frame reaches neither the page nor the server", async () => {
  const script = `
    const results = {};
    const attempt = async (name, work) => {
      try { results[name] = String(await work()); } catch (error) { results[name] = "refused"; }
    };
    (async () => {
      results.origin = self.origin;
      await attempt("cookie", () => { document.cookie = "a=1"; return document.cookie; });
      await attempt("storage", () => localStorage.length);
      await attempt("parent", () => parent.document.title);
      await attempt("top", () => { top.location = "about:blank"; return "moved"; });
      await attempt("list", async () => (await fetch("/v1/images")).status);
      await attempt("build", async () => (await fetch("/v1/builds", { method: "POST", mode: "no-cors", body: "x" })).type);
      await attempt("socket", () => new Promise((resolve, reject) => {
        const socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/\\/v1.*/, "/v1/runners"));
        socket.onopen = () => resolve("open");
        socket.onerror = reject;
      }));
      await attempt("popup", () => open("/") === null ? "refused" : "opened");
      await attempt("events", () => new Promise((resolve, reject) => {
        const events = new EventSource("cgi-bin/events");
        events.onmessage = ({ data }) => resolve(data);
        events.onerror = reject;
      }));
      await attempt("own", async () => (await fetch("data.json")).text());
      document.body.textContent = JSON.stringify(results);
    })();`;
  const page = await openServed(1280, {
    "public/hostile.html": `<!doctype html><title>x</title><body>…</body><script>${script}</script>`,
    "public/data.json": "mine",
    // The response never ends, but its first part must arrive.
    "public/cgi-bin/events":
      "#!/bin/sh\nprintf 'Content-Type: text/event-stream\\r\\n\\r\\ndata: one\\n\\n'\nsleep 600\n",
  });
  const address = await page.locator("iframe").getAttribute("src");
  await page.frameLocator("iframe").getByRole("heading").waitFor();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await page.locator("iframe").evaluate((element, to) => {
    (element as HTMLIFrameElement).src = to;
  }, `${address}hostile.html`);
  const body = page.frameLocator("iframe").locator("body");
  // The body contains the script until the script shows its results.
  await expect.poll(() => body.textContent()).toMatch(/^\{/);
  expect(JSON.parse((await body.textContent()) ?? "")).toEqual({
    origin: "null",
    cookie: "refused",
    storage: "refused",
    parent: "refused",
    top: "refused",
    list: "refused",
    build: "refused",
    socket: "refused",
    popup: "refused",
    events: "one",
    own: "mine",
  });
  expect(requests.filter((line) => /\/v1\/(images|builds|runners)/.test(line))).toEqual([]);
  // In a separate tab, the same address has no origin either.
  const alone = await page.context().newPage();
  await alone.goto(`${new URL(page.url()).origin}${address}`);
  await alone.getByRole("heading", { name: "Hello from a container" }).waitFor();
  expect(await alone.evaluate(() => self.origin)).toBe("null");
});
