/**
 * Node's flag for programs through which many bytes pass. V8 counts buffers as memory of the heap, so a
 * small heap is collected whenever some dozen megabytes have passed, and each collection marks all objects. With this flag
 * a collection starts only at 256 MB: unpacking a base image of 54 MB takes 0.7 s instead of 1.0, and up to 40 MB more memory.
 */
export const HEAP_FLAG = "--initial-old-space-size=256";
