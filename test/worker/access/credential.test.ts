import { expect, test } from "vitest";
import { readCredential } from "../../../src/worker/access/credential.ts";

const basic = (text: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;

test.each([
  [undefined, undefined],
  ["", undefined],
  ["Bearer abc", { scheme: "bearer", secret: "abc" }],
  ["bearer  abc ", { scheme: "bearer", secret: "abc" }],
  [basic("user:pass:word"), { scheme: "basic", user: "user", secret: "pass:word" }],
  [basic("me:péché"), { scheme: "basic", user: "me", secret: "péché" }],
  [basic(":token"), { scheme: "basic", user: "", secret: "token" }],
  [basic(":"), undefined],
  [basic("nocolon"), { scheme: "basic", user: "", secret: "" }],
  ["Basic !!!", { scheme: "basic", user: "", secret: "" }],
  ["Bearer", { scheme: "bearer", secret: "" }],
  ["Digest x", { scheme: "bearer", secret: "" }],
  ["Bearer a b", { scheme: "bearer", secret: "" }],
])("reads the header %j", (header, credential) => {
  expect(readCredential(header)).toEqual(credential);
});
