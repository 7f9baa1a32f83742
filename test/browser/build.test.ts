import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { endOfArchive } from "../../src/tar/write.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";
import { member } from "../tar/archive.ts";
import {
  audit,
  build,
  closePages,
  nameImage,
  newFile,
  openFile,
  openPage,
  openWorkbench,
  paste,
  showPane,
  useBrowser,
  waitUntilStored,
  widths,
  writeDockerfile,
} from "./suite.ts";

useBrowser();

const folder = suiteFolder();

describe.each(widths)("a build at %i px", (width) => {
  test("shows the transfers, the digest, sizes, the command for a pull, and an archive to load", async () => {
    const page = await openWorkbench({ width });
    const name = await nameImage(page, "built");
    await newFile(page, "public/mine.txt", `${Math.random()}`);
    await build(page);
    expect(await page.locator(".build-status-state").textContent()).toMatch(
      /Built in [\d.,]+ m?s6 files sent, /,
    );
    await page.getByRole("tab", { name: "Image" }).click();
    const result = page.locator(".image-result");
    const digest = (await result.locator("code").first().textContent()) as string;
    const manifest = await fetch(`${inject("url")}/v2/${name}/manifests/latest`);
    expect(manifest.headers.get("docker-content-digest")).toBe(digest);
    await expect.poll(() => result.textContent()).toMatch(/4 layers, [\d.,]+ k?B compressed/);
    expect(await result.getByLabel("Pull it").inputValue()).toBe(
      `docker pull ${new URL(inject("url")).host}/${name}:latest`,
    );
    await result.locator(".command-line").getByRole("button", { name: "Copy" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`/${name}:latest`);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download for docker load" }).click();
    const archive = await readFile(await (await download).path());
    expect(archive.subarray(257, 262).toString()).toBe("ustar");
    expect(archive.includes("manifest.json")).toBe(true);
    // Again: nothing is uploaded, and all steps are cached.
    await page.getByRole("tab", { name: "Steps" }).click();
    await build(page);
    await expect.poll(() => page.locator(".build-status-state").textContent()).toContain("Nothing to send");
    expect(await page.locator(".steps .status-hit").count()).toBe(4);
  });

  test("executes RUN, and shows its output with its colours and as text", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "run");
    await showPane(page, "Files");
    await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
    const command =
      "for i in 1 2 3; do echo line $i; done; printf '\\\\033[31mred\\\\033[0m \\\\033]0;title\\\\007<img src=x onerror=alert(1)>\\\\n'; printf 'a\\\\rb\\\\n'";
    await writeDockerfile(
      page,
      `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", ${JSON.stringify(`echo ${Math.random()}; ${command}`).replaceAll("\\\\\\\\", "\\\\")}]\n`,
    );
    await build(page);
    expect(await page.locator(".build-status-state").textContent()).toContain("Built in");
    await page.getByRole("tab", { name: /Log/ }).click();
    const log = page.getByRole("log");
    await expect.poll(() => log.textContent()).toContain("line 3");
    expect(await log.locator(".log-ansi-red").textContent()).toBe("red");
    const output = (await log.locator(".log-stdout").allTextContents()).slice(1);
    expect(output).toEqual(["line 1", "line 2", "line 3", "red <img src=x onerror=alert(1)>", "b"]);
    expect(await log.locator("img").count()).toBe(0);
    await page.getByRole("searchbox", { name: "Search the log" }).fill("LINE 2");
    await page.getByText("1 line found").waitFor();
    expect(await log.locator(".log-stdout").allTextContents()).toEqual(["line 2"]);
    expect(await audit(page)).toEqual([]);
    await page.getByRole("searchbox", { name: "Search the log" }).fill("");
    expect(await log.locator(".log-stdout").count()).toBe(6);
  });

  test("shows concurrent steps, each with its time and last lines", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "parallel");
    await showPane(page, "Files");
    await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
    const run = (name: string) =>
      `RUN ["/bin/busybox", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo ${name} $i of ${Math.random()}; done; /bin/busybox sleep 600"]`;
    await writeDockerfile(
      page,
      `FROM scratch AS base\nCOPY --chmod=0755 busybox /bin/busybox\nFROM base AS one\n${run("one")}\nFROM base AS two\n${run("two")}\nFROM base\nCOPY --from=one /bin/busybox /a\nCOPY --from=two /bin/busybox /b\n`,
    );
    await showPane(page, "Build");
    await page.locator("form.build-form").getByRole("button", { name: "Build" }).click();
    const steps = page.locator(".step", { has: page.locator(".status-running") });
    await expect.poll(() => steps.count(), { timeout: 20_000 }).toBe(2);
    for (const [index, name] of ["one", "two"].entries()) {
      const output = steps.nth(index).locator(".step-output > div");
      await expect.poll(() => output.count(), { timeout: 20_000 }).toBe(6);
      expect(await output.allTextContents()).toEqual(
        [3, 4, 5, 6, 7, 8].map((line) => expect.stringContaining(`${name} ${line} of`)),
      );
    }
    const times = () =>
      Promise.all([0, 1].map((index) => steps.nth(index).locator(".step-number").first().textContent()));
    const before = await times();
    for (const time of before) expect(time).toMatch(/^\d+\.\d s$/);
    await expect.poll(async () => (await times()).every((time, index) => time !== before[index])).toBe(true);
    expect(await audit(page)).toEqual([]);
    await page.getByRole("tab", { name: /Log/ }).click();
    const numbers = await page
      .locator(".log-stdout")
      .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-step")));
    expect(new Set(numbers).size).toBe(2);
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect
      .poll(() => page.locator(".build-status-state").textContent(), { timeout: 20_000 })
      .toContain("Cancelled");
  });

  test("has a timeline with the times of steps, their waits, and the critical path", async () => {
    const body = Buffer.concat([
      member(
        { path: "Dockerfile" },
        [
          "FROM scratch AS base",
          "COPY --chmod=0755 busybox /bin/busybox",
          ...["short", "long"].flatMap((name) => [
            `FROM base AS ${name}`,
            `RUN ["/bin/busybox", "sh", "-c", "echo ${Math.random()}; /bin/busybox sleep ${name === "long" ? 3 : 0.2}; echo > /${name}"]`,
          ]),
          "FROM base",
          "COPY --from=short /short /",
          "COPY --from=long /long /",
          "",
        ].join("\n"),
      ),
      member({ path: "busybox" }, await readFile("/bin/busybox")),
      endOfArchive,
    ]);
    const answer = await fetch(`${inject("url")}/v1/builds?t=timeline`, { method: "POST", body });
    expect(answer.status, await answer.text()).toBe(200);
    const page = await openPage({ width, at: `/#/builds/${answer.headers.get("varve-build")}` });
    const line = page.getByRole("region", { name: "Timeline" });
    const rows = line.getByRole("listitem");
    await expect.poll(() => rows.count()).toBe(6);
    // The step comes before those that waited for it.
    const row = (text: string) => rows.filter({ hasText: text }).first();
    const end = (text: string) => row(text).locator(".timeline-words").textContent();
    expect(await end("sleep 3")).toMatch(/^starts at .* after \[base .*COPY .*busybox.*critical path$/);
    expect(await end("sleep 0.2")).not.toContain("critical path");
    expect(await end("COPY --from=long")).toMatch(/after \[.*RUN .*sleep 3.*critical path$/);
    expect(await end("exporting to image")).toContain("critical path");
    // The lengths of bars depend on the machine.
    const scale = async (text: string) => {
      const parts = row(text).locator(".timeline-wait, .timeline-bar");
      const widths = await parts.evaluateAll((all) => all.map((part) => part.getBoundingClientRect().width));
      const [, number, unit] =
        /^([\d.,]+) (ms|s)$/.exec((await row(text).locator(".timeline-time").textContent()) ?? "") ?? [];
      return widths.reduce((sum, part) => sum + part, 0) / (Number(number) * (unit === "s" ? 1000 : 1));
    };
    const scales = [await scale("sleep 3"), await scale("sleep 0.2")] as const;
    expect(scales[0] / scales[1]).toBeGreaterThan(0.9);
    expect(scales[0] / scales[1]).toBeLessThan(1.1);
    expect(await audit(page)).toEqual([]);
  });

  test("is cancelled", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "cancel");
    await showPane(page, "Files");
    await page.locator("input.files-picker").first().setInputFiles("/bin/busybox");
    await writeDockerfile(
      page,
      `FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "echo started; /bin/busybox sleep ${600 + width}"]\n`,
    );
    await showPane(page, "Build");
    await page.locator("form.build-form").getByRole("button", { name: "Build" }).click();
    await page.getByRole("tab", { name: /Log/ }).click();
    await expect
      .poll(() => page.locator(".log-line").allTextContents(), { timeout: 20_000 })
      .toContain("started");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect
      .poll(() => page.locator(".build-status-state").textContent(), { timeout: 20_000 })
      .toContain("Cancelled");
    await page.locator("form.build-form").getByRole("button", { name: "Build" }).waitFor();
  });

  test("shows errors at their lines", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "wrong");
    await writeDockerfile(page, "FROM scratch\nCOPY nothing /\n");
    await showPane(page, "Build");
    await expect.poll(() => page.locator(".steps-source").textContent()).toContain('"/nothing": not found');
    await build(page);
    expect(await page.locator(".build-status").textContent()).toMatch(/Failed.*"\/nothing": not found/s);
    expect(await page.locator(".build-status pre").textContent()).toContain(">>> COPY nothing /");
  });

  test("explains a cache miss in a sentence and by the parts of its key, and computes the effect of moving the instruction", async () => {
    const page = await openWorkbench({ width });
    await nameImage(page, "why");
    await newFile(page, "first.txt", `${Math.random()}`);
    await newFile(page, "second.txt", `${Math.random()}`);
    await openFile(page, "Dockerfile");
    await writeDockerfile(page, "FROM scratch\nCOPY first.txt /a/\nCOPY second.txt /b/\nLABEL a=b\n");
    await build(page);
    await openFile(page, "first.txt");
    await page.locator(".cm-content").click();
    await page.keyboard.type("more");
    await build(page);
    await page.getByRole("button", { name: /COPY first/ }).click();
    const details = page.locator(".step-details");
    expect(await details.textContent()).toContain("It is executed because “first.txt” changed.");
    const changed = details.locator(".key-part-changed");
    expect(await changed.locator("th").textContent()).toBe("filefirst.txt");
    expect(await changed.locator("td").count()).toBe(2);
    await details.getByRole("button", { name: "Calculate" }).click();
    const best = details.locator(".what-if-best").first();
    await expect.poll(() => best.textContent()).toContain("below line 3: COPY second.txt /b/1");
    expect(await details.locator("tbody tr", { hasText: "current position" }).textContent()).toContain("2");
    await best.getByRole("button", { name: "Move it" }).click();
    await openFile(page, "Dockerfile");
    await expect
      .poll(async () => (await page.locator(".cm-line").allTextContents()).join("\n"))
      .toContain("FROM scratch\nCOPY second.txt /b/\nCOPY first.txt /a/\n");
  });

  test("has a permanent address, and the project can be shared as a link", async () => {
    const page = await openWorkbench({ width });
    const name = await nameImage(page, "linked");
    await newFile(page, "한글 파일.txt", "내용");
    await build(page);
    await page.getByRole("tab", { name: "Image" }).click();
    const address = await page.getByRole("link", { name: "Build page" }).getAttribute("href");
    const other = await openPage({ width, at: `/${address}` });
    await expect.poll(() => other.getByRole("heading", { level: 1 }).textContent()).toContain(name);
    await other.getByRole("button", { name: /COPY public\/ / }).click();
    expect(other.url()).toMatch(/\?step=\w+$/);
    const step = await openPage({ width, at: new URL(other.url()).hash && `/${new URL(other.url()).hash}` });
    await expect.poll(() => step.locator(".step-open code").first().textContent()).toContain("COPY public/ ");
    await showPane(page, "Files");
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByText("A link to this project was copied.").first().waitFor();
    const shared = await page.evaluate(() => navigator.clipboard.readText());
    const third = await openPage({ width, at: shared.slice(inject("url").length) });
    await third.locator(".cm-content").waitFor();
    await showPane(third, "Files");
    await expect.poll(() => third.locator(".tree-name[title='한글 파일.txt']").count()).toBe(1);
    await showPane(third, "Build");
    expect(await third.getByLabel("Image name").inputValue()).toBe(name);
    // The next visit shows the project.
    await waitUntilStored(third);
    await third.goto(inject("url"));
    await showPane(third, "Files");
    await expect.poll(() => third.locator(".tree-name[title='한글 파일.txt']").count()).toBe(1);
  });
});

test("sends a large file in parts, with progress, and the same contents arrive", async () => {
  const page = await openWorkbench();
  const contents = randomBytes(48 * 1024 * 1024);
  await writeFile(join(folder, "large.bin"), contents);
  const name = await nameImage(page, "large");
  await page.locator("input.files-picker").first().setInputFiles(join(folder, "large.bin"));
  await writeDockerfile(page, "FROM scratch\nCOPY large.bin /\n");
  // Within the page, because a busy machine would miss changes from outside.
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      const text = document.querySelector(".build-status-state")?.textContent ?? "";
      const [, share] = /\((\d+)[^)]*%\)/.exec(text) ?? [];
      if (share !== undefined) seen.add(share);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await build(page);
  const shares = await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  expect(shares.length, shares.join()).toBeGreaterThan(2);
  const file = await fetch(`${inject("url")}/v1/images/${name}/latest/files?path=large.bin&content=1`);
  const digest = createHash("sha256")
    .update(Buffer.from(await file.arrayBuffer()))
    .digest("hex");
  expect(digest).toBe(createHash("sha256").update(contents).digest("hex"));
});

test("requests a token when one is needed, and downloads with it", async () => {
  const admin = randomBytes(20).toString("hex");
  const server = new ServeProcess({
    PORT: "0",
    VARVE_DATA: join(folder, "closed"),
    VARVE_ADMIN_TOKEN: admin,
  });
  try {
    const page = await openPage({ url: await server.ready() });
    await page.getByLabel(/Sign in with a token/).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel(/lacks the permission/).fill(admin);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".time-line-mark").first().waitFor();
    await expect.poll(() => page.locator(".sign-in").count()).toBe(0);
    await build(page);
    expect(await page.locator(".build-status-state").textContent()).toContain("Built in");
    await page.getByRole("tab", { name: "Image" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download for docker load" }).click();
    const archive = await readFile(await (await download).path());
    expect(archive.subarray(257, 262).toString()).toBe("ustar");
  } finally {
    await closePages();
    await server.stop();
  }
});

test("is an archive that skopeo reads as docker's", async () => {
  const page = await openWorkbench();
  const name = await nameImage(page, "docker");
  await build(page);
  await page.getByRole("tab", { name: "Image" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download for docker load" }).click();
  const path = await (await download).path();
  const printed = execFileSync("skopeo", ["inspect", "--raw", `docker-archive:${path}:${name}:latest`], {
    encoding: "utf8",
  });
  expect(JSON.parse(printed).layers).toHaveLength(4);
});

test("pastes are one change", async () => {
  const page = await openWorkbench();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await paste(page, "FROM scratch\n");
  await page.keyboard.press("Control+Z");
  await expect
    .poll(async () => (await page.locator(".cm-line").allTextContents()).join("\n"))
    .toContain("AS site");
});
