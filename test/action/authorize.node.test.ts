import { expect, test } from "vitest";
import { authorize } from "../../src/action/authorize.ts";
import { Inputs } from "../../src/action/inputs.ts";
import { Workflow } from "../../src/action/workflow.ts";

function read(environment: Record<string, string>): {
  token: Promise<string | undefined>;
  log: () => string;
} {
  let log = "";
  const workflow = new Workflow(environment, (text) => {
    log += text;
  });
  const token = authorize("https://h.example", new Inputs(environment), environment, workflow);
  return { token, log: () => log };
}

test.each(["INPUT_TOKEN", "VARVE_TOKEN"])(
  "a newline at the end of %s is no part of the token",
  async (name) => {
    const { token, log } = read({ [name]: " secret\n" });
    expect(await token).toBe("secret");
    expect(log()).toBe("::add-mask::secret\n");
  },
);

test.each(["sécret", "se\ncret", "se\u0000cret"])(
  "a token that no header can contain is rejected without quoting it: %j",
  async (given) => {
    const { token, log } = read({ INPUT_TOKEN: given });
    await expect(token).rejects.toThrow(
      expect.objectContaining({
        message: "the token contains invalid characters",
        hint: "Check the input token, or the secret from which it comes.",
      }),
    );
    expect(log()).toBe("");
  },
);
