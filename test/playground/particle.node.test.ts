import { expect, test } from "vitest";
import { type Particle, withParticle } from "../../src/playground/i18n/particle.ts";

test.each([
  ["앱", "은", "앱은"],
  ["서버", "은", "서버는"],
  ["빌드", "을", "빌드를"],
  ["파일", "으로", "파일로"],
  ["폴더", "으로", "폴더로"],
  ["이미지 이름", "으로", "이미지 이름으로"],
  ["alpine", "은", "alpine은"],
  ["scratch", "을", "scratch를"],
  ["debian", "이", "debian이"],
  ["node", "이", "node가"],
  ["golang", "과", "golang과"],
  ["app", "은", "app은"],
  ["site", "을", "site를"],
  ["app:1", "을", "app:1을"],
  ["app:1", "으로", "app:1로"],
  ["app:2", "을", "app:2를"],
  ["app:3", "으로", "app:3으로"],
  ["stage-0", "은", "stage-0은"],
  ["“앱”", "은", "“앱”은"],
] as [string, Particle, string][])("%s with %s", (name, particle, expected) => {
  expect(withParticle(name, particle)).toBe(expected);
});
