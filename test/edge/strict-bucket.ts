import { type Platform, useBinding } from "./platform.ts";

const encoder = new TextEncoder();
const messages = {
  10001: "We encountered an internal error. Please try again.",
  10011: "The specified multipart upload part is too small or not as large as the others.",
  10012: "Your metadata headers exceed the maximum allowed metadata size.",
  10020: "The specified object name is not valid.",
  10058: "Reduce your concurrent request rate for the same object.",
} as const;

type Operations = Pick<
  R2Bucket,
  "head" | "get" | "put" | "delete" | "list" | "createMultipartUpload" | "resumeMultipartUpload"
>;

function refused(operation: string, number: keyof typeof messages): Error {
  return new Error(`${operation}: ${messages[number]} (${number})`);
}

/** Operations that change nothing. */
const reads = new Set(["head", "get", "list"]);

/** A bucket that rejects what R2 rejects, and fails as often as the settings say. */
export function strictBucket(bucket: R2Bucket, platform: Platform): R2Bucket {
  const { limits, random, observed } = platform;

  /** Fails before the operation, or after a write: the caller does not learn that it was executed. */
  const execute = <T>(operation: string, act: () => Promise<T>): Promise<T> =>
    useBinding(platform, async () => {
      platform.count(`r2.${operation}`);
      if (random() >= limits.r2Faults) return act();
      const isExecuted = !reads.has(operation) && random() < 0.5;
      if (isExecuted) await act();
      observed[isExecuted ? "r2Unreported" : "r2Faults"] += 1;
      throw random() < 0.5 ? refused(operation, 10001) : new Error(`${operation}: Unspecified error (0)`);
    });

  const requireKey = (operation: string, key: string) => {
    if (encoder.encode(key).length > limits.r2KeyBytes) throw refused(operation, 10020);
  };

  const requireWritable = (operation: string, key: string, metadata: Record<string, string> = {}) => {
    requireKey(operation, key);
    const bytes = Object.entries(metadata).flat().join("");
    if (encoder.encode(bytes).length > limits.r2MetadataBytes) throw refused(operation, 10012);
    if (platform.mayWrite(`r2/${key}`, limits.r2WriteInterval)) return;
    observed.r2Busy += 1;
    throw refused(operation, 10058);
  };

  const strictUpload = (upload: R2MultipartUpload): R2MultipartUpload => {
    const sizes = new Map<number, number>();
    return {
      key: upload.key,
      uploadId: upload.uploadId,
      uploadPart: (number, body, options) =>
        execute("uploadPart", () => {
          sizes.set(number, (body as Uint8Array).length);
          return upload.uploadPart(number, body, options);
        }),
      complete: (parts) =>
        execute("completeMultipartUpload", async () => {
          const [first = 0, ...others] = parts.map(({ partNumber }) => sizes.get(partNumber) ?? 0);
          const last = others.pop();
          const areEqual = others.every((size) => size === first);
          if (last !== undefined && (first < limits.r2PartBytes || !areEqual || last > first)) {
            throw refused("completeMultipartUpload", 10011);
          }
          requireWritable("completeMultipartUpload", upload.key);
          return upload.complete(parts);
        }),
      abort: () => execute("abortMultipartUpload", () => upload.abort()),
    };
  };

  const operations = {
    head: (key: string) => execute("head", () => bucket.head(key)),
    get: (key: string, options: R2GetOptions) => execute("get", () => bucket.get(key, options)),
    put: (key: string, value: ReadableStream | Uint8Array, options?: R2PutOptions) =>
      execute("put", async () => {
        try {
          requireWritable("put", key, options?.customMetadata);
        } catch (error) {
          if (value instanceof ReadableStream) await value.cancel(error);
          throw error;
        }
        return bucket.put(key, value, options);
      }),
    delete: (keys: string | string[]) =>
      execute("delete", () => {
        if (Array.isArray(keys) && keys.length > limits.r2DeleteKeys) throw refused("delete", 10020);
        return bucket.delete(keys);
      }),
    list: (options?: R2ListOptions) => execute("list", () => bucket.list(options)),
    createMultipartUpload: (key: string, options?: R2MultipartOptions) =>
      execute("createMultipartUpload", async () => {
        requireKey("createMultipartUpload", key);
        return strictUpload(await bucket.createMultipartUpload(key, options));
      }),
    resumeMultipartUpload: (key: string, id: string) => strictUpload(bucket.resumeMultipartUpload(key, id)),
  };
  return operations as Operations as R2Bucket;
}
