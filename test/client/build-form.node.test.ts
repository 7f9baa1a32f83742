import { expect, test } from "vitest";
import { encodeForm, type FormParts } from "../../src/client/build-form.ts";

const stream = (text: string) => new Blob([text]).stream() as ReadableStream<Uint8Array>;

test.each([
  [
    "bytes",
    [
      ["a", new Uint8Array([0, 13, 10, 255])],
      ["b", "text"],
    ],
    { a: "\0\r\n\ufffd", b: "text" },
  ],
  [
    "a stream",
    [
      ["a", "1"],
      ["b", stream("streamed")],
    ],
    { a: "1", b: "streamed" },
  ],
  ['names with " and lines', [['q"\r\n', "1"]], { 'q"\r\n': "1" }],
  ["nothing in a part", [["a", ""]], { a: "" }],
] as [string, FormParts, Record<string, string>][])("a form has %s", async (_, parts, read) => {
  const { body, contentType } = encodeForm(parts);
  const response = new Response(body as BodyInit, { headers: { "content-type": contentType } });
  const form = await response.formData();
  expect(Object.fromEntries(form)).toEqual(read);
});
