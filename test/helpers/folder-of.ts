import type { ObjectInfo, ObjectStore } from "../../src/store/object-store.ts";

/** A separate part of a store that other tests share. */
export function folderOf(store: ObjectStore, folder: string): ObjectStore {
  const inside = <T extends ObjectInfo>(info: T) => ({ ...info, key: info.key.slice(folder.length) });
  const { receive, compose } = store;
  return {
    async head(key) {
      const info = await store.head(folder + key);
      return info && inside(info);
    },
    get: (key, range) => store.get(folder + key, range),
    getBytes: (key, range) => store.getBytes(folder + key, range),
    put: (key, body, size, options) => store.put(folder + key, body, size, options),
    create: (key, options) => store.create(folder + key, options),
    ...(receive && { receive: (key, body, most) => receive(folder + key, body, most) }),
    ...(compose && {
      compose: (key, parts, size, options) => {
        const inside = parts.map((part) => folder + part);
        return compose(folder + key, inside, size, options);
      },
    }),
    delete: (...keys) => store.delete(...keys.map((key) => folder + key)),
    async *list(prefix, after) {
      for await (const info of store.list(folder + prefix, after && folder + after)) yield inside(info);
    },
  };
}
