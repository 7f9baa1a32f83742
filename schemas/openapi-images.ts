import { compareQuery, comparison } from "./comparison.ts";
import {
  archiveQuery,
  efficiency,
  fileEntry,
  fileList,
  fileQuery,
  imageHistory,
  imageInspection,
  imageList,
  imageListQuery,
  loadResult,
  platformQuery,
  tagResult,
  untagResult,
} from "./images.ts";
import { binary, failed, json, queryOf, ref, uploadedBodyParameter } from "./openapi-parts.ts";

/** Schemas of images. */
export const imageSchemas = {
  comparison,
  efficiency,
  fileEntry,
  fileList,
  imageHistory,
  imageInspection,
  imageList,
  loadResult,
  tagResult,
  untagResult,
};

const text = { type: "string" };
const image = [
  { name: "name", in: "path", required: true, description: "Repository; may have slashes", schema: text },
  { name: "reference", in: "path", required: true, description: "Tag or digest", schema: text },
];
const tar = { "application/x-tar": binary };
const tags = {
  name: "t",
  in: "query",
  description: "Names with tags, as team/app:1.2",
  schema: { type: "array", items: text },
  style: "form",
  explode: true,
};

/** The routes below `/v1/images`. */
export const imagePaths = {
  "/v1/images": {
    get: {
      summary: "List images by name and tag",
      parameters: queryOf(imageListQuery),
      responses: { 200: json("A page of images", "imageList"), "4XX": failed },
    },
  },
  "/v1/images/load": {
    post: {
      summary: "Load an archive of images",
      description:
        "Accepts a tar of docker save, in its old or new format, or an OCI layout, plain or compressed. Verifies blobs and layers. With t, the only image gets these names instead of those in the archive.",
      parameters: [tags, uploadedBodyParameter],
      requestBody: { content: tar },
      responses: { 201: json("The loaded images", "loadResult"), "4XX": failed },
    },
  },
  "/v1/images/archive": {
    get: {
      summary: "Save several images as one archive",
      parameters: queryOf(archiveQuery),
      responses: { 200: { description: "The archive", content: tar }, "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}": {
    parameters: image,
    get: {
      summary: "Inspect an image, for one platform",
      parameters: queryOf(platformQuery),
      responses: { 200: json("The image", "imageInspection"), "4XX": failed },
    },
    delete: {
      summary: "Delete a tag, or a digest with all its tags",
      responses: { 200: json("What is gone", "untagResult"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/history": {
    parameters: image,
    get: {
      summary: "Read the history: the instruction of each layer, the base first",
      parameters: queryOf(platformQuery),
      responses: { 200: json("The history", "imageHistory"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/files": {
    parameters: image,
    get: {
      summary: "List the merged file system or the changes of one layer, or read a file",
      description:
        "Answers with the entries of the folder at path; with recursive, with everything below it, one entry per line; with search, with the entries whose path contains the text. With content, or when Accept is application/octet-stream, answers with the bytes of the file, or with the requested Range.",
      parameters: queryOf(fileQuery),
      responses: {
        200: {
          description: "Entries, or the file",
          content: {
            "application/json": { schema: ref("fileList") },
            "application/x-ndjson": { schema: ref("fileEntry") },
            "application/octet-stream": binary,
          },
        },
        206: { description: "A part of the file", content: { "application/octet-stream": binary } },
        "4XX": failed,
      },
    },
  },
  "/v1/images/{name}/{reference}/efficiency": {
    parameters: image,
    get: {
      summary: "List files that are in several layers, computed as dive does",
      parameters: queryOf(platformQuery),
      responses: { 200: json("The wasted bytes", "efficiency"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/archive": {
    parameters: image,
    get: {
      summary: "Save the image as a tar for docker load, or as an OCI layout",
      parameters: queryOf(archiveQuery.omit({ image: true })),
      responses: { 200: { description: "The archive", content: tar }, "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/compare/{other}": {
    parameters: [
      ...image,
      {
        name: "other",
        in: "path",
        required: true,
        description: "Tag or digest of the same repository, or name/reference of another",
        schema: text,
      },
    ],
    get: {
      summary: "Compare with another image",
      parameters: queryOf(compareQuery),
      responses: { 200: json("Layers, config and files that differ", "comparison"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/tags": {
    parameters: image,
    post: {
      summary: "Add tags to the image, in this repository or in others",
      parameters: [tags],
      responses: { 201: json("The tags", "tagResult"), "4XX": failed },
    },
  },
};
