import type { Route } from "./router.ts";

/** The first matching route wins. */
export const routes: readonly Route[] = [
  { path: "/", section: "build", load: () => import("./views/workbench/workbench.tsx") },
  { path: "/project/:data", section: "build", load: () => import("./views/workbench/shared-project.tsx") },
  { path: "/builds", section: "builds", load: () => import("./views/builds/build-list.tsx") },
  { path: "/builds/:id", section: "builds", load: () => import("./views/builds/build-page.tsx") },
  { path: "/images", section: "images", load: () => import("./views/images/image-list.tsx") },
  { path: "/images/:name/:ref", section: "images", load: () => import("./views/images/image-page.tsx") },
  { path: "/storage", section: "images", load: () => import("./views/storage/storage-page.tsx") },
  {
    path: "/repositories/:name",
    section: "images",
    load: () => import("./views/storage/repository-page.tsx"),
  },
  { path: "/learn", section: "learn", load: () => import("./views/lessons/lesson-list.tsx") },
  { path: "/learn/summary", section: "learn", load: () => import("./views/lessons/summary-page.tsx") },
  {
    path: "/learn/:lesson/:project",
    section: "learn",
    load: () => import("./views/lessons/lesson-page.tsx"),
  },
  { path: "/learn/:lesson", section: "learn", load: () => import("./views/lessons/lesson-page.tsx") },
  {
    path: "/compare/:name/:ref/:otherName/:other",
    section: "images",
    load: () => import("./views/images/compare-page.tsx"),
  },
];

/** The sections of the main navigation. `messages.ts` has their texts. */
export const sections = [
  { name: "build", address: "#/" },
  { name: "builds", address: "#/builds" },
  { name: "images", address: "#/images" },
  { name: "learn", address: "#/learn" },
] as const;
