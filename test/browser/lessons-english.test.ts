import { testLessons } from "./lesson-steps.ts";
import { useBrowser } from "./suite.ts";

useBrowser();

testLessons("en");
