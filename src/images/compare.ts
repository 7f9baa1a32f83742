import type { Comparison, FileDifference } from "../../schemas/comparison.ts";
import type { ImageLayer } from "../../schemas/images.ts";
import { sameEntry } from "../rootfs/same-entry.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { splitKeyValue } from "../streams/cut.ts";
import { comparePaths } from "../tar/text.ts";
import { fileEntryOf } from "./files.ts";
import type { Image } from "./image.ts";
import { imageLayers, storedSize } from "./layers.ts";

/** Cost of comparing an entry; each layer adds as much. */
const ENTRY = 4096;
const LAYER = 256;

/** An image with its merged files. */
interface OpenImage {
  image: Image;
  tree: Tree;
}

/** Compares two images: at most `n` differing files, and the total number. Works in pieces: see `inTurns`. */
export function* compareImages(
  before: OpenImage,
  after: OpenImage,
  n: number,
): Generator<number, Comparison, undefined> {
  const counts = {
    added: { files: 0, bytes: 0 },
    changed: { files: 0, bytes: 0 },
    removed: { files: 0, bytes: 0 },
  };
  const files: FileDifference[] = [];
  let more = false;
  const effort = ENTRY + LAYER * ((before.tree.layerCount ?? 1) + (after.tree.layerCount ?? 1));
  for (const difference of differences(before.tree, after.tree)) {
    yield effort;
    if (difference === undefined) continue;
    const counted = counts[difference.change];
    counted.files += 1;
    counted.bytes += (difference.after ?? difference.before)?.size ?? 0;
    if (files.length < n) files.push(fileDifference(difference));
    else more = true;
  }
  return {
    before: imageFields(before.image),
    after: imageFields(after.image),
    layers: compareLayers(before.image, after.image),
    config: compareConfigs(before.image, after.image),
    counts,
    files,
    more,
  };
}

interface Difference {
  change: FileDifference["change"];
  before?: Node;
  after?: Node;
}

/** Entries that differ between two trees, in path order; yields undefined for an equal entry. */
function* differences(before: Tree, after: Tree): Generator<Difference | undefined> {
  const left = before.walk("")[Symbol.iterator]();
  const right = after.walk("")[Symbol.iterator]();
  let a = left.next();
  let b = right.next();
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : comparePaths(a.value.path, b.value.path);
    if (order === 0) {
      yield sameEntry(a.value, b.value) ? undefined : { change: "changed", before: a.value, after: b.value };
      a = left.next();
      b = right.next();
    } else if (order < 0) {
      yield { change: "removed", before: a.value };
      a = left.next();
    } else {
      yield { change: "added", after: b.value };
      b = right.next();
    }
  }
}

function fileDifference({ change, before, after }: Difference): FileDifference {
  const sideOf = (node: Node) => {
    const { path: _, change: __, ...rest } = fileEntryOf(node);
    return rest;
  };
  return {
    path: (after ?? before)?.path ?? "",
    change,
    ...(before && { before: sideOf(before) }),
    ...(after && { after: sideOf(after) }),
  };
}

function imageFields({ name, descriptor, manifest, platform }: Image): Comparison["before"] {
  const size = storedSize([descriptor, manifest.config, ...manifest.layers]);
  return { name, digest: descriptor.digest, platform, size };
}

/** Compares the layers: shared ones, and those of only one image. */
function compareLayers(before: Image, after: Image): Comparison["layers"] {
  const layersOf = ({ manifest, config }: Image) => imageLayers(manifest, config);
  const known = (layers: readonly ImageLayer[]) => new Set(layers.map(({ digest }) => digest));
  const old = layersOf(before);
  const now = layersOf(after);
  const inOld = known(old);
  const inNow = known(now);
  return {
    shared: now.filter(({ digest }) => inOld.has(digest)),
    removed: old.filter(({ digest }) => !inNow.has(digest)),
    added: now.filter(({ digest }) => !inOld.has(digest)),
  };
}

/** Compares the configs: fields that differ. */
function compareConfigs(before: Image, after: Image): Comparison["config"] {
  const old = configFields(before);
  const now = configFields(after);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((field) => {
    const [a, b] = [old.get(field), now.get(field)];
    return a === b
      ? []
      : { field, ...(a !== undefined && { before: a }), ...(b !== undefined && { after: b }) };
  });
}

/** A config as named texts; variables, labels, ports and volumes are separate fields. */
function configFields({ config: image, platform }: Image): Map<string, string> {
  const { created, author, config } = image;
  const fields = new Map<string, string>([["platform", platform]]);
  if (created) fields.set("created", created);
  if (author) fields.set("author", author);
  for (const [name, value] of Object.entries(config)) {
    if (name === "Env") {
      for (const variable of config.Env ?? []) {
        const [key, entry] = splitKeyValue(variable);
        fields.set(`Env.${key}`, entry);
      }
    } else if (name === "Labels" || name === "ExposedPorts" || name === "Volumes") {
      for (const [key, entry] of Object.entries(value as Record<string, unknown>)) {
        fields.set(`${name}.${key}`, typeof entry === "string" ? entry : "");
      }
    } else fields.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return fields;
}
