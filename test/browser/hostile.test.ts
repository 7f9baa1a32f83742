import { deflateRawSync } from "node:zlib";
import { describe, expect, inject, test } from "vitest";
import { build, nameImage, newFile, openPage, openWorkbench, showPane, useBrowser, widths } from "./suite.ts";

useBrowser();

const evil = [
  "<img src=x onerror=alert(1)>.txt",
  '"><script>alert(1)</script>',
  "a\u202egnp.exe",
  "line\nbreak",
  "\u001b[31mred",
  "javascript:alert(1)",
  "__proto__/polluted",
  "constructor",
];

/** Returns the address of a hostile project. */
function shared(project: unknown): string {
  return `/#/project/${deflateRawSync(JSON.stringify(project)).toString("base64url")}`;
}

describe.each(widths)("untrusted content at %i px", (width) => {
  test("names, contents and output are shown as text and execute nothing", async () => {
    const page = await openWorkbench({
      width,
      at: shared({
        v: 1,
        f: [["Dockerfile", "FROM scratch\nCOPY . /\n"], ...evil.map((path) => [path, path])],
      }),
    });
    page.on("dialog", (dialog) => dialog.dismiss().then(() => expect.unreachable(dialog.message())));
    await showPane(page, "Files");
    const names = await page.locator(".tree-name").allTextContents();
    expect(names).toEqual(
      expect.arrayContaining([
        "<img src=x onerror=alert(1)>.txt",
        "a\\u{202e}gnp.exe",
        "line\\u{a}break",
        "\\u{1b}[31mred",
      ]),
    );
    await page.getByRole("treeitem", { name: /onerror/ }).click();
    await page.locator(".cm-content").waitFor();
    const name = await nameImage(page, "evil");
    await build(page);
    expect(await page.locator(".build-status-state").textContent()).toContain("Built in");
    const digest = await page.evaluate(async (image) => {
      const answer = await fetch(
        `/v1/images/${image}/latest/files?path=${encodeURIComponent("__proto__/polluted")}&content=1`,
      );
      return answer.text();
    }, name);
    expect(digest).toBe("__proto__/polluted");
    expect(
      await page.evaluate(() => ({}) as { polluted?: unknown }).then(({ polluted }) => polluted),
    ).toBeUndefined();
    expect(await page.locator("main img, main script").count()).toBe(0);
  });
});

test.each([
  ["nothing", "/#/project/"],
  ["no base64", "/#/project/%F0%9F"],
  ["no compressed text", "/#/project/AAAA"],
  ["another form", shared({ v: 2, f: [] })],
  ["paths that lead out", shared({ v: 1, f: [["../../etc/passwd", "x"]] })],
  ["files that are none", shared({ v: 1, f: [["a", 1]] })],
  ["a bomb", shared({ v: 1, f: [["a", "x".repeat(20_000_000)]] })],
])("an address with %s opens nothing", async (_, at) => {
  const page = await openPage({ at });
  await expect
    .poll(() => page.locator("main").textContent())
    .toMatch(/not contain a valid project|Page not found/);
});

test("messages of the server are shown as text", async () => {
  const page = await openWorkbench();
  await newFile(page, "x.txt", "x");
  await showPane(page, "Build");
  await page.getByLabel("Image name").fill("<b>UPPER</b>");
  await build(page);
  expect(await page.locator(".build-status").textContent()).toContain("<b>UPPER</b>");
  expect(await page.locator(".build-status b").count()).toBe(0);
});

test("the policy rejects all other scripts, styles, frames, forms and hosts", async () => {
  const page = await openPage({ isFaulty: true });
  const policy = (await fetch(inject("url"))).headers.get("content-security-policy") ?? "";
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]) {
    expect(policy.split("; ")).toContain(part);
  }
  const refused = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const directives: string[] = [];
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
          directives.push(effectiveDirective);
          if (directives.length === 3) resolve(directives.sort());
        });
        document.body.append(
          Object.assign(document.createElement("script"), { textContent: "document.title = 'in'" }),
        );
        document.body.append(
          Object.assign(document.createElement("style"), { textContent: "* { color: red }" }),
        );
        fetch("http://127.0.0.2:1/").catch(() => {});
      }),
  );
  expect(refused).toEqual(["connect-src", "script-src-elem", "style-src-elem"]);
  expect(await page.title()).not.toBe("in");
});
