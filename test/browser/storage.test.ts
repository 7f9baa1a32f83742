import { beforeAll, describe, expect, inject, test } from "vitest";
import type { PruneReport } from "../../schemas/usage.ts";
import { endOfArchive } from "../../src/tar/write.ts";
import { member } from "../tar/archive.ts";
import { auditLooks, openPage, useBrowser, widths } from "./suite.ts";

useBrowser();

async function buildImage(tag: string, text: string): Promise<string> {
  const answer = await fetch(`${inject("url")}/v1/builds?t=${encodeURIComponent(tag)}`, {
    method: "POST",
    body: Buffer.concat([
      member({ path: "Dockerfile" }, "FROM scratch\nCOPY a /a\n"),
      member({ path: "a" }, text),
      endOfArchive,
    ]),
  });
  expect(answer.status).toBe(200);
  return answer.headers.get("docker-content-digest") ?? "";
}

beforeAll(async () => {
  await buildImage("kept/app:1", "one");
  await buildImage("kept/app:2", "two");
  await buildImage("kept/app:1", "three");
  await buildImage("kept/other:1", "four");
});

describe.each(widths)("at %i px", (width) => {
  test("storage is listed by repository and kind, and one repository by its tags and builds", async () => {
    const page = await openPage({ width, at: "/#/images" });
    await page.getByRole("link", { name: "Storage", exact: true }).click();
    const repositories = page.getByRole("region", { name: "Repositories" });
    const row = repositories.getByRole("row").filter({ hasText: "kept/app" });
    expect(await row.getByRole("cell").first().textContent()).toBe("2");
    await page
      .getByRole("region", { name: "By kind" })
      .getByRole("rowheader", { name: "Layers and configs" })
      .waitFor();
    expect(await auditLooks(page)).toEqual([]);
    await row.getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "kept/app" }).waitFor();
    const builds = page.getByRole("region", { name: "Builds" });
    await expect.poll(() => builds.getByRole("listitem").count()).toBe(3);
    await builds.getByLabel("Tag").selectOption("1");
    await expect.poll(() => builds.getByRole("listitem").count()).toBe(2);
    // The tag points to the newer one of the two.
    const current = builds.getByRole("listitem").filter({ hasText: "current" });
    expect(await current.count()).toBe(1);
    expect(await builds.getByRole("listitem").first().textContent()).toContain("current");
    // The statistics of all three builds: durations, hit rate, sizes and steps.
    const insights = page.getByRole("region", { name: "Insights" });
    const fact = (name: string) =>
      insights.locator("dl > div").filter({ hasText: name }).locator("dd").textContent();
    expect(await fact("Builds")).toBe("3");
    expect(await fact("Median time")).toMatch(/^[\d.,]+ (ms|s)$/);
    expect(await fact("Cache hits")).toBe("0%");
    expect(await insights.getByRole("listitem").count()).toBe(3);
    const step = insights.getByRole("row").filter({ hasText: "COPY a /a" });
    expect((await step.getByRole("cell").allTextContents()).slice(1)).toEqual(["3", "0"]);
    expect(await auditLooks(page)).toEqual([]);
  });
});

test("a prune starts with a dry run, and keeps young objects", async () => {
  const page = await openPage({ at: "/#/repositories/kept%2Fapp" });
  const form = page.getByRole("region", { name: "Clean up kept/app" });
  await form.getByLabel("Number of newest tags to keep").fill("1");
  const asked = page.waitForRequest((request) => request.url().endsWith("/v1/prune"));
  await form.getByRole("button", { name: "Show what would be removed" }).click();
  expect((await asked).postDataJSON()).toEqual({
    dryRun: true,
    keep: 1,
    unused: "7d",
    repositories: ["kept/app"],
  });
  await form.getByText("Nothing would be removed.").waitFor();
  expect(await form.getByRole("button", { name: "Remove these objects" }).count()).toBe(0);
  expect((await fetch(`${inject("url")}/v2/kept/app/manifests/2`)).status).toBe(200);
});

describe.each(widths)("a report of a clean-up at %i px", (width) => {
  test("is shown and confirmed before anything is removed, and names in it execute nothing", async () => {
    const evil = '<img src=x onerror="document.title=1">:\u202e1';
    const report: PruneReport = {
      id: "1",
      dryRun: true,
      state: "done",
      tags: [evil],
      manifests: Array.from({ length: 150 }, (_, number) => `kept/app@sha256:${number}`),
      removed: { blobs: { objects: 3, bytes: 4_500_000 } },
      total: { objects: 3, bytes: 4_500_000 },
      started: "2026-01-01T00:00:00Z",
    };
    const page = await openPage({ width, at: "/#/storage" });
    const requests: unknown[] = [];
    // Only objects that are at least a day old are removed, and a test cannot wait that long.
    await page.route("**/v1/prune", (route) => {
      const asked = route.request().postDataJSON();
      requests.push(asked);
      return route.fulfill({ json: { ...report, dryRun: asked.dryRun } });
    });
    const form = page.getByRole("region", { name: "Clean up" });
    await form.getByLabel("Remove tags that were set more than").fill("30");
    await form.getByRole("button", { name: "Show what would be removed" }).click();
    await form.getByText("3 objects, 4.5 MB", { exact: true }).waitFor();
    await form.getByText("1 tag", { exact: true }).click();
    expect(await form.locator(".prune-names code").first().textContent()).toContain("\\u{202e}1");
    await form.getByText("150 manifests", { exact: true }).click();
    await form.getByText("and 50 more").waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).not.toBe("1");
    expect(await auditLooks(page)).toEqual([]);
    page.once("dialog", (dialog) => void dialog.dismiss());
    await form.getByRole("button", { name: "Remove these objects" }).click();
    expect(requests.length).toBe(1);
    page.once("dialog", (dialog) => {
      expect(dialog.message()).toContain("3 objects, 4.5 MB");
      void dialog.accept();
    });
    await form.getByRole("button", { name: "Remove these objects" }).click();
    await expect.poll(() => requests.length).toBe(2);
    expect(requests[1]).toEqual({ dryRun: false, until: "30d", unused: "7d" });
  });
});

test("a missing permission is reported", async () => {
  const page = await openPage({ at: "/#/storage" });
  const problem = { type: "about:blank", status: 403, code: "forbidden", title: "This needs an admin" };
  await page.route("**/v1/prune", (route) => route.fulfill({ status: 403, json: problem }));
  await page.getByRole("button", { name: "Show what would be removed" }).click();
  await page.getByRole("alert").filter({ hasText: "This needs an admin" }).waitFor();
});

test("is in Korean", async () => {
  const page = await openPage({ at: "/#/storage", locale: "ko-KR" });
  await page.getByRole("button", { name: "지워질 항목 보기" }).click();
  await page.locator(".prune").getByText("지워질 항목이 없습니다.").waitFor();
});
