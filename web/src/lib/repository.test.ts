import { describe, expect, it } from "vitest";
import { freeName, nameFromUrl, PROJECT_NAME, withoutSecret } from "./repository";

describe("a name from a repository's address", () => {
  it.each([
    ["https://git.example.org/me/My_App.git", "my-app"],
    ["https://git.example.org/me/shop/", "shop"],
    ["http://127.0.0.1:8000/app.git?x=1", "app"],
    ["https://git.example.org/me/123-go", "go"],
    ["https://git.example.org", ""],
    ["nothing", ""],
  ])("%s gives %s", (url, name) => {
    expect(nameFromUrl(url)).toBe(name);
    if (name) expect(name).toMatch(PROJECT_NAME);
  });

  it("takes the first number nobody has", () => {
    expect(freeName("app", ["app", "app-2"])).toBe("app-3");
    expect(freeName("a".repeat(39), ["a".repeat(39)])).toMatch(PROJECT_NAME);
  });

  it("never shows a password", () => {
    expect(withoutSecret("https://me:secret@git.example.org/app")).toBe("https://git.example.org/app");
  });
});
