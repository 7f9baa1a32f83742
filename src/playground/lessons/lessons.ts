import { base } from "./base.ts";
import { containers } from "./containers.ts";
import { context } from "./context.ts";
import { image } from "./image.ts";
import { layers } from "./layers.ts";
import type { Lesson } from "./lesson.ts";
import { order } from "./order.ts";
import { platforms } from "./platforms.ts";
import { removing } from "./removing.ts";
import { settings } from "./settings.ts";
import { stages } from "./stages.ts";
import { tags } from "./tags.ts";
import { variables } from "./variables.ts";

/** All lessons, in the order in which they build on each other. */
export const lessons: readonly Lesson[] = [
  image,
  layers,
  removing,
  order,
  context,
  stages,
  base,
  variables,
  settings,
  containers,
  tags,
  platforms,
];
