import {
  archiveQuery,
  compareQuery,
  comparison,
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
import { binary, failed, json, queryOf, ref, uploadedBody } from "./openapi-parts.ts";

/** Schemas of what is told of images. */
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
        "A tar of docker save, old or new, or an OCI layout, plain or compressed. Blobs and layers are verified. With t the only image gets these names, else those that the archive gives it.",
      parameters: [tags, uploadedBody],
      requestBody: { content: tar },
      responses: { 201: json("What was loaded", "loadResult"), "4XX": failed },
    },
  },
  "/v1/images/archive": {
    get: {
      summary: "Several images as one archive",
      parameters: queryOf(archiveQuery),
      responses: { 200: { description: "The archive", content: tar }, "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}": {
    parameters: image,
    get: {
      summary: "Everything that is known of an image, for one platform",
      parameters: queryOf(platformQuery),
      responses: { 200: json("The image", "imageInspection"), "4XX": failed },
    },
    delete: {
      summary: "Take away a tag, or a digest with all its tags",
      responses: { 200: json("What is gone", "untagResult"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/history": {
    parameters: image,
    get: {
      summary: "What made each layer, the base first",
      parameters: queryOf(platformQuery),
      responses: { 200: json("The history", "imageHistory"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/files": {
    parameters: image,
    get: {
      summary: "Browse the merged file system, or what one layer does; read a file",
      description:
        "The entries of the folder at path; with recursive, everything below it as lines; with search, what has the text in its path. With content, or when application/octet-stream is accepted, the bytes of the file, in parts where a Range is asked for.",
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
      summary: "What is in more than one layer, by the arithmetic of dive",
      parameters: queryOf(platformQuery),
      responses: { 200: json("How much is there twice", "efficiency"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/archive": {
    parameters: image,
    get: {
      summary: "The image as a tar for docker load, or as an OCI layout",
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
      summary: "What is different in another image",
      parameters: queryOf(compareQuery),
      responses: { 200: json("Layers, config and files that differ", "comparison"), "4XX": failed },
    },
  },
  "/v1/images/{name}/{reference}/tags": {
    parameters: image,
    post: {
      summary: "Point tags at the image, of this repository or of others",
      parameters: [tags],
      responses: { 201: json("The tags", "tagResult"), "4XX": failed },
    },
  },
};
