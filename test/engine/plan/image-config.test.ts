import { describe, expect, it } from "vitest";
import { imageConfig } from "../../../src/engine/plan/image-config.ts";
import { digestOf, image, planOf } from "./plan-of.ts";

const reference = "docker.io/library/base:latest";

async function configOf(text: string, base = image(), created?: string) {
  const { result } = await planOf(text, {}, { [reference]: base });
  return imageConfig(result, [{ diffId: digestOf("a") }], created);
}

describe("the config of an image", () => {
  it("names the layers given", async () => {
    expect((await configOf("FROM base\n")).rootfs).toEqual({ type: "layers", diff_ids: [digestOf("a")] });
  });

  it("keeps the history of the base and dates its own", async () => {
    const { history, created } = await configOf("FROM base\nUSER a\n", image(), "2024-01-01T00:00:00Z");
    expect(history).toEqual([
      { created: "2020-02-02T02:02:02Z", created_by: "base" },
      {
        created: "2024-01-01T00:00:00Z",
        created_by: "USER a",
        comment: "buildkit.dockerfile.v0",
        empty_layer: true,
      },
    ]);
    expect(created).toBe("2024-01-01T00:00:00Z");
  });

  it("has the time of its last layer; history without a layer has that of the next layer, or else of the one before", async () => {
    const base = image({ created: "2023-03-03T03:03:03Z" });
    expect((await configOf("FROM base\n", base)).created).toBe("2020-02-02T02:02:02Z");
    expect((await configOf("FROM base\nUSER a\n", base)).created).toBe("2020-02-02T02:02:02Z");
    expect(await configOf("FROM scratch\nUSER a\n")).not.toHaveProperty("created");
    const text = "FROM base\nUSER a\nCOPY a b\nUSER b\nCOPY c d\nUSER c\n";
    const { result } = await planOf(text, {}, { [reference]: base });
    const created = ["2024-01-01T00:00:01.5Z", "2024-01-01T00:00:02Z"];
    const layers = [undefined, ...created].map((time) => ({
      diffId: digestOf("a"),
      ...(time && { created: time }),
    }));
    const config = imageConfig(result, layers);
    expect(config.created).toBe(created[1]);
    expect(config.history.map((entry) => entry.created)).toEqual([
      "2020-02-02T02:02:02Z",
      created[0],
      created[0],
      created[0],
      created[1],
      created[1],
    ]);
  });

  it("counts the layers of a base with too little or too much history", async () => {
    const layers = (diffIds: string[], history: object[]) =>
      image({ rootfs: { type: "layers", diff_ids: diffIds.map(digestOf) }, history });
    const countOf = async (base: ReturnType<typeof image>) =>
      (await configOf("FROM base\nCOPY a b\n", base)).history
        .map((entry) => (entry.empty_layer ? "-" : "+"))
        .join("");
    expect(await countOf(layers(["a", "b"], []))).toBe("+++");
    expect(await countOf(layers(["a", "b"], [{}, { empty_layer: true }]))).toBe("+-++");
    expect(await countOf(layers(["a"], [{}, {}, {}]))).toBe("+--+");
  });

  it("keeps author and platform, and drops unknown fields", async () => {
    const base = image({ author: "me", variant: "v3", "os.version": "1", ...{ container: "x" } });
    expect(await configOf("FROM base\n", base)).toMatchObject({
      author: "me",
      variant: "v3",
      "os.version": "1",
    });
    expect(await configOf("FROM base\n", base)).not.toHaveProperty("container");
  });
});
