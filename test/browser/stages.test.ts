import { describe, expect, test } from "vitest";
import { audit, openWorkbench, showPane, useBrowser, widths, writeDockerfile } from "./suite.ts";

useBrowser();

const dockerfile = `FROM scratch AS files
COPY . /all
FROM scratch AS unused
COPY . /never
FROM scratch
COPY --from=files /all /site
`;

describe.each(widths)("at %i px", (width) => {
  test("stages are drawn and described, with their sources, and marked when they are not needed", async () => {
    const page = await openWorkbench({ width });
    await writeDockerfile(page, dockerfile);
    await showPane(page, "Build");
    await page.getByRole("tab", { name: "Stages" }).click();
    const graph = page.locator(".stage-diagram");
    await expect
      .poll(() => graph.getByRole("listitem").allTextContents())
      .toEqual([
        "files starts from scratch.",
        "unused starts from scratch. The target does not need it.",
        "stage-2 starts from scratch and reads files. It is the target of the build.",
      ]);
    expect(await graph.locator(".stage-edge-copy").count()).toBe(1);
    expect(await graph.locator(".stage-node.stage-unneeded").textContent()).toContain("unused");
    expect(await audit(page)).toEqual([]);
  });
});
