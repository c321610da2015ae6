import { afterEach, describe, expect, it, vi } from "vitest";
import { shares } from "@/features/deployments/phases";
import { ago, ahead, bytes, duration, grouped, moment } from "./time";

describe("numbers in words", () => {
  it("says durations", () => {
    expect([0, 12.44, 185, 7800].map(duration)).toEqual(["0.0 s", "12.4 s", "3 min 05 s", "2 h 10 min"]);
  });

  it("says ages", () => {
    expect([0, 12_000, 200_000, 90_000_000].map((back) => ago(0, back))).toEqual([
      "just now",
      "12 s ago",
      "3 min ago",
      "1 d ago",
    ]);
  });

  it("says until when, and calls seven days that have just begun seven", () => {
    const week = 7 * 86_400_000;
    expect([0, 3000, 240_000, 5 * 3_600_000, week, week + 900, week - 900].map((at) => ahead(at, 0))).toEqual(
      ["now", "in 3 s", "in 4 min", "in 5 h", "in 7 d", "in 7 d", "in 7 d"],
    );
  });

  it("says sizes", () => {
    expect([640, 1_288_490_189, 25 * 1024 ** 3].map(bytes)).toEqual(["640 B", "1.2 GB", "25 GB"]);
  });
});

describe("a moment to act until", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["Europe/Berlin", "2 December 2026, 18:03 CET"],
    ["UTC", "2 December 2026, 17:03 UTC"],
    ["Asia/Tokyo", "3 December 2026, 02:03 GMT+9"],
  ])("names the reader's zone: %s", (zone, said) => {
    vi.stubEnv("TZ", zone);
    expect(moment(Date.UTC(2026, 11, 2, 17, 3))).toBe(said);
  });
});

describe("the phase bar", () => {
  it("fills exactly the bar, and shows even the shortest phase", () => {
    for (const seconds of [[0.001, 5, 60], [0, 0], [1], [0.01, 0.01, 100, 0.2]]) {
      const widths = shares(seconds);
      expect(widths.reduce((sum, each) => sum + each, 0)).toBeCloseTo(100);
      expect(Math.min(...widths)).toBeGreaterThanOrEqual(1.5);
    }
  });
});

it("counts have their thousands apart", () => {
  expect([0, 999, 1000, 12_345, 1_234_567].map(grouped)).toEqual([
    "0",
    "999",
    "1,000",
    "12,345",
    "1,234,567",
  ]);
});
