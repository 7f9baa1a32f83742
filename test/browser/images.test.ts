import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { endOfArchive } from "../../src/tar/write.ts";
import { member } from "../tar/archive.ts";
import { audit, openPage, useBrowser, widths } from "./suite.ts";

useBrowser();

/** A picture of one pixel. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const hostile = '<img src=x onerror="document.title=1">.txt';

async function buildImage(tag: string, files: Record<string, string | Buffer>): Promise<void> {
  const dockerfile = [
    "FROM scratch AS base",
    "COPY app /app",
    "FROM base",
    "COPY extra /app",
    "ENV GREETING=hello",
    'CMD ["/app/main.js"]',
    "",
  ].join("\n");
  const members = [member({ path: "Dockerfile" }, dockerfile)];
  for (const [path, contents] of Object.entries(files)) members.push(member({ path }, contents));
  const answer = await fetch(`${inject("url")}/v1/builds?t=${encodeURIComponent(tag)}`, {
    method: "POST",
    body: Buffer.concat([...members, endOfArchive]),
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  const files = {
    "app/lib/many/deep.txt": "deep",
    "app/main.js": "console.log('one')\n",
    "app/raw.bin": Buffer.from([0, 1, 2, 255]),
    "app/logo.png": picture,
    [`app/${hostile}`]: "nothing",
    "extra/main.js": "console.log('two')\n",
  };
  await buildImage("look/at:1", files);
  await buildImage("look/at:2", { ...files, "app/new.txt": "new", "app/raw.bin": Buffer.from([1]) });
});

test("files have permissions, owners and the targets of links", async () => {
  const context = Buffer.concat([
    member({ path: "Dockerfile" }, "FROM scratch\nCOPY --chown=7:8 app /app\n"),
    member({ path: "app/tool", mode: 0o750 }, "tool"),
    member({ path: "app/link", type: "symlink", linkname: "tool" }),
    endOfArchive,
  ]);
  const answer = await fetch(`${inject("url")}/v1/builds?t=look/owned`, { method: "POST", body: context });
  expect(answer.status).toBe(200);
  const page = await openPage({ at: "/#/images/look%2Fowned/latest" });
  await page.getByRole("searchbox", { name: "Search paths" }).fill("app/");
  const row = (name: string) => page.getByRole("treeitem").filter({ hasText: name });
  await expect.poll(() => row("tool").first().textContent()).toMatch(/→ tool/);
  expect(await page.locator(".file-owner").allTextContents()).toContain("-rwxr-x--- 7:8");
  expect(await audit(page)).toEqual([]);
});

test("files that a layer repeats unchanged can be hidden", async () => {
  const context = Buffer.concat([
    member({ path: "Dockerfile" }, "FROM scratch\nCOPY one /app/\nCOPY --link two /app/\n"),
    member({ path: "one/same.txt" }, "same"),
    member({ path: "one/changed.txt" }, "one"),
    member({ path: "two/same.txt" }, "same"),
    member({ path: "two/changed.txt" }, "two"),
    member({ path: "two/added.txt" }, "two"),
    endOfArchive,
  ]);
  const answer = await fetch(`${inject("url")}/v1/builds?t=look/repeated`, { method: "POST", body: context });
  expect(answer.status).toBe(200);
  const page = await openPage({ at: "/#/images/look%2Frepeated/latest?layer=1" });
  const names = () => page.getByRole("treeitem").locator(".tree-name").allTextContents();
  await page.getByRole("treeitem", { name: "app" }).click();
  await expect.poll(names).toEqual(["app", "added.txt", "changed.txt", "same.txt"]);
  await page.getByLabel("Only changes").check();
  await expect.poll(names).toEqual(["app", "added.txt", "changed.txt"]);
  expect(await audit(page)).toEqual([]);
  await page.getByRole("searchbox", { name: "Search paths" }).fill("CHANGED");
  await expect.poll(names).toEqual(["app", "changed.txt"]);
});

test("an image of another registry keeps its name, and is pulled from this server", async () => {
  const name = "127.0.0.1:1/far/app";
  await buildImage(`${name}:1`, { "app/one": "1", "extra/two": "2" });
  const page = await openPage({ at: "/#/images" });
  await page.getByRole("searchbox", { name: "Search names" }).fill("far");
  await page
    .getByRole("rowheader", { name: `${name}:1` })
    .getByRole("link")
    .click();
  const pull = page.getByLabel("Pull it");
  expect(await pull.inputValue()).toBe(
    `curl -sSL ${inject("url")}/v1/images/127.0.0.1%3A1/far/app/1/archive | docker load`,
  );
  await page.getByRole("tab", { name: "Objects" }).click();
  const stored = page.getByRole("region", { name: "As stored" });
  await expect.poll(() => stored.locator("pre").textContent()).toContain('"schemaVersion": 2');
  expect(await stored.getByLabel("Fetch it").inputValue()).toMatch(/\?ns=127\.0\.0\.1%3A1'$/);
});

const at = (place: string) => `/#/images/look%2Fat/${place}`;

describe.each(widths)("at %i px", (width) => {
  test("images are listed, found, opened and compared", async () => {
    const page = await openPage({ width, at: "/#/images" });
    await page.getByRole("searchbox", { name: "Search names" }).fill("look/at");
    expect(await page.getByRole("rowheader").allTextContents()).toEqual(["look/at:1", "look/at:2"]);
    expect(await audit(page)).toEqual([]);
    await page.getByRole("button", { name: "Compare look/at:1 with another image" }).click();
    await page.getByRole("button", { name: "Compare with look/at:2" }).click();
    await page.getByRole("heading", { name: "Comparison" }).waitFor();
    const shared = page.getByRole("region", { name: "Shared layers" });
    await expect.poll(() => shared.getByRole("listitem").count()).toBe(1);
    const files = page.getByRole("region", { name: "Files" });
    expect(await files.textContent()).toContain("1 added, 1 changed, 0 removed");
    expect(await files.getByRole("link").allTextContents()).toEqual(["app/new.txt", "app/raw.bin"]);
    expect(await audit(page)).toEqual([]);
    await files.getByRole("link", { name: "app/new.txt" }).click();
    await page.getByRole("region", { name: "Contents of app/new.txt" }).waitFor();
  });

  test("layers have three sizes, and their files show their changes", async () => {
    const page = await openPage({ width, at: at("1") });
    const layers = page.getByRole("region", { name: "Layers", exact: true });
    await layers.getByRole("button", { name: "COPY extra /app" }).click();
    const row = layers.getByRole("row").filter({ hasText: "COPY extra" });
    await expect
      .poll(() => row.getByRole("cell").allTextContents())
      .toEqual([expect.stringMatching(/^\d+ B$/), "+0 B", "104 B"]);
    const tree = page.getByRole("tree", { name: "Files" });
    await tree.getByRole("treeitem", { name: "app" }).click();
    expect(await tree.getByRole("treeitem").allTextContents()).toEqual([
      expect.stringContaining("repeated unchanged"),
      expect.stringMatching(/main\.js.*changed/),
    ]);
    expect(new URL(page.url()).hash).toContain("layer=1");
    expect(await audit(page)).toEqual([]);
    const waste = page.getByRole("region", { name: "Waste" });
    expect(await waste.textContent()).toMatch(/app\/main\.jsin 2 layers/);
  });

  test("files can be searched, and are shown as text, bytes or a picture, whatever their names", async () => {
    const page = await openPage({ width, at: at("1") });
    const search = page.getByRole("searchbox", { name: "Search paths" });
    await search.fill("DEEP");
    const tree = page.getByRole("tree", { name: "Files" });
    await expect.poll(() => tree.getByRole("treeitem").count()).toBe(4);
    await tree.getByRole("treeitem", { name: "deep.txt" }).click();
    expect(await page.locator(".file-text").textContent()).toBe("deep");
    await search.fill("raw");
    await tree.getByRole("treeitem", { name: "raw.bin" }).click();
    await expect.poll(() => page.locator(".file-hex").textContent()).toContain("00 01 02 ff");
    await search.fill("logo");
    await tree.getByRole("treeitem", { name: "logo.png" }).click();
    const shown = page.getByRole("img", { name: "The image app/logo.png" });
    await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
    expect(await audit(page)).toEqual([]);
    await search.fill("onerror");
    await tree.getByRole("treeitem", { name: hostile }).click();
    await page.getByRole("region", { name: `Contents of app/${hostile}` }).waitFor();
    expect(await page.title()).not.toBe("1");
    await search.fill("nothing has this name");
    await page.getByText("No path contains this text.").waitFor();
  });

  test("the map opens folders, and shows the contents of files", async () => {
    const page = await openPage({ width, at: at("1?tab=map") });
    await page.getByRole("button", { name: "app 104 B" }).click({ position: { x: 8, y: 8 } });
    await page.getByRole("heading", { name: "/app" }).waitFor();
    expect(await audit(page)).toEqual([]);
    await page.getByRole("button", { name: /^logo\.png/ }).click();
    await page.getByRole("region", { name: "Contents of app/logo.png" }).waitFor();
  });

  test("objects show their contents, and digests are links", async () => {
    const page = await openPage({ width, at: at("1?tab=objects") });
    const stored = page.getByRole("region", { name: "As stored" });
    await expect.poll(() => stored.locator("pre").textContent()).toContain('"schemaVersion": 2');
    expect(await stored.getByLabel("Fetch it").inputValue()).toMatch(/^curl -sSL -H 'Accept: .* 'http/);
    expect(await audit(page)).toEqual([]);
    await stored.locator("pre").getByRole("button").first().click();
    await expect.poll(() => stored.locator("pre").textContent()).toContain('"GREETING=hello"');
    await page
      .getByRole("button", { name: /^Layer/ })
      .first()
      .click();
    await stored.getByText("A layer is an archive").waitFor();
  });

  test("config and history", async () => {
    const page = await openPage({ width, at: at("1?tab=config") });
    await page.getByText("GREETING=hello", { exact: true }).waitFor();
    const history = page.getByRole("region", { name: "History" });
    expect(await history.getByRole("listitem").count()).toBe(4);
    expect(await history.textContent()).toContain("changes only the config");
    expect(await audit(page)).toEqual([]);
  });
});

test("an image can be downloaded, and a tag removed", async () => {
  await buildImage("look/away:1", { "app/a": "a", "extra/b": "b" });
  const page = await openPage({ at: "/#/images/look%2Faway/1" });
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download for docker load" }).click();
  const archive = await readFile(await (await download).path());
  expect(archive.subarray(257, 262).toString()).toBe("ustar");
  await page.getByRole("link", { name: "Images" }).click();
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Remove the tag look/away:1" }).click();
  await expect.poll(async () => (await fetch(`${inject("url")}/v2/look/away/manifests/1`)).status).toBe(404);
});

test("the page is in Korean", async () => {
  const page = await openPage({ at: at("1"), locale: "ko-KR" });
  await page.getByRole("tab", { name: "레이어와 파일" }).waitFor();
  await page.getByText("모든 레이어를 합친 결과").first().waitFor();
});

test("a missing image is reported", async () => {
  const page = await openPage({ at: "/#/images/no%2Fsuch/1" });
  await page.getByRole("alert").or(page.locator(".frame-message")).first().waitFor();
  await expect.poll(() => page.locator("main").textContent()).toContain("no/such");
});
