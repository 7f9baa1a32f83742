import fc from "fast-check";
import { archive, member } from "../tar/archive.ts";

/** Texts that have caused faults in other programs. */
const hostile = [
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "/",
  "//",
  "\0",
  "\n",
  "\u2028",
  "\ud800",
  "%",
  "%00",
  "*",
  "a".repeat(5000),
  "a/".repeat(400),
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "1e999",
  "NaN",
  "9".repeat(400),
  "sha256:",
  `sha256:${"0".repeat(64)}`,
  `sha512:${"f".repeat(128)}`,
  "linux/amd64",
  "linux/arm/v9",
  "type=image",
  "mode=max",
  "{}",
  "[]",
  "null",
  '{"a":"b"}',
  '{"dangling":["true"]}',
  '{"reference":["a*a*a*b"]}',
  '{"until":["never"]}',
  "FROM scratch",
  "FROM nothing\nCOPY --from=x a b",
  "http://127.0.0.1:1/x",
  "http://user:password@127.0.0.1:1/x.git#main",
  "docker-image://scratch",
  "2020-01-01T00:00:00Z",
  "0",
  "1",
  "true",
];

/** Texts for any field: `known` ones, those above, and random ones. */
export function textsOf(known: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...known),
    fc.constantFrom(...hostile),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.string({ maxLength: 30 }),
  );
}

/** Instructions of a Dockerfile, some of which can be built. */
const instructions = [
  "FROM scratch",
  "FROM scratch AS a",
  "FROM team/app:1",
  "FROM nothing",
  "COPY . /",
  "COPY --from=a / /x",
  "COPY --chmod=777 --chown=1:1 --exclude=* a b c/",
  "COPY <<E /e\nx\nE",
  "ADD http://127.0.0.1:1/x /",
  "ADD a.tar /",
  'LABEL a=b c="d"',
  "ENV A=${B:-c}",
  "ARG X=1",
  "WORKDIR a/b",
  "USER 1:2",
  "EXPOSE 80/tcp 1-3",
  "HEALTHCHECK --interval=1s CMD x",
  "ONBUILD COPY . /",
  'CMD ["a"]',
  "ENTRYPOINT x",
  "SHELL []",
  "VOLUME /v",
  "STOPSIGNAL 9",
  "# syntax=docker/dockerfile:1",
  "# escape=`",
  "\\",
  "\ufeff",
];

export function dockerfilesOf(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const usual = fc.array(fc.constantFrom(...instructions), { maxLength: 4 });
  const others = fc.array(texts, { maxLength: 3 });
  return fc
    .tuple(fc.boolean(), fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: others }))
    .map(([isWhole, lines]) => [...(isWhole ? ["FROM scratch"] : []), ...lines, ""].join("\n"));
}

/** Archives of a context. */
export function tarsOf(texts: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const files = fc.array(fc.tuple(texts, texts), { maxLength: 3 });
  return fc
    .tuple(dockerfilesOf(texts), files)
    .map(([dockerfile, files]) =>
      archive(
        member({ path: "Dockerfile" }, dockerfile),
        ...files.map(([path, text]) => member({ path: path.toWellFormed() }, text)),
      ),
    );
}
